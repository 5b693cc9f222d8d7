import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";

import { tool } from "../../test/tool.ts";
import { kernelReady, openJupyter, type JupyterPage } from "./jupyter-page.ts";

const chromium = tool("chromium", ["--version"]);

describe.skipIf(!chromium)("JupyterLab's subshell console in the page", { timeout: 240_000 }, () => {
  let jupyter: JupyterPage;
  beforeAll(async () => {
    jupyter = await openJupyter();
  }, 120_000);
  afterAll(async () => {
    await jupyter.close();
  });

  it("runs a line while the notebook's cell awaits it", async () => {
    const source =
      "console.log('begun');\nconst told = await new Promise((go) => Object.assign(globalThis, { go }));\ntold";
    const cells = [{ cell_type: "code", id: "a", metadata: {}, execution_count: null, outputs: [], source }];
    const metadata = { kernelspec: { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" } };
    await writeFile(
      join(jupyter.root, "waits.ipynb"),
      JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }),
    );
    const page = await jupyter.open("/lab/tree/waits.ipynb");
    await page.waitForSelector(".jp-CodeCell .cm-content");
    await kernelReady(page);
    await page.locator(".jp-CodeCell .cm-content").first().click();
    await page.evaluate("void window.jupyterapp.commands.execute('notebook:run-cell')");
    const cell = page.locator(".jp-Notebook .jp-CodeCell").first();
    await cell.locator(".jp-OutputArea-output", { hasText: "begun" }).waitFor();
    await page.evaluate(
      "void window.jupyterapp.commands.execute('notebook:create-subshell-console', { activate: true })",
    );
    // The console has its subshell once it says whose it is.
    await page.locator(".jp-CodeConsole-banner", { hasText: "veelab" }).waitFor();
    const prompt = page.locator(".jp-CodeConsole-promptCell .cm-content");
    await prompt.click();
    await page.keyboard.type("go('from the console'); 6 * 7");
    await page.keyboard.press("Shift+Enter");
    await page.locator(".jp-CodeConsole .jp-OutputArea-output", { hasText: "42" }).waitFor();
    await cell.locator(".jp-OutputArea-executeResult", { hasText: "from the console" }).waitFor();
    await jupyter.picture(page, "subshell");
    await page.close();
  });
});
