/** What is known of a job's time, by the clock of its worker. */
export interface TimedJob {
  readonly id?: string | undefined;
  /** When a worker took it, ms; none while it waits. */
  readonly processedOn?: number | undefined;
  /** When it was done, ms. */
  readonly finishedOn?: number | undefined;
}

/** A point that takes so many times as long as the others is run a second time. */
const STRAGGLER = 5;

/**
 * The jobs that run for much longer than those that are done took, and than a worker's silence may last; none while others wait for a
 * worker, or before one is done. Linear.
 */
export function stragglers(
  completed: readonly TimedJob[],
  open: readonly TimedJob[],
  { nowMs, lostAfterS }: { readonly nowMs: number; readonly lostAfterS: number },
): string[] {
  const times = completed.flatMap(({ processedOn, finishedOn }) =>
    processedOn === undefined || finishedOn === undefined ? [] : [finishedOn - processedOn],
  );
  const running = open.flatMap(({ id, processedOn }) => (processedOn === undefined ? [] : [{ id, processedOn }]));
  if (times.length === 0 || running.length < open.length) return [];
  const usual = times.reduce((sum, time) => sum + time, 0) / times.length;
  const late = Math.max(STRAGGLER * usual, 1000 * lostAfterS);
  return running.flatMap(({ id, processedOn }) => (id !== undefined && nowMs - processedOn > late ? [id] : []));
}
