import type { RecordBatch, Table, Vector } from "apache-arrow";
import { dataOf, halvesOf, hasColumns, numbersOf, wordsOf } from "../traces/columns.ts";
import { type CodeFile, database, type Database, type DatabaseOptions } from "./database.ts";
import type { PagePattern } from "./masked-pages.ts";

/**
 * An Arrow table, or its record batches as they come.
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import type { TableBatches } from "veelab/patch-audit";
 * const pages: TableBatches = stream("packages/code-pages");
 * console.log(typeof pages);
 * ```
 */
export type TableBatches = Table | Iterable<RecordBatch> | AsyncIterable<RecordBatch>;

/** The batches of a table or a stream. */
export async function* recordBatches(table: TableBatches): AsyncGenerator<RecordBatch, void, undefined> {
  // A table iterates over rows: its batches are asked for by name.
  yield* "batches" in table ? table.batches : table;
}

/**
 * A column of texts, row by row. Of a dictionary only what rows have is decoded: a table of a batch a file may bring a
 * longer dictionary with each.
 */
export function wordsIn(batch: RecordBatch, name: string): (row: number) => string {
  const { dictionary, values } = dataOf(batch, name) as { dictionary?: Vector; values: Int32Array };
  if (dictionary === undefined) {
    const { codes, texts } = wordsOf(batch, name);
    return (row) => texts[codes[row]!]!;
  }
  const decoded = new Map<number, string>();
  return (row) => {
    const code = values[row]!;
    let text = decoded.get(code);
    if (text === undefined) decoded.set(code, (text = String(dictionary.get(code))));
    return text;
  };
}

/**
 * Builds a database from a table of code pages, as `packages/code-pages` and `veelab audit --build` have them: `package`,
 * `version`, `release` (old or new), `file`, `addressPage`, `hash`, and where there are pages that loading changes, `mask`, `anchorByte` and
 * `anchor` (null for the others). Rows of a file that follow each other are one version of it. Linear time; memory for the pages.
 *
 * @throws OptionError for a column that is missing or of another type
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import { readDatabase } from "veelab/patch-audit";
 * const known = await readDatabase(stream("packages/code-pages"));
 * console.log(known.binaries.length > 1000, known.distinctPages > 70_000); // true true
 * ```
 */
export async function readDatabase(table: TableBatches, options: DatabaseOptions = {}): Promise<Database> {
  const files: CodeFile[] = [];
  let pages: number[] = [];
  let hashes: bigint[] = [];
  let patterns: (PagePattern | undefined)[] = [];
  let key = "";
  for await (const batch of recordBatches(table)) {
    const words = (["package", "version", "release", "file"] as const).map((name) => wordsIn(batch, name));
    const [places, halves] = [numbersOf(batch, "addressPage"), halvesOf(batch, "hash")];
    const patternAt = patternsIn(batch);
    for (let row = 0; row < batch.numRows; row += 1) {
      const [of, version, release, file] = words.map((word) => word(row)) as [string, string, string, string];
      const next = `${of}\0${version}\0${file}`;
      if (next !== key) {
        key = next;
        [pages, hashes, patterns] = [[], [], []];
        const isOld = release === "old";
        files.push({
          package: of,
          version,
          release: isOld ? "old" : "new",
          file,
          addressPages: pages,
          hashes,
          patterns,
        });
      }
      pages.push(places[row]!);
      hashes.push(wide(halves, row));
      patterns.push(patternAt(row, hashes.at(-1)!));
    }
  }
  return database(files, options);
}

const wide = (halves: Uint32Array, row: number): bigint =>
  (BigInt(halves[2 * row + 1]!) << 32n) | BigInt(halves[2 * row]!);

/** The patterns of a batch's pages, row by row. */
function patternsIn(batch: RecordBatch): (row: number, hash: bigint) => PagePattern | undefined {
  if (!hasColumns(batch.schema, ["mask", "anchorByte", "anchor"])) return () => undefined;
  const masks = batch.getChild("mask")!;
  const [places, anchors] = [numbersOf(batch, "anchorByte"), halvesOf(batch, "anchor")];
  return (row, hash) => {
    const text: unknown = masks.get(row);
    if (typeof text !== "string") return undefined;
    return { mask: Buffer.from(text, "base64"), hash, anchorByte: places[row]!, anchor: wide(anchors, row) };
  };
}
