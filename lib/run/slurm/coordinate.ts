import { setTimeout as delay } from "node:timers/promises";
import { SimulationError } from "../../core/errors.ts";
import type { PendingPoint, PointsContext } from "../back-end.ts";
import { cleanup } from "../cleanup.ts";
import { catchCtrlC } from "../ctrl-c.ts";
import { pause } from "../pause.ts";
import type { PortableRun } from "../portable.ts";
import { largestArray, submitArray } from "./array.ts";
import { isLive, type QueuedTask, sacct, scancel, squeue } from "./commands.ts";
import { deal } from "./deal.ts";
import { lastWords } from "./last-words.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { lockFolder } from "./lock.ts";
import type { CheckedSlurm } from "./options.ts";
import { readLogs } from "./outcome-log.ts";
import { readRecord } from "./records.ts";
import {
  logsOf,
  openSweepFolder,
  readSubmissions,
  removeSweepFolder,
  type SweepFolder,
  taskName,
} from "./sweep-folder.ts";

/** Options whose folder is known. */
export type SlurmRun = CheckedSlurm & { readonly folder: string };

/** Runs points through job arrays until each has its outcome. */
export async function coordinate(
  options: SlurmRun,
  portable: PortableRun,
  points: readonly PendingPoint[],
  context: PointsContext,
): Promise<void> {
  const { signal, release } = catchCtrlC(context.signal);
  const ends = cleanup(signal);
  ends.add(release);
  try {
    const folder = await openSweepFolder(options.folder, portable);
    ends.add(await lockFolder(folder.path, signal));
    const sweep = new SlurmSweep(options, folder, points, { ...context, signal });
    let isDone = false;
    ends.add(async () => {
      try {
        await sweep.cancel();
      } finally {
        if (isDone) await removeSweepFolder(folder);
      }
    });
    await sweep.run();
    isDone = true;
  } finally {
    await ends.run();
  }
}

class SlurmSweep {
  readonly #options: SlurmRun;
  readonly #folder: SweepFolder;
  readonly #points: ReadonlyMap<number, PendingPoint>;
  readonly #context: PointsContext;
  readonly #ledger: Ledger;
  readonly #next: ReturnType<typeof readLogs>;
  /** The job of each submission, by its number. */
  readonly #jobs = new Map<number, string>();
  /** Tasks that the last look found ended: what they wrote may show here only later. */
  readonly #ending = new Set<string>();
  #submissions = 0;
  /** How many times in a row Slurm gave no answer. */
  #refused = 0;

  constructor(options: SlurmRun, folder: SweepFolder, points: readonly PendingPoint[], context: PointsContext) {
    this.#options = options;
    this.#folder = folder;
    this.#points = new Map(points.map((point) => [point.index, point]));
    this.#context = context;
    this.#ledger = openLedger([...this.#points.keys()], options);
    this.#next = readLogs(logsOf(folder.path));
  }

