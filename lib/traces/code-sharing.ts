import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { halvesOf, hasColumns, numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link codeSharing} finds. */
export interface CodeSharing extends Characteristic {
  /** Pages in all, and different contents. */
  readonly pages: number;
  /** Different pages. */
  readonly distinct: number;
  /** Files, each version by itself. */
  readonly files: number;
  /** The share of pages whose content is in more than one file, 0 to 1. */
  readonly sharedShare: number;
}

const mostBars = 12;
/** A content that is in more than one file. */
const several = -1;
/** A file's number and its pages of a content in one double: 31 and 22 bits. */
const pagesRoom = 2 ** 22;

/**
 * Code pages that files have in common, by their hashes; versions of a file (a column `version`) are files of their
 * own. The table has a row for each file: `file`, `pages`, `sharedPages` (whose content is in another file too). One
 * pass; memory for the different hashes and the files.
 *
 * @example
 * ```ts
 * import { codeSharing, codeVersions } from "veelab/traces";
 *
 * const { sharedShare } = await codeSharing(codeVersions({ files: 20, versions: 2, unchangedShare: 1 }));
 * console.log(sharedShare); // 1
 * ```
 */
export function codeSharing(trace: Trace): Promise<CodeSharing> {
  return characterise(trace, "code pages", codeSharings());
}

/** The accumulator of {@link codeSharing}. */
export function codeSharings(): Accumulator<CodeSharing> {
  const files = new Map<string, number>();
  const names: string[] = [];
  const pages: number[] = [];
  const own: number[] = [];
  // Of a content the file that has it, and how often, or `several`.
  const holders = new Map<number, number>();
  let rows = 0;
  return {
    add(batch) {
      const hashes = halvesOf(batch, "hash");
      const { codes, texts } = wordsOf(batch, "file");
      const versions = hasColumns(batch.schema, ["version"]) ? wordsOfVersion(batch) : undefined;
      let [lastCode, lastVersion, file] = [-1, -1, 0];
      for (let row = 0; row < batch.numRows; row += 1) {
        const code = codes[row]!;
        const version = versions === undefined ? 0 : versions.codes[row]!;
        if (code !== lastCode || version !== lastVersion) {
          const name = versions === undefined ? texts[code]! : `${texts[code]!} ${versions.nameOf(version)}`;
          file = files.get(name) ?? files.size;
          if (file === files.size) {
            files.set(name, file);
            names.push(name);
            pages.push(0);
            own.push(0);
          }
          [lastCode, lastVersion] = [code, version];
        }
        pages[file]! += 1;
        const key = (hashes[2 * row + 1]! >>> 11) * 0x100000000 + hashes[2 * row]!;
        const holder = holders.get(key);
        if (holder === several) continue;
        if (holder === undefined || Math.floor(holder / pagesRoom) === file) {
          holders.set(key, (holder ?? file * pagesRoom) + 1);
          own[file]! += 1;
        } else {
          own[Math.floor(holder / pagesRoom)]! -= holder % pagesRoom;
          holders.set(key, several);
        }
      }
      rows += batch.numRows;
    },
    result() {
      if (rows === 0) return undefined;
      const table = new Table({
        file: vectorFromArray(names, new Utf8()),
        pages: makeVector(Float64Array.from(pages)),
        sharedPages: makeVector(Float64Array.from(pages, (count, file) => count - own[file]!)),
      });
      const sharedShare = 1 - own.reduce((sum, count) => sum + count, 0) / rows;
      const largest = names.map((name, file) => ({ name, file })).sort((a, b) => pages[b.file]! - pages[a.file]!);
      const drawn = largest.slice(0, mostBars);
      const kinds = ["in this file only", "in others too"] as const;
      const chart = bars(
        drawn.flatMap(({ name, file }) => [
          { name, kind: kinds[0], pages: own[file]! },
          { name, kind: kinds[1], pages: pages[file]! - own[file]! },
        ]),
        {
          title: "Code pages in common",
          subtitle: `${rows.toLocaleString("en")} pages of ${names.length.toLocaleString("en")} files; ${(100 * sharedShare).toFixed(1)} % are in more than one${names.length > mostBars ? `; the ${mostBars} largest files` : ""}`,
          x: { field: "name", title: "file", order: drawn.map(({ name }) => name) },
          y: { title: "pages of 4 KiB", unit: "" },
          series: { field: "kind", title: "content", order: [...kinds] },
          measured: "pages",
        },
      );
      return characteristic(table, chart, { pages: rows, distinct: holders.size, files: names.length, sharedShare });
    },
  };
}

/** The versions of a batch's rows: numbers, or texts. */
function wordsOfVersion(batch: Parameters<typeof wordsOf>[0]) {
  const field = batch.schema.fields.find(({ name }) => name === "version");
  if (/^(Utf8|Dictionary)/.test(String(field?.type as unknown))) {
    const { codes, texts } = wordsOf(batch, "version");
    return { codes, nameOf: (code: number) => texts[code] ?? "" };
  }
  return {
    codes: numbersOf(batch, "version"),
    nameOf: (version: number) => (Number.isNaN(version) ? "" : `v${version}`),
  };
}
