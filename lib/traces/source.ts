import * as arrow from "apache-arrow";
import { stream } from "../../datasets/open.ts";
import { OptionError } from "../core/errors.ts";
import type { ChartSpec } from "../core/chart/theme.ts";
import { Requests } from "./requests.ts";

/** A trace: an Arrow table, record batches as they come, or what `open` of `veelab/datasets` takes. */
export type Trace = string | arrow.Table | Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch>;

/** What a characterisation gives beside its own figures; shown as its chart. */
export interface Characteristic {
  /** What the chart draws. */
  readonly table: arrow.Table;
  /** The Vega-Lite specification. */
  readonly chart: ChartSpec;
  /** The same: by it a notebook knows the object as a chart. */
  readonly toSpec: () => ChartSpec;
}

/** A characterisation while a trace goes by: one pass serves any number of them. */
export interface Accumulator<T> {
  add(batch: arrow.RecordBatch): void;
  /** What was found; undefined when no row had what it needs. */
  result(): T | undefined;
}

/** The batches of a trace. */
export function batchesOf(trace: Trace): Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch> {
  if (typeof trace === "string") return stream(trace, { reuse: true });
  if (arrow.isArrowTable(trace)) return trace.batches;
  if (typeof trace === "object" && (trace as unknown) !== null)
    if (Symbol.iterator in trace || Symbol.asyncIterator in trace) return trace;
  throw new OptionError("trace", "a name, a file, an Arrow table or record batches", trace);
}

/** Runs one characterisation over a trace, of a block trace over its requests. */
export async function characterise<T>(trace: Trace, what: string, accumulator: Accumulator<T>): Promise<T> {
  const requests = new Requests();
  for await (const batch of batchesOf(trace)) accumulator.add(requests.of(batch));
  const result = accumulator.result();
  if (result === undefined)
    throw new OptionError("trace", `${what}, at least one row with what it needs`, "no such row");
  return result;
}

/** A characteristic of its parts. */
export function characteristic<T extends object>(table: arrow.Table, chart: ChartSpec, figures: T): T & Characteristic {
  return { ...figures, table, chart, toSpec: () => chart };
}
