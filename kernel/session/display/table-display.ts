import { inspect } from "node:util";
import { escapeHtml } from "./html.ts";
import { methodOf } from "./method.ts";
import type { MimeBundle } from "./publisher.ts";
import type { TableColumn, TableView } from "./table.ts";

/** Tables up to this long are shown whole. */
const wholeRows = 20;
/** Of longer ones, this many rows. */
const firstRows = 10;
const shownColumns = 30;
const shownCharacters = 60;

/** A table's first rows, its columns with their types, and its size, as text and as HTML. Reads only what it shows. */
export function displayTable(table: TableView): MimeBundle {
  const columns = table.columns.slice(0, shownColumns);
  const count = table.rows <= wholeRows ? table.rows : firstRows;
  const rows = Array.from({ length: count }, (_, row) => columns.map((column) => cellText(column.at(row))));
  return { "text/html": html(table, columns, rows), "text/plain": plain(table, columns, rows) };
}

function size({ kind, rows, columns, note }: TableView): string {
  const counted = (count: number, unit: string): string =>
    `${count.toLocaleString("en-US")} ${unit}${count === 1 ? "" : "s"}`;
  return `${kind}: ${counted(rows, "row")} × ${counted(columns.length, "column")}${note === undefined ? "" : `, ${note}`}`;
}

function rest(table: TableView, rows: number): string[] {
  const columns = table.columns.length - shownColumns;
  const more = (count: number, unit: string): string =>
    `${count.toLocaleString("en-US")} more ${unit}${count === 1 ? "" : "s"}`;
  return [
    ...(table.rows > rows ? [more(table.rows - rows, "row")] : []),
    ...(columns > 0 ? [more(columns, "column")] : []),
  ];
}

function html(table: TableView, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const align = columns.map(({ numeric }) => ` style="text-align:${numeric ? "right" : "left"}"`);
  const typed = columns.some(({ type }) => type !== "");
  const heads = columns.map(({ name, type }, at) => {
    const small = typed ? `<br><span style="font-weight:normal;opacity:.65">${escapeHtml(type)}</span>` : "";
    return `<th scope="col"${align[at]!}>${escapeHtml(name)}${small}</th>`;
  });
  const body = rows.map(
    (row) => `<tr>${row.map((cell, at) => `<td${align[at]!}>${escapeHtml(cell)}</td>`).join("")}</tr>`,
  );
  const more = rest(table, rows.length);
  return [
    `<table class="dataframe" style="font-variant-numeric:tabular-nums">`,
    `<caption style="caption-side:bottom;text-align:left">${escapeHtml([size(table), ...more].join("; "))}</caption>`,
    `<thead><tr>${heads.join("")}</tr></thead>`,
    `<tbody>`,
    ...body,
    `</tbody>`,
    `</table>`,
  ].join("\n");
}

function plain(table: TableView, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const typed = columns.some(({ type }) => type !== "");
  const lines = [columns.map(({ name }) => name), ...(typed ? [columns.map(({ type }) => type)] : []), ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, at) => (columns[at]!.numeric ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd(),
  );
  const ruler = widths.map((width) => "─".repeat(width)).join("  ");
  const heads = typed ? 2 : 1;
  const more = rest(table, rows.length).map((text) => `… ${text}`);
  return [size(table), ...aligned.slice(0, heads), ruler, ...aligned.slice(heads), ...more].join("\n");
}

/** A value as one cell shows it: six significant digits, dates in ISO, long texts cut. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : isoDate(value);
  const text = typeof value === "string" ? value : nestedText(value);
  const line = text.replace(/\s+/g, " ");
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters - 1)}…` : line;
}

function isoDate(date: Date): string {
  return date.toISOString().replace(/T00:00:00\.000Z$/, "");
}

function nestedText(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const toPlain = ArrayBuffer.isView(value) ? undefined : methodOf(value, "toJSON");
    if (toPlain !== undefined) return nestedText(toPlain());
    const items = ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
    return inspect(items, { depth: 3, maxArrayLength: 10, breakLength: Infinity });
  }
  return String(value);
}
