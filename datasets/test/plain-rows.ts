import * as arrow from "apache-arrow";

/** A table as plain objects. */
export const rows = (table: arrow.Table): unknown[] =>
  table.toArray().map((row: { toJSON: () => unknown }) => row.toJSON());

/** A table with a column of each kind that files of several formats can hold. */
export const sample: arrow.Table = new arrow.Table({
  time: arrow.vectorFromArray([1, 2, null, 4], new arrow.Float64()),
  op: arrow.vectorFromArray(
    ["read", "write", "read", "read"],
    new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
  ),
  page: arrow.vectorFromArray([1n, 2n ** 63n, 3n, 4n], new arrow.Uint64()),
  ok: arrow.vectorFromArray([true, false, null, true], new arrow.Bool()),
  at: arrow.vectorFromArray([0, 1e12, 2e12, null], new arrow.TimestampMillisecond("UTC")),
  note: arrow.vectorFromArray(["é", "", null, 'a "quoted", one'], new arrow.Utf8()),
});
