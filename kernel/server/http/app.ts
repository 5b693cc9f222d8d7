import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";

import type { SessionCookies } from "../auth/cookie.ts";
import type { Gate, Knock } from "../auth/gate.ts";
import { parseObject, readBody } from "./body.ts";
import { errorPage } from "./error-page.ts";
import { onThisHost } from "./on-this-host.ts";
import { HttpError, json, matchPath, segmentsOf } from "./route.ts";
import type { Context, Reply, Route, SocketRoute } from "./route.ts";
import { sendReply } from "./send-reply.ts";
import { acceptSockets } from "./sockets.ts";

/** What a server is made of. */
export interface AppParts {
  readonly routes: readonly Route[];
  readonly sockets: readonly SocketRoute[];
  readonly gate: Gate;
  readonly cookies: SessionCookies;
  readonly log: (line: string) => void;
  /** Whether the notebooks' own scripts may run in the page. */
  readonly scripts: boolean;
  readonly maxBodyBytes: number;
}

/** Who has not shown the token can send no more than a token. */
const publicBodyBytes = 16 * 1024;

/** The connections of each server, websockets too: Node's own list of them leaves those out. */
const connections = new WeakMap<Server, Set<Socket>>();

/** Stops listening and ends every connection, whatever its page still waits for. */
export async function closeApp(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of connections.get(server) ?? []) socket.destroy();
  await closed;
}

/**
 * Routes as an HTTP server, not listening yet. Every request passes the gate here, and every answer gets its security
 * headers on its way out.
 */
export function createApp(parts: AppParts): Server {
  const server = createServer((request, response) => {
    void serve(parts, request, response).catch((error: unknown) => {
      // A page that is left breaks off what it asked for: that is no fault.
      const left = error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
      if (!left) parts.log(`${request.method ?? ""}: the answer broke off: ${String(error)}`);
      response.destroy();
    });
  });
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  acceptSockets(server, parts);
  server.on("clientError", (_error, stream) => {
    if (stream.writable) stream.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  return server;
}

async function serve(parts: AppParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let policy: Route["policy"];
  const headers: OutgoingHttpHeaders = {};
  let reply: Reply;
  try {
    parts.gate.checkHost(request.headers);
    const knock = knockOf(request);
    const { route, params } = find(parts.routes, knock);
    policy = route.policy;
    reply =
      admit(parts, route, knock, headers) ??
      (await route.answer(
        contextOf(request, knock, params, route.access === "public" ? publicBodyBytes : parts.maxBodyBytes),
      ));
  } catch (error) {
    const refusal = asHttpError(error, request, parts.log);
    reply =
      policy === "page"
        ? errorPage(refusal)
        : json({ message: refusal.message, reason: refusal.reason }, refusal.status);
  }
  await sendReply(response, request, { ...reply, headers: { ...headers, ...reply.headers } }, policy ?? "api", parts);
}

/** What a request is answered before its route is: undefined when it may go on. */
function admit(
  { gate, cookies }: AppParts,
  route: Route,
  knock: Knock,
  headers: OutgoingHttpHeaders,
): Reply | undefined {
  if (route.access === "public") return undefined;
  const page = route.policy === "page";
  const visitor = gate.identify(knock);
  if (visitor === undefined) {
    if (!page) throw new HttpError(403, "expected the server's token or a session, got neither");
    const next = encodeURIComponent(knock.url.pathname + knock.url.search);
    return { status: 302, headers: { location: `/login?next=${next}` } };
  }
  gate.checkOrigin(knock, visitor, page);
  if (!page) return undefined;
  if (visitor.by === "cookie") headers["set-cookie"] = visitor.session.setXsrf;
  if (visitor.by !== "query") return undefined;
  // The token becomes a session, and leaves the address bar, the history and the Referer.
  const url = new URL(knock.url);
  url.searchParams.delete("token");
  return {
    status: 302,
    headers: { location: onThisHost(url.pathname + url.search), "set-cookie": cookies.issue(Date.now()) },
  };
}

/** What is asked for. The path is resolved as browsers do it; it cannot leave this server's paths. */
export function knockOf({ url: target = "/", method = "GET", headers }: IncomingMessage): Knock {
  const url = `http://${headers.host ?? ""}${target}`;
  if (!target.startsWith("/") || !URL.canParse(url)) throw new HttpError(400, "expected a path as request target");
  return { method, headers, url: new URL(url) };
}

function find(routes: readonly Route[], { method, url }: Knock): { route: Route; params: Record<string, string> } {
  const segments = segmentsOf(url.pathname);
  const wanted = method === "HEAD" ? "GET" : method;
  let known = false;
  for (const route of routes) {
    const params = matchPath(route.path, segments);
    if (params === undefined) continue;
    if (route.method === wanted) return { route, params };
    known = true;
  }
  throw known
    ? new HttpError(405, `${method} is not a method of this path`)
    : new HttpError(404, "there is nothing at this path");
}

function contextOf(
  request: IncomingMessage,
  { url, headers }: Knock,
  params: Record<string, string>,
  maxBodyBytes: number,
): Context {
  const body = (): Promise<Buffer> => readBody(request, maxBodyBytes);
  return { url, params, headers, body, json: async () => parseObject(await body()) };
}

/** An error as an answer; what nobody foresaw is logged whole and answered without its details. */
export function asHttpError(error: unknown, { method }: IncomingMessage, log: (line: string) => void): HttpError {
  if (error instanceof HttpError) return error;
  // The path may hold the token: it stays out of the log.
  log(`${method ?? ""}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new HttpError(500, "the server met an error that it did not expect; its log says more");
}
