import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { cellStorage } from "../context.ts";
import type { MagicHost } from "./magic.ts";
import { isSame, runningProcesses, withDescendants, type Process } from "./process-tree.ts";

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
      interruptTree(child.pid);
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
 * Interrupts a process and its descendants, and kills those of them that have not ended in time, also where the process itself has.
 * Not by a process group of its own, in which it would outlive a kernel that is killed with its group.
 */
function interruptTree(pid: number): void {
  const running = runningProcesses();
  // Alone where the system tells nothing.
  const root = running.find((each) => each.pid === pid) ?? { pid, parent: process.pid, started: "" };
  const tree = withDescendants([root], running);
  signal(tree, "SIGINT");
  // Outside of the cell: what an interrupted cell has started ends with it, timers, too.
  cellStorage.exit(() => {
    setTimeout(() => {
      const now = runningProcesses();
      const left = now.filter((each) => tree.some((one) => isSame(one, each)));
      signal(withDescendants(left, now), "SIGKILL");
    }, patienceMs).unref();
  });
}

function signal(processes: readonly Process[], name: "SIGINT" | "SIGKILL"): void {
  for (const { pid } of processes)
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}
