import { isSystemError, type Options, parse, type Parsed, UsageError } from "../commands/arguments.ts";
import { interruptible } from "../commands/interruption.ts";
import { isVeelabError } from "../errors.ts";
import { captureLackey, type Provenance } from "./capture.ts";
import { captureGuest, type GuestTable, guestTables } from "./guest/capture-guest.ts";
import type { Accelerator } from "./guest/machine.ts";
import { workloads } from "./guest/workloads.ts";
import { captureMirror } from "./mirror/capture-mirror.ts";
import { captureNoise } from "./noise/capture-noise.ts";
import { capturePerf } from "./perf/capture-perf.ts";
import { captureRadio } from "./radio/capture-radio.ts";
import { captureSwap } from "./swap/capture-swap.ts";
import { captureTasks } from "./tasks/task-costs.ts";
import { captureThreads } from "./threads/capture-threads.ts";

const overview = `Usage: veelab capture guest|lackey|mirror|noise|perf|radio|swap|tasks|threads [options]

Captures a dataset on this machine and writes it as Arrow, with its provenance in the schema's metadata.

  guest    a Debian guest in QEMU: its disk's requests, memory dumps, page tables, every access to memory
  lackey   a program's references to memory, by valgrind
  mirror   what QEMU sends while it copies a disk that is written
  noise    the noise of this machine's operating system
  perf     a program's events by intervals, by perf stat
  radio    the frames of Linux's 802.11 stack on simulated radios, in a guest
  swap     what Linux counts while a program swaps, in a guest
  tasks    what tasks cost on this machine's processor, by size and as three devices
  threads  what a program's threads read, write and lock, in one order, by QEMU

veelab capture WHAT --help says more. Exit status: 0 done, 2 cannot be done, 130 interrupted.
`;

const guestHelp = `Usage: veelab capture guest --workload NAME -o FOLDER [options]

Boots a Debian guest (the cloud kernel, busybox, tcc, SQLite; built by apt-get in the user's cache folder, without root) in
QEMU with one processor and an NVMe disk, lets it do a workload, and writes an Arrow file for each table.

  -o, --out FOLDER     where the files go
      --workload NAME  what the guest does:
${workloads.map(({ name, description }) => `                         ${name.padEnd(11)}${description}`).join("\n")}
      --tables LIST    what is captured, with commas (default: blocks,pages,counters,page-tables):
                         blocks      the disk's requests (time, operation, place, size, first page of the guest), and
                                     block-pages, every page of the guest that each request read or filled
                         pages       a row for each page at each dump: class, hash, Linux's kpageflags, equal disk block
                         stores      when the processor last wrote to each page, at each dump
                         counters    /proc/meminfo, /proc/vmstat and QEMU's dirty rate at each dump
                         page-tables the running process's page tables at each dump
                         memory      all references to memory as runs on virtual and physical pages
                         accesses    the first references one by one
                         code-pages  the physical pages that were executed
      --rounds N       how often the workload's round is done (default: about ten seconds' worth)
      --seed N         what its random choices depend on (default: 1)
      --memory N       the guest's memory in MiB (default: 256)
      --dumps N        how many dumps (default: 1); fewer when the workload ends before
      --interval S     seconds before the first dump and between dumps (default: 4)
      --limit N        memory, accesses, code-pages: end after N accesses and blocks (default: 100 million)
      --raw-limit N    accesses: keep so many (default: 1 million)
      --accel NAME     kvm, tcg (QEMU's translator) or auto (default): KVM where a guest really boots with it
      --quiet          no progress on standard error
  -h, --help           this text

Times are nanoseconds since QEMU's start, without the time in which the guest was stopped for a dump. No content of a page or
file is kept. stores, memory, accesses and code-pages need QEMU's translator and a C compiler.
`;

const lackeyHelp = `Usage: veelab capture lackey -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program under valgrind's lackey and writes its references to memory as runs on 4 KiB pages: page, count, and kind
(0 fetch, 1 read, 2 write). About 1 million references a second. Child processes are not followed: name cc1, not gcc.

  -o, --out FILE            the trace, .arrow or .arrow.gz
      --limit N             stop after N references
      --program-version V   what the provenance says of the program's version
      --quiet               no progress on standard error
  -h, --help                this text
`;

const mirrorHelp = `Usage: veelab capture mirror --trace TRACE -o FILE [options]

Lets QEMU copy a disk of random bytes (blockdev-mirror, one block of 1 MiB at a time, over NBD to a throttled target) while a
block trace's writes are replayed to it, and compares both disks afterwards. Writes what was replayed until nothing was dirty, at the
times at which it happened: timeNs, op, offsetBytes, sizeBytes, durationNs; QEMU's count of the bytes that it sent and the time that it
took are in the provenance (sentBytes, readyNs). Takes as long as the copy. Debian: qemu-system-common, qemu-utils.

  -o, --out FILE       the replayed writes, .arrow or .arrow.gz
      --trace TRACE    a block trace: a dataset's name or a file
      --disk N         size of the disk in MiB (default: 160)
      --rate N         what the target takes, MiB a second (default: 8)
      --quiet          no progress on standard error
  -h, --help           this text
`;

