import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { notebookTitle } from "../html/export-html.ts";
import { readNotebook } from "../read-notebook.ts";
import { aboutOf, shortCitation } from "./about.ts";
import { comparisonsOf, countVerdicts } from "./comparison.ts";
import { papersOf, type Paper } from "./paper.ts";

const BEGIN = "<!-- verdicts: made by docs/verdicts.mjs from the notebooks' outputs -->";
const END = "<!-- /verdicts -->";

/** The papers of a folder's notebooks as their files have them: nothing is run. */
export async function committedPapers(folder: string): Promise<readonly Paper[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort();
  const runs = names.map(async (file) => {
    const notebook = await readNotebook(join(folder, file));
    const name = file.replace(/\.ipynb$/u, "");
    return {
      name,
      title: notebookTitle(notebook) ?? name,
      comparisons: comparisonsOf(notebook),
      about: aboutOf(notebook),
    };
  });
  return papersOf(await Promise.all(runs));
}

/** The verdicts of all papers as a table in Markdown: how many published numbers agree, and what that says in words. */
export function verdictTable(papers: readonly Paper[]): string {
  const lines = papers.map((paper) => {
    const { agrees, differs, calibration, ...rest } = countVerdicts(paper.comparisons.flatMap(({ rows }) => rows));
    const [main] = paper.notebooks;
    const page = `notebooks/${main?.name ?? ""}.ipynb`;
    const cells = [
      shortCitation(main?.about.citation ?? "", page) ?? `[${paper.title}](${page})`,
      ...[agrees, differs, rest["not published"], calibration].map(String),
      (main?.about.result ?? "")
        .replace(/\.$/u, "")
        .replaceAll(/\s*\n\s*/gu, " ")
        .replaceAll("|", "\\|"),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| paper, with its notebook | agrees | differs | not published | calibration | result |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...lines,
  ].join("\n");
}

/**
 * A text with the table in the place between its marks.
 *
 * @throws Error for a text without them
 */
export function withVerdicts(text: string, table: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`expected ${BEGIN} and ${END} in the text, got neither`);
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}
