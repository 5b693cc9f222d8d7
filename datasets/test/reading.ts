import * as arrow from "apache-arrow";
import { open } from "../open.ts";

/** Every value of a table, so that reading them is part of a test. */
export const valuesOf = (table: arrow.Table): unknown[] =>
  table
    .toArray()
    .map((row: { toJSON: () => Record<string, unknown> }) =>
      Object.entries(row.toJSON()).map(([name, value]) => [name, arrow.isArrowVector(value) ? [...value] : value]),
    );

/** Reads every value; a time that no Date holds is apache-arrow's error, and no fault of the file's structure. */
function touch(table: arrow.Table): unknown[] {
  const values: unknown[] = [];
  for (let column = 0; column < table.numCols; column += 1)
    for (let row = 0; row < table.numRows; row += 1)
      try {
        values.push(table.getChildAt(column)!.get(row));
      } catch (error) {
        if (!(error as Error).message.includes("not safe to convert")) throw error;
      }
  return values;
}

/** What opening a file comes to: its values, or the message of a TraceFormatError. Any other error is thrown on. */
export async function outcome(path: string): Promise<{ values?: unknown[]; error?: string }> {
  try {
    return { values: touch(await open(path)) };
  } catch (error) {
    if ((error as Error).name !== "TraceFormatError") throw error;
    return { error: (error as Error).message };
  }
}

/** A generator of numbers below a bound, the same on every run. */
export function randomBelow(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** A column of numbers. */
export const numbers = (table: arrow.Table, name: string): number[] => [...(table.getChild(name)! as Iterable<number>)];
