import type * as arrow from "apache-arrow";
import { pageClasses } from "../../../datasets/formats/kinds.ts";
import { codes, optional } from "../../../datasets/formats/layout.ts";
import { OptionError } from "../../core/errors.ts";
import { fraction, integer, onlyOptions } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** What {@link memoryImage} makes. */
export interface MemoryImageOptions extends GeneratedOptions {
  /** Pages in all. */
  readonly pages: number;
  /** The share of pages of zeros. 0.3 when not given. */
  readonly zeroShare?: number;
  /** The share of pages that equal a block of the disk, which the guest has cached. 0.4 when not given. */
  readonly cachedShare?: number;
  /** The share of the other pages that equal another page of the image. 0.1 when not given. */
  readonly duplicateShare?: number;
  /** Blocks of 4 KiB on the disk. 2^20 when not given. */
  readonly diskBlocks?: number;
}

const names = ["pages", "zeroShare", "cachedShare", "duplicateShare", "diskBlocks"];

/** The first 64 bits of the SHA-1 of 4096 zero bytes: what the readers give a page of zeros. */
const zeroHash = [0x1ceaf73d, 0xf40e531d] as const;

/**
 * A seeded memory image with the columns of `kindColumns.pages` and `diskBlock`: pages of zeros, pages cached from the disk
 * in runs of neighbouring blocks, pages that occur elsewhere in the image, and others. Hashes are random. Constant time a
 * page; memory for a batch and 65,536 hashes that duplicates are drawn from.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { memoryImage } from "veelab/traces";
 *
 * const [batch] = memoryImage({ pages: 1024, zeroShare: 0.5, seed: 3 });
 * console.log(batch?.numRows); // 1024
 * ```
 */
export function memoryImage(options: MemoryImageOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, [...names, "seed", "batchRows"]);
  const pages = integer("pages", options.pages, { min: 0 });
  const zeroShare = fraction("zeroShare", options.zeroShare ?? 0.3);
  const cachedShare = fraction("cachedShare", options.cachedShare ?? 0.4);
  const duplicateShare = fraction("duplicateShare", options.duplicateShare ?? 0.1);
  const diskBlocks = integer("diskBlocks", options.diskBlocks ?? 2 ** 20, { min: 1 });
  if (zeroShare + cachedShare > 1)
    throw new OptionError("cachedShare", `at most ${1 - zeroShare} beside zeroShare`, cachedShare);
  const stream = random(options.seed ?? 1);
  const disk = random(options.seed ?? 1).split("disk");
  const seen: [number, number][] = [];
  let block = 0;
  let run = 0;
  const layout = {
    page: "float64",
    class: codes(pageClasses),
    hash: "uint64",
    diskBlock: optional("float64"),
  } as const;
  return generated("pages", layout, pages, options, (rows, number) => {
    const { columns, count } = rows;
    const kind = stream.float();
    columns.page[count] = number;
    let low: number;
    let high: number;
    if (kind < zeroShare) {
      [high, low] = zeroHash;
      rows.setNull("diskBlock");
    } else if (kind < zeroShare + cachedShare) {
      // Read-ahead caches neighbours: runs of 1 to 32 blocks.
      if (run === 0) {
        block = stream.int(diskBlocks);
        run = 1 + stream.int(32);
      } else block = (block + 1) % diskBlocks;
      run -= 1;
      const content = disk.split(block);
      low = content.bits();
      high = content.bits();
      columns.diskBlock[count] = block;
    } else {
      rows.setNull("diskBlock");
      if (seen.length > 0 && stream.float() < duplicateShare) [low, high] = stream.pick(seen);
      else {
        low = stream.bits();
        high = stream.bits();
        if (seen.length < 65_536) seen.push([low, high]);
        else seen[stream.int(65_536)] = [low, high];
      }
    }
    columns.class[count] = kind < zeroShare ? 0 : 2;
    columns.hash[2 * count] = low;
    columns.hash[2 * count + 1] = high;
  });
}
