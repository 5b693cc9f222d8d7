import { isJsonObject } from "../../protocol/json.ts";
import { tagsOf, type Cell, type CodeCell, type Notebook } from "../notebook.ts";
import { chartOf, chartScripts } from "./charts.ts";
import { drawChart } from "./draw-chart.ts";
import { escapeHtml } from "./escape.ts";
import { highlight } from "./highlight.ts";
import { localImages } from "./local-images.ts";
import { createMarkdown, hasMath, type Heading, type MarkdownRenderer } from "./markdown.ts";
import { loadMath } from "./math.ts";
import { outputHtml } from "./outputs.ts";
import { htmlPage } from "./page.ts";
import type { FileLink } from "./sanitize.ts";

/** How a notebook becomes a page. */
export interface ExportOptions {
  /** The page's title where the notebook has no heading. */
  readonly title: string;
  /** The notebook's folder, whose images its texts may show; without it they are linked. */
  readonly folder?: string;
  /** Where links to files lead from the page; without it they stay as they are. */
  readonly fileLink?: FileLink;
  /** Safe HTML before the notebook, such as a link to a list of notebooks. */
  readonly before?: string;
}

/**
 * A notebook as one HTML page that needs neither network nor server: Markdown, code in colours, TeX drawn, tables, ANSI
 * colours, and Vega charts live (zoom, tooltips) over an image that stands where scripts are off. Whatever HTML the
 * notebook holds is sanitised, and the page's policy runs no script but its own. The same notebook gives the same bytes.
 *
 * @example
 * ```ts
 * import { exportHtml, parseNotebook } from "veelab/kernel";
 *
 * const cell = { cell_type: "markdown", id: "a", metadata: {}, source: "# Hello" };
 * const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
 * const html = await exportHtml(parseNotebook(text, "hello.ipynb"), { title: "hello" });
 * console.log(html.startsWith("<!DOCTYPE html>"));
 * ```
 */
export async function exportHtml(
  notebook: Notebook,
  { title, folder, fileLink, before = "" }: ExportOptions,
): Promise<string> {
  const outputs = notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []));
  const texts = [
    ...notebook.cells.filter((cell) => cell.cell_type === "markdown").map((cell) => cell.source),
    ...outputs.flatMap((output) => ("data" in output ? [output.data["text/markdown"], output.data["text/latex"]] : [])),
  ].filter((text) => typeof text === "string");
  const markdown = createMarkdown(
    texts.some(hasMath) ? await loadMath() : undefined,
    folder === undefined ? undefined : await localImages(texts, folder),
    fileLink,
  );
  const language = languageOf(notebook);
  const cells: string[] = [];
  for (const cell of notebook.cells) cells.push(await cellHtml(cell, markdown, language));
  const charts = outputs.some((output) => "data" in output && chartOf(output.data) !== undefined);
  return htmlPage({
    title: notebookTitle(notebook) ?? title,
    body: `<main>\n${before}${contents(markdown.headings)}${cells.join("\n")}\n</main>`,
    scripts: charts ? await chartScripts() : [],
  });
}

async function cellHtml(cell: Cell, markdown: MarkdownRenderer, language: string): Promise<string> {
  if (cell.cell_type !== "code") {
    return cell.cell_type === "markdown"
      ? `<section class="cell text">\n${markdown.render(cell.source, cell.attachments)}</section>`
      : `<section class="cell raw"><pre>${escapeHtml(cell.source)}</pre></section>`;
  }
  const outputs = await Promise.all(cell.outputs.map((output) => outputHtml(output, markdown, drawChart)));
  const prompt = cell.execution_count === null ? "" : `<span class="prompt">[${cell.execution_count}]</span>`;
  const source =
    cell.source.trim() === ""
      ? ""
      : `<div class="source">${prompt}<pre><code>${highlight(cell.source, language)}</code></pre></div>\n`;
  return (
    `<section class="cell code" id="cell-${cell.id}">\n` +
    folded(source, hidden(cell, "source_hidden", "hide-input"), "Code") +
    folded(outputs.join("\n"), hidden(cell, "outputs_hidden", "hide-output"), "Output") +
    `\n</section>`
  );
}

/** Whether the notebook's author folded a part of a cell, in JupyterLab or by Jupyter Book's tags. */
function hidden(cell: CodeCell, key: string, tag: string): boolean {
  const jupyter = cell.metadata["jupyter"];
  return (isJsonObject(jupyter) && jupyter[key] === true) || tagsOf(cell).includes(tag);
}

function folded(html: string, fold: boolean, name: string): string {
  return fold && html !== "" ? `<details><summary>${name}</summary>\n${html}</details>\n` : html;
}

/** A list of the notebook's sections, from three on: fewer are seen at a glance. */
function contents(headings: readonly Heading[]): string {
  const listed = headings.filter(({ level }) => level === 2 || level === 3);
  if (listed.length < 3) return "";
  const items = listed.map(
    ({ level, html, id }) =>
      `<li class="level-${level}"><a href="#${escapeHtml(encodeURIComponent(id))}">${html}</a></li>`,
  );
  return `<nav class="contents"><details><summary>Contents</summary><ul>\n${items.join("\n")}\n</ul></details></nav>\n`;
}

function languageOf({ metadata }: Notebook): string {
  const [info, spec] = [metadata["language_info"], metadata["kernelspec"]];
  const name = isJsonObject(info) ? info["name"] : isJsonObject(spec) ? spec["language"] : undefined;
  return typeof name === "string" ? name : "typescript";
}

/** The text of a notebook's first heading of the first level, without its markup. */
export function notebookTitle({ cells }: Notebook): string | undefined {
  for (const cell of cells) {
    const heading = cell.cell_type === "markdown" ? /^#[ \t]+(.+?)[ \t]*#*$/mu.exec(cell.source) : null;
    if (heading !== null) return heading[1]!.replaceAll(/[*`]|<[^>]*>/gu, "");
  }
  return undefined;
}
