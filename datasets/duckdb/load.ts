import type { DuckDBConnection } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";
import { type LoadColumn, loadColumn } from "./load-column.ts";
import { quoted } from "./sql.ts";

type DuckDB = typeof import("@duckdb/node-api");

/** Rows of DuckDB's vectors. */
const vectorRows = 2048;

/**
 * Makes a table in memory known to DuckDB under a name, without loading it: its batches are read when a query asks for
 * them, and only the columns that it asks for.
 */
export function scanTable(duckdb: DuckDB, connection: DuckDBConnection, name: string, table: arrow.Table): void {
  const batches = table.batches.filter(({ numRows }) => numRows > 0);
  const columns = columnsOf(duckdb, name, table.schema, (at) => sharedDictionary(batches, at));
  const scan = `scan of ${name}`;
  connection.registerTableFunction(
    duckdb.DuckDBTableFunction.create({
      name: scan,
      supportsProjectionPushdown: true,
      bindFunction(info) {
        for (const [at, { type }] of columns.entries()) info.addResultColumn(table.schema.fields[at]!.name, type);
        info.setCardinality(table.numRows, true);
      },
      initFunction(info) {
        info.setMaxThreads(1);
        info.setInitData({ batch: 0, row: 0, columns: info.getColumnIndexes() });
      },
      mainFunction(info, chunk) {
        const state = info.getInitData() as { batch: number; row: number; columns: readonly number[] };
        const batch = batches[state.batch];
        if (batch === undefined) {
          chunk.rowCount = 0;
          return;
        }
        const upTo = Math.min(batch.numRows, state.row + vectorRows);
        chunk.rowCount = upTo - state.row;
        for (const [place, at] of state.columns.entries())
          columns[at]!.fill(chunk.getColumnVector(place), batch.data.children[at]!, state.row, upTo);
        state.row = upTo;
        if (upTo < batch.numRows) return;
        state.batch += 1;
        state.row = 0;
      },
    }),
  );
}

/** The call that reads what {@link scanTable} made known. */
export const scanOf = (name: string): string => `${quoted(`scan of ${name}`)}()`;

/** Loads batches as they come into a table of DuckDB's, which goes to disk where it does not fit in memory. */
export async function loadBatches(
  duckdb: DuckDB,
  connection: DuckDBConnection,
  name: string,
  batches: AsyncIterable<arrow.RecordBatch> | Iterable<arrow.RecordBatch>,
): Promise<arrow.Schema> {
  let schema: arrow.Schema | undefined;
  let columns: LoadColumn[] = [];
  let append: ((batch: arrow.RecordBatch) => void) | undefined;
  let close: (() => void) | undefined;
  try {
    for await (const batch of batches) {
      if (append === undefined) {
        schema = batch.schema;
        columns = columnsOf(duckdb, name, schema, () => undefined);
        const list = columns.map(({ type }, at) => `${quoted(schema!.fields[at]!.name)} ${String(type)}`);
        await connection.run(`create table ${quoted(name)} (${list.join(", ")})`);
        const appender = await connection.createAppender(name);
        const types = columns.map(({ type }) => type);
        close = () => {
          appender.closeSync();
        };
        append = (of) => {
          for (let from = 0; from < of.numRows; from += vectorRows) {
            const upTo = Math.min(of.numRows, from + vectorRows);
            const chunk = duckdb.DuckDBDataChunk.create(types, upTo - from);
            for (const [at, column] of columns.entries())
              column.fill(chunk.getColumnVector(at), of.data.children[at]!, from, upTo);
            appender.appendDataChunk(chunk);
          }
        };
      }
      append(batch);
    }
  } finally {
    close?.();
  }
  if (schema === undefined) throw new OptionError(name, "at least one record batch", "none");
  return schema;
}

function columnsOf(
  duckdb: DuckDB,
  name: string,
  { fields }: arrow.Schema,
  dictionary: (column: number) => readonly string[] | undefined,
): LoadColumn[] {
  if (fields.length === 0) throw new OptionError(name, "a table with columns", "none");
  return fields.map(({ name: field, type }, at) => {
    const column = loadColumn(duckdb, type as arrow.DataType, dictionary(at));
    if (column === undefined)
      throw new OptionError(`${name}.${field}`, "a column of plain values", String(type as unknown));
    return column;
  });
}

/** The texts of a column's dictionary, where it is one that all batches share or that grew from batch to batch. */
function sharedDictionary(batches: readonly arrow.RecordBatch[], column: number): readonly string[] | undefined {
  const dictionaries = batches.map((batch) => batch.data.children[column]?.dictionary);
  const last = dictionaries.at(-1);
  if (last === undefined || last.nullCount > 0) return undefined;
  const grew = dictionaries.every(
    (dictionary) => dictionary?.data.every((chunk, at) => chunk === last.data[at]) === true,
  );
  if (!grew) return undefined;
  const texts = [...last].map(String);
  return new Set(texts).size === texts.length ? texts : undefined;
}
