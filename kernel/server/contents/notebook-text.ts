import type { Json } from "../../protocol/json.ts";
import { InputError } from "../../run/input-error.ts";
import type { Notebook } from "../../run/notebook.ts";
import { notebookFrom, parseNotebook } from "../../run/read-notebook.ts";
import { formatNotebook } from "../../run/write-notebook.ts";
import { HttpError } from "../http/route.ts";

/** A notebook, and the text of it by which it is saved and signed. */
export interface NotebookText {
  readonly notebook: Notebook;
  readonly text: string;
}

/** A notebook from the bytes of its file. @throws HttpError 400 in one sentence when they are none */
export function notebookInFile(text: string, path: string): NotebookText {
  return checked(() => parseNotebook(text, path));
}

/** A notebook from what a page sends. @throws HttpError 400 in one sentence when it is none */
export function notebookSent(content: Json | undefined, path: string): NotebookText {
  return checked(() => notebookFrom(content, path));
}

function checked(read: () => Notebook): NotebookText {
  try {
    const notebook = read();
    return { notebook, text: formatNotebook(notebook) };
  } catch (cause) {
    if (cause instanceof InputError) throw new HttpError(400, `Unreadable Notebook: ${cause.message}`, { cause });
    if (cause instanceof RangeError) throw tooMuch(cause);
    throw cause;
  }
}

/** What JavaScript says of JSON that is nested too deeply, or longer than a string can be. */
export function tooMuch(cause: RangeError): HttpError {
  return cause.message.includes("call stack")
    ? new HttpError(400, "Unreadable Notebook: expected JSON that is not nested thousands of levels deep", { cause })
    : new HttpError(413, "expected a document that fits in 512 MB of JSON, got a larger one", { cause });
}
