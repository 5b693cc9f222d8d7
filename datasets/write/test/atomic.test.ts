import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary.ts";
import { writeAtomically } from "../atomic.ts";

describe("a file that cannot be written", () => {
  const folder = temporaryFolder();
  const write = (path: string) => writeAtomically(path, (handle) => handle.writeFile("x"));

  it("is named once, without the temporary file", async () => {
    const path = folder.path("taken");
    mkdirSync(path);
    folder.write("taken/below", "");
    await expect(write(path)).rejects.toThrow(/^E[A-Z]+: [a-z ]+, rename '[^']+taken'$/);
    const missing = folder.path("missing/file");
    await expect(write(missing)).rejects.toThrow(`ENOENT: no such file or directory, open '${missing}'`);
    expect(readdirSync(folder.path("."))).toEqual(["taken"]);
  });
});
