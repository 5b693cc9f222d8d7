import type * as arrow from "apache-arrow";
import { pieceLength } from "../write/csv.ts";
import { timeText } from "../write/time-text.ts";

/** Batches as JSON, an object a line, some lines at a time: times as in CSV, whole numbers of 64 bits with all their digits, NaN and infinities as null. */
export async function* jsonLines(batches: AsyncIterable<arrow.RecordBatch>): AsyncGenerator<string, void> {
  for await (const batch of batches) {
    const columns = batch.schema.fields.map(({ name }, at) => {
      const column = batch.getChildAt(at)!;
      const valueOf = timeText(name, column) ?? ((row: number): unknown => column.get(row));
      return (row: number) => `${JSON.stringify(name)}:${jsonText(valueOf(row))}`;
    });
    let text = "";
    for (let row = 0; row < batch.numRows; row += 1) {
      text += `{${columns.map((column) => column(row)).join(",")}}\n`;
      if (text.length < pieceLength) continue;
      yield text;
      text = "";
    }
    yield text;
  }
}

function jsonText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  return JSON.stringify(value);
}
