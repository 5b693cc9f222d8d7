import type * as arrow from "apache-arrow";
import type { TraceKind } from "../../../datasets/formats/kinds.ts";
import type { Layout } from "../../../datasets/formats/layout.ts";
import { type Rows, traceRows } from "../../../datasets/formats/rows.ts";
import { integer } from "../../core/options.ts";

/** What every generator takes. */
export interface GeneratedOptions {
  /** The seed: equal options and seeds give equal traces. 1 when not given. */
  readonly seed?: number | string;
  /** Rows in a record batch. 65,536 when not given. */
  readonly batchRows?: number;
}

/** Rows of a layout as batches: `fill` makes the row `rows.count`. */
export function* generated<L extends Layout>(
  kind: TraceKind,
  layout: L,
  count: number,
  { batchRows = 65_536 }: GeneratedOptions,
  fill: (rows: Rows<L>, number: number) => void,
): Generator<arrow.RecordBatch, void> {
  integer("batchRows", batchRows, { min: 1 });
  const rows = traceRows(layout, Math.min(batchRows, Math.max(1, count)));
  rows.metadata.set("veelab.kind", kind);
  rows.metadata.set("veelab.format", "generated");
  for (let number = 0; number < count; number += 1) {
    fill(rows, number);
    rows.count += 1;
    if (rows.count === batchRows) yield rows.take();
  }
  if (rows.count > 0 || count === 0) yield rows.take();
}
