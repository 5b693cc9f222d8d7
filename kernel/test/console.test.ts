import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installKernel, type InstalledKernel } from "./kernelspec-folder.ts";
import { tool } from "./tool.ts";

const python = "/usr/bin/python3";
const present = tool(python, ["-c", "import jupyter_console, pexpect"], "python3-jupyter-console");

let installed: InstalledKernel;
beforeAll(async () => {
  installed = await installKernel();
});
afterAll(() => installed.remove());

it.skipIf(!present)("jupyter console: cells, errors, questions, help and history, typed into a terminal", () => {
  const script = fileURLToPath(new URL("console.py", import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script], {
    cwd: installed.folder,
    // Nobody answers where the cursor is; what is paged is printed.
    env: { ...installed.env, TERM: "xterm", PROMPT_TOOLKIT_NO_CPR: "1", PAGER: "cat", HOME: installed.folder },
    encoding: "utf8",
  });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});
