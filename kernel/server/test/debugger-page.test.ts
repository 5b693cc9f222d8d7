import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Locator, Page } from "playwright-core";

import { tool } from "../../test/tool.ts";
import { codeCell, command as commandOf, openJupyter, type JupyterPage } from "./jupyter-page.ts";

const chromium = tool("chromium", ["--version"]);

const source = [
  "const sizes: number[] = [10, 20];",
  "function total(all: number[]): number {",
  "  let sum = 0;",
  "  for (const size of all) {",
  "    sum += size;",
  "  }",
  "  return sum;",
  "}",
  "total(sizes)",
].join("\n");

describe.skipIf(!chromium)("JupyterLab's debugger in the page", { timeout: 240_000 }, () => {
  let jupyter: JupyterPage;
  let page: Page;
  beforeEach(async () => {
    jupyter = await openJupyter();
  }, 120_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await jupyter.picture(page, "failed-debugger");
    await jupyter.close();
  });

  const command = (id: string): Promise<unknown> => commandOf(page, id);
  const highlighted = (line: string): Promise<void> =>
    page.locator(".jp-DebuggerEditor-highlight", { hasText: line }).waitFor();

  /** For 1.5 s the front end has asked the kernel nothing about its debugger: while it does, it forgets about presses of the button. */
  const settled = `new Promise((resolve) => {
    let timer = setTimeout(resolve, 1500);
    window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.anyMessage.connect((_, { msg }) => {
      if (!msg.header.msg_type.startsWith("debug_")) return;
      clearTimeout(timer);
      timer = setTimeout(resolve, 1500);
    });
  })`;

  /** Presses the button until breakpoints can be set: it may look pressed where they cannot. */
  async function enable(gutter: Locator): Promise<void> {
    const pressed = page.locator(".jp-DebuggerBugButton[aria-pressed=true]");
    for (let tries = 0; tries < 6 && (await gutter.count()) === 0; tries += 1) {
      await page.evaluate(settled);
      await page.locator(".jp-DebuggerBugButton").click();
      const isPressed = await pressed.waitFor({ timeout: 10_000 }).then(
        () => true,
        () => false,
      );
      if (isPressed) await gutter.waitFor({ state: "attached", timeout: 10_000 }).catch(() => undefined);
    }
    await gutter.waitFor({ state: "attached" });
  }

  /** Opens a notebook with the cell, switches the debugger on, and sets a breakpoint in the gutter of the fifth line: the loop's body. */
  async function openWithBreakpoint(name: string): Promise<Locator> {
    await jupyter.writeNotebook(name, source);
    page = await jupyter.openNotebook(`/lab/tree/${name}`);
    const cell = codeCell(page, 0);
    await cell.locator(".cm-content").click();
    const gutter = cell.locator(".cm-breakpoint-gutter .cm-gutterElement");
    await enable(gutter.last());
    await cell.locator(".cm-line").nth(8).waitFor();
    const line = (await cell.locator(".cm-line").nth(4).boundingBox())!;
    const margin = (await gutter.last().boundingBox())!;
    await page.mouse.click(margin.x + margin.width / 2, line.y + line.height / 2);
    await cell.locator(".cm-breakpoint-icon").last().waitFor();
    await page.locator(".jp-DebuggerBreakpoint", { hasText: "5" }).waitFor();
    return cell;
  }

  const run = async (cell: Locator): Promise<void> => {
    await cell.locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
  };

  it("stops at a breakpoint set in the gutter, shows a variable, steps and goes on", async () => {
    const cell = await openWithBreakpoint("debug.ipynb");
    await jupyter.picture(page, "debugger-breakpoint");

    await run(cell);
    await highlighted("sum += size");
    // The variables of the frame, as the panel's tree shows them.
    const variable = (name: string, value: string): Promise<void> =>
      page
        .locator(".jp-DebuggerVariables-body .jp-TreeItem", { hasText: `${name}${value}` })
        .first()
        .waitFor();
    await variable("sum", "0");
    await variable("size", "10");
    await variable("all", "[ 10, 20 ]");
    expect(await page.locator(".jp-DebuggerCallstackFrame-name").allTextContents()).toEqual(["total", "cell [1]"]);
    await jupyter.picture(page, "debugger-stopped");

    await command("debugger:next");
    await highlighted("for (const size of all)");
    await variable("sum", "10");
    await jupyter.picture(page, "debugger-stepped");
    await command("debugger:stepOut");
    // The breakpoint comes first: in the loop's second turn.
    await highlighted("sum += size");
    await variable("size", "20");
    await command("debugger:continue");
    await cell.locator(".jp-OutputArea-executeResult", { hasText: "30" }).waitFor();
    await page.locator(".jp-DebuggerVariables-body .jp-TreeItem", { hasText: "sizes[ 10, 20 ]" }).waitFor();
    await jupyter.picture(page, "debugger-ended");

    // Without the debugger it runs through.
    await page.locator(".jp-DebuggerBugButton").click();
    await page.locator(".jp-DebuggerBugButton[aria-pressed=false]").waitFor();
    await run(cell);
    await page.waitForFunction("document.querySelector('.jp-InputPrompt').textContent.includes('2')");
  });

  it("ends an interrupted cell that is stopped, and stops again", async () => {
    const cell = await openWithBreakpoint("interrupted.ipynb");
    await run(cell);
    await highlighted("sum += size");
    await command("notebook:interrupt-kernel");
    await cell.locator(".jp-OutputArea-output", { hasText: /interrupt/iu }).waitFor();
    await run(cell);
    await highlighted("sum += size");
    await page.locator(".jp-DebuggerVariables-body .jp-TreeItem", { hasText: "size10" }).first().waitFor();
    await command("debugger:continue");
    await page.locator(".jp-DebuggerVariables-body .jp-TreeItem", { hasText: "size20" }).first().waitFor();
    await command("debugger:continue");
    await cell.locator(".jp-OutputArea-executeResult", { hasText: "30" }).waitFor();
  });

  it("is over with a kernel that is restarted where it is stopped", async () => {
    const cell = await openWithBreakpoint("restarted.ipynb");
    await run(cell);
    await highlighted("sum += size");
    await page.locator(".jp-DebuggerPausedOverlay").first().waitFor();
    await page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()");
    await page.locator(".jp-DebuggerPausedOverlay").first().waitFor({ state: "hidden" });
    await jupyter.picture(page, "debugger-restarted");
    await run(cell);
    await highlighted("sum += size");
    await command("debugger:continue");
    await page.locator(".jp-DebuggerVariables-body .jp-TreeItem", { hasText: "size20" }).first().waitFor();
    await command("debugger:continue");
    await cell.locator(".jp-OutputArea-executeResult", { hasText: "30" }).waitFor();
  });
});
