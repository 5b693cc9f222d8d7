import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

import type { JsonObject } from "../../../protocol/json.ts";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const page = fileURLToPath(new URL("../../../page/package.json", import.meta.url));
const load = createRequire(page);
const present = existsSync(new URL("node_modules/@jupyterlab/services/package.json", `file://${page}`));
if (!present) console.warn("skipped: the front end's packages are not installed in kernel/page");

/** What is used here of JupyterLab's client. */
interface Future {
  readonly done: Promise<{ readonly content: JsonObject }>;
  onIOPub: (message: { readonly header: { readonly msg_type: string }; readonly content: JsonObject }) => void;
}
interface LabKernel {
  readonly id: string;
  readonly status: string;
  readonly model: { readonly reason?: string };
  readonly info: Promise<{ readonly implementation: string }>;
  readonly statusChanged: { connect(listener: (kernel: unknown, status: string) => void): void };
  requestExecute(content: JsonObject): Future;
  interrupt(): Promise<void>;
  restart(): Promise<void>;
}
interface LabSession {
  readonly kernel: LabKernel;
  readonly isDisposed: boolean;
  changeKernel(options: JsonObject): Promise<LabKernel>;
  shutdown(): Promise<void>;
}

describe.skipIf(!present)("JupyterLab's own client", () => {
  let server: LiveKernels;
  let session: LabSession;
  let dispose: () => void;
  const { debug, warn } = console;
  beforeAll(async () => {
    // It tells the browser's console of each change of state.
    console.debug = console.warn = (): void => undefined;
    server = await serveKernels();
    const { ServerConnection, KernelManager, SessionManager } = load("@jupyterlab/services") as {
      ServerConnection: { makeSettings(options: object): unknown };
      KernelManager: new (options: object) => { dispose(): void };
      SessionManager: new (options: object) => { dispose(): void; startNew(options: object): Promise<LabSession> };
    };
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: `http://${server.host}/`,
      wsUrl: `ws://${server.host}/`,
      token: server.token,
      appendToken: true,
      WebSocket,
    });
    const kernelManager = new KernelManager({ serverSettings });
    const sessions = new SessionManager({ serverSettings, kernelManager });
    dispose = (): void => {
      sessions.dispose();
      kernelManager.dispose();
    };
    session = await sessions.startNew({ path: "x.ipynb", name: "x", type: "notebook", kernel: { name: "veelab" } });
  });
  afterAll(async () => {
    Object.assign(console, { debug, warn });
    dispose();
    await server.close();
  });

  const run = async (code: string): Promise<{ reply: JsonObject; printed: string }> => {
    let printed = "";
    const future = session.kernel.requestExecute({ code });
    future.onIOPub = ({ header, content }): void => {
      if (header.msg_type === "stream") printed += content["text"] as string;
    };
    return { reply: (await future.done).content, printed };
  };
  const until = async (fits: () => boolean): Promise<void> => {
    for (let waited = 0; !fits(); waited += 10) {
      if (waited > 10_000) throw new Error(`expected another state within 10 s, it is ${session.kernel.status}`);
      await after(10);
    }
  };

  it("runs, interrupts and restarts", async () => {
    expect((await session.kernel.info).implementation).toBe("veelab");
    expect(await run("console.log('first')")).toMatchObject({ reply: { status: "ok" }, printed: "first\n" });
    const endless = run("while (true);");
    await until(() => session.kernel.status === "busy");
    await after(100);
    await session.kernel.interrupt();
    expect((await endless).reply).toMatchObject({ status: "error" });
    const { id } = session.kernel;
    await session.kernel.restart();
    expect((await run("1")).reply).toMatchObject({ status: "ok", execution_count: 1 });
    expect(session.kernel.id).toBe(id);
  });

  it("learns of a death what it shows: the reason in the cell, that the kernel is started again, and in the end why not", async () => {
    const statuses: string[] = [];
    const { kernel } = session;
    kernel.statusChanged.connect((_kernel, status) => statuses.push(status));
    const { reply, printed } = await run("process.kill(process.pid, 'SIGKILL')");
    expect(printed).toMatch(/^The kernel was killed .* It was started again; its variables are lost\.\n$/u);
    expect(reply).toMatchObject({ status: "error", ename: "KernelDied" });
    await until(() => statuses.includes("autorestarting") && kernel.status === "idle");
    expect((await run("1")).reply).toMatchObject({ status: "ok" });
    for (let death = 1; death < 5; death += 1) {
      await run("process.kill(process.pid, 'SIGKILL')");
      statuses.length = 0;
      await until(() => statuses.includes("starting") && kernel.status === "idle");
    }
    await run("process.kill(process.pid, 'SIGKILL')");
    await until(() => kernel.status === "dead");
    // This is what it puts into its dialog.
    expect(kernel.model.reason).toMatch(/for the 5th time within a minute\. It was not started again/u);
  });

  it("goes on with another kernel, and ends it", async () => {
    await session.changeKernel({ name: "veelab" });
    expect((await run("1")).reply).toMatchObject({ status: "ok", execution_count: 1 });
    await session.shutdown();
    expect(session.isDisposed).toBe(true);
    expect((await server.request("GET", "/api/kernels")).body).toEqual([]);
  });
});
