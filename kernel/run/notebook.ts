import type { JsonObject, Json } from "../protocol/json.ts";

/** Text that a cell printed. */
export interface StreamOutput {
  readonly output_type: "stream";
  readonly name: string;
  readonly text: string;
}

/** The MIME type of each rendering of one output, and that rendering: text, base64, or JSON for JSON types. */
export type MimeBundle = JsonObject;

/** Something that a cell displayed. */
export interface DisplayOutput {
  readonly output_type: "display_data";
  readonly data: MimeBundle;
  readonly metadata: JsonObject;
}

/** The value of a cell's last expression. */
export interface ResultOutput {
  readonly output_type: "execute_result";
  readonly data: MimeBundle;
  readonly metadata: JsonObject;
  readonly execution_count: number | null;
}

/** What a cell threw; `traceback` may hold ANSI colours. */
export interface ErrorOutput {
  readonly output_type: "error";
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** One output of a cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell of code with its outputs; `execution_count` is null while it has not run. */
export interface CodeCell {
  readonly cell_type: "code";
  readonly id: string;
  readonly metadata: JsonObject;
  readonly source: string;
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}

/** A cell of text; `attachments` holds its images, by name. */
export interface TextCell {
  readonly cell_type: "markdown" | "raw";
  readonly id: string;
  readonly metadata: JsonObject;
  readonly source: string;
  readonly attachments?: JsonObject;
}

/** A cell of a notebook. */
export type Cell = CodeCell | TextCell;

/** A notebook of format 4.5 in memory: texts whole, where the file holds lists of lines. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: JsonObject;
  readonly nbformat: 4;
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
