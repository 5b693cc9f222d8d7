import type { DuckDBConnection } from "@duckdb/node-api";

interface Operator {
  readonly name: string;
  readonly children?: readonly Operator[];
}

/** Operators of a plan that read what is below them to its end. A limit does not, nor does a join whose other side is empty. */
const consuming = new Set([
  ...["READ_CSV", "READ_PARQUET", "PROJECTION", "FILTER", "UNION", "ORDER_BY", "TOP_N", "WINDOW", "STREAMING_WINDOW"],
  ...["UNGROUPED_AGGREGATE", "HASH_GROUP_BY", "PERFECT_HASH_GROUP_BY"],
]);

/** Whether a query surely reads every row of its tables, by its plan. */
export async function readsAllRows(connection: DuckDBConnection, sql: string): Promise<boolean> {
  try {
    const [plan] = await (await connection.run(`explain (format json) ${sql}`)).getRows();
    const consumes = ({ name, children = [] }: Operator): boolean =>
      consuming.has(name.trim()) && children.every(consumes);
    return (JSON.parse(String(plan![1])) as readonly Operator[]).every(consumes);
  } catch {
    // A statement without a plan; what cannot run at all says so when it runs.
    return false;
  }
}
