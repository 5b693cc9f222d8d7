import { tagsOf, type Notebook } from "../notebook.ts";

/** What a notebook's author says of the paper that it reproduces, as Markdown; empty where that is not said. */
export interface About {
  /** The first paragraph of text with a DOI in it: `A. Author: *Title.* …, [doi:…](https://doi.org/…)`. */
  readonly citation: string;
  /** The text of the cell with the tag `result`, without its `**Result:**`. */
  readonly result: string;
}

/** Reads it from the notebook's cells of text. */
export function aboutOf({ cells }: Notebook): About {
  const texts = cells.filter((cell) => cell.cell_type === "markdown");
  const paragraphs = texts.flatMap(({ source }) => source.split(/\n\s*\n/u));
  const result = texts.find((cell) => tagsOf(cell).includes("result"))?.source ?? "";
  return {
    citation: paragraphs.find((paragraph) => paragraph.includes("//doi.org/")) ?? "",
    result: result.replace(/^\*\*Result:\*\*\s*/u, "").trim(),
  };
}

/**
 * A citation in few words, with the title linked to a page of ours: `Lange and Dinda, [*SymCall*](page), [10.1145/…](https://doi.org/…)`;
 * nothing for one of another form.
 */
export function shortCitation(citation: string, page: string): string | undefined {
  const match = /^(.+?):\s+\*(.+?)\.?\*.*\((https:\/\/doi\.org\/((?:[^()\s]|\([^()\s]*\))+))\)/su.exec(citation);
  if (match === null) return undefined;
  const [, authors = "", title = "", address = "", doi = ""] = match;
  const [first = "", second, third] = authors.split(/,\s+/u).map((author) => author.replace(/^(?:[A-Z]\.[ -]?)+/u, ""));
  const who = second === undefined ? first : third === undefined ? `${first} and ${second}` : `${first} et al.`;
  return `${who}, [*${title}*](${page}), [${doi}](${address})`;
}
