// The page in Chromium, as a person meets it: loads, keys, completion; and the server's memory. Each figure is a median,
// beside what it must reach.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

import { figure, missing } from "../../bench/figure.ts";
import { packageRoot } from "../../package-root.ts";
import { freePorts } from "../../run/free-ports.ts";

const executable = "/usr/bin/chromium";
const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const token = "bench";
const rounds = 5;
const keys = 15;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

interface Server {
  readonly address: string;
  readonly pid: number;
  stop(): void;
}

async function startServer(root: string, data: string): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const cli = join(packageRoot(), "dist", "kernel", "cli.js");
  const child = spawn(process.execPath, [cli, "start", root, "--port", String(port), "--no-browser"], {
    env: { ...process.env, VEELAB_TOKEN: token, VEELAB_DATA_DIR: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { address: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => child.kill("SIGTERM") };
}

function notebook(...sources: readonly string[]): string {
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
}

/** From the navigation to a code cell that takes what is typed, ms. */
async function load(page: Page, address: string): Promise<number> {
  const start = performance.now();
  await page.goto(address);
  await page.locator(".jp-CodeCell .cm-content[contenteditable=true]").first().waitFor();
  return performance.now() - start;
}

/** Waits until a notebook's page is connected to its kernel: the page's own indicator says idle before it has one. */
async function connected(page: Page, address: string, name: string): Promise<void> {
  for (;;) {
    const reply = await fetch(`${address}/api/sessions`, { headers: { authorization: `token ${token}` } });
    const sessions = (await reply.json()) as {
      path: string;
      kernel: { execution_state: string; connections: number };
    }[];
    const kernel = sessions.find(({ path }) => path === name)?.kernel;
    if (kernel?.execution_state === "idle" && kernel.connections > 0) break;
    await page.waitForTimeout(50);
  }
  await page.waitForTimeout(1000);
}

const isBusy = `document.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status === "busy"`;

/** From a key to what it makes appear, ms, by the page's own clock. */
async function keyTo(page: Page, key: string, appeared: string): Promise<number> {
  await page.evaluate(`window.measured = new Promise((resolve) => {
    let start;
    window.addEventListener("keydown", () => { start = performance.now(); }, { capture: true, once: true });
    // Looking at every frame would keep the page drawing, and measure that.
    const seen = new MutationObserver(() => {
      if (start === undefined || !(${appeared})) return;
      seen.disconnect();
      resolve(performance.now() - start);
    });
    seen.observe(document.body, { attributes: true, childList: true, subtree: true });
  }); undefined`);
  await page.keyboard.press(key);
  return page.evaluate("window.measured");
}

/** A trivial cell, from the key to its output in the document; `Shift+Enter` also goes to the next cell. */
async function cells(page: Page, key: "Control+Enter" | "Shift+Enter"): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < keys; index += 1) {
    await page.locator(".jp-CodeCell").nth(index).locator(".cm-content").click();
    const output = `document.querySelectorAll(".jp-CodeCell")[${index}].querySelector(".jp-OutputArea-output")`;
    times.push(await keyTo(page, key, output));
  }
  return median(times.slice(3));
}

async function completions(page: Page, at: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < keys; index += 1) {
    await page.locator(".jp-CodeCell").nth(at).locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("guest.");
    times.push(
      await keyTo(page, "Tab", `document.querySelector(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")`),
    );
    await page.locator(".jp-Completer-item").first().waitFor();
    await page.keyboard.press("Escape");
  }
  return median(times.slice(3));
}

