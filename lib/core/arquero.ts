import { makeVector, Table, tableFromIPC, tableToIPC, type Vector } from "apache-arrow";
import { type ColumnTable, fromArrow, toArrowIPC } from "arquero";
import { cellOf, columnOf } from "./table.ts";

/**
 * An Arrow table as an arquero table, for its verbs (filter, groupby, rollup, join, …). The tables share no memory:
 * the bridge is Arrow's own IPC format, in which both agree. Linear.
 *
 * @example
 * ```ts
 * import { fromRows, toArquero } from "veelab";
 *
 * const runs = toArquero(fromRows([{ mode: "hap", timeS: 383 }, { mode: "hap", timeS: 385 }, { mode: "sp", timeS: 329 }]));
 * console.log(runs.groupby("mode").count().numRows()); // 2
 * ```
 */
export function toArquero(table: Table): ColumnTable {
  return fromArrow(tableToIPC(table, "stream"));
}

/**
 * An arquero table as an Arrow table, with its rows filtered and ordered as the verbs left them. Types follow
 * {@link fromRows}, so that a table that went through arquero and back fits the others; a column that arquero holds
 * as a typed array keeps that array's type. Linear.
 *
 * @example
 * ```ts
 * import { desc } from "arquero";
 * import { fromArquero, fromRows, toArquero } from "veelab";
 *
 * const table = fromRows([{ mode: "sp", timeS: 329 }, { mode: "hap", timeS: 383 }]);
 * const slowestFirst = fromArquero(toArquero(table).orderby(desc("timeS")));
 * console.log(slowestFirst.getChild("mode")?.get(0)); // hap
 * ```
 */
export function fromArquero(table: ColumnTable): Table {
  const columns: Record<string, Vector> = {};
  for (const name of table.columnNames()) {
    const values = table.array(name) as ArrayLike<unknown>;
    columns[name] = isTypedArray(values)
      ? (makeVector(values as Float64Array) as Vector)
      : columnOf(
          (at) => `${name}[${at}]`,
          Array.from(values, (value) => cellOf(name, value)),
        );
  }
  // A table of no rows has no columns to arquero's array(): its own writer keeps the names and types.
  return table.numRows() === 0 ? tableFromIPC(toArrowIPC(table, { format: "stream" })) : new Table(columns);
}

function isTypedArray(values: unknown): boolean {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}
