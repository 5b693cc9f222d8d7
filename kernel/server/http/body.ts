import type { IncomingMessage } from "node:http";

import { isJsonObject, showJson, type JsonObject } from "../../protocol/json.ts";
import { HttpError } from "./route.ts";

/**
 * Reads a request's body.
 *
 * @param limit the most bytes that are taken
 * @throws HttpError 413 as soon as it is known to be longer, 400 when the client breaks off
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    throw new HttpError(400, "the request broke off before its end", { cause });
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `expected a body of at most ${limit} bytes, got a longer one`);
}

/**
 * A body as a JSON object; nothing at all is an empty one, as front ends send.
 *
 * @throws HttpError 400 when it is something else
 */
export function parseObject(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new HttpError(400, "expected a body of JSON, got something else", { cause });
  }
  if (value === null) return {};
  if (!isJsonObject(value)) throw new HttpError(400, `expected a JSON object as body, got ${showJson(value)}`);
  return value;
}
