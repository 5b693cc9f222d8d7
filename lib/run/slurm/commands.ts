import { execFile } from "node:child_process";
import { SimulationError } from "../../core/errors.ts";

/** A task of a job array, as Slurm's queue has it. */
export interface QueuedTask {
  /** The job's name. */
  readonly name: string;
  /** The array's job id. */
  readonly job: string;
  /** The task's number in the array. */
  readonly task: number;
  /** Slurm's word for its state: PENDING, RUNNING, COMPLETED, FAILED, TIMEOUT, OUT_OF_MEMORY, … */
  readonly state: string;
}

const LIVE = new Set([
  ...["PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED"],
  ...["RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "SPECIAL_EXIT", "RESV_DEL_HOLD"],
]);

/** Whether a task in this state may still give results. */
export const isLive = (state: string): boolean => LIVE.has(state);

/** Submits a script as a job array; gives the job's id. */
export async function sbatch(options: readonly string[], script: string): Promise<string> {
  const printed = await command("sbatch", ["--parsable", ...options], script);
  const id = /^(\d+)/.exec(printed)?.[1];
  if (id === undefined)
    throw new SimulationError("slurm", `expected a job's number from sbatch, got ${quoted(printed)}`);
  return id;
}

/** The user's tasks whose job has one of these names: those that wait, run, or ended some minutes ago. */
export async function squeue(names: readonly string[]): Promise<QueuedTask[]> {
  if (names.length === 0) return [];
  const printed = await command("squeue", [
    ...["--me", "--noheader", "--array", "--states=all"],
    ...[`--name=${names.join(",")}`, "--format=%j|%F|%K|%T"],
  ]);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", job = "", task = "", state = ""] = line.split("|");
      return { name, job, task: Number(task), state };
    });
}

/** How tasks ended that the queue has forgotten, by the accounting, `JOB_TASK` to state; empty where there is none. */
export async function sacct(jobs: readonly string[]): Promise<Map<string, string>> {
  if (jobs.length === 0) return new Map();
  const args = ["--noheader", "--parsable2", "--allocations", `--jobs=${jobs.join(",")}`, "--format=JobID,State"];
  // Many clusters keep no accounts: what is not known is told as such.
  const printed = await command("sacct", args).catch(() => "");
  return new Map(
    printed
      .split("\n")
      .filter((line) => line.includes("|"))
      .map((line) => {
        const [id = "", state = ""] = line.split("|");
        // "CANCELLED by 1000"
        return [id, state.split(" ")[0] ?? state] as const;
      }),
  );
}

/** Ends jobs, whatever their state. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  if (jobs.length === 0) return;
  await command("scancel", ["--quiet", ...jobs]).catch((error: unknown) => {
    // One that Slurm has forgotten has ended.
    if (!(error instanceof Error && /invalid job id/i.test(error.message))) throw error;
  });
}

function command(name: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(name, args, { maxBuffer: 2 ** 28, env: outside() }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failure(name, error, stderr));
    });
    // A command that is not there, or ends without reading, closes the pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * A coordinator may itself be a job: what Slurm has told that one is not for its own jobs. What the user wants to see of the queue, which
 * may hide tasks, is not for a program; the user's defaults for sbatch are, but for those of options that the back end gives itself.
 */
function outside(): NodeJS.ProcessEnv {
  const kept = new Set(["SLURM_CONF", "SLURM_CLUSTERS"]);
  const left = /^(?:SLURM|SQUEUE|SACCT|SCANCEL)_|^SBATCH_(?:WAIT|ERROR|OPEN_MODE|WRAP)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !left.test(name) || kept.has(name)));
}

function failure(name: string, error: Error & { readonly code?: unknown }, stderr: string): SimulationError {
  if (error.code === "ENOENT")
    return new SimulationError("slurm", `expected Slurm's command ${name} on this machine, found none`, {
      cause: error,
    });
  const said = stderr.trim() === "" ? error.message : stderr;
  return new SimulationError("slurm", `${name} refused: ${quoted(said.replace(new RegExp(`^${name}: `, "gmu"), ""))}`, {
    cause: error,
  });
}

/** What a command printed, on one line. */
const quoted = (text: string): string => text.trim().replace(/\s+/g, " ");
