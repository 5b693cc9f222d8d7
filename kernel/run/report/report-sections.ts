import { escapeHtml } from "../html/escape.ts";
import { clock } from "../progress.ts";
import { changesText, changesVerdict, type Changes, type RowChange } from "./changes.ts";
import { quantityOf, type ComparisonRow } from "./comparison.ts";
import type { Dataset } from "./data-package.ts";
import type { Environment } from "./environment.ts";
import { tableHtml, textCell, type TableCell } from "./html-table.ts";
import type { NotebookRun, Paper } from "./paper.ts";

/** Which verdicts and numbers are not those of the last report, and what else is not. */
export function changesSection(changes: Changes | undefined): string {
  const heading = '<section id="changes">\n<h2>Differences to the last report</h2>\n';
  if (changes === undefined)
    return `${heading}<p>There was no report here before this one, or one that cannot be read.</p>\n</section>`;
  const { rows, environment, datasets } = changes;
  const parts = [`<p>${changesText(changes)}</p>`];
  if (rows.length > 0) {
    const head = ["paper", "comparison", "quantity", "before", "now"].map((name) => textCell(name));
    // Those that change a verdict first.
    const ordered = [...rows].sort((a, b) => Number(changesVerdict(b)) - Number(changesVerdict(a)));
    parts.push(tableHtml({ caption: "Quantities that changed", head, rows: ordered.map(changeRow) }));
  }
  if (environment.length > 0) {
    const head = ["", "before", "now"].map((name) => textCell(name));
    const lines = environment.map(([name, before, after]) => [
      { ...textCell(name), heads: true },
      textCell(before || "none", "long"),
      textCell(after || "none", "long"),
    ]);
    parts.push(tableHtml({ caption: "Environment that changed", head, rows: lines }));
  }
  if (datasets.length > 0) parts.push(`<p>Datasets that changed: ${datasets.map(escapeHtml).join(", ")}.</p>`);
  return `${heading}${parts.join("\n")}\n</section>`;
}

function changeRow({ paper, title, quantity, before, after }: RowChange): TableCell[] {
  const said = (row: ComparisonRow | undefined): TableCell =>
    row === undefined
      ? textCell("not there", "note")
      : textCell(`${row.text.reproduced || "nothing"}: ${row.verdict}`, `verdict ${row.verdict.replace(" ", "-")}`);
  return [textCell(paper), textCell(title), { ...textCell(quantity), heads: true }, said(before), said(after)];
}

/** Every quantity without a verdict of its own, and why: nothing published, or used to fit; then notebooks that failed. */
export function uncomparedSection(papers: readonly Paper[], runs: readonly NotebookRun[]): string {
  const lines = papers.flatMap(({ name, comparisons }) =>
    grouped(comparisons.flatMap(({ rows }) => rows)).map(([why, quantities]) => [
      { html: `<a href="#paper-${escapeHtml(name)}">${escapeHtml(name)}</a>`, heads: true },
      textCell([...new Set(quantities)].join("; ")),
      textCell(why, "why"),
    ]),
  );
  const failed = runs.filter(({ failure }) => failure !== undefined);
  const table = tableHtml({
    caption: "Quantities that are shown and not counted",
    head: ["paper", "quantities", "why"].map((name) => textCell(name)),
    rows: lines,
  });
  const failures = failed.map(
    ({ name, failure }) => `<li>${escapeHtml(name)} did not run to its end: ${escapeHtml(failure ?? "")}</li>`,
  );
  return [
    '<section id="not-compared">',
    "<h2>What could not be compared</h2>",
    ...(lines.length > 0 ? [table] : failed.length === 0 ? ["<p>Every quantity was compared.</p>"] : []),
    ...(failed.length > 0 ? [`<ul>${failures.join("\n")}</ul>`] : []),
    "</section>",
  ].join("\n");
}

/** Quantities by the reason for which they are not evidence. */
function grouped(rows: readonly ComparisonRow[]): [why: string, quantities: string[]][] {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    if (row.verdict !== "not published" && row.verdict !== "calibration") continue;
    const why =
      row.verdict === "calibration"
        ? `calibration: ${row.reason}`
        : [row.source, row.reason].filter(Boolean).join("; ");
    groups.set(why, [...(groups.get(why) ?? []), quantityOf(row)]);
  }
  return [...groups];
}

/** Each notebook with its page, its file and its outcome. */
export function notebooksSection(runs: readonly NotebookRun[]): string {
  const rows = runs.map(({ name, title, failure, page, kept, seconds }) => {
    const file = escapeHtml(encodeURIComponent(name));
    const link = (extension: string, text: string): TableCell => ({
      html: page ? `<a href="${file}.${extension}">${escapeHtml(text)}</a>` : escapeHtml(text),
    });
    const outcome: TableCell =
      failure === undefined
        ? textCell(`ran in ${clock(seconds)} min${kept ? ", for an earlier report; nothing has changed" : ""}`)
        : { html: `<strong class="failed">failed</strong>: ${escapeHtml(failure)}` };
    return [{ ...link("html", title), heads: true }, link("ipynb", `${name}.ipynb`), outcome];
  });
  const head = ["page, with charts and code", "file", "outcome"].map((name) => textCell(name));
  return `<section id="notebooks">\n<h2>Notebooks</h2>\n${tableHtml({ caption: "Notebooks of this report", head, rows })}\n</section>`;
}

/** What the report was made with, and how to make it again. */
export function environmentSection(environment: Environment): string {
  const rows = environment.map(([name, value]) => [{ ...textCell(name), heads: true }, textCell(value, "long")]);
  return [
    '<section id="environment">',
    "<h2>Environment</h2>",
    tableHtml({
      caption: "What this report was made with",
      head: [textCell("part"), textCell("version or hash")],
      rows,
    }),
    "<p><code>veelab reproduce</code> of the same commit and the same data gives the same numbers. Versions and the processor are those " +
      "of this run, times those of each notebook's own.</p>",
    "</section>",
  ].join("\n");
}

/** Each file of data with its hash, and whether that is the recorded one. */
export function datasetsSection(datasets: readonly Dataset[]): string {
  if (datasets.length === 0) return "";
  const others = datasets.filter(({ asRecorded }) => !asRecorded);
  const size = datasets.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const said =
    others.length === 0
      ? "each file has the hash that the catalogue records"
      : `not as the catalogue records: ${others.map(({ name }) => escapeHtml(name)).join(", ")}`;
  const rows = datasets.map(({ name, title, bytes, hash, source, licence }) => [
    { html: `${escapeHtml(name)}<br><span class="note">${escapeHtml(title)}</span>`, heads: true },
    textCell((bytes / 1000).toFixed(1), "number"),
    textCell(source, "note"),
    textCell(licence, "note"),
    textCell(hash === "" ? "no file" : hash.replace("sha256:", ""), "hash"),
  ]);
  const head = [
    textCell("dataset"),
    textCell("size (kB)", "number"),
    textCell("source"),
    textCell("licence"),
    textCell("SHA-256"),
  ];
  return [
    '<section id="datasets">',
    "<h2>Datasets</h2>",
    `<p>${datasets.length} datasets, ${size.toFixed(1)} MB; ${said}.</p>`,
    tableHtml({ ...{ caption: "Datasets and the hashes of their files", kind: "datasets" }, head, rows }),
    "</section>",
  ].join("\n");
}
