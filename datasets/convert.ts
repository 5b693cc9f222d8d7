import { type ImportOptions, type ImportReport, importTrace } from "./import.ts";

/**
 * Reads a trace or a table and writes it in another format, as {@link importTrace} does with one source.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { convert } from "veelab/datasets";
 *
 * const { rows } = await convert("published/selective-paging-table-3", join(tmpdir(), "veelab-table-3.csv"));
 * console.log(rows); // 4
 * ```
 */
export const convert = (from: string, to: string, options: ImportOptions = {}): Promise<ImportReport> =>
  importTrace([from], to, options);
