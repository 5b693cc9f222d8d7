import { SimulationError } from "../../core/errors.ts";

/** A task that was submitted: some points, one process. */
interface Task {
  readonly points: readonly number[];
  live: boolean;
  /** Whether its process has begun. */
  begun: boolean;
  /** How many looks ago it last gave something. */
  silent: number;
}

/** What a ledger goes by. */
export interface LedgerOptions {
  /** How many points a task's process runs at a time. */
  readonly cpus: number;
  /** How often a point is run again whose task was lost. */
  readonly retries: number;
}

/** A point that is given up: its tasks were lost again and again. */
export interface GivenUp {
  readonly index: number;
  readonly sentence: string;
}

/** What a point's outcome says of time. */
export interface Finished {
  readonly index: number;
  /** How long the point took. */
  readonly seconds: number;
  /** Whether the start of its thread is in that. */
  readonly isCold: boolean;
}

/** Which points are still open, which tasks have them, and what was lost. */
export interface Ledger {
  /** Points without an outcome. */
  readonly open: ReadonlySet<number>;
  /** Notes a task that was submitted; one of an earlier coordinator may have ended already, which counts as no loss. */
  submitted(task: string, points: readonly number[], live?: boolean): void;
  /** Notes that a task's process has begun. */
  began(task: string): void;
  /** Notes an outcome; true for the first of its point. */
  finished(task: string, outcome: Finished): boolean;
  /**
   * Notes that a task has ended; gives the points that are run no more.
   *
   * @throws SimulationError when tasks keep ending before their first point
   */
  ended(task: string, how: string): GivenUp[];
  /** Tasks that have not ended. */
  live(): string[];
  /** Points that no task has, in their order. */
  due(): number[];
  /** How long a point took so far, s, without the start of its thread where running tasks may tell; undefined before that. */
  pointS(): number | undefined;
  /** Notes a look at queue and results, in which tasks may have been silent. */
  looked(): void;
  /** For how many looks a running task has been silent: the longest. */
  silentLooks(): number;
  /** Points of running tasks that have been silent for more than so many looks; each is given once. */
  stragglers(looks: number): number[];
}

/** A ledger of a sweep's open points. */
export function openLedger(points: readonly number[], { cpus, retries }: LedgerOptions): Ledger {
  const open = new Set(points);
  const tasks = new Map<string, Task>();
  const losses = new Map<number, number>();
  const doubled = new Set<number>();
  const warm = { sum: 0, count: 0 };
  const cold = { sum: 0, count: 0 };
  let inVain = 0;
  const left = (task: Task): number[] => task.points.filter((index) => open.has(index));
  const running = (): Task[] => [...tasks.values()].filter(({ live, begun }) => live && begun);
  const entryOf = (name: string): Task => {
    const task = tasks.get(name);
    if (task === undefined) throw new SimulationError("slurm", `expected a task of this sweep, got ${name}`);
    return task;
  };
  return {
    open,
    submitted(name, own, live = true) {
      tasks.set(name, { points: own, live, begun: false, silent: 0 });
    },
    began(name) {
      const task = entryOf(name);
      task.begun = true;
      task.silent = 0;
    },
    finished(name, { index, seconds, isCold }) {
      entryOf(name).silent = 0;
      inVain = 0;
      const times = isCold ? cold : warm;
      times.sum += seconds;
      times.count += 1;
      return open.delete(index);
    },
    ended(name, how) {
      const task = entryOf(name);
      task.live = false;
      const lost = left(task);
      if (lost.length === 0) return [];
      if (!task.begun) {
        inVain += 1;
        if (inVain > retries)
          throw new SimulationError(
            "slurm",
            `expected tasks that begin, got ${inVain} that did not; the last one: ${how}`,
          );
        return [];
      }
      // A process takes its points in order: these are the ones that it was at.
      return lost.slice(0, cpus).flatMap((index) => {
        const count = (losses.get(index) ?? 0) + 1;
        losses.set(index, count);
        if (count <= retries) return [];
        open.delete(index);
        return [{ index, sentence: `expected a task that ends the point, lost ${count}; the last one: ${how}` }];
      });
    },
    live: () => [...tasks].filter(([, { live }]) => live).map(([name]) => name),
    due() {
      const held = new Set([...tasks.values()].filter(({ live }) => live).flatMap((task) => task.points));
      return [...open].filter((index) => !held.has(index)).sort((a, b) => a - b);
    },
    pointS() {
      if (warm.count > 0) return warm.sum / warm.count;
      return cold.count > 0 && running().length === 0 ? cold.sum / cold.count : undefined;
    },
    looked() {
      for (const task of running()) task.silent += 1;
    },
    silentLooks: () => Math.max(0, ...running().map(({ silent }) => silent)),
    stragglers(looks) {
      const late = running().filter(({ silent }) => silent > looks);
      const found = late.flatMap(left).filter((index) => !doubled.has(index));
      for (const index of found) doubled.add(index);
      return found;
    },
  };
}
