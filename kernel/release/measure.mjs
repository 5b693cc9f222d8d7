// Writes sizes.json, which a test holds the package to: `node kernel/release/measure.mjs`, after a build with the page (npm pack builds both).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { pack, sizes } from "./pack.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(folder));
const scratch = mkdtempSync(join(tmpdir(), "veelab-measure-"));
try {
  const measured = sizes(root, pack(root, scratch));
  writeFileSync(join(folder, "sizes.json"), `${JSON.stringify(measured, undefined, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
