import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A page in a real browser. */
export interface BrowserPage {
  /** Evaluates an expression in the page (a promise is awaited) and gives its value. */
  evaluate(expression: string): Promise<unknown>;
  /** What the page wrote to its console, and what its security policy refused. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** How a page is shown. */
export interface PageOptions {
  readonly scripts?: boolean;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
}

type Reply = { readonly result?: Record<string, unknown>; readonly error?: { readonly message: string } };

/** Opens an address in Chromium, driven over its debugging pipe. */
export async function openPage(address: string, options: PageOptions = {}): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), "veelab-browser-"));
  const flags =
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  const browser = spawn("chromium", [...flags.split(" "), `--user-data-dir=${profile}`, "--remote-debugging-pipe"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , input, output] = browser.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (reply: Reply) => void>();
  const log: string[] = [];
  let loaded: () => void = () => undefined;
  const load = new Promise<void>((resolve) => (loaded = resolve));
  let rest = "";
  output.setEncoding("utf8");
  output.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\0");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const message = JSON.parse(part) as Reply & { id?: number; method?: string; params?: unknown };
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else if (message.method === "Page.loadEventFired") loaded();
      else if (message.method === "Log.entryAdded" || message.method === "Runtime.consoleAPICalled")
        log.push(JSON.stringify(message.params));
    }
  });
  let id = 0;
  const call = async (method: string, params: object, sessionId?: unknown): Promise<Record<string, unknown>> => {
    id += 1;
    const reply = new Promise<Reply>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await reply;
    if (result === undefined) throw new Error(`${method}: ${error?.message ?? "no result"}`);
    return result;
  };
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
    call(method, params, sessionId);
  await send("Page.enable");
  await send("Log.enable");
  await send("Runtime.enable");
  const { scripts = true, dark = false, width = 1100, height = 900 } = options;
  await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  await send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
  });
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await send("Page.navigate", { url: address });
  await load;
  return {
    log,
    async evaluate(expression) {
      const { result } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      return (result as { value?: unknown }).value;
    },
    async close() {
      const ended = new Promise((resolve) => browser.once("exit", resolve));
      await call("Browser.close", {}).catch(() => browser.kill("SIGKILL"));
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
