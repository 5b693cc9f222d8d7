import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary.ts";
import { writeAtomically } from "../atomic.ts";

const folder = temporaryFolder();
const write = (path: string) => writeAtomically(path, (handle) => handle.writeFile("x"));

it.skipIf(process.platform === "win32")("a file that is replaced keeps its permissions", async () => {
  const path = folder.write("private", "old");
  chmodSync(path, 0o600);
  await write(path);

  expect(readFileSync(path, "utf8")).toBe("x");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe("a file that cannot be written", () => {
  it("is named once, without the temporary file", async () => {
    const path = folder.path("taken");
    mkdirSync(path);
    folder.write("taken/below", "");
    await expect(write(path)).rejects.toThrow(/^E[A-Z]+: [a-z ]+, rename '[^']+taken'$/);
    const missing = folder.path("missing/file");
    await expect(write(missing)).rejects.toThrow(`ENOENT: no such file or directory, open '${missing}'`);
    expect(readdirSync(folder.path("."))).not.toContainEqual(expect.stringContaining(".tmp"));
  });
});
