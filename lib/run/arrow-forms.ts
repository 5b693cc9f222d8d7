import type { Table } from "apache-arrow";

/** Arrow's classes, which lose their methods in a structured clone. */
export type ArrowKind = "table" | "batch" | "vector";

let arrow: typeof import("apache-arrow") | undefined;

/** Loads Arrow. A thread whose points have no tables starts without it, in half the time. */
export async function loadArrow(): Promise<void> {
  arrow ??= await import("apache-arrow");
}

/** Whether {@link loadArrow} has been called. */
export const isArrowLoaded = (): boolean => arrow !== undefined;

/** A table, batch or column as IPC, if the value is one and Arrow is loaded. Linear in the bytes. */
export function toIpc(value: object): { readonly kind: ArrowKind; readonly bytes: Uint8Array } | undefined {
  if (arrow === undefined) return undefined;
  const written = (kind: ArrowKind, table: Table) => ({ kind, bytes: arrow!.tableToIPC(table, "stream") });
  if (value instanceof arrow.Vector) return written("vector", new arrow.Table({ column: value }));
  // Tables and batches also of another copy of apache-arrow.
  if (!("schema" in value && "numRows" in value)) return undefined;
  if (value instanceof arrow.RecordBatch) return written("batch", new arrow.Table([value]));
  return "batches" in value ? written("table", value as Table) : undefined;
}

/** What {@link toIpc} wrote; the columns are over the bytes' memory. */
export function fromIpc(kind: ArrowKind, bytes: Uint8Array): unknown {
  const table = arrow!.tableFromIPC(bytes);
  if (kind === "table") return table;
  return kind === "batch" ? table.batches[0] : table.getChildAt(0);
}
