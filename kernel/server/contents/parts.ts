import type { Checkpoints } from "./checkpoints.ts";
import type { Reader } from "./read.ts";
import type { Root } from "./root.ts";
import type { Trust } from "./trust.ts";

/** What the operations that change something work with. */
export interface Parts {
  readonly root: Root;
  readonly reader: Reader;
  readonly trust: Trust;
  readonly checkpoints: Checkpoints;
  /** One change at a time: what an operation has found is still so when it acts on it. */
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
}
