import type { SourcePosition } from "./syntax-error.ts";

/** A script that V8 runs and whose text is not what its author wrote: a cell, or a local TypeScript module. */
export interface MappedSource {
  /** As a person reads it: `cell [3]`, or a path. */
  readonly name: string;
  /** What its author wrote. */
  readonly source: string;
  /** The place in {@link MappedSource.source} of a place in the script; undefined in what was added. */
  readonly position: (line: number, column: number) => SourcePosition | undefined;
}

/**
 * The mapped scripts of a session by the name that V8 knows them by. The session adds every cell before it runs, under its
 * `url`; the importer adds local modules; errors are described by it.
 */
export type SourceIndex = Map<string, MappedSource>;
