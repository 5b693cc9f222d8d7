import type * as arrow from "apache-arrow";
import { columnTypeOf } from "./column-type.ts";
import { show, TraceFormatError } from "./errors.ts";
import type { ReadOptions } from "./options.ts";

/**
 * Gives batches the columns and the size that the options ask for, after checking that the columns are there with the
 * expected types. No value is copied.
 */
export async function* shape(
  file: string,
  batches: AsyncIterable<arrow.RecordBatch>,
  options: ReadOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const { columns, batchRows = Infinity } = options;
  let checked = false;
  for await (const batch of batches) {
    if (!checked) checkColumns(file, batch.schema, options);
    checked = true;
    const chosen = columns === undefined ? batch : batch.select([...columns]);
    if (chosen.numRows <= batchRows) yield chosen;
    else for (let row = 0; row < chosen.numRows; row += batchRows) yield chosen.slice(row, row + batchRows);
  }
}

/** Checks that a schema has the columns asked for, with the types expected. */
export function checkColumns(file: string, { fields }: arrow.Schema, { columns, schema }: ReadOptions): void {
  const byName = new Map(fields.map((field) => [field.name, field.type as arrow.DataType]));
  for (const name of [...(columns ?? []), ...Object.keys(schema ?? {})])
    if (!byName.has(name))
      throw new TraceFormatError(
        { file, field: name },
        `expected this column, got ${[...byName.keys()].map(show).join(", ")}`,
      );
  for (const [name, expected] of Object.entries(schema ?? {})) {
    const type = byName.get(name)!;
    if (columnTypeOf(type) !== expected)
      throw new TraceFormatError({ file, field: name }, `expected ${expected}, got ${String(type as unknown)}`);
  }
}
