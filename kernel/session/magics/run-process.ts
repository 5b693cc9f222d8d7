import { spawn, spawnSync } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { cellStorage } from "../context.ts";
import type { MagicHost } from "./magic.ts";

/** What is run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Where it runs; the folder of `%cd` where it is not given. */
  readonly cwd?: string;
  /** What it reads; nothing where it is not given. */
  readonly input?: string;
}

/** An interrupted program that has not ended by then (ms) is killed. */
const patienceMs = 2000;
/** What a program said last is waited for so long (ms), where a process that it left behind keeps its output open. */
const lastWordsMs = 200;

/**
 * Runs a program and prints what it says as it comes. It is interrupted with its cell, and all that it started.
 *
 * @returns its exit status, or that of a shell for the signal that ended it
 * @throws when it cannot be started
 */
export function runProcess({ file, args, cwd, input }: Command, host: MagicHost): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: cwd ?? process.cwd(), stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const release = host.whenEnded(() => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      signalTree(child.pid, "SIGINT");
      const { pid } = child;
      // Outside of the cell: what an interrupted cell has started ends with it, timers, too.
      cellStorage.exit(() => {
        setTimeout(() => {
          if (child.exitCode === null && child.signalCode === null) signalTree(pid, "SIGKILL");
        }, patienceMs).unref();
      });
    });
    forward(child.stdout, "stdout", host);
    forward(child.stderr, "stderr", host);
    // It need not read what it is given.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      const end = (): void => {
        release();
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      };
      child.once("close", end);
      setTimeout(end, lastWordsMs);
    });
  });
}

function forward(stream: Readable, name: "stdout" | "stderr", host: MagicHost): void {
  const decoder = new StringDecoder("utf8");
  stream.on("data", (chunk: Buffer) => {
    host.print(decoder.write(chunk), name);
  });
  stream.on("end", () => {
    host.print(decoder.end(), name);
  });
}

/**
 * Sends a signal to a process and its descendants. Not by a process group of its own, in which it would outlive a kernel that is
 * killed with its group.
 */
function signalTree(root: number, signal: "SIGINT" | "SIGKILL"): void {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }) as {
    // Where there is no such program.
    readonly stdout: string | null;
  };
  const processes = (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree)
    for (const [pid, ppid] of processes) if (ppid === parent && pid !== undefined) tree.push(pid);
  for (const pid of tree)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
}
