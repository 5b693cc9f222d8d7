import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { productVersion } from "./extension-files.mjs";

const sources = ["build", "build.mjs", "package-lock.json", "package.json", "src"];

/**
 * A hash of all that decides what a build gives: a build with the same hash is not stale.
 *
 * @param {string} page the folder of the page's package
 */
export function sourcesHash(page) {
  const hash = createHash("sha256").update(productVersion(page));
  for (const path of sources.flatMap((name) => filesBelow(page, name))) {
    const content = readFileSync(join(page, path));
    hash.update(`\n${path} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

function filesBelow(folder, name) {
  if (statSync(join(folder, name)).isFile()) return [name];
  return readdirSync(join(folder, name))
    .sort()
    .flatMap((child) => filesBelow(folder, `${name}/${child}`));
}