  async run(): Promise<void> {
    const { signal } = this.#context;
    signal.throwIfAborted();
    await this.#adopt();
    for (;;) {
      const queue = await this.#tolerating(() => this.#queue());
      await this.#takeOutcomes();
      if (queue !== undefined) await this.#takeEnds(queue);
      if (this.#ledger.open.size === 0) return;
      if (queue !== undefined) await this.#tolerating(() => this.#submitDue());
      this.#ledger.looked();
      await pause(this.#options.pollS, signal);
    }
  }

  /** While tasks are there, Slurm may not answer for some minutes, or take no more of them now. */
  async #tolerating<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask();
      this.#refused = 0;
      return answer;
    } catch (error) {
      this.#refused += 1;
      if (this.#ledger.live().length === 0 || this.#refused * this.#options.pollS > PATIENCE_S) throw error;
      return undefined;
    }
  }

  /** Ends what may still run: where the sweep is done, tasks whose points another one has finished. */
  async cancel(): Promise<void> {
    const live = new Set(this.#ledger.live().map((name) => Number(name.split("-")[0])));
    const jobs = [...this.#jobs].filter(([number]) => live.has(number)).map(([, job]) => job);
    for (let waitedS = 0; ; waitedS += this.#options.pollS) {
      try {
        await scancel(jobs);
        return;
      } catch (error) {
        if (waitedS >= PATIENCE_S) throw error;
        await delay(1000 * this.#options.pollS);
      }
    }
  }

  /** Takes over what an earlier coordinator of the same sweep has submitted. */
  async #adopt(): Promise<void> {
    const earlier = await readSubmissions(this.#folder.path);
    this.#submissions = Math.max(-1, ...earlier.map(({ number }) => number)) + 1;
    const queue = await squeue(earlier.map(({ number }) => this.#jobName(number)));
    for (const { number, tasks } of earlier) {
      const named = queue.filter(({ name }) => name === this.#jobName(number));
      // Slurm may still know the jobs of an earlier sweep of the same name.
      const newest = Math.max(...named.map(({ job }) => Number(job)));
      const own = named.filter(({ job }) => Number(job) === newest);
      if (own[0] !== undefined) this.#jobs.set(number, own[0].job);
      const live = new Set(own.filter(({ state }) => isLive(state)).map(({ task }) => task));
      tasks.forEach((dealt, task) => {
        const indices = dealt.map(({ index }) => index).filter((index) => this.#points.has(index));
        this.#ledger.submitted(taskName(number, task), indices, live.has(task));
      });
    }
  }

  /** What the queue says of tasks that have not ended, by their names. */
  async #queue(): Promise<Map<string, QueuedTask>> {
    const numbers = new Set(this.#ledger.live().map((name) => Number(name.split("-")[0])));
    const tasks = await squeue([...numbers].map((number) => this.#jobName(number)));
    const numberOf = (name: string): number => Number(name.slice(this.#folder.jobPrefix.length));
    // Slurm may still know the jobs of an earlier sweep of the same name.
    const own = tasks.filter(({ name, job }) => this.#jobs.get(numberOf(name)) === job);
    return new Map(own.map((queued) => [taskName(numberOf(queued.name), queued.task), queued]));
  }

  async #takeOutcomes(): Promise<void> {
    for (const { log, record } of await this.#next()) {
      const told = readRecord(record);
      if (told.kind === "began") this.#ledger.began(log);
      else if (told.kind === "refused") throw new SimulationError("slurm", `task ${log} refused: ${told.sentence}`);
      else if (this.#ledger.finished(log, told)) this.#context.onOutcome(told.index, told.outcome);
    }
  }

  async #takeEnds(queue: ReadonlyMap<string, QueuedTask>): Promise<void> {
    for (const name of this.#ledger.live()) {
      const queued = queue.get(name);
      if (queued !== undefined && isLive(queued.state)) {
        this.#ending.delete(name);
        continue;
      }
      if (!this.#ending.has(name)) {
        this.#ending.add(name);
        continue;
      }
      const how = `${queued?.state ?? (await this.#accounted(name))}${await lastWords(this.#folder.path, name)}`;
      for (const { index, sentence } of this.#ledger.ended(name, how))
        this.#context.onOutcome(index, {
          error: { name: "SimulationError", message: `slurm: ${sentence}`, stack: "" },
        });
    }
  }

  async #accounted(name: string): Promise<string> {
    const [number = "", task = ""] = name.split("-");
    const job = this.#jobs.get(Number(number));
    const states = job === undefined ? undefined : await sacct([job]);
    return states?.get(`${job}_${task}`) ?? "gone from the queue";
  }

  /** Submits the points that no task has, and a second time those of tasks that have been silent for long. */
  async #submitDue(): Promise<void> {
    const { taskS, pollS, cpus } = this.#options;
    const pointS = this.#options.pointS ?? this.#ledger.pointS();
    const due = this.#ledger.due();
    const late = pointS === undefined ? Infinity : Math.max(taskS, STRAGGLER * pointS);
    const wanted = due.length > 0 ? due : this.#ledger.stragglers(late / pollS);
    const tasks = deal(wanted, {
      ...this.#options,
      pointS,
      silentS: this.#ledger.silentLooks() * pollS,
      isIdle: this.#ledger.live().length === 0,
    });
    for (let from = 0; from < tasks.length; from += largestArray) {
      const number = this.#submissions;
      const dealt = tasks.slice(from, from + largestArray);
      const submission = { number, cpus, tasks: dealt.map((task) => task.map((index) => this.#points.get(index)!)) };
      this.#submissions += 1;
      this.#jobs.set(number, await submitArray(this.#folder, this.#options, submission));
      dealt.forEach((task, place) => {
        this.#ledger.submitted(taskName(number, place), task);
      });
    }
  }

  #jobName(number: number): string {
    return `${this.#folder.jobPrefix}${number}`;
  }
}

/** A task that has been silent for this many times a point's usual time has its points run a second time. */
const STRAGGLER = 5;
/** For so long Slurm may be away while tasks are there, s. */
const PATIENCE_S = 300;
