import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject } from "../protocol/json.ts";
import { connectKernel } from "../run/kernel-client.ts";
import { spawnKernel } from "../run/kernel-process.ts";
import type { KernelSpec } from "../run/kernel-spec.ts";

/** What one cell led to. */
export interface Ran {
  /** From the request to the cell's idle. */
  readonly ms: number;
  /** Of the reply. */
  readonly status: Json | undefined;
  readonly outputs: readonly { readonly type: string; readonly content: JsonObject }[];
}

/** A kernel whose answers are timed. */
export interface BenchKernel {
  /** ms from the start of its process to its first answer. */
  readonly startMs: number;
  /** Runs a cell; what comes later than `limitMs` is lost, and undefined says so. */
  execute(code: string, limitMs?: number): Promise<Ran | undefined>;
  /** ms of a completion at the code's end, and how many matches it had; undefined as for a cell. */
  complete(code: string, limitMs?: number): Promise<{ readonly ms: number; readonly matches: number } | undefined>;
  /** Interrupts as the kernel's specification says. */
  interrupt(): void;
  /** Memory that its processes hold (MB). */
  memoryMb(): number;
  /** The most that its first process ever held (MB). */
  peakMb(): number;
  end(): Promise<void>;
}

const patienceMs = 60_000;

/** Starts a kernel and waits until it answers. */
export async function startBenchKernel(spec: KernelSpec): Promise<BenchKernel> {
  const started = performance.now();
  // tslab compiles whatever lies in its folder.
  const folder = await mkdtemp(join(tmpdir(), "veelab-bench-"));
  const process = await spawnKernel(spec, folder);
  const heard = new Map<string, { type: string; content: JsonObject }[]>();
  const idle = new Map<string, () => void>();
  const client = connectKernel(process.connection, (parent, type, content) => {
    const list = heard.get(parent) ?? [];
    heard.set(parent, list);
    list.push({ type, content });
    if (type === "status" && content["execution_state"] === "idle") idle.get(parent)?.();
  });
  await client.request("shell", "kernel_info_request", {}).reply;
  const startMs = performance.now() - started;
  await client.ready();
  const processes = (): number[] => [process.pid, ...descendants(process.pid)];
  return {
    startMs,
    async execute(code, limitMs = patienceMs) {
      const begun = performance.now();
      // Every field: ipykernel knows no defaults.
      const { id, reply } = client.request("shell", "execute_request", {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      });
      const ended = new Promise<void>((resolve) => idle.set(id, resolve));
      const content = await within(limitMs, Promise.all([reply, ended]));
      if (content === undefined) return undefined;
      const ms = performance.now() - begun;
      const outputs = heard.get(id) ?? [];
      heard.clear();
      return { ms, status: content[0]["status"], outputs };
    },
    async complete(code, limitMs = patienceMs) {
      const begun = performance.now();
      const { reply } = client.request("shell", "complete_request", { code, cursor_pos: code.length });
      const content = await within(limitMs, reply);
      if (content === undefined) return undefined;
      const matches = content["matches"];
      return { ms: performance.now() - begun, matches: Array.isArray(matches) ? matches.length : 0 };
    },
    interrupt() {
      if (spec.interruptMode === "message") client.request("control", "interrupt_request", {});
      else process.interrupt();
    },
    memoryMb: () => processes().reduce((sum, pid) => sum + (statusOf(pid, "VmRSS") ?? 0), 0),
    peakMb: () => statusOf(process.pid, "VmHWM") ?? 0,
    async end() {
      client.close();
      await process.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, undefined);
    promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, reject);
  });
}

/** A figure of Linux's process status, in MB. */
function statusOf(pid: number, field: string): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1000;
  } catch {
    return undefined;
  }
}

function descendants(pid: number): number[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}
