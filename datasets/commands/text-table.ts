import * as arrow from "apache-arrow";
import { timeText } from "../write/time-text.ts";

const longest = 60;

/** A table as aligned text: numbers to the right, long texts cut. Linear in its cells. */
export function textTable(table: arrow.Table): string {
  const { fields } = table.schema;
  const columns = fields.map(({ name, type }, at) => {
    const column = table.getChildAt(at)!;
    const valueOf = timeText(name, column) ?? ((row: number): unknown => column.get(row));
    const cells = Array.from({ length: table.numRows }, (_, row) => cell(valueOf(row)));
    const width = cells.reduce((most, text) => Math.max(most, text.length), name.length);
    const right = arrow.DataType.isInt(type as arrow.DataType) || arrow.DataType.isFloat(type as arrow.DataType);
    const pad = (text: string) => (right ? text.padStart(width) : text.padEnd(width));
    return [pad(name), "-".repeat(width), ...cells.map(pad)];
  });
  const lines = Array.from({ length: table.numRows + 2 }, (_, line) =>
    columns
      .map((column) => column[line]!)
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = `${value as number}`.replace(/\p{Cc}/gu, "·");
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
