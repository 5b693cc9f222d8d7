import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonObject } from "../protocol/json.ts";
import type { Printed } from "./print-limit.ts";
import type { Publication } from "../protocol/messages.ts";

/** A place other than the cell for what is shown. */
export interface OutputCapture {
  print(name: "stdout" | "stderr", text: string): void;
  /** Whether it takes a publication. */
  take(publication: Publication): boolean;
}

/** One run of a cell, as its code and everything that its code starts see it. */
export interface CellContext {
  /** Unique in the kernel's life. */
  readonly cell: number;
  readonly executionCount: number;
  /** Set when the cell was interrupted: what it started runs no further. */
  interrupted: boolean;
  /** Set when the cell was answered. */
  finished: boolean;
  /** Outputs that are still being made: the cell ends after them. */
  readonly displays: Set<unknown>;
  /** Errors of what it shows: the first fails the cell, once all is shown. */
  readonly failures: unknown[];
  /** Whether a person watches: the request lets the cell ask questions. */
  readonly attended: boolean;
  /** What the front end is asked to do once the cell has ended well. */
  readonly payload: JsonObject[];
  /** What it has printed up to now. */
  readonly printed: Printed;
  /** Called when the cell ends, however it does, for what it shows of its progress; its own code is not asked. */
  readonly whenEnded: Set<() => void>;
  /** Where what is shown goes instead. */
  readonly capture?: OutputCapture;
  /** The context that this one is inside of, capturing what is shown. */
  readonly origin?: CellContext;
}

/** Carries the cell through timers, promises and callbacks, so that late output finds its cell. */
export const cellStorage: AsyncLocalStorage<CellContext> = new AsyncLocalStorage<CellContext>();

/** What is no cell's: an interrupt of a cell does not end it. */
export const beforeAnyCell: CellContext = {
  cell: 0,
  executionCount: 0,
  interrupted: false,
  finished: true,
  displays: new Set(),
  failures: [],
  attended: false,
  payload: [],
  printed: { amount: 0, last: "stdout" },
  whenEnded: new Set(),
};
let latest: CellContext = beforeAnyCell;
/** A list, as a cell may replace the methods of all sets. */
let unfinished: readonly CellContext[] = [];

/** The cell that the running code belongs to; where nothing tells (a native callback), the latest one. */
export function currentCell(): CellContext {
  return cellStorage.getStore() ?? latest;
}

/** Starts a cell's context. */
export function enterCell(cell: number, executionCount: number, attended: boolean): CellContext {
  latest = openContext(cell, executionCount, attended);
  unfinished = [...unfinished, latest];
  return latest;
}

/** A cell was answered. Where a termination strikes in the loop, the next cell that is answered takes this one out as well. */
export function leaveCell(context: CellContext): void {
  context.finished = true;
  const others: CellContext[] = [];
  for (const each of unfinished) if (!each.finished) others[others.length] = each;
  unfinished = others;
}

/** The cells that run: at most one of each shell. */
export function runningCells(): readonly CellContext[] {
  return unfinished;
}

/** The context of code that is called from outside of a cell, whose output belongs to this number. */
export function openContext(cell: number, executionCount: number, attended: boolean): CellContext {
  return {
    cell,
    executionCount,
    attended,
    interrupted: false,
    finished: false,
    displays: new Set(),
    failures: [],
    payload: [],
    printed: { amount: 0, last: "stdout" },
    whenEnded: new Set(),
  };
}

/** Calls a function, and captures what it and all that it starts show. */
export function captured<R>(capture: OutputCapture, call: () => R): R {
  const context = currentCell();
  const inside = { capture: { value: capture }, origin: { value: context.origin ?? context } };
  // What becomes of the outer context is read through it.
  return cellStorage.run(Object.create(context, inside) as CellContext, call);
}

/** The cell that was started last. */
export function latestCell(): CellContext {
  return latest;
}
