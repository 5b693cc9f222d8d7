import type { PortableRun } from "./portable.ts";

/** Why a point has no result, in a form that can be sent. */
export interface PointError {
  /** Of the error's class: `RangeError`. */
  readonly name: string;
  /** Its sentence. */
  readonly message: string;
  /** Where it was thrown; empty where nothing tells. */
  readonly stack: string;
}

/** What came of a point: what the run function gave, or why there is nothing. Plain data: it may come from another machine. */
export type Outcome =
  | {
      /** What the run function gave, packed: see {@link PortableRun}. */
      readonly value: unknown;
    }
  | {
      /** What it threw, or how its worker was lost. */
      readonly error: PointError;
    };

/** A point that is to run. */
export interface PendingPoint {
  /** From 0, in the sweep's order: what a loaded run is given. */
  readonly index: number;
  /** As errors name it: `point 3 of 32 (entries=64)`. */
  readonly name: string;
}

/** What a {@link BackEnd} is given besides the points. */
export interface PointsContext {
  /**
   * Aborts when the sweep is interrupted, or needs no more points: what runs is ended at once, and `run` rejects with the
   * reason. It may abort while `onOutcome` runs.
   */
  readonly signal: AbortSignal;
  /** To be called once for each point, in any order, as soon as its outcome is there. It does not throw. */
  readonly onOutcome: (index: number, outcome: Outcome) => void;
}

/** Where the points of a sweep run: `on: slurm({ … })`. */
export interface BackEnd {
  /** In messages: `workers`, `slurm`. */
  readonly label: string;
  /**
   * Runs points, each by `(await loadRun(portable)).run(index)`, and resolves when every one has its outcome. A point that throws, or whose worker is lost too
   * often, has an error as its outcome; `run` itself rejects only where nothing can run (no Slurm there), in one sentence.
   */
  readonly run: (portable: PortableRun, points: readonly PendingPoint[], context: PointsContext) => Promise<void>;
}
