import type { RunCell } from "./link.ts";

type Named = Pick<RunCell, "cell" | "executionCount" | "stored">;

/** A cell as a person reads it. Unique in the session: stack frames are found by it. */
export function cellName({ cell, executionCount, stored }: Named): string {
  return stored ? `cell [${executionCount}]` : `cell [*${cell}]`;
}

/** What V8 knows the script of a cell by. */
export function cellUrl(cell: Named): string {
  return encodeURI(cellName(cell));
}