const noiseHelp = `Usage: veelab capture noise -o FILE [options]

Reads the clock in a loop on one processor and writes each interval in which the loop did not run: startNs, durationNs.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --seconds S      how long to measure (default: 10)
      --threshold N    nanoseconds from which on an interval counts (default: 1000)
      --processor N    which processor, from 0 (default: 0)
  -h, --help           this text
`;

const perfHelp = `Usage: veelab capture perf -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program under perf stat and writes how often each event happened in each interval: timeNs, event, value. Says so where this
machine cannot count an event: in most virtual machines those of the processor.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --events LIST    perf's names, with commas (default: instructions,cycles)
      --interval N     milliseconds (default: 100)
  -h, --help           this text
`;

const tasksHelp = `Usage: veelab capture tasks -o FILE [options]

Measures five tasks (triad, stencil, gemm, mandelbrot, cipher) by the size of their data on one core, on one core with SIMD and on
all cores: task, device, sizeBytes, meanSeconds, deviationSeconds, runs. Takes about 12 s; nothing else should run.

  -o, --out FILE       the costs, .arrow or .arrow.gz
      --compiler CC    the C compiler (default: cc)
  -h, --help           this text
`;

const threadsHelp = `Usage: veelab capture threads -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program in QEMU's user-mode translator (Debian: qemu-user; needs a C compiler) and writes what its threads do in one order: thread,
kind (fetch, read, write, lock, lock-shared, unlock, create, join), pc, address, sizeBytes, count, stack, other. About 2 million
instructions a second.

While a thread holds a lock, each block of instructions, read and write is a row. While it holds none, its first read and first
write of each 8-byte word are rows; the rest is counted, in rows without an address. Locks are those of pthread in a program that
is linked dynamically. Child processes are not followed.

  -o, --out FILE            the trace, .arrow or .arrow.gz
      --limit N             stop after N blocks, accesses and events (default: 100 million)
      --program-version V   what the provenance says of the program's version
      --quiet               no progress on standard error
  -h, --help                this text
`;

const common = { out: { type: "string", short: "o" }, help: { type: "boolean", short: "h" } } as const;

const radioHelp = `Usage: veelab capture radio -o FILE [options]

Boots a Debian guest whose kernel simulates radios (mac80211_hwsim), lets an access point and a station talk, and writes the frames on the
air: timeNs, lengthBytes, type, transmitter, receiver, rateMbps, channelMhz, retry. The 802.11 stack is Linux's own; the
simulated air loses nothing and knows no collisions.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --rounds N       how often the station pings five times and loads five pages (default: 5)
      --quiet          no progress on standard error
  -h, --help           this text
`;

const swapHelp = `Usage: veelab capture swap -o FILE [options]

Boots a Debian guest in QEMU with an NVMe disk to swap to, and lets a program in a control group reference more pages than its
frames: in order and at random, reading and writing. A row a round: pattern, kind, pages, frames, round, faults, majorFaults, pagesIn
(pswpin), pagesOut (pswpout), residentPages. Round 0 writes every page once. Nothing is read ahead. The provenance has QEMU's counts of
the device's pages, and Linux's of each whole run. Needs a C compiler.

  -o, --out FILE       the counts, .arrow or .arrow.gz
      --pages N        pages that the program uses (default: 6144)
      --frames N       frames that it and its page tables may have (default: 4096)
      --rounds N       rounds of as many references as there are pages (default: 6)
      --seed N         of the random pages (default: 1)
      --quiet          no progress on standard error
  -h, --help           this text
`;

/** What takes text: a stream, or a test. */
export interface TextSink {
  /** Takes a text. */
  write(text: string): unknown;
}

/** Where a command writes. */
export interface CommandOutput {
  /** For what was asked for. */
  readonly stdout: TextSink;
  /** For progress and problems. */
  readonly stderr: TextSink;
}

/**
 * `veelab capture`: captures a dataset on this machine.
 *
 * @param args The arguments after `capture`
 * @param to Where it writes; this process's own output when not given
 * @returns the exit status: 0 done, 2 cannot be done, 130 interrupted
 *
 * @example
 * ```ts
 * import { capture } from "veelab/datasets";
 *
 * console.log(await capture(["guest", "--help"])); // the help text, and 0
 * ```
 */
