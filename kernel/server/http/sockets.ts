import type { IncomingMessage, Server } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

import { asHttpError, knockOf, type AppParts } from "./app.ts";
import { HttpError, matchPath, segmentsOf, type Context, type SocketRoute } from "./route.ts";

/** The longest message that a page may send: cells, and the buffers of widgets. */
const maxPayload = 256 * 1024 * 1024;

/** Accepts the websockets of a server's routes, each after the same gate as a request. */
export function acceptSockets(server: Server, { sockets, gate, log }: AppParts): void {
  const accepting = new Map<SocketRoute, WebSocketServer>(
    sockets.map((route) => [
      route,
      new WebSocketServer({
        noServer: true,
        maxPayload,
        handleProtocols: (offered) => route.protocols.find((each) => offered.has(each)) ?? false,
      }),
    ]),
  );

  const admit = (request: IncomingMessage): { route: SocketRoute; context: Pick<Context, "url" | "params"> } => {
    gate.checkHost(request.headers);
    const knock = knockOf(request);
    const visitor = gate.identify(knock);
    if (visitor === undefined) throw new HttpError(403, "expected the server's token or a session, got neither");
    gate.checkSocketOrigin(request.headers, visitor);
    const segments = segmentsOf(knock.url.pathname);
    for (const route of sockets) {
      const params = matchPath(route.path, segments);
      if (params === undefined) continue;
      const context = { url: knock.url, params };
      route.check?.(context);
      return { route, context };
    }
    throw new HttpError(404, "there is no websocket at this path");
  };

  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => undefined); // The client went away: nothing is left to be done for it.
    let admitted;
    try {
      admitted = admit(request);
    } catch (error) {
      refuse(stream, asHttpError(error, request, log));
      return;
    }
    const { route, context } = admitted;
    accepting.get(route)?.handleUpgrade(request, stream, head, (socket) => {
      socket.on("error", (error) => {
        log(`websocket: ${error.message}`);
      });
      route.open(socket, context);
    });
  });
}

function refuse(stream: Duplex, { status, message }: HttpError): void {
  const body = JSON.stringify({ message });
  const answer =
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  // The client's half would stay open for as long as it likes.
  stream.end(answer, () => stream.destroy());
}
