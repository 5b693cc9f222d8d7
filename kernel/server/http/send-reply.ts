import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { securityPolicy } from "./policy.ts";
import type { Policy, Reply } from "./route.ts";

const compressed = promisify(gzip);
/** Below this a compressed body saves no packet. */
const worthCompressing = 16 * 1024;

/** Sends an answer with the headers that every answer has. A HEAD request gets the headers alone. */
export async function sendReply(
  response: ServerResponse,
  request: IncomingMessage,
  reply: Reply,
  policy: Policy,
  { scripts }: { readonly scripts: boolean },
): Promise<void> {
  response.statusCode = reply.status;
  const headers = {
    "content-security-policy": securityPolicy(policy, { scripts, host: request.headers.host ?? "" }),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    ...reply.headers,
  };
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  // What was not read of a refused body would be taken for the connection's next request.
  if (!request.complete) response.setHeader("connection", "close");

  const { body } = reply;
  if (body instanceof Readable) {
    if (request.method === "HEAD") body.destroy();
    else await pipeline(body, response);
    if (request.method === "HEAD") response.end();
    return;
  }
  let bytes: string | Uint8Array | undefined = body;
  if (typeof body === "string" && body.length >= worthCompressing && acceptsGzip(request)) {
    bytes = await compressed(body, { level: 1 });
    response.setHeader("content-encoding", "gzip");
    response.setHeader("vary", "accept-encoding");
  }
  if (bytes !== undefined && reply.status !== 204 && reply.status !== 304)
    response.setHeader("content-length", Buffer.byteLength(bytes));
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Whether the client takes answers in gzip. */
export function acceptsGzip({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return /(?:^|,)\s*gzip\s*(?:,|;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|$)/iu.test(headers["accept-encoding"]?.toString() ?? "");
}
