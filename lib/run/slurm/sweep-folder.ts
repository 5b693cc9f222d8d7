import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeAtomically } from "../../../datasets/write/atomic.ts";
import { SimulationError } from "../../core/errors.ts";
import type { PendingPoint } from "../back-end.ts";
import { fromBytes, type PortableRun, toBytes } from "../portable.ts";

/** Points that were submitted together: one job array. */
export interface Submission {
  /** From 0, in the order of submission. */
  readonly number: number;
  /** The points of each task of the array. */
  readonly tasks: readonly (readonly PendingPoint[])[];
  /** How many points a task runs at a time. */
  readonly cpus: number;
}

/** The folder of a sweep, which coordinator and tasks share; its name is the hash of what is run. */
export interface SweepFolder {
  readonly path: string;
  /** The start of every job's name. */
  readonly jobPrefix: string;
}

const run = (folder: string): string => join(folder, "run");
const submissions = (folder: string): string => join(folder, "submissions");
const pointsOf = (folder: string, number: number): string => join(submissions(folder), `${number}.points`);

/** Where tasks write their outcomes. */
export const logsOf = (folder: string): string => join(folder, "logs");

/** What Slurm writes of a task's output; `%a` stands for its number. */
export const outputOf = (folder: string, number: number, task: number | "%a"): string =>
  join(folder, "output", `${number}-${task}.txt`);

/** The folder of a sweep, made where there is none: the second of two identical calls finds that of the first. */
export async function openSweepFolder(parent: string, portable: PortableRun): Promise<SweepFolder> {
  const bytes = toBytes(portable);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  const path = join(parent, hash);
  await mkdir(parent, { recursive: true });
  await ownFolder(path);
  for (const name of ["submissions", "logs", "output"]) await mkdir(join(path, name), { recursive: true });
  await writeAtomically(run(path), (handle) => handle.writeFile(bytes));
  return { path, jobPrefix: `veelab-${hash.slice(0, 12)}-` };
}

/** Nodes run what lies in it: nobody else may write there, or have made it. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(path);
  const self = process.getuid?.() ?? uid;
  if (uid !== self)
    throw new SimulationError(
      "slurm",
      `expected a folder of user ${self}, got ${path} of user ${uid}: give another folder`,
    );
  if ((mode & 0o077) !== 0) await chmod(path, 0o700);
}

/** Reads what a task runs; refuses another version's. */
export async function readRun(folder: string): Promise<PortableRun> {
  return fromBytes(await readFile(run(folder)));
}

/** Writes a submission before it is submitted, so that whoever resumes knows of it. */
export async function writeSubmission(folder: string, submission: Submission): Promise<void> {
  await writeAtomically(pointsOf(folder, submission.number), (handle) => handle.writeFile(serialize(submission)));
}

/** Reads a submission. */
export async function readSubmission(folder: string, number: number): Promise<Submission> {
  return deserialize(await readFile(pointsOf(folder, number))) as Submission;
}

/** Every submission so far, also those of coordinators that died. */
export async function readSubmissions(folder: string): Promise<Submission[]> {
  const numbers = (await readdir(submissions(folder))).flatMap((name) => {
    const number = /^(\d+)\.points$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return Promise.all(numbers.sort((a, b) => a - b).map((number) => readSubmission(folder, number)));
}

/** The name of a task in logs and in the ledger. */
export const taskName = (submission: number, task: number): string => `${submission}-${task}`;

/** Removes the folder of a sweep that is done; a task that still ends may write into it meanwhile. */
export async function removeSweepFolder({ path }: SweepFolder): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}
