import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { SourcePosition } from "./syntax-error.ts";

/** What a source map needs for positions: mappings, encoded or decoded. */
export interface PositionMap {
  readonly mappings: string | readonly (readonly (readonly number[])[])[];
}

const traced = new WeakMap<PositionMap, TraceMap>();

/**
 * Follows a source map back by one step. Maps are decoded at their first use: most cells never throw.
 *
 * @param line - from 1
 * @param column - from 1
 * @returns the place in the source, both from 1; undefined where the map says nothing
 */
export function mapPosition(map: PositionMap, line: number, column: number): SourcePosition | undefined {
  let trace = traced.get(map);
  if (trace === undefined) {
    const mappings = map.mappings as string; // the decoded form is as good, but typed as tuples
    traced.set(map, (trace = new TraceMap({ version: 3, names: [], sources: [""], mappings })));
  }
  const found = originalPositionFor(trace, { line, column: column - 1 });
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 };
}
