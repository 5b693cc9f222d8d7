import type { Message } from "../protocol/messages.ts";
import type { CellOutcome, CommArrival, Output, RunCell } from "./link.ts";

/** What runs cells. The dispatch knows no more of it: in the kernel it is a thread, in a test what the test needs. */
export interface Engine {
  /** Runs a cell. Resolves with its end, after every output that it made before it was handed to `output`. */
  run(cell: RunCell): Promise<CellOutcome>;
  /** Hands a comm's message to the code that listens. Resolves when what it set off has ended, after its outputs. */
  comm(arrival: CommArrival): Promise<void>;
  /** Hands on the answer to a question of a cell. */
  input(message: Message): void;
  /** Tells it that nothing is asked for just now, where it has use for that. */
  warm?(): void;
  /** Stops the cell that runs now and whatever handles a comm's message. Resolves when they have been asked to; `run` then resolves with an error. */
  interrupt(): Promise<void>;
}

/** Where an engine's outputs go, also those that come after their cell has ended. */
export type OutputSink = (output: Output) => void;
