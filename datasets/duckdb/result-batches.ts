import type { DuckDBResult } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { emptyBatch } from "../empty-batch.ts";
import { type ResultColumn, resultColumn } from "./column.ts";

/** What to do with a result, and to say of what it cannot hold. */
export interface ResultOptions {
  readonly batchRows: number;
  /** Throws for a column that Arrow's plain types have no place for: `expected` what, `got` what. */
  readonly refuse: (column: string, expected: string, got: string) => never;
  readonly onRows?: (rows: number) => void;
  readonly metadata?: Map<string, string>;
}

/**
 * A result of DuckDB as record batches. Columns are copied, 2048 rows at a time, from memory that DuckDB uses again; an
 * enumeration becomes a dictionary. Linear in the rows; memory for one batch.
 */
export async function* resultBatches(
  result: DuckDBResult,
  { batchRows, refuse, onRows, metadata }: ResultOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const duckdb = await import("@duckdb/node-api");
  const types = result.columnTypes();
  const inexact = (column: string, type: string, value: string): never =>
    refuse(column, `numbers that float64 holds exactly in a column of ${type}`, value);
  const columns = result
    .deduplicatedColumnNames()
    .map(
      (name, at) =>
        resultColumn(duckdb, name, types[at]!, batchRows, inexact) ??
        refuse(name, "a column of plain values", String(types[at])),
    );
  const schema = new arrow.Schema(
    columns.map(({ name, type }) => new arrow.Field(name, type, true)),
    metadata,
  );
  if (columns.length === 0) {
    yield emptyBatch(schema);
    return;
  }
  let rows = 0;
  let yielded = false;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const count = chunk.rowCount;
    const vectors = columns.map((_, at) => chunk.getColumnVector(at));
    for (let from = 0; from < count;) {
      const upTo = Math.min(count, from + batchRows - rows);
      for (const [at, column] of columns.entries()) column.append(vectors[at]!, from, upTo, rows);
      onRows?.(upTo - from);
      rows += upTo - from;
      from = upTo;
      if (rows < batchRows) continue;
      yield batchOf(schema, columns, rows);
      yielded = true;
      rows = 0;
    }
  }
  if (!yielded || rows > 0) yield batchOf(schema, columns, rows);
}

function batchOf(schema: arrow.Schema, columns: readonly ResultColumn[], length: number): arrow.RecordBatch {
  const children = columns.map((column) => column.take(length));
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }),
  );
}
