import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bytesOf } from "./cluster-sweep.ts";
import { fromRows } from "../../core/index.ts";

const SCRIPT = fileURLToPath(new URL("./coordinator.mjs", import.meta.url));

/** What a coordinator's process is told. */
export interface CoordinatorRun {
  readonly backEnd: "redis" | "slurm";
  readonly options: object;
  readonly folder: string;
  /** Kills it when so many points are done… */
  readonly killAt?: number;
  /** …by this signal. */
  readonly killBy?: "SIGKILL" | "SIGINT";
}

/** Runs a sweep of 200 points in a process of its own; gives how many points it was told of, and how it ended. */
export async function runCoordinator({
  backEnd,
  options,
  folder,
  killAt = Infinity,
  killBy = "SIGKILL",
}: CoordinatorRun): Promise<{
  readonly done: number;
  readonly end: number | string;
  readonly errors: string;
}> {
  const child = spawn(process.execPath, [SCRIPT, backEnd, JSON.stringify(options), folder]);
  const exit = once(child, "exit");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    done = Number(line);
    if (done >= killAt && !child.killed) child.kill(killBy);
  }
  const [code, signal] = (await exit) as [number | null, string | null];
  return { done, end: signal ?? code ?? 0, errors };
}

/** How often each point has run, as its process wrote it. */
export async function timesRun(folder: string): Promise<number[]> {
  const counts = Array.from({ length: 200 }, () => 0);
  for (const line of (await readFile(join(folder, "ran"), "utf8")).trim().split("\n")) counts[Number(line)]! += 1;
  return counts;
}

/** The table that the coordinator wrote, and the one that it should be. */
export async function tables(folder: string): Promise<{ readonly got: string; readonly expected: string }> {
  const expected = fromRows(Array.from({ length: 200 }, (_, n) => ({ n, square: n * n })));
  return { got: (await readFile(join(folder, "table"))).toString("base64"), expected: bytesOf(expected) };
}
