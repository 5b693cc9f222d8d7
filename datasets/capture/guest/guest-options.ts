import { OptionError } from "../../errors.ts";
import type { Accelerator } from "./machine.ts";
import { workloads } from "./workloads.ts";

/**
 * What can be captured of a guest, each a file of that name.
 *
 * @example
 * ```ts
 * import { guestTables } from "veelab/datasets";
 *
 * console.log(guestTables.includes("blocks")); // true
 * ```
 */
export const guestTables = [
  "blocks",
  "pages",
  "stores",
  "counters",
  "page-tables",
  "memory",
  "accesses",
  "code-pages",
] as const;

/** One of {@link guestTables}. */
export type GuestTable = (typeof guestTables)[number];

/** A capture of a guest. */
export interface GuestCaptureOptions {
  /** What the guest does: compile, sqlite, fileserver, webserver or idle. */
  readonly workload: string;
  /** The folder for the files: `blocks.arrow.gz` and the like; made where there is none. */
  readonly out: string;
  /** What to capture; blocks, pages, counters and page tables when not given. */
  readonly tables?: readonly GuestTable[];
  /** How often the workload's round is done; its own default when not given. */
  readonly rounds?: number;
  /** What the workload's random choices depend on; 1 when not given. */
  readonly seed?: number;
  /** The guest's memory in MiB, 64 to 2048; 256 when not given. */
  readonly memoryMegabytes?: number;
  /** Dumps of the memory; 1 when not given. */
  readonly dumps?: number;
  /** Seconds from the workload's start to the first dump, and between dumps; 4 when not given. */
  readonly intervalSeconds?: number;
  /** Accesses to memory (and blocks of instructions) until the recording ends; 100 million when not given. */
  readonly limit?: number;
  /** Of these, those that go to `accesses` as they are; 1 million when not given, at most 50 million. */
  readonly rawLimit?: number;
  /** KVM, QEMU's translator, or whichever works; `auto` when not given. */
  readonly accelerator?: Accelerator | "auto";
  /** Is told what is being done. */
  readonly progress?: (step: string) => void;
  /** Ends the guest; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

/** The tables that come from the plugin. */
export const accessTables: readonly GuestTable[] = ["memory", "accesses", "code-pages"];

export function checked(options: GuestCaptureOptions): {
  workload: (typeof workloads)[number];
  rounds: number;
  seed: number;
  memoryMegabytes: number;
  dumps: number;
  intervalSeconds: number;
  tables: readonly GuestTable[];
  limit: number;
  rawLimit: number;
} {
  const workload = workloads.find(({ name }) => name === options.workload);
  if (workload === undefined)
    throw new OptionError("workload", `one of ${workloads.map(({ name }) => name).join(", ")}`, options.workload);
  if (typeof options.out !== "string" || options.out === "") throw new OptionError("out", "a folder", options.out);
  const whole = (name: string, value: number, least: number, most: number): number => {
    if (!(Number.isSafeInteger(value) && value >= least && value <= most))
      throw new OptionError(name, `a whole number from ${least} to ${most}`, value);
    return value;
  };
  const tables = options.tables ?? (["blocks", "pages", "counters", "page-tables"] as const);
  for (const table of tables)
    if (!guestTables.includes(table)) throw new OptionError("tables", `some of ${guestTables.join(", ")}`, table);
  if (tables.includes("stores") && tables.some((name) => accessTables.includes(name)))
    throw new OptionError("tables", "stores without memory, accesses and code-pages", tables.join(","));
  if (tables.length === 0) throw new OptionError("tables", `some of ${guestTables.join(", ")}`, "none");
  const intervalSeconds = options.intervalSeconds ?? 4;
  if (!(intervalSeconds > 0 && intervalSeconds <= 3600))
    throw new OptionError("intervalSeconds", "a number of seconds above 0, at most 3600", intervalSeconds);
  return {
    workload,
    rounds: whole("rounds", options.rounds ?? workload.rounds, 1, 1_000_000),
    seed: whole("seed", options.seed ?? 1, 0, 0xffffffff),
    memoryMegabytes: whole("memoryMegabytes", options.memoryMegabytes ?? 256, 64, 2048),
    dumps: whole("dumps", options.dumps ?? 1, 1, 1000),
    intervalSeconds,
    tables,
    limit: whole("limit", options.limit ?? 100_000_000, 1, 1e12),
    rawLimit: whole("rawLimit", options.rawLimit ?? 1_000_000, 1, 50_000_000),
  };
}
