import { isJsonObject } from "../../protocol/json.ts";
import type { Notebook } from "../../run/notebook.ts";

/** A notebook's code, cell after cell. */
export function notebookScript({ cells }: Notebook): string {
  const sources = cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "");
  return sources.map((cell) => `${cell.source.trimEnd()}\n`).join("\n");
}

/** How a file of a notebook's code ends, by what its kernel says. */
export function scriptEnding({ metadata }: Notebook): string {
  const info = metadata["language_info"];
  const said = isJsonObject(info) ? info["file_extension"] : undefined;
  return typeof said === "string" && /^\.\w{1,16}$/u.test(said) ? said : ".ts";
}
