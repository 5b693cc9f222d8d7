import type { ComparisonRow, Verdict, VerdictCounts } from "./compare.ts";
import { decimalsOf, formatFixed, formatSignificant } from "./format.ts";

/** A compared row as text, a field a column of the table that readers see. */
interface Shown {
  readonly quantity: string;
  readonly unit: string;
  readonly published: string;
  readonly reproduced: string;
  readonly analytic: string;
  readonly difference: string;
  readonly tolerance: string;
  readonly verdict: string;
  readonly source: string;
  readonly reason: string;
}

type Heading = readonly [field: keyof Shown, heading: string, align: "left" | "right"];

const HEADINGS: readonly Heading[] = [
  ["quantity", "quantity", "left"],
  ["unit", "unit", "left"],
  ["published", "published", "right"],
  ["reproduced", "reproduced", "right"],
  ["analytic", "analytic", "right"],
  ["difference", "difference", "right"],
  ["tolerance", "tolerance", "right"],
  ["verdict", "verdict", "left"],
  ["source", "source", "left"],
  ["reason", "reason for the tolerance", "left"],
];

const unknown = "not available";

// Signs beside the words: the verdict does not rest on colour.
const SIGNS: Readonly<Record<Verdict, string>> = {
  agrees: "✓ agrees",
  differs: "✗ differs",
  "not published": "– not published",
  calibration: "∘ calibration",
};
const BOUNDS: Readonly<Record<ComparisonRow["relation"], string>> = {
  equal: "",
  about: "≈ ",
  "at most": "≤ ",
  "at least": "≥ ",
};

const SLACK: Readonly<Record<ComparisonRow["relation"], string>> = {
  equal: "±",
  about: "±",
  "at most": "+",
  "at least": "\u2212",
};

/** The comparison as aligned text, for terminals; its notes (source, reason) are left to the table in HTML. */
export function comparisonText(title: string, rows: readonly ComparisonRow[], counts: VerdictCounts): string {
  const shown = rows.map(show);
  const columns = used(shown).filter(([field]) => field !== "reason");
  const cells = [columns.map(([, heading]) => heading), ...shown.map((row) => columns.map(([field]) => row[field]))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => width(line[at] ?? ""))));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => {
        const padding = " ".repeat((widths[at] ?? 0) - width(cell));
        return columns[at]?.[2] === "right" ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
  const [header = "", ...body] = lines;
  return [title, header, "─".repeat(Math.max(...lines.map(width))), ...body, sentence(counts)].join("\n");
}

