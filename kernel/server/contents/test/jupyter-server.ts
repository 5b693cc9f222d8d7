import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { freePorts } from "../../../run/free-ports.ts";
import { askOf, type Ask } from "./served.ts";

/** Jupyter's own server, on a folder. */
export interface JupyterServer {
  readonly ask: Ask;
  close(): Promise<void>;
}

/**
 * Starts it, without extensions, and with nothing of the user's own.
 *
 * @param base where it keeps what it keeps
 */
export async function startJupyterServer(python: string, base: string, root: string): Promise<JupyterServer> {
  const token = "test";
  const runtime = join(base, "runtime");
  await mkdir(runtime, { recursive: true });
  const folders = {
    JUPYTER_RUNTIME_DIR: runtime,
    JUPYTER_DATA_DIR: join(base, "data"),
    JUPYTER_CONFIG_DIR: join(base, "config"),
    JUPYTER_CONFIG_PATH: join(base, "config"),
    JUPYTER_NO_CONFIG: "1",
    HOME: base,
  };
  const [port = 0] = await freePorts(1);
  const options = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.token=${token}`,
    `--ServerApp.root_dir=${root}`,
    "--ServerApp.jpserver_extensions={}",
    // Its trash is the home folder's, and would tell nothing of what is deleted.
    "--FileContentsManager.delete_to_trash=False",
  ];
  const server = spawn(python, ["-m", "jupyter_server", ...options], {
    env: { ...process.env, ...folders },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const agent = new Agent({ keepAlive: true });
  const ask = askOf(port, token, agent);
  await listening(ask, () => {
    if (server.exitCode !== null) throw new Error(`jupyter_server ended: ${said}`);
  });
  return {
    ask,
    async close() {
      agent.destroy();
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Waits until a server answers. */
async function listening(ask: Ask, check: () => void): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    check();
    const status = await ask("GET", "/api").then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await wait(100);
  }
  throw new Error("jupyter_server: expected it to listen within 30 seconds");
}
