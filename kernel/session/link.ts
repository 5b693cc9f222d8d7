import type { JsonObject } from "../protocol/json.ts";
import type { CommType, ErrorContent, PublicationType, UserExpression } from "../protocol/messages.ts";
import type { Question } from "./questions.ts";

/** What the thread of the sockets and the thread of user code say to each other. */

/** A cell to run. `cell` is unique in the kernel's life, also for cells that have no execution count. */
export interface RunCell {
  readonly cell: number;
  readonly code: string;
  readonly executionCount: number;
  /** Whether the execution count is this cell's alone: it counts, and is of the kernel's own shell. */
  readonly stored: boolean;
  readonly silent: boolean;
  /** Whether somebody is there to be asked (`allow_stdin`), and so to watch. */
  readonly attended: boolean;
  readonly userExpressions: Readonly<Record<string, string>>;
}

/** How a cell ended. */
export type CellOutcome =
  | {
      readonly status: "ok";
      readonly payload: readonly JsonObject[];
      readonly userExpressions: Readonly<Record<string, UserExpression>>;
      /** The result's text, for the history. */
      readonly output: string | null;
    }
  | ({
      readonly status: "error";
      /** The cell is no TypeScript: nothing of it ran. */
      readonly refused?: boolean;
    } & ErrorContent);

/** A comm's message on its way to the code that listens. */
export interface CommArrival {
  /** Below zero and unique in the kernel's life: what is shown while it is handled belongs to it as to a cell. */
  readonly cell: number;
  readonly type: CommType;
  readonly comm: string;
  /** Of a comm that opens, what it is for. */
  readonly target: string | undefined;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** To the thread of user code. */
export type ToUser =
  | ({ readonly type: "run" } & RunCell)
  | { readonly type: "comm"; readonly arrival: CommArrival }
  /** What was interrupted must be answered now, whatever became of it. Sent until it is. */
  | { readonly type: "interrupted" }
  /** What was typed as the answer to a question. */
  | { readonly type: "answer"; readonly question: number; readonly value: string }
  /** Nothing is asked for just now: time to run in what cells go through. */
  | { readonly type: "warm" }
  /** The answer to `stopped`. */
  | { readonly type: "wake" }
  | { readonly type: "exit"; readonly code: number };

/** An output with the cell that it belongs to. */
export interface Output {
  readonly cell: number;
  readonly type: PublicationType;
  /** As JSON, in bytes where it is long: what has no JSON is the fault of the code that shows it, and fails there. */
  readonly content: string | Uint8Array;
  readonly buffers?: readonly Uint8Array[];
  readonly metadata?: JsonObject | undefined;
}

/**
 * To the thread of the sockets. Ordered messages carry a number, and a mark with that number in the ring keeps their
 * place among the printed text.
 */
export type ToSockets =
  | { readonly type: "bell"; readonly urgent: boolean }
  /** Code was terminated: what it leaves unserved in this thread's queues is served when the next message comes. */
  | { readonly type: "stopped" }
  | { readonly type: "output"; readonly order: number; readonly output: Output }
  | { readonly type: "ask"; readonly order: number; readonly question: Question }
  /** A comm's message has been handled, and what it set off has ended. */
  | { readonly type: "handled"; readonly order: number; readonly cell: number }
  | { readonly type: "done"; readonly order: number; readonly cell: number; readonly outcome: CellOutcome };
