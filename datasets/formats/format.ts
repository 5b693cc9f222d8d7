import type * as arrow from "apache-arrow";
import type { Source } from "../source/source.ts";
import type { Head } from "./head.ts";
import type { TraceKind } from "./kinds.ts";
import type { TraceFormatError } from "../errors.ts";

/** How a trace is read. */
export interface FormatOptions {
  /** Rows in a record batch. */
  readonly batchRows: number;
  /** Is told of a record that cannot be read; throws the error, or returns for the record to be left out. */
  readonly fault: (error: TraceFormatError) => void;
  /** Whether a batch's numbers lie in memory that the next one takes. */
  readonly reuse?: boolean;
  /** The columns that will be looked at; a format may leave the others out, and what is wrong in them alone. */
  readonly columns?: readonly string[];
}

/** A file format of traces: a plain value, in a file of its own below `datasets/readers`. */
export interface TraceFormat {
  /** What `as` takes: `msr`. */
  readonly name: string;
  /** What it is, in a few words: `MSR Cambridge block trace (CSV)`. */
  readonly title: string;
  /** What its rows are; the columns of {@link kindColumns} are among its own. */
  readonly kind: TraceKind;
  /** Whether a file that begins so is of this format. No file is of two formats. */
  detect(head: Head): boolean;
  /** Reads a file as record batches, all of one schema; one without rows gives one empty batch. */
  read(source: Source, options: FormatOptions): AsyncGenerator<arrow.RecordBatch, void>;
  /** Writes batches as {@link TraceFormat.read} gives them as a file of this format; absent where nobody would want it. */
  readonly write?: (batches: AsyncIterable<arrow.RecordBatch>) => AsyncGenerator<Uint8Array, void>;
}
