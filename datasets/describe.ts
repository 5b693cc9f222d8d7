import * as arrow from "apache-arrow";
import { escapeHtml } from "./display.ts";
import { OptionError } from "./errors.ts";
import { stream } from "./open.ts";
import type { ReadOptions } from "./options.ts";
import type { ColumnSummary, Summarizer } from "./summary/column-summary.ts";
import { summarizer } from "./summary/summarizer.ts";

/** A dataset at a glance; shown as a table in a notebook. */
export interface Description {
  /** Rows in all. */
  readonly rows: number;
  /** Bytes that the columns take in memory. */
  readonly bytes: number;
  /** In the order of the table. */
  readonly columns: readonly ColumnSummary[];
  /** The columns' figures as a table, one row for each; min and max of numbers and times only. */
  readonly table: arrow.Table;
}

/**
 * Summarises a dataset, given as a table, as record batches or as what {@link stream} opens: for each column its type, nulls, number of different
 * values (exact up to 65,536), smallest and largest value, mean and median. The median is the middle value, or the mean of the
 * middle two, of all values up to 65,536, and of a uniform sample of that size (algorithm L, fixed seed) beyond; `medianOf` says which. One pass,
 * linear time, memory for a batch and the bounded sets.
 *
 * @example
 * ```ts
 * import { describe } from "veelab/datasets";
 *
 * const { rows, columns } = await describe("published/selective-paging-tables-4-5", { columns: ["T4_ovhd_pct"] });
 * console.log(rows, columns[0]?.min, columns[0]?.max); // 29 -0.72 0.95
 * ```
 */
export async function describe(
  source: string | arrow.Table | Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch>,
  options: ReadOptions = {},
): Promise<Description> {
  const batches = typeof source === "string" ? stream(source, options) : batchesOf(source);
  let summarizers: Summarizer[] | undefined;
  let rows = 0;
  let bytes = 0;
  for await (const batch of batches) {
    summarizers ??= batch.schema.fields.map(summarizer);
    for (const [at, column] of summarizers.entries()) column.add(batch.getChildAt(at)!);
    rows += batch.numRows;
    bytes += batch.data.byteLength;
  }
  const columns = (summarizers ?? []).map((column) => column.result());
  return Object.assign(
    { rows, bytes, columns, table: tableOf(columns) },
    { [Symbol.for("Jupyter.display")]: () => shown(rows, bytes, columns) },
  );
}

function batchesOf(
  source: arrow.Table | Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch>,
): Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch> {
  if (arrow.isArrowTable(source)) return source.batches;
  if (typeof source === "object" && (source as unknown) !== null)
    if (Symbol.iterator in source || Symbol.asyncIterator in source) return source;
  throw new OptionError("source", "a name, a file, an Arrow table or record batches", source);
}

function tableOf(columns: readonly ColumnSummary[]): arrow.Table {
  const numbers = (of: (column: ColumnSummary) => number | bigint | string | null) =>
    arrow.vectorFromArray(
      columns.map((column) => {
        const value = of(column);
        return typeof value === "string" || value === null ? null : Number(value);
      }),
      new arrow.Float64(),
    );
  const texts = (of: (column: ColumnSummary) => string | null) =>
    arrow.vectorFromArray(columns.map(of), new arrow.Utf8());
  return new arrow.Table({
    column: texts(({ name }) => name),
    type: texts(({ type }) => type),
    nulls: numbers(({ nulls }) => nulls),
    distinct: numbers(({ distinct }) => distinct),
    min: numbers(({ min }) => min),
    max: numbers(({ max }) => max),
    mean: numbers(({ mean }) => mean),
    median: numbers(({ median }) => median),
    medianOf: texts(({ medianOf }) => medianOf),
  });
}

const headings = ["column", "type", "nulls", "distinct", "min", "mean", "median", "max"];

function shown(rows: number, bytes: number, columns: readonly ColumnSummary[]): Record<string, string> {
  const caption = `${rows.toLocaleString("en")} rows, ${bytes.toLocaleString("en")} bytes in memory`;
  const body = columns.map((column) => [
    column.name,
    column.type,
    column.nulls.toLocaleString("en"),
    column.distinct === null ? "" : column.distinct.toLocaleString("en"),
    figure(column, column.min),
    figure(column, column.mean),
    figure(column, column.median) + (column.medianOf?.startsWith("a ") ? " (sample)" : ""),
    figure(column, column.max),
  ]);
  const widths = headings.map((heading, at) => Math.max(heading.length, ...body.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd();
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  return {
    "text/plain": [caption, line(headings), ...body.map(line)].join("\n"),
    "text/html": `<table><caption>${caption}</caption><thead><tr>${cells(headings, "th")}</tr></thead><tbody>${body
      .map((row) => `<tr>${cells(row, "td")}</tr>`)
      .join("")}</tbody></table>`,
  };
}

function figure(column: ColumnSummary, value: number | bigint | string | null): string {
  if (value === null) return "";
  if (typeof value === "string") return value.length > 40 ? `${value.slice(0, 39)}…` : value;
  if (typeof value === "bigint") return String(value);
  if (/^(Timestamp|Date)/.test(column.type) && Math.abs(value) <= 8.64e15) return new Date(value).toISOString();
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
