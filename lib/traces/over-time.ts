import { makeVector, type RecordBatch, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines, panels } from "../core/chart.ts";
import type { Measure } from "../core/chart/axis.ts";
import { hasColumns, hasTimes, numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, type Characteristic, characteristic } from "./source.ts";
import { TimeBins, timeUnit } from "./time-bins.ts";

/** What is summed over time for each word of a column. */
export interface OverTime {
  /**
   * The column of words, as the chart names it; `names` are those of a column of numbers, `none` stands for rows
   * without.
   */
  readonly by: {
    readonly field: string;
    readonly title: string;
    readonly names?: readonly string[];
    readonly none?: string;
  };
  /** What a row adds; 1 unless given. Rows of NaN are left out. */
  readonly amounts?: (batch: RecordBatch) => ArrayLike<number>;
  readonly title: string;
  readonly subtitle?: (parts: readonly Part[]) => string;
  /**
   * Each word's share of an interval's sum, the mean of its rows in a panel of its own, or (of sums of ns) its share of
   * the interval.
   */
  readonly shown: "share" | "panels" | "busy";
  readonly y: Measure;
}

/** A word's part of the whole. */
export interface Part {
  /** The name. */
  readonly name: string;
  /** The sum. */
  readonly total: number;
  /** Of all totals, 0 to 1. */
  readonly share: number;
}

/** More different words are summed as one. */
const mostWords = 256;
const mostDrawn = 7;
const others = "others";

/**
 * Sums by the words of a column over time, or over the rows' number where they have no times (of page runs, over the
 * references). The table has a row for each interval and word: `time` (its beginning: seconds, or millions of
 * references), `name`, `total`, `share`. Rows without a time are left out where the first batch has times. Constant
 * memory.
 */
