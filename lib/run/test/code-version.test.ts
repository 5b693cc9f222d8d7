import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeVersion } from "../code-version.ts";
import { withFolder } from "./cluster-sweep.ts";
import { installOtherVersion } from "./other-version.ts";

describe("the code's version", () => {
  it("has what of Node may compute other digits", () => {
    expect(codeVersion()).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{16} /);
    expect(codeVersion()).toContain(`(V8 ${process.versions.v8}, ${process.arch})`);
  });

  /** What a process says after each of its sweeps, between which it changes a file that threads load. */
  const said = async (folder: string, changes: readonly ("rewrite" | "change")[]): Promise<string[]> => {
    const script = `
      import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
      const { sweep } = await import(${JSON.stringify(join(folder, "dist/lib/core/index.js"))});
      const file = ${JSON.stringify(join(folder, "dist/lib/run/worker.js"))};
      const run = () => sweep({ n: [1] }, ({ n }) => ({ n }), { workers: 1 }).then(() => "ran", ({ message }) => message);
      for (const change of ${JSON.stringify(["none", ...changes])}) {
        if (change === "rewrite") writeFileSync(file, readFileSync(file));
        if (change === "change") appendFileSync(file, "// built anew\\n");
        if (change !== "none" || ${changes.length > 1}) console.log(await run());
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    return stdout.trim().split("\n");
  };

  it("is that of when the process began: what was built since is refused", async () => {
    await withFolder(async (folder) => {
      await installOtherVersion(folder);
      const [first, same, other] = await said(folder, ["rewrite", "change"]);
      expect([first, same]).toEqual(["ran", "ran"]);
      expect(other).toMatch(
        /^sweep: expected veelab as this process loaded it \(0\.0\.1-other\+.*\), got one that was built since \(0\.0\.1-other\+.*\): restart/,
      );
      expect(await said(folder, ["change"])).toEqual([
        expect.stringMatching(/^sweep: expected veelab as this process loaded it, got one that was built since/),
      ]);
    });
  });
});
