import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { isSystemError } from "../../../datasets/commands/arguments.ts";
import { whyRefused } from "../refused.ts";
import { threadPool } from "../thread-pool.ts";
import { createLog } from "./outcome-log.ts";
import { type TaskRecord, writeRecord } from "./records.ts";
import { logsOf, readRun, readSubmission, taskName } from "./sweep-folder.ts";

/** Runs the points of a task, on a node of the cluster, and writes each outcome to the task's log as soon as it is there. */
export async function runTask(folder: string, number: number, task: number): Promise<void> {
  const log = await createLog(join(logsOf(folder), `${taskName(number, task)}.log`));
  const write = (record: TaskRecord): Promise<void> => log.append(writeRecord(record));
  try {
    const { tasks, cpus } = await readSubmission(folder, number);
    const points = tasks[task] ?? [];
    const threads = Math.min(cpus, points.length);
    const pool = await threadPool(await readRun(folder), threads);
    await write({ kind: "began" });
    const waiting = points.values();
    // Points do not wait for the disk; one that is full ends the task, which says so.
    let failure: unknown;
    const failed = (error: unknown): void => {
      failure ??= error;
    };
    const runOneByOne = async (): Promise<void> => {
      // A thread's first point pays for its start.
      let isCold = true;
      for (const { index } of waiting) {
        const began = performance.now();
        const outcome = await pool.run(index);
        const seconds = (performance.now() - began) / 1000;
        write({ kind: "outcome", index, seconds, isCold, outcome }).catch(failed);
        isCold = false;
        if (failure !== undefined) throw failure as Error;
      }
    };
    await Promise.all(Array.from({ length: threads }, runOneByOne));
    await pool.destroy();
  } catch (error) {
    // Where the log itself cannot be written, the exit tells.
    if (!isSystemError(error)) await write({ kind: "refused", sentence: whyRefused(error) });
    throw error;
  } finally {
    await log.close();
  }
}
