import { codeFrame } from "./code-frame.ts";

/** Where in a source text something is: both from 1, columns in UTF-16 code units as editors and V8 count them. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * A cell, or a local module that it imports, that is not TypeScript. The message is one sentence; the place and a frame
 * of the source around it are separate, so that every front end can show them its own way.
 *
 * Its `name` is `SyntaxError`, which is what a person expects to read.
 */
export class CellSyntaxError extends SyntaxError {
  override readonly name = "SyntaxError";
  /** The cell's name, or the module's path. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
  /** The source's lines around the place, with a mark under it. */
  readonly frame: string;

  constructor(message: string, source: string, text: string, position: SourcePosition) {
    super(message);
    this.source = source;
    this.line = position.line;
    this.column = position.column;
    this.frame = codeFrame(text, position.line, position.column);
    this.stack = `SyntaxError: ${message}\n    at ${source}:${position.line}:${position.column}`;
  }
}

/** The line and column of an offset in UTF-16 code units. Linear in the offset. */
export function positionAt(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
