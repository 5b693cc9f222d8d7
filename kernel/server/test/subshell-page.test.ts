import { describe, it } from "vitest";

import { tool } from "../../test/tool.ts";
import { begin, codeCell, jupyterOfBlock } from "./jupyter-page.ts";

const chromium = tool("chromium", ["--version"]);

describe.skipIf(!chromium)("JupyterLab's subshell console in the page", { timeout: 240_000 }, () => {
  const jupyter = jupyterOfBlock("subshell");

  it("runs a line while the notebook's cell awaits it", async () => {
    const source =
      "console.log('begun');\nconst told = await new Promise((go) => Object.assign(globalThis, { go }));\ntold";
    await jupyter.writeNotebook("waits.ipynb", source);
    const page = await jupyter.openNotebook("/lab/tree/waits.ipynb");
    const cell = codeCell(page, 0);
    await cell.locator(".cm-content").click();
    await begin(page, "notebook:run-cell");
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
  });
});
