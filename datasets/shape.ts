import * as arrow from "apache-arrow";
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
    const chosen = columns === undefined ? batch : select(batch, columns);
    if (chosen.numRows <= batchRows) yield chosen;
    else
      for (let row = 0; row < chosen.numRows; row += batchRows)
        yield chosen.slice(row, Math.min(row + batchRows, chosen.numRows));
  }
}

/** A batch of some of its columns, in another order; RecordBatch.select of apache-arrow 21.2 mixes them up. */
function select(batch: arrow.RecordBatch, columns: readonly string[]): arrow.RecordBatch {
  const places = columns.map((name) => batch.schema.fields.findIndex((field) => field.name === name));
  const fields = places.map((at) => batch.schema.fields[at]!);
  const { metadata, dictionaries, metadataVersion } = batch.schema;
  const children = places.map((at) => batch.data.children[at]!);
  return new arrow.RecordBatch(
    new arrow.Schema(fields, metadata, dictionaries, metadataVersion),
    arrow.makeData({ type: new arrow.Struct(fields), length: batch.numRows, nullCount: 0, children }),
  );
}

/** Checks that a schema has the columns asked for, with the types expected. */
function checkColumns(file: string, { fields }: arrow.Schema, { columns, schema }: ReadOptions): void {
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
    // Whoever reads the values counts on the unit.
    if (arrow.DataType.isTimestamp(type) && type.unit !== arrow.TimeUnit.MILLISECOND)
      throw new TraceFormatError({ file, field: name }, `expected ${expected} in milliseconds, got ${String(type)}`);
    if (arrow.DataType.isDate(type) && type.unit !== arrow.DateUnit.DAY)
      throw new TraceFormatError({ file, field: name }, `expected ${expected} in days, got ${String(type)}`);
  }
}
