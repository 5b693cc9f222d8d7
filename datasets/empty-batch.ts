import * as arrow from "apache-arrow";

/** A batch of no rows: what a dataset without rows is made of, so that its columns are known. */
export function emptyBatch(schema: arrow.Schema): arrow.RecordBatch {
  const children = schema.fields.map(({ type }) =>
    arrow.makeData({ type: type as arrow.DataType, nullCount: 0 } as never),
  );
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(schema.fields), length: 0, nullCount: 0, children }),
  );
}
