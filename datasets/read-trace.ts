import * as arrow from "apache-arrow";
import type { TraceFormat } from "./formats/format.ts";
import { defaultBatchRows, type StreamOptions, tolerance } from "./options.ts";
import type { Source } from "./source/source.ts";

/** The metadata's names of a trace's format and kind. */
export const formatKey = "veelab.format";
export const kindKey = "veelab.kind";

/** Reads a trace of a known format, leaves out as many bad records as the options allow, and marks the schema with format and kind. */
export async function* readTrace(
  format: TraceFormat,
  source: Source,
  options: StreamOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const { batchRows = defaultBatchRows, reuse = false, columns, schema: expected } = options;
  // A schema may expect columns that are not read.
  const some = columns === undefined || expected !== undefined ? {} : { columns };
  const batches = format.read(source, { batchRows, reuse, fault: tolerance(options), ...some });
  let schema: arrow.Schema | undefined;
  for await (const batch of batches) {
    schema ??= new arrow.Schema(
      batch.schema.fields,
      new Map([...batch.schema.metadata, [formatKey, format.name], [kindKey, format.kind]]),
    );
    yield new arrow.RecordBatch(schema, batch.data);
  }
}
