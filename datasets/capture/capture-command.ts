import { isSystemError, type Options, parse, type Parsed, UsageError } from "../commands/arguments.ts";
import { interruptible } from "../commands/interruption.ts";
import { isVeelabError } from "../errors.ts";
import { captureLackey, type Provenance } from "./capture.ts";
import { captureGuest } from "./guest/capture-guest.ts";
import { type GuestTable, guestTables } from "./guest/guest-options.ts";
import type { Accelerator } from "./guest/machine.ts";
import { workloads } from "./guest/workloads.ts";
import { captureMirror } from "./mirror/capture-mirror.ts";
import { captureNoise } from "./noise/capture-noise.ts";
import { capturePerf } from "./perf/capture-perf.ts";
import { captureRadio } from "./radio/capture-radio.ts";
import { captureSwap } from "./swap/capture-swap.ts";
import { captureTasks } from "./tasks/task-costs.ts";
import { captureThreads } from "./threads/capture-threads.ts";
import {
  overview,
  guestHelp,
  lackeyHelp,
  mirrorHelp,
  noiseHelp,
  perfHelp,
  tasksHelp,
  threadsHelp,
  radioHelp,
  swapHelp,
} from "./capture-help.ts";

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
    if (values.help === true) return say(to, guestHelp());
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

const common = { out: { type: "string", short: "o" }, help: { type: "boolean", short: "h" } } as const;

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
