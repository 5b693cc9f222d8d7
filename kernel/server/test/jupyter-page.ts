import { mkdirSync, rmSync } from "node:fs";
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

import { packageRoot } from "../../package-root.ts";
import { startServer, type RunningServer, type ServerOptions } from "../server.ts";

/** A server with a copy of the product's notebooks, and a browser in front of it. */
export interface JupyterPage {
  readonly server: RunningServer;
  readonly root: string;
  readonly browser: Browser;
  /** A browser that has shown the token. */
  readonly context: BrowserContext;
  /** Opens a path of the server and waits for its front end. */
  open(path: string): Promise<Page>;
  /** Writes a notebook of code cells that have not been run. */
  writeNotebook(name: string, ...sources: readonly string[]): Promise<void>;
  /** Opens a path that shows a notebook, and waits until its kernel answers. */
  openNotebook(path: string): Promise<Page>;
  /** Keeps a picture of a page with what was built. */
  picture(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

/** Where pictures are kept, for people to look at. */
const artifacts = join(packageRoot(), "artifacts", "page");

const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** The metadata of a notebook for this kernel. */
export const notebookMetadata = {
  kernelspec: { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" },
} as const;

/** Starts both. */
export async function openJupyter(options: Partial<ServerOptions> = {}): Promise<JupyterPage> {
  const root = await mkdtemp(join(tmpdir(), "veelab-page-"));
  const data = await mkdtemp(join(tmpdir(), "veelab-data-"));
  await cp(join(packageRoot(), "notebooks"), join(root, "notebooks"), { recursive: true });
  process.env["VEELAB_DATA_DIR"] = data;
  const [server, browser] = await Promise.all([
    startServer({ root, exposeAppInBrowser: true, ...options }),
    chromium.launch({ executablePath: "/usr/bin/chromium", args: flags.split(" ") }),
  ]);
  const open = async (path: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.port}${path}?token=${server.token}`);
    // JupyterLab leaves for a workspace of its own where another page has this one open: what waits here goes with it.
    await page.waitForFunction("window.jupyterapp?.restored.then(() => true)");
    return page;
  };
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  mkdirSync(artifacts, { recursive: true });
  return {
    server,
    root,
    browser,
    context,
    open,
    async writeNotebook(name, ...sources) {
      const cells = sources.map((source, index) => ({
        ...{ cell_type: "code", id: `cell-${index}`, metadata: {}, execution_count: null, outputs: [], source },
      }));
      await writeFile(
        join(root, name),
        JSON.stringify({ cells, metadata: notebookMetadata, nbformat: 4, nbformat_minor: 5 }),
      );
    },
    async openNotebook(path) {
      const page = await open(path);
      await page.waitForSelector(".jp-CodeCell .cm-content");
      await kernelReady(page);
      return page;
    },
    async picture(page, name) {
      await page.screenshot({ path: join(artifacts, `${name}.png`) });
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(root, { recursive: true, force: true });
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * Both for the tests of a block, started before the first and closed after the last. Pages are closed after each test; those of one that failed
 * leave their pictures.
 */
export function jupyterOfBlock(name: string): JupyterPage {
  let started: JupyterPage | undefined;
  const running = (): JupyterPage => {
    if (started === undefined) throw new Error("the server starts before the first test");
    return started;
  };
  beforeAll(async () => {
    started = await openJupyter();
  }, 120_000);
  afterAll(() => started?.close());
  afterEach(async ({ task }) => {
    const pages = running().context.pages();
    if (task.result?.state === "fail")
      for (const [index, page] of pages.entries()) await running().picture(page, `failed-${name}-${index}`);
    for (const page of pages) await page.close();
  });
  return {
    get server() {
      return running().server;
    },
    get root() {
      return running().root;
    },
    get browser() {
      return running().browser;
    },
    get context() {
      return running().context;
    },
    open: (path) => running().open(path),
    writeNotebook: (...notebook) => running().writeNotebook(...notebook),
    openNotebook: (path) => running().openNotebook(path),
    picture: (page, name) => running().picture(page, name),
    close: () => running().close(),
  };
}

/** The nth code cell of a page, as a person sees it. */
export function codeCell(page: Page, index: number): Locator {
  return page.locator(".jp-CodeCell").nth(index);
}

/** Begins a command of the front end that may take long, as cells do. */
export async function begin(page: Page, id: string): Promise<void> {
  await page.evaluate(`void window.jupyterapp.commands.execute(${JSON.stringify(id)})`);
}

/** Carries out a command of the front end. */
export function command(page: Page, id: string): Promise<unknown> {
  return page.evaluate(`window.jupyterapp.commands.execute(${JSON.stringify(id)})`);
}

/** Waits until the page's kernel answers: the word in the status line is no proof of it. */
export async function kernelReady(page: Page): Promise<void> {
  await page.waitForFunction(
    "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
  );
}
