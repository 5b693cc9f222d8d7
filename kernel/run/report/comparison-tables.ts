import { escapeHtml } from "../html/escape.ts";
import {
  countVerdicts,
  quantityOf,
  VERDICTS,
  type Comparison,
  type ComparisonRow,
  type Counts,
  type Verdict,
} from "./comparison.ts";
import { tableHtml, textCell, type TableCell } from "./html-table.ts";

/** A line of a table of counts: what is counted, as HTML, and its rows. */
export type Counted = readonly [name: string, rows: readonly ComparisonRow[]];

/** How many quantities have each verdict, a line each and, of several, their sum. */
export function countsTable(caption: string, first: string, lines: readonly Counted[]): string {
  const line = ([name, rows]: Counted): TableCell[] => {
    const counts = countVerdicts(rows);
    return [{ html: name, heads: true }, ...VERDICTS.map((verdict) => countCell(verdict, counts))];
  };
  const sum: Counted = ["all", lines.flatMap(([, rows]) => rows)];
  return tableHtml({
    ...{ caption, kind: "summary" },
    head: [textCell(first), ...VERDICTS.map((verdict) => textCell(verdict, "number"))],
    rows: [...lines, ...(lines.length > 1 ? [sum] : [])].map(line),
  });
}

function countCell(verdict: Verdict, counts: Counts): TableCell {
  const marked = (verdict === "agrees" || verdict === "differs") && counts[verdict] > 0 ? ` ${verdict}` : "";
  return textCell(counts[verdict] === 0 ? "" : String(counts[verdict]), `number${marked}`);
}

const HEADINGS = [
  ["quantity", ""],
  ["published", "number"],
  ["reproduced", "number"],
  ["analytic", "number"],
  ["difference", "number"],
  ["tolerance", "number"],
  ["verdict", ""],
] as const;

/** Every row of a comparison. Columns in which no row says anything are left out. */
export function comparisonTable({ title, rows }: Comparison, id: string): string {
  const shown = rows.map((row) => ({ row, text: { ...row.text, quantity: quantityOf(row) } }));
  const columns = HEADINGS.filter(([field]) => shown.some(({ text }) => text[field] !== ""));
  const simulated = rows.every(({ published }) => published === null);
  const reasons = rows.some(({ reason }) => reason !== "");
  const table = tableHtml({
    ...{ caption: counted(countVerdicts(rows)), name: title, kind: "rows" },
    head: [
      ...columns.map(([field, kind]) => textCell(simulated && field === "reproduced" ? "simulated" : field, kind)),
      textCell("source"),
      ...(reasons ? [textCell("reason for the tolerance")] : []),
    ],
    rows: shown.map(({ row, text }) => [
      ...columns.map(([field, kind]) =>
        field === "verdict"
          ? textCell(text[field], `verdict ${row.verdict.replace(" ", "-")}`)
          : { ...textCell(text[field], kind), heads: field === "quantity" },
      ),
      textCell(row.source, "note"),
      ...(reasons ? [textCell(row.reason, "note")] : []),
    ]),
  });
  return `<h3 id="${id}">${escapeHtml(title)}</h3>\n${table}`;
}

/** `160 agree, 125 differ`. */
function counted(counts: Counts): string {
  const parts = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${WORDS[verdict]}`,
  );
  return parts.length === 0 ? "nothing compared" : parts.join(", ");
}

const WORDS: Readonly<Record<Verdict, string>> = {
  agrees: "agree",
  differs: "differ",
  "not published": "not published",
  calibration: "calibration",
};