export function overTime(of: OverTime): Accumulator<Characteristic & { readonly parts: readonly Part[] }> {
  const bins = new TimeBins(0, 120, 1024);
  const series = new Map<string, { readonly sums: Float64Array; readonly rows: Float64Array }>();
  let place = 0;
  let isTimed: boolean | undefined;
  const sumsOf = (text: string) => {
    const name = text === "" ? (of.by.none ?? "(none)") : text;
    const key = series.has(name) || series.size < mostWords ? name : others;
    const known = series.get(key) ?? { sums: bins.addSeries(), rows: bins.addSeries() };
    series.set(key, known);
    return known;
  };
  return {
    add(batch) {
      if (batch.numRows === 0) return;
      isTimed ??= hasTimes(batch);
      const { codes, texts } = wordsOf(batch, of.by.field, of.by.names);
      const sums: (ReturnType<typeof sumsOf> | undefined)[] = texts.map(() => undefined);
      const times = isTimed ? numbersOf(batch, "timeNs") : undefined;
      const counts = !isTimed && hasColumns(batch.schema, ["count"]) ? numbersOf(batch, "count") : undefined;
      const amounts = of.amounts?.(batch);
      let at = place;
      for (let row = 0; row < batch.numRows; row += 1) {
        const code = codes[row]!;
        const time = times === undefined ? at : times[row]!;
        if (Number.isNaN(time)) continue;
        const bin = bins.binOf(time);
        const amount = amounts === undefined ? 1 : amounts[row]!;
        const into = (sums[code] ??= sumsOf(texts[code] ?? `${of.by.title} ${code}`));
        if (amount === amount) {
          into.sums[bin]! += amount;
          into.rows[bin]! += 1;
        }
        at += counts === undefined ? 1 : counts[row]!;
      }
      place = at;
    },
    result() {
      if (series.size === 0) return undefined;
      const { count, width } = bins;
      const total = (sums: Float64Array) => sums.reduce((sum, value) => sum + value, 0);
      const sorted = [...series]
        .map(([name, { sums, rows: counts }]) => ({ name, sums, counts, total: total(sums) }))
        .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
      const all = sorted.reduce((sum, one) => sum + one.total, 0);
      const parts = sorted.map((one) => ({ name: one.name, total: one.total, share: all === 0 ? 0 : one.total / all }));
      const ofBin = Float64Array.from({ length: count }, (_, bin) =>
        sorted.reduce((sum, { sums }) => sum + sums[bin]!, 0),
      );
      const scale = isTimed ? 1e9 : 1e6;
      const table = new Table({
        time: makeVector(
          Float64Array.from({ length: count * sorted.length }, (_, row) => ((row % count) * width) / scale),
        ),
        name: vectorFromArray(
          sorted.flatMap(({ name }) => Array.from({ length: count }, () => name)),
          new Utf8(),
        ),
        total: makeVector(Float64Array.from(sorted.flatMap(({ sums }) => [...sums.subarray(0, count)]))),
        rows: makeVector(Float64Array.from(sorted.flatMap(({ counts }) => [...counts.subarray(0, count)]))),
        share: makeVector(
          Float64Array.from(
            sorted.flatMap(({ sums }) => Array.from(ofBin, (sum, bin) => (sum === 0 ? 0 : sums[bin]! / sum))),
          ),
        ),
      });
      const span = timeUnit(width * count);
      const x = isTimed
        ? { field: "time", title: "time", unit: span.unit }
        : { field: "time", title: "references", unit: "millions" };
      const changes = ({ sums, counts }: { readonly sums: Float64Array; readonly counts: Float64Array }): boolean => {
        const means = [...sums.subarray(0, count)]
          .map((sum, bin) => sum / counts[bin]!)
          .filter((mean) => !Number.isNaN(mean));
        return means.some((mean) => mean !== means[0]);
      };
      // A panel is for what changes.
      const changing = of.shown === "panels" ? sorted.filter(changes) : [];
      const candidates = changing.length > 0 ? changing : sorted;
      const kept = candidates.slice(0, candidates.length > mostDrawn + 1 ? mostDrawn : candidates.length);
      const drawn =
        kept.length === sorted.length || of.shown === "panels"
          ? kept
          : [
              ...kept,
              {
                name: others,
                counts: undefined,
                sums: Float64Array.from({ length: count }, (_, bin) =>
                  sorted.slice(kept.length).reduce((sum, { sums }) => sum + sums[bin]!, 0),
                ),
              },
            ];
      const shown = (sum: number, bin: number, counts: Float64Array | undefined): number | null => {
        if (of.shown === "share") return ofBin[bin] === 0 ? null : (100 * sum) / ofBin[bin]!;
        if (of.shown === "busy") return (100 * sum) / width;
        // Where nothing was sampled there is no value.
        return counts === undefined || counts[bin] === 0 ? null : sum / counts[bin]!;
      };
      const points = drawn.flatMap(({ name, sums, counts }) =>
        Array.from({ length: count }, (_, bin) => ({
          time: isTimed ? (bin * width) / span.ns : (bin * width) / 1e6,
          name,
          value: shown(sums[bin]!, bin, counts),
        })).filter(({ value }) => value !== null),
      );
      const subtitle = of.subtitle?.(parts) ?? "";
      const common = {
        x,
        measured: "value",
        shape: of.shown === "panels" ? "line" : "step",
        points: of.shown === "panels",
      } as const;
      const order = drawn.map(({ name }) => name);
      const chart =
        of.shown === "panels"
          ? panels(
              order.map((name) =>
                lines(
                  points.filter((point) => point.name === name),
                  { ...common, title: name, width: 300, height: 130, y: of.y },
                ),
              ),
              {
                title: of.title,
                subtitle: [
                  ...(subtitle === "" ? [] : [subtitle]),
                  ...(kept.length < candidates.length ? [`the ${mostDrawn} largest of ${candidates.length}`] : []),
                  ...(candidates.length < sorted.length ? [`${sorted.length - candidates.length} do not change`] : []),
                ].join("; "),
                columns: 2,
              },
            )
          : lines(points, {
              ...common,
              title: of.title,
              ...(subtitle === "" ? {} : { subtitle }),
              y: of.y,
              series: { field: "name", title: of.by.title, order },
            });
      return characteristic(table, chart, { parts });
    },
  };
}
