import { readFile } from "node:fs/promises";

import { cellId, isCellId } from "./cell-id.ts";
import { InputError, reason, refusal } from "./input-error.ts";
import { isJsonObject, type JsonObject, type Json } from "../protocol/json.ts";
import { showJson } from "./format-json.ts";
import type { Cell, Notebook, Output } from "./notebook.ts";

/**
 * Reads a notebook file.
 *
 * @throws InputError when it cannot be read or is no notebook of format 4; the sentence names the file.
 */
export async function readNotebook(file: string): Promise<Notebook> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new InputError(`${file}: cannot be read: ${refusal(cause)}`, { cause });
  }
  return parseNotebook(text, file);
}

/**
 * A notebook from the text of its file. Formats 4.0 to 4.4 become 4.5: each cell without an id gets one, made from its
 * place and text. Metadata and unknown MIME types are kept; `trusted` and other transient marks are dropped, as
 * nbformat does.
 *
 * @param text The file's content
 * @param file Its name, for error messages
 * @throws InputError when the text is no notebook of format 4: one sentence with file and cell
 *
 * @example
 * ```ts
 * import { parseNotebook } from "veelab/kernel";
 *
 * const notebook = parseNotebook('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "empty.ipynb");
 * console.log(notebook.cells.length);
 * ```
 */
export function parseNotebook(text: string, file: string): Notebook {
  let value: Json;
  try {
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) as Json;
  } catch (cause) {
    throw new InputError(`${file}: expected a notebook, got text that is not JSON (${reason(cause)})`, { cause });
  }
  return notebookFrom(value, file);
}

/**
 * A notebook from its JSON, as {@link parseNotebook} reads it.
 *
 * @throws InputError when the JSON is no notebook of format 4
 */
export function notebookFrom(value: Json | undefined, file: string): Notebook {
  if (!isJsonObject(value)) throw new InputError(`${file}: expected a notebook, got ${showJson(value)}`);
  const { nbformat, nbformat_minor: minor } = value as Record<string, Json | undefined>;
  if (typeof nbformat !== "number" || typeof minor !== "number")
    throw new InputError(`${file}: expected a notebook, got JSON without the numbers nbformat and nbformat_minor`);
  if (nbformat !== 4) {
    const advice = nbformat < 4 ? "open and save it in Jupyter, which converts it" : "it is newer than veelab";
    throw new InputError(`${file}: expected a notebook of format 4, got format ${nbformat}.${minor}: ${advice}`);
  }
  const cells = value["cells"];
  if (!isList(cells)) throw new InputError(`${file}: expected a list of cells, got ${showJson(cells)}`);
  return {
    cells: withIds(cells.map((cell, index) => readCell(cell, `${file}, cell ${index + 1}`))),
    metadata: without(object(value["metadata"], `${file}: metadata`), TRANSIENT),
    nbformat: 4,
    nbformat_minor: Math.max(5, minor),
  };
}

const TRANSIENT = ["orig_nbformat", "orig_nbformat_minor", "signature"];

/** One cell; its id is empty where the file gives none. */
function readCell(value: Json, where: string): Cell {
  const cell = object(value, where);
  const type = cell["cell_type"];
  if (type !== "code" && type !== "markdown" && type !== "raw")
    throw new InputError(`${where}: expected cell_type code, markdown or raw, got ${showJson(type)}`);
  const id = cell["id"] ?? "";
  if (typeof id !== "string" || (id !== "" && !isCellId(id)))
    throw new InputError(`${where}: expected an id of 1 to 64 letters, digits, - and _, got ${showJson(id)}`);
  const common = {
    id,
    metadata: without(object(cell["metadata"], `${where}: metadata`), ["trusted"]),
    source: lines(cell["source"], `${where}: source`),
  };
  if (type !== "code") {
    const attachments = cell["attachments"];
    if (attachments === undefined) return { cell_type: type, ...common };
    const joined = mapObject(object(attachments, `${where}: attachments`), (bundle) =>
      isJsonObject(bundle) ? joinBundle(bundle) : bundle,
    );
    return { cell_type: type, ...common, attachments: joined };
  }
  const outputs = cell["outputs"] ?? [];
  if (!isList(outputs)) throw new InputError(`${where}: expected a list of outputs, got ${showJson(outputs)}`);
  return {
    cell_type: type,
    ...common,
    execution_count: count(cell["execution_count"]),
    outputs: outputs.map((output, index) => readOutput(output, `${where}, output ${index + 1}`)),
  };
}

function readOutput(value: Json, where: string): Output {
  const output = object(value, where);
  const type = output["output_type"];
  switch (type) {
    case "stream":
      return {
        output_type: type,
        name: typeof output["name"] === "string" ? output["name"] : "stdout",
        text: lines(output["text"], `${where}: text`),
      };
    case "display_data":
    case "execute_result": {
      const shown = {
        data: joinBundle(object(output["data"], `${where}: data`)),
        metadata: object(output["metadata"] ?? {}, `${where}: metadata`),
      };
      return type === "display_data"
        ? { output_type: type, ...shown }
        : { output_type: type, ...shown, execution_count: count(output["execution_count"]) };
    }
    case "error": {
      const traceback = output["traceback"] ?? [];
      if (!isTexts(traceback)) throw new InputError(`${where}: expected traceback to be a list of texts`);
      const text = (key: string): string => (typeof output[key] === "string" ? output[key] : "");
      return { output_type: type, ename: text("ename"), evalue: text("evalue"), traceback };
    }
    default:
      throw new InputError(
        `${where}: expected output_type stream, display_data, execute_result or error, got ${showJson(type)}`,
      );
  }
}

/** Fills in the ids that are missing or given twice: the first holder of an id keeps it. */
function withIds(cells: readonly Cell[]): Cell[] {
  const given = new Set(cells.map((cell) => cell.id));
  const seen = new Set<string>();
  return cells.map((cell, index) => {
    const keep = cell.id !== "" && !seen.has(cell.id);
    const id = keep ? cell.id : cellId(index, cell.source, given);
    seen.add(id);
    given.add(id);
    return { ...cell, id };
  });
}

/** Whether a MIME type holds JSON, which is stored as it is, and not as text. */
function isJsonMime(mime: string): boolean {
  return mime === "application/json" || (mime.startsWith("application/") && mime.endsWith("+json"));
}

function joinBundle(bundle: JsonObject): JsonObject {
  return mapObject(bundle, (value, mime) => (!isJsonMime(mime) && isTexts(value) ? value.join("") : value));
}

function lines(value: Json | undefined, where: string): string {
  if (typeof value === "string") return value;
  if (isTexts(value)) return value.join("");
  throw new InputError(`${where}: expected text or a list of texts, got ${showJson(value)}`);
}

function object(value: Json | undefined, where: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new InputError(`${where}: expected an object, got ${showJson(value)}`);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === "string");
}

const count = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);

function without(source: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([key]) => !keys.includes(key)));
}

function mapObject(source: JsonObject, map: (value: Json | undefined, key: string) => Json | undefined): JsonObject {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, map(value, key)]));
}
