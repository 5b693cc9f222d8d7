// Before every file of tests: the kernels that it starts, in whatever way, have each message that they send checked.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";

const file = join(tmpdir(), `veelab-message-faults-${randomUUID()}`);
process.env["VEELAB_MESSAGE_FAULTS"] = file;
const check = `--import=${new URL("check-kernels.mjs", import.meta.url).href}`;
process.env["NODE_OPTIONS"] = [process.env["NODE_OPTIONS"], check].filter(Boolean).join(" ");

afterAll(() => {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  rmSync(file, { force: true });
  expect(
    lines.filter((line) => line.startsWith('{"fault"')),
    "messages that are not the protocol's",
  ).toEqual([]);
});
