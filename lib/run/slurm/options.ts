import { OptionError } from "../../core/errors.ts";
import { integer, nonNegative, onlyOptions, positive } from "../../core/options.ts";

/** How a sweep runs on Slurm. */
export interface SlurmOptions {
  /** A folder that this machine and the nodes share; a sweep has a folder in it while it runs. `veelab/slurm` of the user's cache unless given. */
  readonly folder?: string;
  /** The partition, Slurm's default unless given. */
  readonly partition?: string;
  /** The account that is charged, the user's default unless given. */
  readonly account?: string;
  /** The time limit of a task, minutes; the partition's unless given. */
  readonly timeLimitMin?: number;
  /** The memory of a task, MiB; the partition's default unless given. */
  readonly memoryMiB?: number;
  /** Processors of a task, which runs as many points at a time; 1 unless given. */
  readonly cpus?: number;
  /** Further options of sbatch, each as `--name=value` or `--name`. */
  readonly args?: readonly string[];
  /** How long a point takes, s; measured by the first points unless given. */
  readonly pointS?: number;
  /** How long a task is to take at least, s; 30 unless given, since a task itself costs about one. */
  readonly taskS?: number;
  /** How many points a task has; by `pointS` and `taskS` unless given. */
  readonly pointsPerTask?: number;
  /** How often a point is run again whose task was lost; 2 unless given. */
  readonly retries?: number;
  /** How often the queue and the results are looked at, s; 2 unless given. */
  readonly pollS?: number;
  /** The Node of the cluster's nodes; this process's own unless given. */
  readonly node?: string;
  /** The folder of this package on the cluster's nodes; as here unless given. */
  readonly package?: string;
}

/** Options with everything that has a default. */
export interface CheckedSlurm extends SlurmOptions {
  readonly cpus: number;
  readonly args: readonly string[];
  readonly taskS: number;
  readonly retries: number;
  readonly pollS: number;
}

const NAMES: readonly (keyof SlurmOptions)[] = [
  ...(["folder", "partition", "account", "timeLimitMin", "memoryMiB", "cpus", "args"] as const),
  ...(["pointS", "taskS", "pointsPerTask", "retries", "pollS", "node", "package"] as const),
];

/** Options of sbatch that the back end gives itself: a second one would win over it. */
const OWN = ["array", "job-name", "output", "error", "chdir", "wrap", "parsable", "requeue", "no-requeue", "open-mode"];
const OF_OPTIONS: Readonly<Record<string, string>> = {
  partition: "partition",
  account: "account",
  time: "timeLimitMin",
  mem: "memoryMiB",
  "cpus-per-task": "cpus",
};

/** The options, each checked, or an OptionError. */
export function checkSlurm(options: SlurmOptions): CheckedSlurm {
  onlyOptions(options, NAMES, "slurm");
  const { cpus = 1, args = [], taskS = 30, retries = 2, pollS = 2 } = options;
  for (const name of ["folder", "partition", "account", "node", "package"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== "string" || value === "" || value.includes("\n")))
      throw new OptionError(`slurm.${name}`, "a text of one line", value);
  }
  if (options.timeLimitMin !== undefined) integer("slurm.timeLimitMin", options.timeLimitMin, { min: 1 });
  if (options.memoryMiB !== undefined) integer("slurm.memoryMiB", options.memoryMiB, { min: 1 });
  if (options.pointS !== undefined) positive("slurm.pointS", options.pointS);
  if (options.pointsPerTask !== undefined) integer("slurm.pointsPerTask", options.pointsPerTask, { min: 1 });
  return {
    ...options,
    cpus: integer("slurm.cpus", cpus, { min: 1 }),
    args: checkArgs(args),
    taskS: nonNegative("slurm.taskS", taskS),
    retries: integer("slurm.retries", retries, { min: 0 }),
    pollS: positive("slurm.pollS", pollS),
  };
}

function checkArgs(args: unknown): readonly string[] {
  if (!Array.isArray(args)) throw new OptionError("slurm.args", "a list of texts like --qos=long", args);
  args.forEach((arg: unknown, index) => {
    const place = `slurm.args[${index}]`;
    const name = typeof arg === "string" ? /^--([a-z][a-z-]*)(=[^\n]*)?$/.exec(arg)?.[1] : undefined;
    if (name === undefined) throw new OptionError(place, "an option of sbatch as --name=value", arg);
    if (OWN.includes(name)) throw new OptionError(place, "an option that the sweep does not give itself", arg);
    const option = OF_OPTIONS[name];
    if (option !== undefined) throw new OptionError(place, `the option ${option} in its place`, arg);
  });
  return args as readonly string[];
}
