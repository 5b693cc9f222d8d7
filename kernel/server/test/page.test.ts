import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Page } from "playwright-core";

import { dataFolder } from "../../data-folder.ts";
import { tool } from "../../test/tool.ts";
import { codeCell as cell, command, jupyterOfBlock, kernelReady, notebookMetadata } from "./jupyter-page.ts";

const chromium = tool("chromium", ["--version"]);

interface SavedCell {
  readonly cell_type: string;
  readonly execution_count: number | null;
  readonly metadata: { readonly tags?: readonly string[] };
  readonly outputs: {
    readonly output_type: string;
    readonly data?: Record<string, unknown>;
    readonly text?: string[];
  }[];
}

describe.skipIf(!chromium)("the page", { timeout: 120_000 }, () => {
  const jupyter = jupyterOfBlock("page");

  const saved = (name: string): SavedCell[] =>
    (JSON.parse(readFileSync(join(jupyter.root, name), "utf8")) as { cells: SavedCell[] }).cells;
  const openNotebook = (name: string): Promise<Page> => jupyter.openNotebook(`/notebooks/${name}`);

  it("opens the tour, runs all of it, draws its chart, saves, and shows the same after a reload", async () => {
    const page = await openNotebook("notebooks/00-tour.ipynb");
    await command(page, "notebook:clear-all-cell-outputs");
    void command(page, "notebook:run-all-cells");
    await page.waitForFunction(
      `window.jupyterapp.shell.currentWidget.content.widgets.every(({ model }) =>
        model.type !== "code" || (model.executionCount !== null && model.executionState === "idle"))`,
      undefined,
      { timeout: 60_000 },
    );
    await marks(page);
    await jupyter.picture(page, "tour");
    await command(page, "docmanager:save");
    await page.waitForFunction("!window.jupyterapp.shell.currentWidget.context.model.dirty");
    const code = saved("notebooks/00-tour.ipynb").filter((each) => each.cell_type === "code");
    const failed = code.filter(({ outputs }) => outputs.some((each) => each.output_type === "error"));
    expect(failed.map(({ metadata }) => metadata.tags)).toEqual(failed.map(() => ["raises-exception"]));
    expect(code.every((each) => each.execution_count !== null)).toBe(true);
    expect(
      code.flatMap((each) => each.outputs).some(({ data = {} }) => "application/vnd.vegalite.v5+json" in data),
    ).toBe(true);
    await page.reload();
    await page.waitForSelector(".jp-CodeCell .cm-content");
    await marks(page);
  });

  /** Presses Tab until a name is offered: the front end drops an answer that took too long without a word. */
  async function completion(page: Page, name: string): Promise<void> {
    const item = page.locator(".jp-Completer-item", { hasText: name });
    for (let tries = 0; tries < 3 && !(await item.isVisible()); tries += 1) {
      await page.keyboard.press("Tab");
      await item.waitFor({ timeout: 12_000 }).catch(() => undefined);
    }
    await item.waitFor();
  }

  /** The marks of the first chart, drawn in the page. */
  async function marks(page: Page): Promise<void> {
    const chart = page.locator(".jp-RenderedVegaCommon5").first();
    await chart.scrollIntoViewIfNeeded();
    await chart.locator("svg .mark-rect path, svg .mark-line path, svg .mark-symbol path, canvas").first().waitFor();
  }

  it("runs a cell with Shift+Enter and shows its value", async () => {
    await jupyter.writeNotebook("run.ipynb", "", "");
    const page = await openNotebook("run.ipynb");
    await cell(page, 0).locator(".cm-content").click();
    await page.keyboard.type("const answer: number = 6 * 7;\nanswer");
    await page.keyboard.press("Shift+Enter");
    await cell(page, 0).locator(".jp-OutputArea-output", { hasText: "42" }).waitFor();
  });

  it("asks what a cell asks for, hides a password, and goes on after an interrupt", async () => {
    await jupyter.writeNotebook(
      "ask.ipynb",
      "`Hello, ${await input('Name?')}`",
      "(await password('Key?')).length",
      "prompt('Lost?')",
      "1 + 1",
    );
    const page = await openNotebook("ask.ipynb");
    const run = async (index: number): Promise<void> => {
      await cell(page, index).locator(".cm-content").click();
      await page.keyboard.press("Shift+Enter");
    };
    // Of one cell: that of an answered question may still be there.
    const field = (index: number) => cell(page, index).locator(".jp-Stdin-input");
    await run(0);
    await cell(page, 0).locator(".jp-Stdin-prompt", { hasText: "Name?" }).waitFor();
    await field(0).fill("Ada");
    await jupyter.picture(page, "asks");
    await field(0).press("Enter");
    await cell(page, 0).locator(".jp-OutputArea-output", { hasText: "'Hello, Ada'" }).waitFor();
    await run(1);
    await cell(page, 1).locator(".jp-Stdin-input[type=password]").fill("secret");
    await field(1).press("Enter");
    await cell(page, 1).locator(".jp-OutputArea-executeResult", { hasText: "6" }).waitFor();
    await run(2);
    await cell(page, 2).locator(".jp-Stdin-prompt", { hasText: "Lost?" }).waitFor();
    await command(page, "notebook:interrupt-kernel");
    await cell(page, 2)
      .locator(".jp-OutputArea-output", { hasText: /interrupt/iu })
      .waitFor();
    await run(3);
    await cell(page, 3).locator(".jp-OutputArea-executeResult", { hasText: "2" }).waitFor();
    await jupyter.picture(page, "asked");
  });

  it("completes a name of an earlier cell, also while a cell runs, and shows its type", async () => {
    await jupyter.writeNotebook(
      "complete.ipynb",
      "const guestMemory = { pages: 65536, dirty: 12 };",
      "while (true) {}",
      "",
    );
    const page = await openNotebook("complete.ipynb");
    await cell(page, 0).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await page.waitForFunction("document.querySelector('.jp-InputPrompt').textContent.includes('1')");
    await cell(page, 1).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 2).locator(".cm-content").click();
    await page.keyboard.type("guestM");
    await completion(page, "guestMemory");
    await page.keyboard.press("Enter");
    await page.keyboard.type(".");
    await completion(page, "dirty");
    await jupyter.picture(page, "completion");
    await page.keyboard.press("Escape");
    await command(page, "notebook:interrupt-kernel");
    await cell(page, 1)
      .locator(".jp-OutputArea-output", { hasText: /interrupt/iu })
      .waitFor();
  });

  it("interrupts while (true) {} and keeps the variables; a restart loses them", async () => {
    await jupyter.writeNotebook(
      "interrupt.ipynb",
      "let kept = 11;",
      "console.log('begun'); while (true) {}",
      "kept",
      "typeof kept",
    );
    const page = await openNotebook("interrupt.ipynb");
    for (const index of [0, 1]) {
      await cell(page, index).locator(".cm-content").click();
      await page.keyboard.press("Shift+Enter");
    }
    // An interrupt that comes while the kernel is busy with the first cell is that one's.
    await cell(page, 1).locator(".jp-OutputArea-output", { hasText: "begun" }).waitFor();
    await command(page, "notebook:interrupt-kernel");
    await cell(page, 1)
      .locator(".jp-OutputArea-output", { hasText: /interrupt/iu })
      .waitFor();
    await cell(page, 2).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 2).locator(".jp-OutputArea-output", { hasText: "11" }).waitFor();
    await page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()");
    await kernelReady(page);
    await cell(page, 3).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 3).locator(".jp-OutputArea-output", { hasText: "undefined" }).waitFor();
  });

  it("moves a progress bar in place", async () => {
    await jupyter.writeNotebook(
      "progress.ipynb",
      'await display("0 of 3", { id: "p" });\nfor (let i = 1; i <= 3; i += 1) {\n  await new Promise((r) => setTimeout(r, 100));\n  await updateDisplay(`${i} of 3`, { id: "p" });\n}',
    );
    const page = await openNotebook("progress.ipynb");
    await cell(page, 0).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 0).locator(".jp-OutputArea-output", { hasText: "3 of 3" }).waitFor();
    expect(await cell(page, 0).locator(".jp-OutputArea-output").count()).toBe(1);
  });

  it("says why a kernel died, restarts it, and shows no cell as running", async () => {
    await jupyter.writeNotebook("dies.ipynb", 'process.kill(process.pid, "SIGKILL");', "1 + 1");
    const page = await openNotebook("dies.ipynb");
    await cell(page, 0).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 0)
      .locator(".jp-OutputArea-output", { hasText: /kernel/iu })
      .waitFor();
    await jupyter.picture(page, "kernel-died");
    const dialog = page.locator(".jp-Dialog button", { hasText: /ok|dismiss/iu }).first();
    await dialog.click();
    await kernelReady(page);
    await cell(page, 1).locator(".cm-content").click();
    await page.keyboard.press("Shift+Enter");
    await cell(page, 1).locator(".jp-OutputArea-output", { hasText: "2" }).waitFor();
  });

  it("warns when another tab has saved the same notebook", async () => {
    await jupyter.writeNotebook("shared.ipynb", "1", "2");
    const first = await openNotebook("shared.ipynb");
    const second = await openNotebook("shared.ipynb");
    await second.locator(".jp-CodeCell .cm-content").first().click();
    await second.keyboard.type(" + 10");
    await command(second, "docmanager:save");
    await second.waitForFunction("!window.jupyterapp.shell.currentWidget.context.model.dirty");
    await first.locator(".jp-CodeCell .cm-content").first().click();
    await first.keyboard.type(" + 20");
    void command(first, "docmanager:save").catch(() => undefined);
    await first.locator(".jp-Dialog", { hasText: /changed on disk/iu }).waitFor();
    await jupyter.picture(first, "conflict");
    expect(readFileSync(join(jupyter.root, "shared.ipynb"), "utf8")).not.toContain("+ 20");
  });

  it("runs no script of an untrusted notebook, and strips it from its HTML", async () => {
    await writeFile(join(jupyter.root, "evil.js"), "window.attacked = 6");
    const html =
      '<img src=x onerror="window.attacked = 1"><script>window.attacked = 2</script><script src="/files/evil.js"></script><b>shown</b>';
    const output = {
      output_type: "display_data",
      metadata: {},
      data: { "text/html": html, "application/javascript": "window.attacked = 3", "text/plain": "-" },
    };
    const cells = [
      { cell_type: "code", id: "a", metadata: { trusted: true }, execution_count: 1, outputs: [output], source: "1" },
      {
        cell_type: "code",
        id: "c",
        metadata: {},
        execution_count: 1,
        outputs: [{ ...output, data: { "application/javascript": "window.attacked = 4" } }],
        source: "1",
      },
      { cell_type: "markdown", id: "b", metadata: {}, source: `${html} [a](javascript:window.attacked=5)` },
    ];
    await writeFile(
      join(jupyter.root, "evil.ipynb"),
      JSON.stringify({ cells, metadata: notebookMetadata, nbformat: 4, nbformat_minor: 5 }),
    );
    const page = await openNotebook("evil.ipynb");
    await page.locator(".jp-RenderedHTMLCommon b", { hasText: "shown" }).first().waitFor();
    expect(await page.evaluate("window.attacked")).toBeUndefined();
    expect(await page.locator("[onerror]").count()).toBe(0);
    // A trusted output's script elements are made anew by the front end: the policy admits no file but the page's own.
    await page.evaluate(`new Promise((done) => {
      const script = document.createElement("script");
      script.src = "/files/evil.js";
      script.onload = script.onerror = done;
      document.body.append(script);
    })`);
    expect(await page.evaluate("window.attacked")).toBeUndefined();
  });

  it("exports a notebook as HTML whose chart is drawn without the server", async () => {
    const page = await jupyter.context.newPage();
    await page.goto(
      `http://127.0.0.1:${jupyter.server.port}/nbconvert/html/notebooks/00-tour.ipynb?token=${jupyter.server.token}`,
    );
    await page.locator("figure.chart").first().scrollIntoViewIfNeeded();
    await page.locator("figure.chart.is-live svg path").first().waitFor();
    await jupyter.picture(page, "export");
  });

  it("shows a run of all papers again after a reload, in each page, and opens the last report", async () => {
    const running = (page: Page) => page.locator(".Toastify__toast", { hasText: "Reproducing all papers" });
    const enabled = "window.jupyterapp.commands.isEnabled('veelab:open-the-last-report')";
    const reload = async (page: Page): Promise<void> => {
      await page.reload();
      await page.waitForFunction("window.jupyterapp?.commands.hasCommand('veelab:reproduce-all')");
    };
    const page = await jupyter.open("/tree");
    expect(await page.evaluate(enabled)).toBe(false);
    await page.getByRole("button", { name: "Reproduce all" }).click();
    await running(page).waitFor();
    await reload(page);
    // The progress, and not only that it runs.
    await running(page).filter({ hasText: ".ipynb" }).waitFor();
    await jupyter.picture(page, "reproduce-after-reload");
    expect(await page.evaluate("window.jupyterapp.commands.isEnabled('veelab:reproduce-all')")).toBe(false);
    for (const path of ["/lab", "/notebooks/notebooks/00-tour.ipynb"])
      await running(await jupyter.open(path)).waitFor();
    await running(page).getByRole("button", { name: "Cancel" }).click();
    await page.locator(".Toastify__toast", { hasText: "Interrupted" }).waitFor();
    expect(await page.evaluate(enabled)).toBe(false);
    // The report of a run that an earlier server has ended.
    const report = join(dataFolder(), "report");
    await mkdir(report, { recursive: true });
    await writeFile(join(report, "index.html"), "<title>the last report</title>");
    await reload(page);
    await page.waitForFunction(enabled);
    await page.getByRole("menuitem", { name: "veelab", exact: true }).click();
    await jupyter.picture(page, "menu");
    const [opened] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("menuitem", { name: "Open the last report" }).click(),
    ]);
    await opened.waitForLoadState();
    expect(await opened.title()).toBe("the last report");
  });

  it("says that a trace is there, also where the upload ends before the notification is drawn", async () => {
    const page = await jupyter.open("/tree");
    await page.getByRole("button", { name: "Bring your own trace" }).click();
    const file = { name: "mytrace.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") };
    await page.locator(".veelab-TraceChooser input[type=file]").setInputFiles(file);
    const made = page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes("/mytrace.ipynb"),
    );
    // What draws notifications is fetched with the first of them.
    await page.route("**/static/**", async (route) => {
      await made;
      await route.continue();
    });
    await page.getByRole("button", { name: "Make the notebook" }).click();
    await page.locator(".Toastify__toast--success", { hasText: "mytrace.csv is there." }).waitFor();
    expect(await page.locator(".Toastify__toast", { hasText: "Uploading" }).count()).toBe(0);
  });

  it("shows the notebooks first, and JupyterLab at /lab", async () => {
    const page = await jupyter.context.newPage();
    await page.goto(`http://127.0.0.1:${jupyter.server.port}/?token=${jupyter.server.token}`);
    await page.locator(".jp-DirListing-item", { hasText: "00-tour.ipynb" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/tree/notebooks");
    expect(page.url()).not.toContain("token");
    await jupyter.picture(page, "tree");
    const lab = await jupyter.open("/lab");
    await lab.locator(".jp-LauncherCard", { hasText: "TypeScript" }).first().waitFor();
    await lab.locator(".jp-DirListing-item", { hasText: "00-tour.ipynb" }).waitFor();
    await jupyter.picture(lab, "lab");
    await mkdir(join(jupyter.root, "other"));
    await writeFile(join(jupyter.root, "other", "notes.txt"), "");
    const other = await jupyter.open("/lab/tree/other");
    await other.locator(".jp-DirListing-item", { hasText: "notes.txt" }).waitFor();
    const file = await jupyter.open("/lab/tree/other/notes.txt");
    await file.locator(".jp-FileEditor").waitFor();
    await file.locator(".jp-DirListing-item", { hasText: "notes.txt" }).waitFor();
  });
});
