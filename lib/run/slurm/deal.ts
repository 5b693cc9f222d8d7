/** What points are dealt into tasks by. */
export interface DealOptions {
  readonly cpus: number;
  readonly pointsPerTask?: number;
  /** How long a task is to take, s. */
  readonly taskS: number;
  /** How long a point takes, s, where that is known. */
  readonly pointS: number | undefined;
  /** For how long a running task has given nothing, s. */
  readonly silentS: number;
  /** Whether no task waits or runs. */
  readonly isIdle: boolean;
}

/** So many tasks measure how long a point takes. */
const PROBES = 4;

/**
 * Deals points into tasks in their order: as many into each as fill `taskS`. While nobody knows how long a point takes, a few
 * tasks find out, and the rest waits for them, though not longer than a task is to take.
 */
export function deal(points: readonly number[], options: DealOptions): number[][] {
  const { cpus, pointsPerTask, taskS, pointS, silentS, isIdle } = options;
  if (pointsPerTask !== undefined) return chunks(points, pointsPerTask);
  if (pointS !== undefined) return chunks(points, Math.max(cpus, Math.ceil((taskS * cpus) / pointS)));
  if (silentS >= taskS) return chunks(points, cpus);
  // Two points a thread, since the first one pays for its start.
  return isIdle ? chunks(points.slice(0, 2 * PROBES * cpus), 2 * cpus) : [];
}

function chunks(points: readonly number[], size: number): number[][] {
  const count = Math.ceil(points.length / size);
  return Array.from({ length: count }, (_, task) => points.slice(task * size, (task + 1) * size));
}
