import { mkdirSync, rmSync } from "node:fs";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

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
  /** Keeps a picture of a page with what was built. */
  picture(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

/** Where pictures are kept, for people to look at. */
const artifacts = join(packageRoot(), "artifacts", "page");

const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

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
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  mkdirSync(artifacts, { recursive: true });
  return {
    server,
    root,
    browser,
    context,
    async open(path) {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${server.port}${path}?token=${server.token}`);
      await page.waitForFunction("window.jupyterapp !== undefined");
      await page.evaluate("window.jupyterapp.restored");
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

/** Waits until the page's kernel answers: the word in the status line is no proof of it. */
export async function kernelReady(page: Page): Promise<void> {
  await page.waitForFunction(
    "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
  );
}
