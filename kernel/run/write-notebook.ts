import { isJsonObject, type JsonObject, type Json } from "../protocol/json.ts";
import { formatJson } from "./format-json.ts";
import type { Cell, Notebook, Output } from "./notebook.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Saves a notebook: complete, or not at all.
 *
 * @throws the file system's error when it cannot be written
 */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  await writeFileAtomic(file, formatNotebook(notebook));
}

/**
 * The text of a notebook's file, byte for byte as nbformat writes it (so as JupyterLab and Notebook save it): keys
 * sorted, indented by one space, texts as lists of lines, a newline at the end.
 *
 * @example
 * ```ts
 * import { formatNotebook, parseNotebook } from "veelab/kernel";
 *
 * const text = '{"nbformat_minor": 5, "nbformat": 4, "metadata": {}, "cells": []}';
 * console.log(formatNotebook(parseNotebook(text, "empty.ipynb")));
 * ```
 */
export function formatNotebook(notebook: Notebook): string {
  return `${formatJson({
    cells: notebook.cells.map(fileCell),
    metadata: notebook.metadata,
    nbformat: notebook.nbformat,
    nbformat_minor: notebook.nbformat_minor,
  })}\n`;
}

function fileCell(cell: Cell): JsonObject {
  const source = splitLines(cell.source);
  if (cell.cell_type === "code") return { ...cell, source, outputs: cell.outputs.map(fileOutput) };
  if (cell.attachments === undefined) return { ...cell, source };
  const attachments = Object.fromEntries(
    Object.entries(cell.attachments).map(([name, bundle]) => [
      name,
      isJsonObject(bundle) ? fileBundle(bundle) : bundle,
    ]),
  );
  return { ...cell, source, attachments };
}

function fileOutput(output: Output): JsonObject {
  if (output.output_type === "stream") return { ...output, text: splitLines(output.text) };
  if (output.output_type === "error") return { ...output };
  return { ...output, data: fileBundle(output.data) };
}

function fileBundle(bundle: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(bundle).map(([mime, value]) => [mime, fileValue(mime, value)]));
}

function fileValue(mime: string, value: Json | undefined): Json | undefined {
  const isText = mime.startsWith("text/") || mime === "application/javascript" || mime === "image/svg+xml";
  return isText && typeof value === "string" ? splitLines(value) : value;
}

/** Lines with their ends, at every boundary that Python's `str.splitlines` knows, since nbformat splits there. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|.+$/gsu) ?? [];
}
