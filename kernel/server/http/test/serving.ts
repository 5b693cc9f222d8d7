import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { sessionCookies, type SessionCookies } from "../../auth/cookie.ts";
import { createGate } from "../../auth/gate.ts";
import { closeApp, createApp } from "../app.ts";
import type { Route, SocketRoute } from "../route.ts";

/** A server of some routes on a free port, and a client that sends exactly what it is told. */
export interface Serving {
  readonly port: number;
  readonly host: string;
  readonly token: string;
  readonly cookies: SessionCookies;
  /** What the server logged. */
  readonly logged: readonly string[];
  /** Sends a request without any header of its own but Host. */
  raw(method: string, target: string, options?: RawOptions): Promise<RawReply>;
  /** The same with the token. */
  call(method: string, target: string, body?: unknown, headers?: Record<string, string>): Promise<RawReply>;
  close(): Promise<void>;
}

export interface RawOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json(): unknown;
}

/** Parts of the app that a test sets. */
export interface ServingOptions {
  readonly routes?: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  readonly maxBodyBytes?: number;
}

const token = "0123456789abcdef0123456789abcdef0123456789abcdef";

/** Serves routes behind the real gate. */
export async function serve({ routes = [], sockets = [], maxBodyBytes = 2 ** 24 }: ServingOptions): Promise<Serving> {
  const logged: string[] = [];
  const cookies = sessionCookies(Buffer.from("a key for tests"), 0);
  const server: Server = createApp({
    routes,
    sockets,
    cookies,
    gate: createGate(token, cookies),
    scripts: false,
    maxBodyBytes,
    log: (line) => logged.push(line),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const raw: Serving["raw"] = (method, target, { headers = {}, body } = {}) =>
    rawRequest(port, method, target, { host, ...headers }, body);
  return {
    port,
    host,
    token,
    cookies,
    logged,
    raw,
    call(method, target, body, headers = {}) {
      const bytes =
        body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
      return raw(method, target, {
        headers: { authorization: `token ${token}`, ...headers },
        ...(bytes === undefined ? {} : { body: bytes }),
      });
    },
    async close() {
      await closeApp(server);
    },
  };
}

/** One request over a connection of its own, to this machine's loopback. */
export function rawRequest(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Uint8Array,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: "127.0.0.1", port, method, path, headers, agent: false, setHost: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("error", reject);
        reply.on("end", () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString("utf8");
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            bytes,
            text,
            json: () => JSON.parse(text) as unknown,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
