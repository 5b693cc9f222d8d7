import { createHmac } from "node:crypto";

import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import type { Notebook } from "../../run/notebook.ts";
import type { Signatures } from "./signatures.ts";

/** Which notebooks the user trusts: those whose outputs came from a run in the page, or that were said to be trusted. */
export interface Trust {
  /** @param text the notebook as it is saved */
  has(text: string): Promise<boolean>;
  add(text: string): Promise<void>;
}

/** Trust by signature: of the whole notebook, so that whoever changes one byte of it loses it. */
export function createTrust(signatures: Signatures): Trust {
  const sign = async (text: string): Promise<string> =>
    createHmac("sha256", await signatures.key())
      .update(text)
      .digest("hex");
  return {
    has: async (text) => signatures.has(await sign(text)),
    add: async (text) => signatures.add(await sign(text)),
  };
}

/**
 * Whether a page vouches for all outputs of a notebook that it saves. As in Jupyter, a code cell is vouched for by
 * `metadata.trusted`, and one that shows nothing but text needs no one to.
 */
export function isVouchedFor(notebook: JsonObject): boolean {
  return listOf(notebook["cells"]).every((cell) => {
    if (!isJsonObject(cell) || cell["cell_type"] !== "code") return true;
    const { metadata, outputs } = cell;
    if (isJsonObject(metadata) && metadata["trusted"] === true) return true;
    return listOf(outputs).every(
      (output) => isJsonObject(output) && (output["output_type"] === "stream" || output["output_type"] === "error"),
    );
  });
}

/** A notebook as a page gets it: each code cell says whether its outputs may do what trusted ones may. */
export function marked(notebook: Notebook, trusted: boolean): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, metadata: { ...cell.metadata, trusted } } : cell,
  );
  return { ...notebook, cells };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
