import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { Agent, request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sessionCookies } from "../../auth/cookie.ts";
import { createGate } from "../../auth/gate.ts";
import { createApp } from "../../http/app.ts";
import { createContents, type Contents, type ContentsOptions } from "../contents.ts";
import { contentsRoutes, exportRoutes, fileRoutes } from "../routes.ts";

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** What is sent. */
export interface Asked {
  readonly headers?: Record<string, string>;
  /** JSON, or bytes as they are. */
  readonly body?: unknown;
}

/** Asks a server: the path goes out as it is, which `fetch` would tidy. */
export type Ask = (method: string, path: string, asked?: Asked) => Promise<Answer>;

/** Contents on a new folder, behind a real server. */
export interface Served {
  /** The folder of all: the root beside what must never be touched. */
  readonly base: string;
  readonly root: string;
  readonly data: string;
  readonly contents: Contents;
  readonly address: string;
  readonly ask: Ask;
  /** What the server logged: errors that nobody foresaw. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

const token = "test";

/** Serves a new and empty folder. */
export async function serveNewFolder(options: Partial<ContentsOptions> = {}): Promise<Served> {
  const base = await mkdtemp(join(tmpdir(), "veelab-contents-"));
  const root = options.root ?? join(base, "root");
  const data = join(base, "data");
  await mkdir(root, { recursive: true });
  const contents = createContents({ root, dataFolder: data, ...options });
  const log: string[] = [];
  const cookies = sessionCookies(randomBytes(32), 0);
  const app = createApp({
    routes: [...contentsRoutes(contents), ...fileRoutes(contents), ...exportRoutes(contents)],
    sockets: [],
    gate: createGate(token, cookies),
    cookies,
    log: (line) => log.push(line),
    scripts: false,
    maxBodyBytes: 64 * 1024 * 1024,
  });
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const { port } = app.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  return {
    base,
    root,
    data,
    contents,
    log,
    address: `http://127.0.0.1:${port}`,
    ask: askOf(port, token, agent),
    async close() {
      agent.destroy();
      await contents.close();
      app.close();
      app.closeAllConnections();
      await rm(base, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Asks the server on a port of this machine. */
export function askOf(port: number, token: string, agent: Agent): Ask {
  return (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const sent = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
      // Node would send the body of a GET without saying that there is one.
      const length = sent === undefined ? {} : { "content-length": String(sent.length) };
      const authorization = { authorization: `token ${token}` };
      const outgoing = request(
        { host: "127.0.0.1", port, method, path, agent, headers: { ...authorization, ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const bytes = Buffer.concat(chunks);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, json: jsonIn(bytes) });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(sent);
    });
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
