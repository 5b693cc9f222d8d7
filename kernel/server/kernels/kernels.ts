import { json, type Route, type SocketRoute } from "../http/route.ts";
import { channelsSocket } from "./channels.ts";
import { kernelRoutes } from "./kernel-routes.ts";
import { createKernelSpecs } from "./kernelspecs.ts";
import { defaultOutputLimits, type OutputLimits } from "./output-limit.ts";
import { KernelRegistry } from "./registry.ts";
import { sessionRoutes } from "./session-routes.ts";

/** What the server's kernels are like. */
export interface KernelsOptions extends Partial<OutputLimits> {
  /** The folder that is served: documents' paths start here. */
  readonly root: string;
  /** The kernel of new notebooks; by default this package's own. */
  readonly defaultKernel?: string;
  /** Files that front ends show for the own kernel: `{ "logo-svg": "/path/to/logo.svg" }`. */
  readonly resources?: Readonly<Record<string, string>>;
  /** The most bytes of output that wait for a page that is away or slow; 32 MiB by default. */
  readonly bufferBytes?: number;
  /** After how many idle seconds a kernel that no page is connected to is ended; never by default. */
  readonly cullIdleS?: number;
  /** Whether kernels with pages are ended too. */
  readonly cullConnected?: boolean;
  readonly log: (line: string) => void;
}

/** The server's kernels. */
export interface Kernels {
  readonly routes: readonly Route[];
  readonly socket: SocketRoute;
  /** For `/api/status`. */
  activity(): { readonly kernels: number; readonly connections: number; readonly lastActivity: Date };
  /** Ends every kernel. */
  close(): Promise<void>;
}

/** Kernels, sessions and kernelspecs in Jupyter's REST API, and the websocket on which pages talk to kernels. */
export function createKernels(options: KernelsOptions): Kernels {
  const { root, defaultKernel = "veelab", resources = {}, bufferBytes = 32 * 1024 * 1024, log } = options;
  const { cullIdleS, cullConnected = false } = options;
  const specs = createKernelSpecs(defaultKernel, resources, log);
  const registry = new KernelRegistry(root, specs, defaultKernel, {
    ...defaultOutputLimits,
    ...options,
    bufferBytes,
    log,
  });
  const sweep = (): void => {
    for (const kernel of registry.all()) {
      kernel.forgetAbsent();
      const idleS = (Date.now() - kernel.lastActivity.getTime()) / 1000;
      if (cullIdleS === undefined || idleS < cullIdleS || kernel.state === "busy") continue;
      if (kernel.connections > 0 && !cullConnected) continue;
      log(`kernel ${kernel.id} (${kernel.spec.name}) was idle for ${Math.floor(idleS)} s: it is ended`);
      void registry.end(kernel);
    }
  };
  const sweeping = setInterval(sweep, Math.min(30, (cullIdleS ?? 60) / 2) * 1000).unref();

  return {
    routes: [
      ...specs.routes,
      ...kernelRoutes(registry),
      ...sessionRoutes(registry),
      // There are none, but front ends ask.
      { method: "GET", path: "/api/terminals", answer: () => json([]) },
    ],
    socket: channelsSocket(registry),
    activity: () => ({
      kernels: registry.all().length,
      connections: registry.all().reduce((sum, { connections }) => sum + connections, 0),
      lastActivity: registry.lastActivity,
    }),
    async close() {
      clearInterval(sweeping);
      await registry.close();
    },
  };
}