export async function capture(args: readonly string[], to: CommandOutput = process): Promise<number> {
  const [what, ...rest] = args;
  if (what === undefined || what === "--help" || what === "-h") {
    (what === undefined ? to.stderr : to.stdout).write(overview);
    return what === undefined ? 2 : 0;
  }
  const run = Object.hasOwn(commands, what) ? commands[what] : undefined;
  if (run === undefined) {
    to.stderr.write(
      `veelab capture: expected guest, lackey, mirror, noise, perf, radio, swap, tasks or threads, got ${JSON.stringify(what)}\n`,
    );
    return 2;
  }
  let interruption: AbortSignal | undefined;
  try {
    const provenance = await interruptible((signal) => run(rest, (interruption = signal), to));
    for (const [name, value] of Object.entries(provenance ?? {})) to.stdout.write(`${name}: ${value}\n`);
    return 0;
  } catch (error) {
    if (interruption?.aborted === true) {
      to.stderr.write("\nveelab capture: interrupted, nothing is written\n");
      return 130;
    }
    if (!isVeelabError(error) && !isSystemError(error)) throw error;
    to.stderr.write(`veelab capture ${what}: ${error.message}\n`);
    return 2;
  }
}

type Command = (args: readonly string[], signal: AbortSignal, to: CommandOutput) => Promise<Provenance | undefined>;

const commands: Readonly<Record<string, Command | undefined>> = {
  async guest(args, signal, to) {
    const values = wordless("guest", args, guestOptions);
    if (values.help === true) return say(to, guestHelp);
    const accelerator = values.accel ?? "auto";
    if (!["kvm", "tcg", "auto"].includes(accelerator))
      throw new UsageError(`--accel: expected kvm, tcg or auto, got ${JSON.stringify(accelerator)}`);
    const tables = values.tables?.split(",");
    for (const table of tables ?? [])
      if (!(guestTables as readonly string[]).includes(table))
        throw new UsageError(`--tables: expected some of ${guestTables.join(",")}, got ${JSON.stringify(table)}`);
    if (values.workload === undefined)
      throw new UsageError(`expected --workload ${workloads.map(({ name }) => name).join("|")}, got none`);
    return captureGuest({
      workload: values.workload,
      out: outOf(values.out, "FOLDER"),
      accelerator: accelerator as Accelerator | "auto",
      signal,
      ...(tables === undefined ? {} : { tables: tables as GuestTable[] }),
      ...numberOf("rounds", "--rounds", values.rounds),
      ...numberOf("seed", "--seed", values.seed),
      ...numberOf("memoryMegabytes", "--memory", values.memory),
      ...numberOf("dumps", "--dumps", values.dumps),
      ...numberOf("intervalSeconds", "--interval", values.interval),
      ...numberOf("limit", "--limit", values.limit),
      ...numberOf("rawLimit", "--raw-limit", values["raw-limit"]),
      ...steps(to, values.quiet),
    });
  },

  async radio(args, signal, to) {
    const values = wordless("radio", args, radioOptions);
    if (values.help === true) return say(to, radioHelp);
    return captureRadio({
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("rounds", "--rounds", values.rounds),
      ...steps(to, values.quiet),
    });
  },

  async lackey(args, signal, to) {
    const { values, program, rest } = programmed("lackey", args, lackeyOptions);
    if (values.help === true) return say(to, lackeyHelp);
    if (program === undefined || program === "") throw new UsageError("expected a program after --, got none");
    let shownAt = 0;
    return captureLackey({
      program,
      args: rest,
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("limit", "--limit", values.limit),
      ...(values["program-version"] === undefined ? {} : { programVersion: values["program-version"] }),
      progress: ({ references, runs }, done) => {
        if (values.quiet === true || (!done && Date.now() - shownAt < 1000)) return;
        shownAt = Date.now();
        const total = references.reduce((sum, kind) => sum + kind, 0);
        const line = `${(total / 1e6).toFixed(1)} million references, ${(runs / 1e6).toFixed(1)} million runs`;
        // In place on a terminal, a line each second elsewhere.
        to.stderr.write(process.stderr.isTTY ? `\r${line}${done ? "\n" : ""}` : `${line}\n`);
      },
    });
  },

  async mirror(args, signal, to) {
    const values = wordless("mirror", args, mirrorOptions);
    if (values.help === true) return say(to, mirrorHelp);
    if (values.trace === undefined) throw new UsageError("expected --trace TRACE, got none");
    return captureMirror({
      trace: values.trace,
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("diskMegabytes", "--disk", values.disk),
      ...numberOf("megabytesPerS", "--rate", values.rate),
      ...steps(to, values.quiet),
    });
  },

  async noise(args, signal, to) {
    const values = wordless("noise", args, noiseOptions);
    if (values.help === true) return say(to, noiseHelp);
    return captureNoise({
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("seconds", "--seconds", values.seconds),
      ...numberOf("thresholdNs", "--threshold", values.threshold),
      ...numberOf("processor", "--processor", values.processor),
    });
  },

  async swap(args, signal, to) {
    const values = wordless("swap", args, swapOptions);
    if (values.help === true) return say(to, swapHelp);
    return captureSwap({
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("pages", "--pages", values.pages),
      ...numberOf("frames", "--frames", values.frames),
      ...numberOf("rounds", "--rounds", values.rounds),
      ...numberOf("seed", "--seed", values.seed),
      ...steps(to, values.quiet),
    });
  },

  async tasks(args, _signal, to) {
    const values = wordless("tasks", args, tasksOptions);
    if (values.help === true) return say(to, tasksHelp);
    const out = outOf(values.out, "FILE");
    return captureTasks({ out, ...(values.compiler === undefined ? {} : { compiler: values.compiler }) });
  },

  async threads(args, signal, to) {
    const { values, program, rest } = programmed("threads", args, lackeyOptions);
    if (values.help === true) return say(to, threadsHelp);
    if (program === undefined || program === "") throw new UsageError("expected a program after --, got none");
    let shownAt = Date.now();
    return captureThreads({
      program,
      args: rest,
      out: outOf(values.out, "FILE"),
      signal,
      ...numberOf("limit", "--limit", values.limit),
      ...(values["program-version"] === undefined ? {} : { programVersion: values["program-version"] }),
      progress: (records) => {
        if (values.quiet === true || Date.now() - shownAt < 1000) return;
        shownAt = Date.now();
        to.stderr.write(`${(records / 1e6).toFixed(1)} million blocks and accesses\n`);
      },
    });
  },

  async perf(args, signal, to) {
    const { values, program, rest } = programmed("perf", args, perfOptions);
    if (values.help === true) return say(to, perfHelp);
    if (program === undefined || program === "") throw new UsageError("expected a program after --, got none");
    return capturePerf({
      program,
      args: rest,
      out: outOf(values.out, "FILE"),
      signal,
      ...(values.events === undefined ? {} : { events: values.events.split(",") }),
      ...numberOf("intervalMs", "--interval", values.interval),
    });
  },
};

