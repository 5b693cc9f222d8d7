import type { JsonObject, Json } from "../protocol/json.ts";

/** Text that a cell printed. */
export interface StreamOutput {
  /** Which kind of output this is, in nbformat's word. */
  readonly output_type: "stream";
  /** `stdout` or `stderr`. */
  readonly name: string;
  /** What was printed, whole. */
  readonly text: string;
}

/** The MIME type of each rendering of one output, and that rendering: text, base64, or JSON for JSON types. */
export type MimeBundle = JsonObject;

/** Something that a cell displayed. */
export interface DisplayOutput {
  /** Which kind of output this is, in nbformat's word. */
  readonly output_type: "display_data";
  /** The renderings. */
  readonly data: MimeBundle;
  /** How to render, by MIME type. */
  readonly metadata: JsonObject;
}

/** The value of a cell's last expression. */
export interface ResultOutput {
  /** Which kind of output this is, in nbformat's word. */
  readonly output_type: "execute_result";
  /** The renderings. */
  readonly data: MimeBundle;
  /** How to render, by MIME type. */
  readonly metadata: JsonObject;
  /** The number of the run that made this; null before the first. */
  readonly execution_count: number | null;
}

/** What a cell threw; `traceback` may hold ANSI colours. */
export interface ErrorOutput {
  /** Which kind of output this is, in nbformat's word. */
  readonly output_type: "error";
  /** The error's class. */
  readonly ename: string;
  /** Its message. */
  readonly evalue: string;
  /** Lines for a terminal. */
  readonly traceback: readonly string[];
}

/** One output of a cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell of code with its outputs; `execution_count` is null while it has not run. */
export interface CodeCell {
  /** Which kind of cell this is. */
  readonly cell_type: "code";
  /** Unique in its notebook: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  /** Tags and whatever tools keep with the cell. */
  readonly metadata: JsonObject;
  /** The cell's text, whole. */
  readonly source: string;
  /** The number of the run that made this; null before the first. */
  readonly execution_count: number | null;
  /** In the order in which they came. */
  readonly outputs: readonly Output[];
}

/** A cell of text; `attachments` holds its images, by name. */
export interface TextCell {
  /** Which kind of cell this is. */
  readonly cell_type: "markdown" | "raw";
  /** Unique in its notebook: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  /** Tags and whatever tools keep with the cell. */
  readonly metadata: JsonObject;
  /** The cell's text, whole. */
  readonly source: string;
  /** Images by name, each as a MIME bundle. */
  readonly attachments?: JsonObject;
}

/** A cell of a notebook. */
export type Cell = CodeCell | TextCell;

/** A notebook of format 4.5 in memory: texts whole, where the file holds lists of lines. */
export interface Notebook {
  /** In the order in which they run. */
  readonly cells: readonly Cell[];
  /** The kernel, the language, and whatever tools keep with the notebook. */
  readonly metadata: JsonObject;
  /** The format's major version. */
  readonly nbformat: 4;
  /** The format's minor version: 5 once written by us. */
  readonly nbformat_minor: number;
}

/** A cell's tags (`metadata.tags`); none when there are none. */
export function tagsOf(cell: Cell): readonly string[] {
  const tags: Json | undefined = cell.metadata["tags"];
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [];
}

/** The first line of a cell that says something, cut to `width` characters: how people are told which cell is meant. */
export function firstLine(source: string, width = 60): string {
  const line =
    source
      .split(/\r?\n/u)
      .find((text) => text.trim() !== "")
      ?.trim() ?? "";
  const characters = Array.from(line);
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : line;
}
