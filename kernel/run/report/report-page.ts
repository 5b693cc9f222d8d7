import { escapeHtml } from "../html/escape.ts";
import { htmlPage } from "../html/page.ts";
import { clock } from "../progress.ts";
import { countVerdicts, quantityOf, VERDICTS, type Comparison, type Counts, type Verdict } from "./comparison.ts";
import { papersOf, type NotebookRun, type Paper } from "./paper.ts";

/** Where and with what a report was made: a name and a value a line. */
export type Environment = readonly (readonly [name: string, value: string])[];

/** The report's first page: the verdicts of all papers, every compared number, and links to the notebooks' pages. */
export function reportPage(runs: readonly NotebookRun[], environment: Environment): string {
  const papers = papersOf(runs);
  const body = [
    "<main>",
    "<h1>Published against reproduced</h1>",
    "<p>Each published number that the notebooks name, a paper's own or another source's that the row gives, is set against the one that the simulator computes here. A row " +
      "<em>agrees</em> when the difference is within the tolerance that the notebook states and gives the reason of; numbers that were used " +
      "to fit a parameter are <em>calibration</em> and never count as agreement. Why numbers differ, and what an agreement is " +
      "worth, is said in each paper's notebook.</p>",
    summary(papers),
    notebooks(runs),
    ...papers.map(paperSection),
    "<h2>Environment</h2>",
    `<table><tbody>${environment.map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join("\n")}</tbody></table>`,
    "</main>",
  ];
  return htmlPage({ title: "Published against reproduced", style: STYLE, body: body.join("\n") });
}

function summary(papers: readonly Paper[]): string {
  if (papers.length === 0) return "<p>No notebook compared anything.</p>";
  const rows = papers.map((paper) => {
    const counts = countVerdicts(paper.comparisons.flatMap(({ rows }) => rows));
    const cells = VERDICTS.map((verdict) => countCell(verdict, counts));
    return `<tr><th scope="row"><a href="#paper-${escapeHtml(paper.name)}">${escapeHtml(paper.title)}</a></th>${cells.join("")}</tr>`;
  });
  return `${countsHead("paper")}<tbody>${rows.join("\n")}</tbody></table>`;
}

function countCell(verdict: Verdict, counts: Counts): string {
  const marked = (verdict === "agrees" || verdict === "differs") && counts[verdict] > 0 ? ` ${verdict}` : "";
  return `<td class="number${marked}">${counts[verdict] === 0 ? "" : counts[verdict]}</td>`;
}

function notebooks(runs: readonly NotebookRun[]): string {
  const rows = runs.map(({ name, title, failure, page, kept, seconds }) => {
    const file = escapeHtml(encodeURIComponent(name));
    const link = (extension: string, text: string): string =>
      page ? `<a href="${file}.${extension}">${escapeHtml(text)}</a>` : escapeHtml(text);
    const outcome =
      failure === undefined
        ? `ran in ${clock(seconds)}${kept ? ", for an earlier report; nothing has changed" : ""}`
        : `<strong class="failed">failed</strong>: ${escapeHtml(failure)}`;
    return `<tr><td>${link("html", title)}</td><td>${link("ipynb", `${name}.ipynb`)}</td><td>${outcome}</td></tr>`;
  });
  return `<h2>Notebooks</h2>\n<table><tbody>${rows.join("\n")}</tbody></table>`;
}

function paperSection(paper: Paper): string {
  const links = paper.notebooks.map(
    ({ name, title }) => `<a href="${escapeHtml(encodeURIComponent(name))}.html">${escapeHtml(title)}</a>`,
  );
  return [
    `<section id="paper-${escapeHtml(paper.name)}">`,
    `<h2>${escapeHtml(paper.title)}</h2>`,
    `<p>From ${links.join(", ")}.</p>`,
    contents(paper),
    ...paper.comparisons.map((comparison, at) => comparisonTable(comparison, anchor(paper, at))),
    "</section>",
  ].join("\n");
}

/** The paper's comparisons with their counts, each a link to its rows. */
function contents(paper: Paper): string {
  const rows = paper.comparisons.map(({ title, rows }, at) => {
    const counts = countVerdicts(rows);
    const cells = VERDICTS.map((verdict) => countCell(verdict, counts));
    return `<tr><th scope="row"><a href="#${anchor(paper, at)}">${escapeHtml(title)}</a></th>${cells.join("")}</tr>`;
  });
  return `${countsHead("comparison")}<tbody>${rows.join("\n")}</tbody></table>`;
}

function anchor(paper: Paper, at: number): string {
  return `paper-${escapeHtml(paper.name)}-${at + 1}`;
}

function countsHead(first: string): string {
  const heads = VERDICTS.map((verdict) => `<th scope="col" class="number">${verdict}</th>`);
  return `<table class="summary"><thead><tr><th scope="col">${first}</th>${heads.join("")}</tr></thead>\n`;
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

function comparisonTable({ title, rows }: Comparison, id: string): string {
  const shown = rows.map((row) => ({ row, text: { ...row.text, quantity: quantityOf(row) } }));
  const columns = HEADINGS.filter(([field]) => shown.some(({ text }) => text[field] !== ""));
  const simulated = rows.every(({ published }) => published === null);
  const head = [
    ...columns.map(([field, kind]) => cell("th", kind, simulated && field === "reproduced" ? "simulated" : field)),
    cell("th", "", "source"),
    cell("th", "", "reason"),
  ];
  const body = shown.map(({ row, text }) => {
    const cells = columns.map(([field, kind]) =>
      cell("td", field === "verdict" ? `verdict ${row.verdict.replace(" ", "-")}` : kind, text[field]),
    );
    return `<tr>${cells.join("")}${cell("td", "note", row.source)}${cell("td", "note", row.reason)}</tr>`;
  });
  return (
    `<h3 id="${id}">${escapeHtml(title)}</h3>\n<p class="counts">${counted(countVerdicts(rows))}</p>\n` +
    `<table class="rows"><thead><tr>${head.join("")}</tr></thead>\n<tbody>${body.join("\n")}</tbody></table>`
  );
}

function cell(tag: "td" | "th", kind: string, text: string): string {
  const scope = tag === "th" ? ' scope="col"' : "";
  return `<${tag}${scope}${kind === "" ? "" : ` class="${kind}"`}>${escapeHtml(text)}</${tag}>`;
}

function counted(counts: Counts): string {
  return VERDICTS.filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${COUNTED[verdict]}`)
    .join(", ");
}

const COUNTED: Readonly<Record<Verdict, string>> = {
  agrees: "agree",
  differs: "differ",
  "not published": "not published",
  calibration: "calibration",
};

const STYLE = `
main { max-width: 78rem; }
main > p { max-width: 46rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { white-space: nowrap; }
.agrees { background: rgba(0, 158, 115, 0.2); }
.differs { background: rgba(213, 94, 0, 0.28); font-weight: 600; }
.not-published, .calibration, .counts { color: var(--soft); }
.note { color: var(--soft); font-size: 0.85em; min-width: 10rem; }
.rows td:first-child { min-width: 13rem; }
.failed { color: var(--red); }
`;
