import { join } from "node:path";
import { builtRoot } from "../code-version.ts";
import { sbatch } from "./commands.ts";
import type { CheckedSlurm } from "./options.ts";
import { outputOf, type Submission, type SweepFolder, writeSubmission } from "./sweep-folder.ts";

/** Slurm's default MaxArraySize is 1001. */
export const largestArray = 1000;

/** Submits tasks as one job array; gives its job's id. */
export async function submitArray(folder: SweepFolder, options: CheckedSlurm, submission: Submission): Promise<string> {
  const { number, tasks, cpus } = submission;
  await writeSubmission(folder.path, submission);
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ["job-name", `${folder.jobPrefix}${number}`],
    ["array", `0-${tasks.length - 1}`],
    ["output", outputOf(folder.path, number, "%a").replaceAll("\\", "\\\\")],
    ["cpus-per-task", cpus],
    ["partition", options.partition],
    ["account", options.account],
    ["time", options.timeLimitMin],
    ["mem", options.memoryMiB],
  ];
  const named = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  // What is lost is submitted again by the sweep, which knows what is left of it.
  return sbatch([...named, "--ntasks=1", "--no-requeue", ...options.args], script(folder.path, options, number));
}

function script(folder: string, options: CheckedSlurm, number: number): string {
  const { node = process.execPath, package: root } = options;
  const cli = join(root === undefined ? builtRoot() : join(root, "dist"), "kernel", "cli.js");
  const words = [node, cli, "work", folder, "--submission", String(number), "--task"].map(quoted);
  return `#!/bin/sh\nexec ${words.join(" ")} "$SLURM_ARRAY_TASK_ID"\n`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
