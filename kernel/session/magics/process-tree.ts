import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A process; its number alone may be given to another one after it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** When it was started, as the system tells it. */
  readonly started: string;
}

/** Whether two are the same. */
export function isSame(one: Process, other: Process): boolean {
  return one.pid === other.pid && one.started === other.started;
}

/** All processes that run; none where the system has no way to ask. */
export function runningProcesses(): readonly Process[] {
  return existsSync("/proc/self/stat") ? ofProc() : ofPs();
}

/** Processes and their descendants: a parent comes before its children. */
export function withDescendants(roots: readonly Process[], running: readonly Process[]): readonly Process[] {
  const tree = new Map(roots.map((root) => [root.pid, root]));
  for (const { pid } of tree.values())
    for (const each of running) if (each.parent === pid && !tree.has(each.pid)) tree.set(each.pid, each);
  return [...tree.values()];
}

function ofProc(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may have spaces and parentheses itself.
        const [, fields = ""] = /^[^]*\) ([^]*)$/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
        const [, parent, ...rest] = fields.split(" ");
        return [{ pid: Number(name), parent: Number(parent), started: rest[17] ?? "" }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function ofPs(): Process[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,lstart="], { encoding: "utf8" }) as {
    // Where there is no such program.
    readonly stdout: string | null;
  };
  return [...(stdout ?? "").matchAll(/^\s*(\d+)\s+(\d+)\s+(.*?)\s*$/gm)].map(([, pid, parent, started = ""]) => ({
    pid: Number(pid),
    parent: Number(parent),
    started,
  }));
}
