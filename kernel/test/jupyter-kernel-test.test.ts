import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installKernel, type InstalledKernel } from "./kernelspec-folder.ts";
import { tool } from "./tool.ts";

const python = "/usr/bin/python3";
const present = tool(python, ["-c", "import jupyter_kernel_test"], "python3-jupyter-kernel-test");

let installed: InstalledKernel;
beforeAll(async () => {
  installed = await installKernel();
});
afterAll(() => installed.remove());

it.skipIf(!present)("the kernel passes Jupyter's test of kernels", { timeout: 120_000 }, () => {
  const script = fileURLToPath(new URL("jupyter-kernel-test.py", import.meta.url));
  const { status, stderr } = spawnSync(python, [script], {
    cwd: installed.folder,
    env: installed.env,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const outcomes = [...stderr.matchAll(/^(test_\w+) .*\.\.\. (\w+)/gmu)].map(([, name, outcome]) => [name, outcome]);
  expect(outcomes.filter(([, outcome]) => outcome !== "ok").map(([name]) => name)).toEqual([]);
  expect(outcomes.length).toBeGreaterThanOrEqual(12);
  // Parts of a test that are skipped have no line of their own.
  expect(stderr).not.toMatch(/skipped/iu);
});
