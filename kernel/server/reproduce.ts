import { spawn, type ChildProcess } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { HttpError, json, nothing, type Reply, type Route } from "./http/route.ts";

/** How far the reproduction of all papers is. */
export interface ReproduceState {
  readonly state: "idle" | "running" | "done" | "failed";
  /** What it does now: the notebook, the cell. */
  readonly line: string;
  /** Cells done, and cells, of the notebook that runs. */
  readonly done: number;
  readonly total: number;
  /** The path of the last report's page, when there is one: an earlier server may have made it. */
  readonly report: string | null;
  /** Why it failed, or what is to be said about the end. */
  readonly message: string | null;
}

const idle = { state: "idle", line: "", done: 0, total: 0, message: null } as const;
const reportPath = "/veelab/report/index.html";

/** The page's "Reproduce all": the command `veelab reproduce`, one run at a time, whose report the server shows. */
export interface Reproduction {
  readonly routes: readonly Route[];
  close(): void;
}

/**
 * @param folder where the report is written; it is this server's own
 * @param notebooks the folder of the notebooks; by default veelab's own
 */
export function createReproduction(folder: string, notebooks?: string): Reproduction {
  let state: Omit<ReproduceState, "report"> = idle;
  let child: ChildProcess | undefined;
  const path = "/veelab/api/reproduce";

  const now = (): ReproduceState => ({
    ...state,
    report: existsSync(join(folder, "index.html")) ? reportPath : null,
  });
  const start = (): Reply => {
    if (child !== undefined) throw new HttpError(409, "the reproduction is running already");
    state = { ...idle, state: "running", line: "starting" };
    // From the sources, as in a test, it is the built command that is meant.
    const command = import.meta.url.endsWith(".ts") ? "../../dist/kernel/cli.js" : "../cli.js";
    const cli = fileURLToPath(new URL(command, import.meta.url));
    const args = [cli, "reproduce", "--fresh", "--out", folder, ...(notebooks === undefined ? [] : [notebooks])];
    const running = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    child = running;
    let said = "";
    running.stdout.resume();
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4096);
      const line = text.trimEnd().split("\n").at(-1) ?? "";
      const [, done, total] = / {2}(\d+)\/(\d+) {2}/u.exec(line) ?? [];
      state = { ...state, line, ...(done && total ? { done: Number(done) - 1, total: Number(total) } : {}) };
    });
    const end = (outcome: Partial<typeof state>): void => {
      child = undefined;
      state = { ...state, line: "", ...outcome };
    };
    running.on("error", ({ message }) => {
      end({ state: "failed", message });
    });
    running.on("close", (code, signal) => {
      if (child !== running) return;
      if (code === 0) end({ state: "done" });
      else if (code === 1) end({ state: "done", message: "A notebook failed to run: the report says which." });
      // The signal itself ends a command that is only just starting.
      else if (code === 130 || (signal === "SIGINT" && said === ""))
        end({ ...idle, message: "Interrupted: the report is as it was." });
      else end({ state: "failed", message: said.trim().split("\n").at(-1) ?? "the command failed" });
    });
    return json(now(), 202);
  };

  return {
    routes: [
      { method: "GET", path, answer: () => json(now()) },
      { method: "POST", path, answer: start },
      {
        method: "DELETE",
        path,
        answer() {
          child?.kill("SIGINT");
          return nothing;
        },
      },
      {
        method: "GET",
        path: "/veelab/report/*file",
        policy: "report",
        answer: ({ params: { file = "" } }) => reportFile(folder, file === "" ? "index.html" : file),
      },
    ],
    close() {
      child?.kill("SIGINT");
    },
  };
}

async function reportFile(folder: string, name: string): Promise<Reply> {
  const missing = new HttpError(404, "there is no report: Reproduce all makes one");
  const file = await realpath(join(folder, name)).catch(() => {
    throw missing;
  });
  if (!file.startsWith((await realpath(folder)) + sep)) throw missing;
  const found = await stat(file);
  if (!found.isFile()) throw missing;
  const type = file.endsWith(".html") ? "text/html; charset=utf-8" : "application/x-ipynb+json";
  return { status: 200, headers: { "content-type": type, "content-length": found.size }, body: createReadStream(file) };
}
