import type { DuckDBResult } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { emptyBatch } from "../empty-batch.ts";
import { type ResultColumn, resultColumn } from "./column.ts";

/**
 * A result of DuckDB as record batches. Numbers, dates and times are copied array by array, 2048 rows at a time, from
 * memory that DuckDB uses again; texts one by one. `unsupported` throws for a column of nested values.
 */
export async function* resultBatches(
  result: DuckDBResult,
  batchRows: number,
  unsupported: (column: string, type: string) => never,
  { onRows, metadata }: { onRows?: (rows: number) => void; metadata?: Map<string, string> } = {},
): AsyncGenerator<arrow.RecordBatch, void> {
  const types = result.columnTypes();
  const columns = result
    .deduplicatedColumnNames()
    .map((name, at) => resultColumn(name, types[at]!, batchRows) ?? unsupported(name, String(types[at])));
  const schema = new arrow.Schema(
    columns.map(({ name, type }) => new arrow.Field(name, type, true)),
    metadata,
  );
  const [first] = columns;
  if (first === undefined) {
    yield emptyBatch(schema);
    return;
  }
  let yielded = false;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const count = chunk.rowCount;
    const vectors = columns.map((_, at) => chunk.getColumnVector(at));
    for (let from = 0; from < count;) {
      const upTo = Math.min(count, from + first.room());
      for (const [at, column] of columns.entries()) column.append(vectors[at]!, from, upTo);
      onRows?.(upTo - from);
      from = upTo;
      if (first.room() > 0) continue;
      yield batchOf(schema, columns);
      yielded = true;
    }
  }
  if (!yielded || first.rows() > 0) yield batchOf(schema, columns);
}

function batchOf(schema: arrow.Schema, columns: readonly ResultColumn[]): arrow.RecordBatch {
  const length = columns[0]!.rows();
  const children = columns.map((column) => column.take());
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }),
  );
}
