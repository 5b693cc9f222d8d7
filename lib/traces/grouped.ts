import { Float64, makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, type Characteristic, characteristic } from "./source.ts";

/** What is summed for each word of a column. */
export interface Grouping {
  /** The column of words, as the chart names it. */
  readonly by: { readonly field: string; readonly title: string };
  /** The column that is summed; rows are counted when not given. */
  readonly sum?: string;
  /** The sum as the chart shows it: `total / unitSize` in a unit. */
  readonly y: { readonly title: string; readonly unit: string };
  readonly unitSize?: number;
  readonly title: string;
  /** A line under the title. */
  readonly subtitle?: (groups: readonly Group[]) => string;
}

/** A word's rows. */
export interface Group {
  /** The word. */
  readonly name: string;
  /** Rows that have it. */
  readonly rows: number;
  /** Of what is summed, or of the rows. */
  readonly total: number;
  /** Of the rows that have what is summed; null where none has. */
  readonly mean: number | null;
}

/** At most so many bars are drawn, the largest. */
const mostBars = 16;

/** Counts and sums by the words of a column: the table has `name`, `rows`, `total`, `mean`, the largest total first. */
export function grouped(of: Grouping): Accumulator<Characteristic & { readonly groups: readonly Group[] }> {
  const groups = new Map<string, { rows: number; known: number; total: number }>();
  return {
    add(batch) {
      const { codes, texts } = wordsOf(batch, of.by.field);
      const amounts = of.sum === undefined ? undefined : numbersOf(batch, of.sum);
      const rows = new Float64Array(texts.length);
      const known = new Float64Array(texts.length);
      const totals = new Float64Array(texts.length);
      for (let row = 0; row < batch.numRows; row += 1) {
        const code = codes[row]!;
        rows[code]! += 1;
        const amount = amounts === undefined ? 1 : amounts[row]!;
        if (Number.isNaN(amount)) continue;
        known[code]! += 1;
        totals[code]! += amount;
      }
      for (const [code, text] of texts.entries()) {
        if (rows[code] === 0) continue;
        const before = groups.get(text) ?? { rows: 0, known: 0, total: 0 };
        groups.set(text, {
          rows: before.rows + rows[code]!,
          known: before.known + known[code]!,
          total: before.total + totals[code]!,
        });
      }
    },
    result() {
      if (groups.size === 0) return undefined;
      const list = [...groups]
        .map(([name, { rows, known, total }]) => ({
          ...{ name: name === "" ? "(none)" : name, rows, total },
          mean: known === 0 ? null : total / known,
        }))
        .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
      const table = new Table({
        name: vectorFromArray(
          list.map(({ name }) => name),
          new Utf8(),
        ),
        rows: makeVector(Float64Array.from(list, ({ rows }) => rows)),
        total: makeVector(Float64Array.from(list, ({ total }) => total)),
        mean: vectorFromArray(
          list.map(({ mean }) => mean),
          new Float64(),
        ),
      });
      const drawn = list.slice(0, mostBars);
      const subtitle = [
        ...(of.subtitle === undefined ? [] : [of.subtitle(list)]),
        ...(list.length > mostBars ? [`the ${mostBars} largest of ${list.length}`] : []),
      ].join("; ");
      const chart = bars(
        drawn.map(({ name, total }) => ({ name, total: total / (of.unitSize ?? 1) })),
        {
          title: of.title,
          ...(subtitle === "" ? {} : { subtitle }),
          x: { field: "name", title: of.by.title, order: drawn.map(({ name }) => name) },
          y: of.y,
          measured: "total",
        },
      );
      return characteristic(table, chart, { groups: list });
    },
  };
}