/** From the request for a session to a kernel that is idle, ms. */
async function kernelStart(address: string, name: string): Promise<number> {
  const headers = { authorization: `token ${token}`, "content-type": "application/json" };
  const start = performance.now();
  const body = JSON.stringify({ path: name, name, type: "notebook", kernel: { name: "veelab" } });
  const session = await fetch(`${address}/api/sessions`, { method: "POST", headers, body });
  const { kernel } = (await session.json()) as { kernel: { id: string } };
  for (;;) {
    const reply = await fetch(`${address}/api/kernels/${kernel.id}`, { headers });
    const { execution_state: state } = (await reply.json()) as { execution_state: string };
    if (state === "idle") break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const ms = performance.now() - start;
  await fetch(`${address}/api/kernels/${kernel.id}`, { method: "DELETE", headers });
  return ms;
}

function residentMB(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? NaN) / 1024;
}

async function measure(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "veelab-bench-"));
  const data = mkdtempSync(join(tmpdir(), "veelab-bench-data-"));
  writeFileSync(join(root, "cells.ipynb"), notebook(...Array.from({ length: keys }, (_, index) => `${index} + 1`)));
  writeFileSync(
    join(root, "names.ipynb"),
    notebook("const guest = { pages: 1, dirty: 2, frames: [1, 2] };\nguest", "", "while (true) {}", ""),
  );
  const server = await startServer(root, data);
  let browser: Browser | undefined;
  try {
    const starts: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      starts.push(await kernelStart(server.address, `new-${round}.ipynb`));
    browser = await chromium.launch({ executablePath: executable, args: flags.split(" ") });
    const enter = async (context: BrowserContext): Promise<Page> => {
      const page = await context.newPage();
      await page.goto(`${server.address}/login`);
      await page.goto(`${server.address}/tree?token=${token}`, { waitUntil: "commit" });
      return page;
    };
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      // The session's cookie, and nothing of the page.
      const page = await context.newPage();
      await context.request.get(`${server.address}/tree?token=${token}`);
      cold.push(await load(page, `${server.address}/notebooks/cells.ipynb`));
      await connected(page, server.address, "cells.ipynb");
      warm.push(await load(page, `${server.address}/notebooks/cells.ipynb`));
      await context.close();
    }
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await enter(context);
    await load(page, `${server.address}/notebooks/cells.ipynb`);
    await connected(page, server.address, "cells.ipynb");
    const stays = await cells(page, "Control+Enter");
    await page.reload();
    await page.locator(".jp-CodeCell .cm-content[contenteditable=true]").first().waitFor();
    await connected(page, server.address, "cells.ipynb");
    const goesOn = await cells(page, "Shift+Enter");
    const names = await context.newPage();
    await load(names, `${server.address}/notebooks/names.ipynb`);
    await connected(names, server.address, "names.ipynb");
    await names.locator(".jp-CodeCell .cm-content").first().click();
    await keyTo(names, "Shift+Enter", `document.querySelector(".jp-OutputArea-output")`);
    const idle = await completions(names, 1);
    await names.locator(".jp-CodeCell").nth(2).locator(".cm-content").click();
    await names.keyboard.press("Shift+Enter");
    await names.waitForFunction(isBusy);
    const busy = await completions(names, 3);
    const rows: readonly [name: string, value: number, unit: string, asked: number][] = [
      ["cold load of a notebook to a cell that takes keys", median(cold), "ms", 3000],
      ["warm load", median(warm), "ms", 1500],
      ["kernel, from the request to idle", median(starts), "ms", 1000],
      ["cell in the page, Ctrl+Enter to output", stays, "ms", 50],
      ["cell in the page, Shift+Enter to output", goesOn, "ms", 50],
      ["completion in the page, key to list", idle, "ms", 100],
      ["  while a cell runs", busy, "ms", 100],
      ["server's memory, the kernels apart", residentMB(server.pid), "MB", 120],
    ];
    for (const [name, value, unit, asked] of rows) figure(name, value, unit, { asked });
  } finally {
    await browser?.close();
    server.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

console.log("the page in Chromium (medians)");
if (spawnSync(executable, ["--version"], { stdio: "ignore" }).status === 0) await measure();
else missing("the page", `${executable}, to open it`);
