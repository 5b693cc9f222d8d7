import type * as arrow from "apache-arrow";
import { fraction, integer, onlyOptions } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";
import { zipf } from "./zipf.ts";

/** What {@link codeVersions} makes. */
export interface CodeVersionsOptions extends GeneratedOptions {
  /** Executables. */
  readonly files: number;
  /** Versions of each. 2 when not given. */
  readonly versions?: number;
  /** The most code pages of an executable; sizes are Zipf's. 700 when not given. */
  readonly mostPages?: number;
  /** The share of executables whose code a new version leaves as it is. 0.2 when not given. */
  readonly unchangedShare?: number;
  /** The share of a changed executable's pages that stay. 0.02 when not given. */
  readonly keptShare?: number;
}

/**
 * Seeded code pages of versions of executables with the columns of `kindColumns.code` and `version`: the database that an
 * auditor of patches looks page hashes up in. Linear in the pages.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { codeVersions } from "veelab/traces";
 *
 * let pages = 0;
 * for (const batch of codeVersions({ files: 10, seed: 2 })) pages += batch.numRows;
 * console.log(pages > 20); // true
 * ```
 */
export function codeVersions(options: CodeVersionsOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, ["files", "versions", "mostPages", "unchangedShare", "keptShare", "seed", "batchRows"]);
  const files = integer("files", options.files, { min: 1 });
  const versions = integer("versions", options.versions ?? 2, { min: 1 });
  const mostPages = integer("mostPages", options.mostPages ?? 700, { min: 1 });
  const unchangedShare = fraction("unchangedShare", options.unchangedShare ?? 0.2);
  const keptShare = fraction("keptShare", options.keptShare ?? 0.02);
  const stream = random(options.seed ?? 1);
  const size = zipf(stream.split("sizes"), mostPages, 0.7);
  const sizes = Array.from({ length: files }, () => 1 + size());
  const layout = { file: "words", addressPage: "float64", hash: "uint64", version: "uint32" } as const;
  let file = 0;
  let version = 0;
  let page = 0;
  let changed = true;
  let hashes = new Uint32Array(0);
  const total = versions * sizes.reduce((sum, pages) => sum + pages, 0);
  return generated("code", layout, total, options, ({ columns, count }) => {
    if (page === 0) {
      if (version === 0) hashes = new Uint32Array(2 * sizes[file]!);
      changed = version === 0 || stream.float() >= unchangedShare;
    }
    if (version === 0 || (changed && stream.float() >= keptShare)) {
      hashes[2 * page] = stream.bits();
      hashes[2 * page + 1] = stream.bits();
    }
    columns.file.setText(count, `file${file + 1}`);
    columns.addressPage[count] = page;
    columns.hash[2 * count] = hashes[2 * page]!;
    columns.hash[2 * count + 1] = hashes[2 * page + 1]!;
    columns.version[count] = version + 1;
    page += 1;
    if (page < sizes[file]!) return;
    page = 0;
    version += 1;
    if (version < versions) return;
    version = 0;
    file += 1;
  });
}