const text = { type: "string" } as const;
const quiet = { type: "boolean" } as const;
const guestOptions = {
  ...common,
  ...{ workload: text, tables: text, rounds: text, seed: text, memory: text, dumps: text, interval: text },
  ...{ limit: text, "raw-limit": text, accel: text, quiet },
} as const;
const lackeyOptions = { ...common, limit: text, "program-version": text, quiet } as const;
const mirrorOptions = { ...common, trace: text, disk: text, rate: text, quiet } as const;
const noiseOptions = { ...common, seconds: text, threshold: text, processor: text } as const;
const radioOptions = { ...common, rounds: text, quiet } as const;
const swapOptions = { ...common, pages: text, frames: text, rounds: text, seed: text, quiet } as const;
const tasksOptions = { ...common, compiler: text } as const;
const perfOptions = { ...common, events: text, interval: text } as const;

/** The options of a capture that runs no program, and so takes no other words. */
function wordless<const T extends Options>(what: string, args: readonly string[], options: T): Parsed<T>["values"] {
  const name = `veelab capture ${what}`;
  const { values, positionals } = parse(name, args, options);
  if (positionals.length > 0)
    throw new UsageError(`expected options alone, got ${positionals.join(" ")} (see ${name} --help)`);
  return values;
}

/** The options of a capture that runs a program, and the program with its arguments, which stand behind `--`. */
function programmed<const T extends Options>(
  what: string,
  args: readonly string[],
  options: T,
): { values: Parsed<T>["values"]; program: string | undefined; rest: readonly string[] } {
  const name = `veelab capture ${what}`;
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values, positionals } = parse(name, args.slice(0, end), options);
  if (positionals.length > 0)
    throw new UsageError(`expected -- before the program, got ${positionals.join(" ")} (see ${name} --help)`);
  const [program, ...rest] = args.slice(end + 1);
  return { values, program, rest };
}

/** Prints a help text; there is no provenance to print. */
function say(to: CommandOutput, help: string): Provenance | undefined {
  to.stdout.write(help);
  return undefined;
}

function steps(to: CommandOutput, silent: boolean | undefined): { progress?: (step: string) => void } {
  if (silent === true) return {};
  return {
    progress: (step) => {
      to.stderr.write(`${step}\n`);
    },
  };
}

function outOf(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`expected -o ${what}, got none`);
  return value;
}

function numberOf<K extends string>(name: K, option: string, value: string | undefined): Partial<Record<K, number>> {
  if (value === undefined) return {};
  if (!/^\d+(\.\d+)?(e\d+)?$/.test(value))
    throw new UsageError(`${option}: expected a number, got ${JSON.stringify(value)}`);
  return { [name]: Number(value) } as Partial<Record<K, number>>;
}
