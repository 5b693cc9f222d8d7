import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { WebSocket } from "ws";

import type { JsonObject } from "../../protocol/json.ts";

/** A method that a route can have. A HEAD request is a GET whose body stays here. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a browser may do with an answer, as a content security policy: see `policy.ts`. */
export type Policy = "page" | "api" | "file" | "export" | "report";

/** A request as a route sees it. */
export interface Context {
  /** The path and query under `http://` and the host that was asked for. */
  readonly url: URL;
  /** The parts of the path that the route names, decoded; `*rest` holds the segments joined by `/`. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /**
   * The body, whole.
   *
   * @throws HttpError 413 when it is longer than the server's limit
   */
  body(): Promise<Buffer>;
  /**
   * The body as a JSON object; an empty body is an empty object.
   *
   * @throws HttpError 400 when it is no JSON object, 413 when it is longer than the server's limit
   */
  json(): Promise<JsonObject>;
}

/** An answer. A body that is a stream is sent as it comes. */
export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | Readable;
}

/** One endpoint: a method and a path, and how it is answered. */
export interface Route {
  readonly method: Method;
  /**
   * Segments are literal, `:name` (one segment) or, at the end, `*name` (the rest, which may be empty):
   * `/api/contents/*path`.
   */
  readonly path: string;
  /** Everything is for who has the token, unless it says otherwise. */
  readonly access?: "public";
  readonly policy?: Policy;
  readonly answer: (context: Context) => Reply | Promise<Reply>;
}

/** A websocket endpoint. It is always for who has the token. */
export interface SocketRoute {
  readonly path: string;
  /** The subprotocols that it speaks, the best first; a client that offers none of them gets none. */
  readonly protocols: readonly string[];
  /**
   * Called before the socket is accepted.
   *
   * @throws HttpError where the path leads nowhere
   */
  readonly check?: (context: Pick<Context, "url" | "params">) => void;
  readonly open: (socket: WebSocket, context: Pick<Context, "url" | "params">) => void;
}

/** A request that cannot be done: the status and one sentence for a person. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** A word by which Jupyter's front end knows the case. */
  readonly reason: string | null;

  constructor(status: number, message: string, options: { readonly reason?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = options.reason ?? null;
  }
}

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** An answer without a body. */
export const nothing: Reply = { status: 204 };

/** Whether the path of a URL fits a route's, and the parts that it names. A slash at the end changes nothing. */
export function matchPath(pattern: string, path: readonly string[]): Record<string, string> | undefined {
  const wanted = pattern.split("/").slice(1);
  const segments = path.length > 1 && path.at(-1) === "" ? path.slice(0, -1) : path;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith("*")) {
      params[part.slice(1)] = segments.slice(index).join("/");
      return params;
    }
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.startsWith(":") && segment !== "") params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return segments.length === wanted.length ? params : undefined;
}

/**
 * The segments of a URL's path, each decoded once.
 *
 * @throws HttpError 400 when the path is badly encoded; 404 when a segment, decoded, holds what no name may: a slash, a
 *   backslash or NUL, by which a path could lead elsewhere than it seems
 */
export function segmentsOf(pathname: string): string[] {
  return pathname
    .split("/")
    .slice(1)
    .map((segment) => {
      let decoded: string;
      try {
        decoded = decodeURIComponent(segment);
      } catch (cause) {
        throw new HttpError(400, `expected a path in percent encoding, got ${JSON.stringify(segment)}`, { cause });
      }
      if (/[/\\\0]/u.test(decoded)) throw new HttpError(404, "no such path");
      return decoded;
    });
}
