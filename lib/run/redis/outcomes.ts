import type { Outcome, PendingPoint } from "../back-end.ts";
import { decodeOutcome } from "../encode-outcome.ts";

/** The name of a point's job; BullMQ takes no number for one. A straggler has a second copy. */
export const jobName = (index: number, copy: number): string => `p${index}-${copy}`;

/** The point of a job. */
export const indexOf = (job: string): number => Number(/^p(\d+)-/.exec(job)?.[1]);

/** The outcomes that are still open, each of which is told once. */
export interface Outcomes {
  readonly open: ReadonlySet<number>;
  /** How many jobs have ended, as far as was told. */
  readonly told: () => number;
  /** A job has given its point's outcome. */
  readonly completed: (job: string, text: string) => void;
  /** A job was lost too often: its point has that as its error, unless a second copy may still end it. */
  readonly failed: (job: string, reason: string) => void;
  /** Notes that a point gets a second copy; false where it has one or needs none. */
  readonly doubled: (index: number) => boolean;
}

/** The outcomes of points; `onEnd` is called after the last one. */
export function openOutcomes(
  points: readonly PendingPoint[],
  onOutcome: (index: number, outcome: Outcome) => void,
  onEnd: () => void,
): Outcomes {
  const open = new Set(points.map(({ index }) => index));
  const copies = new Set<number>();
  const ended = new Set<string>();
  const lost = new Set<string>();
  const take = (index: number, outcome: Outcome): void => {
    open.delete(index);
    onOutcome(index, outcome);
    if (open.size === 0) onEnd();
  };
  return {
    open,
    told: () => ended.size,
    completed(job, text) {
      ended.add(job);
      const index = indexOf(job);
      if (open.has(index)) take(index, decodeOutcome(text));
    },
    failed(job, reason) {
      const index = indexOf(job);
      ended.add(job);
      lost.add(job);
      const other = jobName(index, job === jobName(index, 1) ? 2 : 1);
      if (!open.has(index) || (copies.has(index) && !lost.has(other))) return;
      const message = `redis: expected a worker that ends the point, got: ${reason}`;
      take(index, { error: { name: "SimulationError", message, stack: "" } });
    },
    doubled(index) {
      if (copies.has(index) || !open.has(index)) return false;
      copies.add(index);
      return true;
    },
  };
}