/** The comparison as a table in HTML that takes its colours from the page, light or dark. */
export function comparisonHtml(title: string, rows: readonly ComparisonRow[], counts: VerdictCounts): string {
  const shown = rows.map(show);
  const columns = used(shown);
  const head = columns.map(([, heading, align]) => `<th scope="col" style="${cellStyle(align)}">${heading}</th>`);
  const body = shown.map((row, index) => {
    const verdict = rows[index]?.verdict ?? "differs";
    const cells = columns.map(([field, , align]) => {
      const style = cellStyle(align) + (field === "verdict" ? VERDICT_STYLES[verdict] : (WIDTHS[field] ?? ""));
      return `<td style="${style}">${escape(row[field])}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return [
    `<table class="veelab-comparison" style="border-collapse:collapse;color:inherit;font-variant-numeric:tabular-nums">`,
    `<caption style="caption-side:top;text-align:left;font-weight:600;padding:4px 0">${escape(title)}</caption>`,
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    `</table>`,
    `<p class="veelab-comparison-counts">${escape(sentence(counts))}</p>`,
  ].join("\n");
}

// Sentences get room: else the browser gives it to the numbers.
const WIDTHS: Readonly<Partial<Record<keyof Shown, string>>> = {
  quantity: ";min-width:11em",
  source: ";min-width:7em",
  reason: ";min-width:15em",
};

// Half-transparent backgrounds read on white and on black alike; text keeps the page's own colour.
const VERDICT_STYLES: Readonly<Record<Verdict, string>> = {
  agrees: ";background:rgba(0,158,115,.22);white-space:nowrap",
  differs: ";background:rgba(213,94,0,.30);font-weight:600;white-space:nowrap",
  "not published": ";opacity:.75;white-space:nowrap",
  calibration: ";opacity:.75;white-space:nowrap",
};

function cellStyle(align: "left" | "right"): string {
  const nowrap = align === "right" ? ";white-space:nowrap" : "";
  return `text-align:${align};vertical-align:top;padding:3px 10px;border-bottom:1px solid rgba(128,128,128,.35)${nowrap}`;
}

/**
 * The columns that say something in some row: an analytic column without numbers is left out. Where nothing is published, nothing is reproduced
 * either: those numbers are simulated.
 */
function used(shown: readonly Shown[]): readonly Heading[] {
  const simulated = shown.every(({ published }) => published === unknown);
  return HEADINGS.filter(([field]) => field === "quantity" || shown.some((row) => row[field] !== "")).map(
    ([field, heading, align]) => [field, simulated && field === "reproduced" ? "simulated" : heading, align],
  );
}

function sentence({ agrees, differs, notPublished, calibration }: VerdictCounts): string {
  if (agrees + differs + calibration === 0) return `${notPublished} not published.`;
  const parts = [
    `${agrees} agree`,
    `${differs} differ`,
    ...(notPublished > 0 ? [`${notPublished} not published`] : []),
    ...(calibration > 0 ? [`${calibration} used for calibration`] : []),
  ];
  return `${parts.join(", ")}.`;
}

/** The row's numbers and verdict as readers see them: what collects comparisons need not format them again. */
export function comparisonRowText(row: ComparisonRow): Record<string, string> {
  const { published, reproduced, analytic, difference, tolerance, verdict } = show(row);
  return { published, reproduced, analytic, difference, tolerance, verdict };
}

function show(row: ComparisonRow): Shown {
  const { published, reproduced, analytic, difference, tolerance, unit, verdict } = row;
  const decimals = decimalsFor(row);
  const number = (value: number | null): string =>
    value === null ? "" : decimals === undefined ? formatSignificant(value) : formatFixed(value, decimals);
  const signed = (value: number): string => (value > 0 && /[1-9]/.test(number(value)) ? "+" : "") + number(value);
  return {
    quantity: row.quantity,
    unit,
    published: published === null ? unknown : BOUNDS[row.relation] + formatSignificant(published, 12),
    reproduced: number(reproduced),
    analytic: number(analytic),
    difference: difference === null ? "" : signed(difference),
    tolerance: tolerance === null ? "" : SLACK[row.relation] + formatSignificant(tolerance, 3),
    verdict: SIGNS[verdict],
    source: row.source,
    reason: row.reason,
  };
}

/**
 * As many decimals as the published number is printed with, or as two digits of the tolerance need (where there
 * is none: three digits of the reproduced number), whichever is more: further digits would say nothing. A difference that would then seem to contradict its verdict gets more.
 */
function decimalsFor({ published, reproduced, difference, tolerance, verdict }: ComparisonRow): number | undefined {
  // Very small numbers are shown in powers of ten.
  if (published === null || (published !== 0 && Math.abs(published) < 1e-4)) return undefined;
  const needed =
    tolerance === null || tolerance === 0
      ? decimalsOf(Number((reproduced ?? 0).toPrecision(3)))
      : 1 - Math.floor(Math.log10(tolerance));
  let decimals = Math.min(Math.max(decimalsOf(published), needed), 15);
  if (difference === null || tolerance === null) return decimals;
  const seemsWithin = (): boolean => Number(Math.abs(difference).toFixed(decimals)) <= tolerance;
  while (verdict === "differs" && seemsWithin() && Math.abs(difference) > tolerance && decimals < 15) decimals += 1;
  return decimals;
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** How many characters a reader sees: aligned text needs that, not the count of UTF-16 units. */
function width(text: string): number {
  return Array.from(new Intl.Segmenter().segment(text)).length;
}
