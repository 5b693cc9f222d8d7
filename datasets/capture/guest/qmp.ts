import type { Socket } from "node:net";
import { OptionError } from "../../errors.ts";

/** The commands of QEMU's monitor that captures use: their arguments and what they return. */
export interface QmpCommands {
  readonly qmp_capabilities: { arguments: undefined; returns: object };
  readonly stop: { arguments: undefined; returns: object };
  readonly cont: { arguments: undefined; returns: object };
  readonly quit: { arguments: undefined; returns: object };
  readonly pmemsave: { arguments: { val: number; size: number; filename: string }; returns: object };
  readonly "dump-guest-memory": { arguments: { paging: boolean; protocol: string }; returns: object };
  readonly "human-monitor-command": { arguments: { "command-line": string }; returns: string };
  readonly "calc-dirty-rate": { arguments: { "calc-time": number; "sample-pages"?: number }; returns: object };
  readonly "query-dirty-rate": { arguments: undefined; returns: DirtyRate };
  readonly "query-blockstats": { arguments: undefined; returns: readonly BlockStats[] };
  readonly migrate: { arguments: { uri: string }; returns: object };
  readonly "migrate-set-parameters": { arguments: { "max-bandwidth": number }; returns: object };
  readonly "query-migrate": { arguments: undefined; returns: Migration };
  readonly "blockdev-mirror": { arguments: MirrorJob; returns: object };
  readonly "query-block-jobs": { arguments: undefined; returns: readonly BlockJob[] };
  readonly "block-job-cancel": { arguments: { device: string }; returns: object };
}

/** A copy of one disk to another that goes on while the disk is written; `top` copies what the disk itself holds. */
export interface MirrorJob {
  readonly "job-id": string;
  readonly device: string;
  readonly target: string;
  readonly sync: "top";
  readonly "copy-mode": "background";
  readonly granularity: number;
  readonly "buf-size": number;
}

/** How far a job on a disk is: `offset` bytes copied of `len`, which grows with what becomes dirty. */
export interface BlockJob {
  readonly offset: number;
  readonly len: number;
  readonly ready: boolean;
}

/** How far a migration is, and what it has sent: pages of zeros (`duplicate`) and others, of all memory blocks, the firmware's too. */
export interface Migration {
  readonly status?: string;
  readonly "error-desc"?: string;
  readonly ram?: {
    readonly duplicate: number;
    readonly normal: number;
    readonly "page-size": number;
    readonly total: number;
  };
}

/** What QEMU measured of how fast the guest dirties its memory. */
export interface DirtyRate {
  readonly status: "unstarted" | "measuring" | "measured";
  /** In MiB a second. */
  readonly "dirty-rate"?: number;
}

/** What QEMU counted of a disk. */
export interface BlockStats {
  readonly qdev?: string;
  readonly stats: Readonly<
    Record<"rd_operations" | "wr_operations" | "flush_operations" | "rd_bytes" | "wr_bytes", number>
  >;
}

/** A connection to QEMU's monitor. */
export interface Qmp {
  /** Sends a command and waits for its answer; OptionError with QEMU's words when it refuses, or ends before it has answered. */
  execute<C extends keyof QmpCommands>(
    command: C,
    ...args: QmpCommands[C]["arguments"] extends undefined ? [] : [QmpCommands[C]["arguments"]]
  ): Promise<QmpCommands[C]["returns"]>;
}

interface Answer {
  readonly QMP?: object;
  readonly event?: string;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What QEMU tells unasked, such as that a job on a disk is ready. */
export interface QmpEvent {
  readonly event: string;
  readonly data?: unknown;
}

/** Speaks QEMU's machine protocol over a socket that QEMU has opened: one JSON object a line, answered in order. */
export async function openQmp(socket: Socket, told: (event: QmpEvent) => void = () => undefined): Promise<Qmp> {
  const waiting: Waiting[] = [];
  let rest = "";
  let ended = false;
  const greeted = new Promise<void>((resolve, reject) => {
    waiting.push({
      command: "QMP",
      resolve: () => {
        resolve();
      },
      reject,
    });
  });
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.trim() === "") continue;
      const answer = JSON.parse(line) as Answer;
      if (answer.event !== undefined) {
        told(answer as QmpEvent);
        continue;
      }
      const { command, resolve, reject } = waiting.shift()!;
      if (answer.error !== undefined) reject(new OptionError(command, "QEMU's monitor to do it", answer.error.desc));
      else resolve(answer.return);
    }
  });
  const end = (): void => {
    ended = true;
    for (const { command, reject } of waiting.splice(0))
      reject(new OptionError(command, "an answer of QEMU's monitor", "its end"));
  };
  socket.on("close", end);
  socket.on("error", end);
  const send = (command: string, args?: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(new OptionError(command, "QEMU to run", "its end"));
        return;
      }
      waiting.push({ command, resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`);
    });
  await greeted;
  await send("qmp_capabilities");
  return { execute: (command, ...args) => send(command, args[0]) } as Qmp;
}
