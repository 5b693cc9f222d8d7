import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";

import { packageVersion } from "../package-root.ts";
import { InputError, reason } from "../run/input-error.ts";
import { sessionCookies } from "./auth/cookie.ts";
import { createGate } from "./auth/gate.ts";
import { loginRoutes } from "./auth/login.ts";
import { createContents } from "./contents/contents.ts";
import { contentsRoutes, exportRoutes, fileRoutes } from "./contents/routes.ts";
import { dataFolder } from "../data-folder.ts";
import { closeApp, createApp } from "./http/app.ts";
import type { Route, SocketRoute } from "./http/route.ts";
import { createKernels } from "./kernels/kernels.ts";
import { labRoutes } from "./lab/routes.ts";
import { loadPage } from "./page/page.ts";
import { pageRoutes } from "./page/pages.ts";
import { staticRoute } from "./page/static.ts";
import { createReproduction } from "./reproduce.ts";
import { serviceRoutes } from "./service.ts";

/** How a notebook server is started. */
export interface ServerOptions {
  /** The folder that it serves. */
  readonly root: string;
  /** The port; without one, 8888 or the next that is free. */
  readonly port?: number | undefined;
  /** The token that opens it; by default 24 random bytes. */
  readonly token?: string | undefined;
  /** The kernel of new notebooks; by default this package's own. */
  readonly kernel?: string | undefined;
  /** After how many seconds a kernel that no page is connected to and that does nothing is ended; never by default. */
  readonly cullIdleS?: number | undefined;
  /** Whether `cullIdleS` ends kernels with pages, too. */
  readonly cullConnected?: boolean | undefined;
  /** How much text a page is sent of a cell that prints without end. */
  readonly outputBytesPerSecond?: number | undefined;
  readonly outputMessagesPerSecond?: number | undefined;
  /** The most bytes of output that are kept for a page that is away or slow. */
  readonly bufferBytes?: number | undefined;
  /** Whether scripts in trusted notebooks' HTML run. */
  readonly allowScripts?: boolean | undefined;
  /** Whether files whose names start with a dot are served. */
  readonly allowHidden?: boolean | undefined;
  /** Whether the page's scripts can reach the front end's objects, as tests do. */
  readonly exposeAppInBrowser?: boolean | undefined;
  /** Takes what goes wrong, a line at a time; standard error by default. */
  readonly log?: (line: string) => void;
}

/** A server that listens. */
export interface RunningServer {
  /** Its address with the token. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** Resolves when it has ended, also when a page ended it. */
  readonly closed: Promise<void>;
  /** Ends every kernel and the server. */
  close(): Promise<void>;
}

/** As Jupyter's default; a notebook with large outputs is one body. */
const maxBodyBytes = 512 * 1024 * 1024;

/** The front end listens for events of the server's extensions; there are none. */
const events: SocketRoute = { path: "/api/events/subscribe", protocols: [], open: () => undefined };

/**
 * Starts a notebook server for the browser of this machine: Jupyter's REST and websocket API, and its front end.
 *
 * @throws InputError when the port is taken, or the page was not built
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { root, token = randomBytes(24).toString("hex"), log = toStandardError } = options;
  const page = loadPage();
  const data = dataFolder();
  const contents = createContents({ root, dataFolder: data, allowHidden: options.allowHidden ?? false });
  const { cullIdleS, cullConnected, outputBytesPerSecond, outputMessagesPerSecond, bufferBytes } = options;
  const kernels = createKernels({
    root,
    log,
    resources: { "logo-svg": join(page.folder, "static", "favicons", "favicon.svg") },
    ...defined({ cullIdleS, cullConnected, outputBytesPerSecond, outputMessagesPerSecond, bufferBytes }),
    ...defined({ defaultKernel: options.kernel }),
  });
  const reproduction = createReproduction(join(data, "report"));
  let server: Server | undefined;
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => (ending ??= end());
  const end = async (): Promise<void> => {
    reproduction.close();
    await Promise.all([kernels.close(), contents.close()]);
    if (server !== undefined) await closeApp(server);
  };

  const routes: Route[] = [
    ...serviceRoutes({ version: packageVersion(), activity: () => kernels.activity(), shutdown: () => void close() }),
    ...pageRoutes({
      page,
      kindOf: (path) => contents.kindOf(path),
      startFolder: existsSync(join(root, "notebooks")) ? "notebooks" : "",
      rootName: basename(root),
      exposeAppInBrowser: options.exposeAppInBrowser ?? false,
    }),
    staticRoute("/static", join(page.folder, "static"), page.files("static")),
    ...labRoutes(page, data),
    ...contentsRoutes(contents),
    ...fileRoutes(contents),
    ...exportRoutes(contents),
    ...kernels.routes,
    ...reproduction.routes,
  ];
  const listen = async (port: number): Promise<Server> => {
    const cookies = sessionCookies(randomBytes(32), port);
    const gate = createGate(token, cookies);
    const app = createApp({
      routes: [...loginRoutes(gate, cookies), ...routes],
      sockets: [kernels.socket, events],
      gate,
      cookies,
      log,
      scripts: options.allowScripts ?? false,
      maxBodyBytes,
    });
    app.listen(port, "127.0.0.1");
    await once(app, "listening");
    return app;
  };
  try {
    server = await listenOnFree(options.port, listen);
  } catch (cause) {
    await close();
    throw cause;
  }
  const { port } = server.address() as AddressInfo;
  const closed = once(server, "close").then(() => undefined);
  return {
    port,
    token,
    url: `http://127.0.0.1:${port}/?token=${encodeURIComponent(token)}`,
    closed,
    close: async () => {
      await close();
      await closed;
    },
  };
}

/** An object without its properties that are undefined: where they are used, these have defaults. */
function defined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

const firstPort = 8888;

/** A server on the port that is asked for, or on the first free one from 8888. */
async function listenOnFree(wanted: number | undefined, listen: (port: number) => Promise<Server>): Promise<Server> {
  for (let port = wanted ?? firstPort; ; port += 1) {
    try {
      return await listen(port);
    } catch (cause) {
      const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (taken && wanted === undefined && port < firstPort + 50) continue;
      const why = taken ? "it is taken" : reason(cause);
      throw new InputError(`--port: expected a port that this user can listen on, got ${port} (${why})`, { cause });
    }
  }
}

function toStandardError(line: string): void {
  process.stderr.write(`veelab: ${line}\n`);
}
