import { escapeHtml } from "../html/escape.ts";
import { createMarkdown } from "../html/markdown.ts";
import { htmlPage } from "../html/page.ts";
import { moment, type Changes } from "./changes.ts";
import { countVerdicts } from "./comparison.ts";
import { comparisonTable, countsTable } from "./comparison-tables.ts";
import type { Dataset } from "./data-package.ts";
import type { Environment } from "./environment.ts";
import { papersOf, type NotebookRun, type Paper } from "./paper.ts";
import {
  changesSection,
  datasetsSection,
  environmentSection,
  notebooksSection,
  uncomparedSection,
} from "./report-sections.ts";
import { verdictCharts } from "./report-charts.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** What a report says. */
export interface Report {
  /** When it was made: ISO 8601, UTC. */
  readonly made: string;
  readonly runs: readonly NotebookRun[];
  readonly environment: Environment;
  readonly datasets: readonly Dataset[];
  /** Undefined for the first report of a folder. */
  readonly changes: Changes | undefined;
}

const TITLE = "Published against reproduced";

/** The report's first page: verdicts, what changed and what could not be compared, every number, and what it was made with. */
export async function reportPage({ made, runs, environment, datasets, changes }: Report): Promise<string> {
  const papers = papersOf(runs);
  const body = [
    '<a class="skip" href="#verdicts">To the verdicts</a>',
    "<header>",
    `<h1>${TITLE}</h1>`,
    `<p class="lead">${summary(papers)}${incomplete(runs)}</p>`,
    `<p class="note">Made ${moment(made)} by veelab ${escapeHtml(Object.fromEntries(environment)["veelab"] ?? "")}.</p>`,
    contents(papers, datasets),
    "</header>",
    "<main>",
    verdicts(papers, await verdictCharts(papers)),
    changesSection(changes),
    uncomparedSection(papers, runs),
    notebooksSection(runs),
    ...papers.map((paper) => paperSection(paper, runs)),
    environmentSection(environment),
    datasetsSection(datasets),
    "</main>",
  ];
  return htmlPage({ title: TITLE, style: REPORT_STYLE, body: body.join("\n") });
}

function summary(papers: readonly Paper[]): string {
  if (papers.length === 0) return "No notebook compared anything.";
  const counts = countVerdicts(papers.flatMap(({ comparisons }) => comparisons.flatMap(({ rows }) => rows)));
  const evidence = counts.agrees + counts.differs;
  return (
    `Of ${evidence} published numbers that can be tested, <strong>${counts.agrees} agree</strong> and ` +
    `<strong>${counts.differs} differ</strong>. ${counts.calibration} more were used to fit parameters and do not count; ` +
    `${counts["not published"]} quantities have no published number. ${spread(papers, evidence)}`
  );
}

/** That numbers are missing, where a notebook failed before it had compared all of its own. */
function incomplete(runs: readonly NotebookRun[]): string {
  const failed = runs.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return "";
  const names = failed.map(({ name }) => escapeHtml(name)).join(", ");
  return ` <strong class="failed">Not to the end: ${names}</strong>. What ${failed.length === 1 ? "it" : "they"} would have compared after that is not counted.`;
}

/** How the numbers that can be tested are spread over papers: a sum says little where most are one paper's. */
function spread(papers: readonly Paper[], evidence: number): string {
  const tested = papers.map(({ title, comparisons }) => {
    const { agrees, differs } = countVerdicts(comparisons.flatMap(({ rows }) => rows));
    return { title, count: agrees + differs };
  });
  const most = tested.find(({ count }) => count > evidence / 2);
  const none = tested.filter(({ count }) => count === 0).length;
  return [
    ...(most !== undefined && papers.length > 1
      ? [`${most.count} of those that can be tested are one paper's (<em>${escapeHtml(most.title)}</em>).`]
      : []),
    ...(none > 0 ? [`Of ${none} ${none === 1 ? "paper" : "papers"} no published number can be tested.`] : []),
  ].join(" ");
}

function contents(papers: readonly Paper[], datasets: readonly Dataset[]): string {
  const item = (id: string, text: string): string => `<li><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`;
  const items = [
    item("verdicts", "Verdicts"),
    item("changes", "Differences to the last report"),
    item("not-compared", "What could not be compared"),
    item("notebooks", "Notebooks"),
    ...papers.map(({ name, title }) => item(`paper-${name}`, title)),
    item("environment", "Environment"),
    ...(datasets.length > 0 ? [item("datasets", "Datasets")] : []),
  ];
  return `<nav class="contents" aria-label="Contents"><ul>\n${items.join("\n")}\n</ul></nav>`;
}

function verdicts(papers: readonly Paper[], charts: string): string {
  const lines = papers.map(
    ({ name, title, comparisons }) =>
      [
        `<a href="#paper-${escapeHtml(name)}">${escapeHtml(title)}</a>`,
        comparisons.flatMap(({ rows }) => rows),
      ] as const,
  );
  return [
    '<section id="verdicts">',
    "<h2>Verdicts</h2>",
    "<p>Each published number that the notebooks name, a paper's own or another source's that the row gives, is set against the one that the simulator computes here. A row " +
      "<em>agrees</em> when the difference is within the tolerance that the notebook states with its reason, fixed before the run unless it says otherwise; numbers that were used " +
      "to fit a parameter are <em>calibration</em> and never count as agreement. Why numbers differ, and what an agreement is " +
      "worth, is said in each paper's notebook.</p>",
    ...(lines.length > 0 ? [countsTable("Verdicts by paper: how many numbers", "paper", lines), charts] : []),
    "</section>",
  ].join("\n");
}

function paperSection(paper: Paper, runs: readonly NotebookRun[]): string {
  const links = paper.notebooks.map(
    ({ name, title }) => `<a href="${escapeHtml(encodeURIComponent(name))}.html">${escapeHtml(title)}</a>`,
  );
  const lines = paper.comparisons.map(
    ({ title, rows }, at) => [`<a href="#${anchor(paper, at)}">${escapeHtml(title)}</a>`, rows] as const,
  );
  return [
    `<section id="paper-${escapeHtml(paper.name)}" class="paper">`,
    `<h2>${escapeHtml(paper.title)}</h2>`,
    about(paper),
    `<p>From the notebook ${links.join(", ")}.${incomplete(runs.filter(({ name }) => paper.notebooks.some((notebook) => notebook.name === name)))}</p>`,
    countsTable(`${escapeHtml(paper.title)}: how many numbers`, "comparison", lines),
    ...paper.comparisons.map((comparison, at) => comparisonTable(comparison, anchor(paper, at))),
    "</section>",
  ].join("\n");
}

/** The paper's citation, and its author's result in words, from the notebook with most of its comparisons. */
function about({ notebooks: [main] }: Paper): string {
  const { citation, result } = main?.about ?? { citation: "", result: "" };
  const markdown = createMarkdown(undefined);
  const said = result === "" ? "" : `<div class="result">${markdown.render(`**Result:** ${result}`)}</div>`;
  return `${citation === "" ? "" : `<div class="citation">${markdown.render(citation)}</div>`}${said}`;
}

function anchor(paper: Paper, at: number): string {
  return `paper-${escapeHtml(paper.name)}-${at + 1}`;
}
