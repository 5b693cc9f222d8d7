import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

import type { Connection } from "../transport/connection.ts";
import { freePorts } from "./free-ports.ts";
import type { KernelSpec } from "./kernel-spec.ts";

/** How a kernel's process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to its own standard error, not to a cell. */
  readonly stderr: string;
}

/** A kernel's process and where its sockets are. */
export interface KernelProcess {
  readonly pid: number;
  readonly connection: Connection;
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<Exit>;
  /** Sends SIGINT to the kernel and what it started. */
  interrupt(): void;
  /** Ends the kernel and every process of its group at once, and removes its connection file. */
  destroy(): Promise<void>;
}

/**
 * Starts a kernel in a process group of its own, so that a Ctrl-C in the terminal reaches the runner alone and nothing
 * that a cell started outlives the run.
 *
 * @param cwd The kernel's working directory: a notebook's own folder
 * @throws when the command cannot be started
 */
export async function spawnKernel(spec: KernelSpec, cwd: string): Promise<KernelProcess> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-kernel-"));
  try {
    const connection = await newConnection();
    const file = join(folder, "connection.json");
    await writeFile(file, JSON.stringify({ ...connection, kernel_name: spec.name }), { mode: 0o600 });
    return await start(spec, cwd, folder, file, connection);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  }
}

async function newConnection(): Promise<Connection> {
  const [shell, iopub, stdin, control, hb] = (await freePorts(5)) as [number, number, number, number, number];
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
  };
}

async function start(
  spec: KernelSpec,
  cwd: string,
  folder: string,
  file: string,
  connection: Connection,
): Promise<KernelProcess> {
  const [command = "", ...args] = spec.argv.map((item) => item.replaceAll("{connection_file}", file));
  const grouped = process.platform !== "win32";
  const child = spawn(command, args, {
    cwd,
    detached: grouped,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    // By this name a kernel knows the process to end with, should the runner be killed.
    env: { ...process.env, ...spec.env, JPY_PARENT_PID: String(process.pid) },
  });
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const stderr = tailOf(child.stderr);
  child.stdout.resume();
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      // What it said last may still be in the pipe; a process that a cell started may hold the pipe open for ever.
      const end = (): void => {
        resolve({ code, signal, stderr: stderr() });
      };
      child.once("close", end);
      setTimeout(end, 200);
    });
  });
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, signal);
    } catch {
      // Nothing of the group is left.
    }
  };
  const abandon = (): void => {
    signalGroup("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  if (abandoning.size === 0) process.on("exit", abandonAll);
  abandoning.add(abandon);
  return {
    pid: child.pid!,
    connection,
    exited,
    interrupt() {
      signalGroup("SIGINT");
    },
    async destroy() {
      signalGroup("SIGKILL");
      await exited;
      abandoning.delete(abandon);
      if (abandoning.size === 0) process.off("exit", abandonAll);
      child.stdout.destroy();
      child.stderr.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whatever ends this process ends its kernels and takes their connection files away. One listener for all of them. */
const abandoning = new Set<() => void>();

function abandonAll(): void {
  for (const abandon of abandoning) abandon();
}

const TAIL = 64 * 1024;

/** Collects the end of a stream. */
function tailOf(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text = (text + chunk).slice(-TAIL);
  });
  return () => text;
}

/**
 * How a process ended, as half a sentence: `ended with exit status 3`, `ran out of memory`. V8 says on standard error
 * that its heap is full and aborts; the system's own out-of-memory killer leaves only SIGKILL.
 */
export function describeExit({ code, signal, stderr }: Exit): string {
  if (/heap out of memory|Array buffer allocation failed|MemoryError|std::bad_alloc/u.test(stderr))
    return "ran out of memory";
  if (signal === "SIGKILL" || code === 128 + constants.signals.SIGKILL)
    return "was killed by the system (SIGKILL), probably for using too much memory";
  const named = signal ?? signals.find((each) => code === 128 + constants.signals[each]);
  if (named === undefined) return `ended with exit status ${code ?? 0}`;
  const fault = faults[named];
  return fault === undefined ? `was ended by ${named}` : `crashed: ${fault} (${named})`;
}

/** What signals say that a program causes itself, in code that is not JavaScript: an add-on's, or Node's own. */
const faults: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGSEGV: "native code read or wrote memory that is not its own",
  SIGBUS: "native code read or wrote memory that is not there",
  SIGILL: "native code has an instruction that this processor does not know",
  SIGFPE: "native code divided by zero",
  SIGABRT: "native code gave up",
  SIGTRAP: "V8 found itself in an impossible state",
};
const signals = Object.keys(faults) as NodeJS.Signals[];
