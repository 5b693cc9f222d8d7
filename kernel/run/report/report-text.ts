import { countVerdicts, quantityOf, VERDICTS, type Comparison, type ComparisonRow } from "./comparison.ts";
import { papersOf, type NotebookRun } from "./paper.ts";

/**
 * The report for a terminal of `columns` characters: for each paper the counts of its comparisons and the rows that
 * differ, then the counts of each paper. Every row, with its source and reason, is in the page.
 */
export function reportText(runs: readonly NotebookRun[], columns = 100): string {
  const papers = papersOf(runs);
  const tables = papers.flatMap((paper) => [
    heading(paper.title, "="),
    comparisonsTable(paper.comparisons, columns),
    "",
    ...differing(paper.comparisons, columns),
  ]);
  const counts = papers.map((paper) => [
    paper.name,
    ...VERDICTS.map((verdict) => String(countVerdicts(paper.comparisons.flatMap(({ rows }) => rows))[verdict])),
  ]);
  const summary = [
    heading("Papers", "="),
    papers.length === 0 ? "No notebook compared anything." : table(["paper", ...VERDICTS], counts, columns),
  ];
  const failures = runs.filter((run) => run.failure !== undefined);
  return [...tables, ...summary, ...failures.map((run) => `${run.name} failed: ${run.failure ?? ""}`), ""].join("\n");
}

function comparisonsTable(comparisons: readonly Comparison[], columns: number): string {
  const rows = comparisons.map(({ title, rows }) => {
    const counts = countVerdicts(rows);
    return [title, ...VERDICTS.map((verdict) => (counts[verdict] === 0 ? "" : String(counts[verdict])))];
  });
  return table(["comparison", ...VERDICTS], rows, columns);
}

/** The findings: what was published and not reproduced. */
function differing(comparisons: readonly Comparison[], columns: number): string[] {
  return comparisons.flatMap(({ title, rows }) => {
    const found = rows.filter(({ verdict }) => verdict === "differs");
    return found.length === 0 ? [] : [`${title}: what differs\n${rowsTable(found, columns)}\n`];
  });
}

// The analytic numbers, sources and reasons are in the page: a line of a terminal has no room for them.
const FIELDS = ["quantity", "published", "reproduced", "difference", "tolerance", "verdict"] as const;

function rowsTable(compared: readonly ComparisonRow[], columns: number): string {
  const rows = compared.map((row) => ({ ...row.text, quantity: quantityOf(row) }));
  const fields = FIELDS.filter((field) => rows.some((row) => row[field] !== ""));
  const cells = rows.map((row) => fields.map((field) => row[field]));
  return table(fields, cells, columns);
}

/** Aligned columns: the first and the last to the left, numbers to the right; the first is cut to what is left over. */
function table(headings: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, at) => Math.max(...lines.map((line) => width(line[at] ?? ""))));
  const others = widths.slice(1).reduce((sum, each) => sum + each + 2, 0);
  widths[0] = Math.max(12, Math.min(widths[0] ?? 0, columns - others));
  const last = headings.length - 1;
  const text = lines.map((line) =>
    line
      .map((cell, at) => {
        const fitted = at === 0 ? cut(cell, widths[0]!) : cell;
        const padding = " ".repeat(Math.max(0, widths[at]! - width(fitted)));
        const left = at === 0 || (at === last && headings[at] === "verdict");
        return left ? fitted + padding : padding + fitted;
      })
      .join("  ")
      .trimEnd(),
  );
  const [first = "", ...body] = text;
  return [first, "-".repeat(Math.min(columns, Math.max(...text.map(width)))), ...body].join("\n");
}

const characters = (text: string): string[] => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
const width = (text: string): number => characters(text).length;

function cut(text: string, columns: number): string {
  return width(text) <= columns
    ? text
    : `${characters(text)
        .slice(0, columns - 1)
        .join("")}…`;
}

function heading(text: string, underline: string): string {
  return `${text}\n${underline.repeat(width(text))}`;
}
