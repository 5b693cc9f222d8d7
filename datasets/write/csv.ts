import * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";
import { writeAtomically } from "./atomic.ts";
import type { Batches } from "./arrow.ts";
import { timeText } from "./time-text.ts";

/** Text is given in pieces of about so many characters. */
export const pieceLength: number = 2 ** 20;

/**
 * Writes CSV (RFC 4180, LF, a header) that `open` reads back: a null is an empty field, an empty text a quoted one, times are ISO 8601
 * in UTC with all their digits; those of micro- and nanoseconds are texts when they are read. The file appears whole or not at all.
 * Throws OptionError for columns of nested values or bytes, and for times outside the years 0 to 9999.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open, writeCsv } from "veelab/datasets";
 *
 * const path = join(tmpdir(), "veelab-example.csv");
 * await writeCsv(path, tableFromArrays({ page: Uint32Array.of(1, 2, 3) }));
 * console.log((await open(path)).numRows); // 3
 * ```
 */
export async function writeCsv(path: string, batches: Batches): Promise<void> {
  if (typeof path !== "string" || !path.endsWith(".csv"))
    throw new OptionError("path", "a file name that ends in .csv", path);
  await writeAtomically(path, async (handle) => {
    for await (const text of csvText(batches)) await handle.writeFile(text);
  });
}

/** The text of {@link writeCsv}, some rows at a time: a whole batch may be longer than a string can be. */
export async function* csvText(batches: Batches): AsyncGenerator<string, void> {
  let header = true;
  const empty = arrow.isArrowTable(batches) && batches.batches.length === 0;
  if (empty) yield headerOf(batches.schema);
  for await (const batch of arrow.isArrowTable(batches) ? batches.batches : batches) {
    const { fields } = batch.schema;
    let text = header ? headerOf(batch.schema) : "";
    header = false;
    const columns = fields.map(({ name, type }, at) => fieldOf(name, type as arrow.DataType, batch.getChildAt(at)!));
    for (let row = 0; row < batch.numRows; row += 1) {
      text += `${columns.map((column) => column(row)).join(",")}\n`;
      if (text.length < pieceLength) continue;
      yield text;
      text = "";
    }
    yield text;
  }
}

/** A name that is a number is quoted, as an unquoted one would be a file without a header; so is one that looks like another format. */
const headerOf = ({ fields }: arrow.Schema): string => {
  const isPlain = (name: string) => Number.isNaN(Number(name)) && !/[;\t]|^\s*[[{<]/.test(name);
  return `${fields.map(({ name }) => (isPlain(name) ? quotedText(name) : `"${name.replaceAll('"', '""')}"`)).join(",")}\n`;
};

const quotedText = (text: string): string =>
  text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A number that reads back as itself: digits alone beyond 2^53 are taken for a whole number that float64 would change. */
const numberText = (value: number): string =>
  Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : Object.is(value, -0)
      ? "-0"
      : String(value);

function fieldOf(name: string, type: arrow.DataType, column: arrow.Vector): (row: number) => string {
  const { DataType } = arrow;
  const of = DataType.isDictionary(type) ? (type.dictionary as arrow.DataType) : type;
  const plain = (write: (value: never) => string) => (row: number) => {
    const value: unknown = column.get(row);
    return value === null ? "" : write(value as never);
  };
  if (DataType.isUtf8(of) || DataType.isLargeUtf8(of) || DataType.isUtf8View(of))
    // A text that looks like a number is quoted, so that it stays a text; numbers are read without the blanks around them.
    return plain((value: string) =>
      /^[\d+\-.]|^(true|false|nan|inf)|^\s|\s$/i.test(value) ? `"${value.replaceAll('"', '""')}"` : quotedText(value),
    );
  const time = timeText(name, column);
  if (time !== undefined) return (row) => time(row) ?? "";
  if (DataType.isFloat(of)) return plain(numberText);
  if (DataType.isInt(of) || DataType.isBool(of)) return plain(String);
  throw new OptionError(name, "a column of plain values", String(type as unknown));
}
