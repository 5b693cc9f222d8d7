import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve } from "../../http/test/serving.ts";
import { createKernels, type Kernels, type KernelsOptions } from "../kernels.ts";
import { openPage, type Page } from "./page.ts";

/** An answer to a request, its body parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A server of kernels alone, in a folder of its own. */
export interface LiveKernels {
  readonly root: string;
  readonly host: string;
  readonly token: string;
  readonly kernels: Kernels;
  readonly log: readonly string[];
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Starts a kernel and gives its id. */
  start(name?: string): Promise<string>;
  /** Opens a page's websocket. */
  page(kernel: string, options?: { readonly session?: string; readonly protocols?: readonly string[] }): Promise<Page>;
  close(): Promise<void>;
}

/** Serves kernels on a free port. */
export async function serveKernels(options: Partial<KernelsOptions> = {}): Promise<LiveKernels> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "veelab-kernels-")));
  const log: string[] = [];
  const kernels = createKernels({ root, log: (line) => log.push(line), ...options });
  const app = await serve({ routes: kernels.routes, sockets: [kernels.socket], maxBodyBytes: 1024 * 1024 });
  const request: LiveKernels["request"] = async (method, path, body) => {
    const { status, headers, text } = await app.call(method, path, body);
    const isJson = headers["content-type"]?.startsWith("application/json") === true;
    return { status, headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    root,
    host: app.host,
    token: app.token,
    kernels,
    log,
    request,
    async start(name = "veelab") {
      const { status, body } = await request("POST", "/api/kernels", { name });
      if (status !== 201) throw new Error(`POST /api/kernels: ${status} ${JSON.stringify(body)}`);
      return (body as { id: string }).id;
    },
    page: (kernel, pageOptions = {}) =>
      openPage(`ws://${app.host}/api/kernels/${kernel}/channels`, {
        headers: { authorization: `token ${app.token}` },
        ...pageOptions,
      }),
    async close() {
      await kernels.close();
      await app.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
