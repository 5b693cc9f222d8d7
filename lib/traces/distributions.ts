import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines, panels } from "../core/chart.ts";
import { type Characteristic, characteristic } from "./source.ts";
import type { ColumnSummary, Summarizer } from "./summary/column-summary.ts";

/** Points of a curve, the smallest and the largest value included. */
const points = 201;
/** More panels than these are not drawn. */
const mostDrawn = 16;
/** From this ratio of the largest to the smallest value on an axis is logarithmic. */
const wideRatio = 1000;

/**
 * How the values of a table's columns of numbers are distributed: of each column, a panel with the share of the rows that have at most a
 * value (the empirical distribution function of the sample that its median is from). Columns of one value, of times and of texts are left
 * out. The table has a row for each point: `column`, `value`, `share`. Undefined where no column is left.
 */
export function distributions(
  summaries: readonly ColumnSummary[],
  summarizers: readonly Summarizer[],
): Characteristic | undefined {
  const curves = summaries.flatMap(({ name, type, min, max }, at) => {
    const sample = summarizers[at]!.sample?.() ?? new Float64Array(0);
    if (min === max || /^(Date|Timestamp)/.test(type) || !Number.isFinite(sample[0]) || !Number.isFinite(sample.at(-1)))
      return [];
    const rows = Array.from({ length: points }, (_, point) => {
      const share = point / (points - 1);
      return { column: name, value: sample[Math.max(0, Math.ceil(share * sample.length) - 1)]!, share };
    });
    return [{ name, rows }];
  });
  if (curves.length === 0) return undefined;
  const rows = curves.flatMap((curve) => curve.rows);
  const table = new Table({
    column: vectorFromArray(
      rows.map(({ column }) => column),
      new Utf8(),
    ),
    value: makeVector(Float64Array.from(rows, ({ value }) => value)),
    share: makeVector(Float64Array.from(rows, ({ share }) => share)),
  });
  const charts = curves.slice(0, mostDrawn).map((curve) =>
    lines(
      curve.rows.map(({ value, share }) => ({ value, share: 100 * share })),
      {
        title: curve.name,
        x: { field: "value", title: curve.name, unit: "", log: isWide(curve.rows.map(({ value }) => value)) },
        y: { title: "rows up to it", unit: "%" },
        measured: "share",
        points: false,
        width: 260,
        height: 140,
      },
    ),
  );
  const drawn = curves.length > mostDrawn ? `, the first ${mostDrawn} of ${curves.length}` : "";
  const chart = panels(charts, {
    title: "Distributions",
    subtitle: `columns of numbers with more than one value${drawn}`,
    columns: 2,
  });
  return characteristic(table, chart, {});
}

const isWide = (values: readonly number[]): boolean => values[0]! > 0 && values.at(-1)! / values[0]! >= wideRatio;
