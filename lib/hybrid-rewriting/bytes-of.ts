import type { Table } from "apache-arrow";
import { TraceFormatError } from "../core/errors.ts";

/**
 * The bytes of a file that a dataset holds one a row, in its column `byte`, as `executions/kernels` does. Linear.
 *
 * @throws TraceFormatError for a table without such a column
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { bytesOf } from "veelab/hybrid-rewriting";
 * const bytes = bytesOf(await open("executions/kernels"));
 * console.log(String.fromCharCode(bytes[1]!, bytes[2]!, bytes[3]!)); // ELF
 * ```
 */
export function bytesOf(table: Table): Uint8Array {
  const all: unknown = table.getChild("byte")?.toArray();
  if (!(all instanceof Uint8Array))
    throw new TraceFormatError(
      { file: "table", field: "byte" },
      `expected a Uint8 column, got the columns ${table.schema.names.join(", ")}`,
    );
  return all;
}
