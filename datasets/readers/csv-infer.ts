import type { ColumnSchema, ColumnType } from "../column-type.ts";
import { parseDouble, parseTimestamp } from "./parse-number.ts";
import { advance, csvRow, type CsvWindow, incomplete, scanRow, strayQuote } from "./csv-rows.ts";

const sampleRows = 10_000;
const sampleBytes = 4 * 1024 * 1024;
const latin = new TextDecoder("latin1");

type Test = (bytes: Uint8Array, start: number, end: number) => boolean;

/** In the order in which they are tried; what is none of these is utf8. */
const tests: readonly (readonly [ColumnType, Test])[] = [
  ["bool", (bytes, start, end) => /^(true|false)$/i.test(latin.decode(bytes.subarray(start, end)))],
  ["float64", (bytes, start, end) => parseDouble(bytes, start, end) !== undefined],
  ["int64", (bytes, start, end) => isInt64(latin.decode(bytes.subarray(start, end)).trim())],
  ["timestamp", (bytes, start, end) => parseTimestamp(latin.decode(bytes.subarray(start, end))) !== undefined],
];

const isInt64 = (text: string): boolean =>
  /^[+-]?\d{1,20}$/.test(text) && BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", ""));

/**
 * The types that the first 10,000 rows (at most 4 MiB) show, without consuming them. A column with no value there is
 * utf8, and a quoted value is text. Where bad rows are left out (`skips`), those with another number of fields show nothing.
 */
export async function inferTypes(
  file: string,
  names: readonly string[],
  window: CsvWindow,
  chunks: AsyncIterator<Uint8Array>,
  skips = false,
): Promise<ColumnSchema> {
  while (window.until - window.from < sampleBytes && (await advance(window, chunks, file)));
  const possible = names.map(() => tests.map(() => true));
  const seen = names.map(() => false);
  const row = csvRow(names.length);
  let at = window.from;
  for (let rows = 0; rows < sampleRows && at < window.until; rows += 1) {
    const next = scanRow(window.bytes, at, window.until, 44, window.last, row);
    // Faults are reported by the pass that reads the rows, with their place.
    if (next === incomplete || next === strayQuote) break;
    at = next;
    if (skips && row.count !== names.length) continue;
    for (let field = 0; field < Math.min(row.count, names.length); field += 1) {
      const start = row.starts[field]!;
      const end = row.ends[field]!;
      if (start === end && row.quoted[field] === 0) continue;
      seen[field] = true;
      const mine = possible[field]!;
      for (let test = 0; test < tests.length; test += 1)
        if (mine[test]) mine[test] = row.quoted[field] === 0 && tests[test]![1](window.bytes, start, end);
    }
  }
  return Object.fromEntries(
    names.map((name, field) => {
      const first = seen[field] ? possible[field]!.indexOf(true) : -1;
      return [name, tests[first]?.[0] ?? "utf8"];
    }),
  );
}
