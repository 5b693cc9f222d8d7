import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "./tool.ts";
import { type Daemon, startDaemon, until } from "./daemon.ts";
import { freePorts } from "../run/free-ports.ts";

/** Whether a real Redis can be started here. */
export const hasRedis: boolean = tool("redis-server", ["--version"]);

/** A Redis of a test's own, on the loopback, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's redis-server on a port, a free one unless given, and waits until it answers. */
export async function startRedis(given?: number): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-redis-"));
  const [port = 0] = given === undefined ? await freePorts(1) : [given];
  const daemon = startDaemon("redis-server", [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
    ...["--save", "", "--appendonly", "no"],
  ]);
  await until(
    () => answers(port, daemon),
    () => `redis-server does not answer: ${daemon.output()}`,
  );
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number, daemon: Daemon): Promise<boolean> {
  if (daemon.ended()) throw new Error(`redis-server ended: ${daemon.output()}`);
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {
      resolve(false);
    });
    socket.on("data", (reply) => {
      socket.destroy();
      resolve(reply.toString().startsWith("+PONG"));
    });
    socket.on("connect", () => {
      socket.write("PING\r\n");
    });
  });
}
