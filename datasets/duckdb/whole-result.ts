import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import type * as arrow from "apache-arrow";
import { resultBatches, type ResultOptions } from "./result-batches.ts";

interface WholeOptions extends ResultOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told of the result before its rows. */
  readonly onResult?: ((result: DuckDBResult) => void) | undefined;
}

/**
 * The result of a query as {@link resultBatches} gives it, whole or an error. node-api gives a result that fails behind its first rows as
 * one that ends there: only a statement that follows in the same transaction is refused.
 */
export async function* wholeResult(
  connection: DuckDBConnection,
  sql: string,
  { signal, onResult, ...options }: WholeOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  await connection.run("begin transaction");
  try {
    // DuckDB forgets an interruption that comes while nothing runs.
    signal?.throwIfAborted();
    const result = await connection.stream(sql);
    onResult?.(result);
    yield* resultBatches(result, options);
    await connection.run("select 1; commit");
  } catch (error) {
    signal?.throwIfAborted();
    // Where committing failed, nothing is left to take back.
    await connection.run("rollback").catch(() => undefined);
    if (!(error instanceof Error && error.message.startsWith("TransactionContext Error"))) throw error;
    throw await reasonOf(connection, sql, error);
  }
}

/** What went wrong, from another run that needs every value and keeps none. */
const reasonOf = (connection: DuckDBConnection, sql: string, otherwise: Error): Promise<Error> =>
  connection.run(`select max(hash(t)) from (${sql.trim().replace(/;$/, "")}\n) t`).then(
    () => otherwise,
    (error: unknown) => (error instanceof Error && !/^(Parser|Binder) Error/.test(error.message) ? error : otherwise),
  );
