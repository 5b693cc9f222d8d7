import { type ChartSpec, framed } from "../core/chart/theme.ts";

const rowHeight = 17;
/** Of Inter at 10.5 px, on average. */
const letterWidth = 6.1;
const gap = 16;

/**
 * A table of texts as a chart, for figures that stand beside charts: the first column to the left, the others to the
 * right.
 */
export function summaryPanel(headings: readonly string[], rows: readonly (readonly string[])[]): ChartSpec {
  const lines = [headings, ...rows].map((row) =>
    row.map((text) => (text.length > 34 ? `${text.slice(0, 33)}…` : text)),
  );
  const widths = headings.map((_, at) => letterWidth * Math.max(...lines.map((line) => line[at]!.length)));
  const starts = widths.map((_, at) => widths.slice(0, at).reduce((sum, width) => sum + width + gap, 0));
  const isLeft = (at: number) => at < 2;
  const values = lines.flatMap((line, row) =>
    line.map((text, at) => ({
      text,
      x: isLeft(at) ? starts[at]! : starts[at]! + widths[at]!,
      y: rowHeight * (row + 0.5),
      side: isLeft(at) ? "left" : "right",
      weight: row === 0 ? 600 : 400,
    })),
  );
  const width = starts.at(-1)! + widths.at(-1)! + 4;
  const place = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
  const marks = ["left", "right"].flatMap((align) =>
    [600, 400].map((fontWeight) => ({
      transform: [{ filter: `datum.side === "${align}" && datum.weight === ${fontWeight}` }],
      mark: { type: "text", align, baseline: "middle", fontSize: 10.5, fontWeight, color: "#1A1A1A" },
      encoding: { x: place("x"), y: place("y"), text: { field: "text", type: "nominal" } },
    })),
  );
  return framed({ title: "Columns" }, [], `Table of ${rows.length} columns with their figures.`, {
    width,
    height: rowHeight * lines.length,
    data: { values },
    layer: marks,
  });
}
