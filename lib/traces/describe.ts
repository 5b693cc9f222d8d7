import * as arrow from "apache-arrow";
import { escapeHtml } from "../../datasets/display.ts";
import { OptionError } from "../../datasets/errors.ts";
import { stream } from "../../datasets/open.ts";
import { checkReadOptions, type ReadOptions } from "../../datasets/options.ts";
import { panels } from "../core/chart.ts";
import type { ChartSpec } from "../core/chart/theme.ts";
import { distributions } from "./distributions.ts";
import { fittingAccumulators } from "./fitting.ts";
import { Requests } from "./requests.ts";
import { type Accumulator, batchesOf, type Characteristic, type Trace } from "./source.ts";
import { summaryPanel } from "./summary-panel.ts";
import type { ColumnSummary, Summarizer } from "./summary/column-summary.ts";
import { summarizer } from "./summary/summarizer.ts";

/** A dataset at a glance; shown in a notebook as a table, of a trace with the charts that fit its kind. */
export interface Description {
  /** Rows in all. */
  readonly rows: number;
  /** Bytes that the columns take in memory. */
  readonly bytes: number;
  /** In the order of the table. */
  readonly columns: readonly ColumnSummary[];
  /** The columns' figures as a table, one row for each; min and max of numbers and times only. */
  readonly table: arrow.Table;
  /**
   * Of a block trace whose rows are events: which of them the characteristics count as requests; undefined where each
   * row counts.
   */
  readonly requests: string | undefined;
  /** Of a trace: what fits its kind, by name (`requestRate`, `flameGraph`…); of other tables `distributions`, of their columns of numbers. */
  readonly characteristics: Readonly<Record<string, Characteristic>>;
}

/**
 * Summarises a dataset, given as a table, as record batches or as what `open` takes: for each column its type, nulls,
 * number of different values (exact up to 65,536), smallest and largest value, mean and median. The median is the
 * middle value, or the mean of the middle two, of all values up to 65,536, and of a uniform sample of that size
 * (algorithm L, fixed seed) beyond; `medianOf` says which. A trace, known by its metadata (`veelab.kind`) or its
 * columns, is also characterised: what is in `characteristics` depends on its kind. Where a block trace has several
 * events of a request (blkparse, QEMU's trace events, fio's log) one of them counts, as `requests` says. One pass for all of it, linear
 * time, memory for a batch and bounded sets, whatever the length. Options are for reading a name or a file.
 *
 * @example
 * ```ts
 * import { blockWorkload, describe } from "veelab/traces";
 *
 * const { rows, columns } = await describe("published/selective-paging-tables-4-5", { columns: ["T4_ovhd_pct"] });
 * console.log(rows, columns[0]?.min, columns[0]?.max); // 29 -0.72 0.95
 * const trace = await describe(blockWorkload({ requests: 1000 }));
 * console.log(Object.keys(trace.characteristics)[0]); // requestRate
 * ```
 */
export async function describe(source: Trace, options: ReadOptions = {}): Promise<Description> {
  checkReadOptions(options);
  if (typeof source !== "string" && Object.keys(options).length > 0)
    throw new OptionError("options", "none for what has been read already", options);
  // No accumulator keeps a batch.
  const batches = typeof source === "string" ? stream(source, { ...options, reuse: true }) : batchesOf(source);
  let summarizers: Summarizer[] | undefined;
  let fitting: Readonly<Record<string, Accumulator<Characteristic>>> = {};
  const requests = new Requests();
  let rows = 0;
  let bytes = 0;
  for await (const batch of batches) {
    if (summarizers === undefined) {
      summarizers = batch.schema.fields.map(summarizer);
      fitting = fittingAccumulators(batch.schema);
    }
    for (const [at, column] of summarizers.entries()) column.add(batch.getChildAt(at)!);
    const accumulators = Object.values(fitting);
    if (accumulators.length > 0) {
      const counted = requests.of(batch);
      for (const accumulator of accumulators) accumulator.add(counted);
    }
    rows += batch.numRows;
    bytes += batch.data.byteLength;
  }
  const columns = (summarizers ?? []).map((column) => column.result());
  const ofKind = Object.fromEntries(
    Object.entries(fitting).flatMap(([name, accumulator]) => {
      const result = accumulator.result();
      return result === undefined ? [] : [[name, result] as const];
    }),
  );
  const isTrace = Object.keys(fitting).length > 0;
  const ofColumns = isTrace ? undefined : distributions(columns, summarizers ?? []);
  const characteristics: Readonly<Record<string, Characteristic>> =
    ofColumns === undefined ? ofKind : { distributions: ofColumns };
  const charts = Object.values(characteristics).map(({ chart }) => chart);
  const description = {
    ...{ rows, bytes, columns, table: tableOf(columns) },
    ...{ requests: requests.picked, characteristics },
  };
  // A notebook shows a trace as its charts, with the table as the first of them; other tables as HTML, whose text can be copied.
  return Object.assign(
    description,
    isTrace && charts.length > 0 ? {} : { [Symbol.for("Jupyter.display")]: () => shown(description) },
    charts.length === 0 ? {} : { toSpec: () => figure(description, charts) },
  );
}

function figure(description: Description, charts: readonly ChartSpec[]): ChartSpec {
  return panels([summaryPanel(headings, cellsOf(description.columns)), ...charts], {
    title: captionOf(description),
    columns: 1,
  });
}

/** A description as text, for a terminal. */
export function describedText(description: Description): string {
  const lines = Object.values(description.characteristics).map(({ chart }) => {
    const { text, subtitle } = chart["title"] as { text: string; subtitle?: readonly string[] };
    return `${text}: ${(subtitle ?? []).join("; ") || "see the chart"}`;
  });
  return [shown(description)["text/plain"]!, ...(lines.length > 0 ? ["", ...lines] : []), ""].join("\n");
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

const captionOf = ({ rows, bytes, requests }: Description): string =>
  `${rows.toLocaleString("en")} rows, ${bytes.toLocaleString("en")} bytes as Arrow columns${requests === undefined ? "" : `; ${requests}`}`;

const cellsOf = (columns: readonly ColumnSummary[]): string[][] =>
  columns.map((column) => [
    column.name,
    column.type,
    column.nulls.toLocaleString("en"),
    column.distinct === null ? "" : column.distinct.toLocaleString("en"),
    shownFigure(column, column.min),
    shownFigure(column, column.mean),
    shownFigure(column, column.median) + (column.medianOf?.startsWith("a ") === true ? " (sample)" : ""),
    shownFigure(column, column.max),
  ]);

function shown(description: Description): Record<string, string> {
  const caption = captionOf(description);
  const body = cellsOf(description.columns);
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

function shownFigure(column: ColumnSummary, value: number | bigint | string | null): string {
  if (value === null) return "";
  if (typeof value === "string") {
    const line = value.replaceAll(/\s+/g, " ");
    return line.length > 40 ? `${line.slice(0, 39)}…` : line;
  }
  if (typeof value === "bigint") return String(value);
  if (/^(Timestamp|Date)/.test(column.type) && Math.abs(value) <= 8.64e15) return new Date(value).toISOString();
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
