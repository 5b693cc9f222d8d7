import type { Table } from "apache-arrow";
import { pageBytes } from "../../datasets/formats/page.ts";
import { OptionError, SimulationError, TraceExhaustedError } from "../core/errors.ts";
import { fraction, integer, onlyOptions } from "../core/options.ts";
import { fromRows } from "../core/table.ts";
import type { PageContents } from "./contents.ts";
import { checkCosts, type Costs } from "./costs.ts";
import { batchesOf, type EventTrace } from "./events.ts";
import { extentBytes, flatEntryBytes, placement } from "./map-size.ts";
import { pageBlockMap, type PageBlockMap, type Rule } from "./page-block-map.ts";
import { restoreTimes } from "./restore.ts";
import type { Tracking } from "./tracking.ts";
import type { Variant } from "./variant.ts";

/**
 * Options of {@link checkpoint}.
 *
 * @example
 * ```ts
 * import { costs2011, skipMapped, writeProtection, type CheckpointOptions } from "veelab/checkpointing";
 * const options: CheckpointOptions = {
 *   pages: 65_536, variant: skipMapped(), tracking: writeProtection(), costs: costs2011,
 * };
 * console.log(options.pages);
 * ```
 */
export interface CheckpointOptions {
  /** Pages of the guest, 4 KiB each. */
  readonly pages: number;
  /** What an image leaves out. */
  readonly variant: Variant;
  /** How writes are learnt of. */
  readonly tracking: Tracking;
  /** The prices, see {@link Costs}. */
  readonly costs: Costs;
  /** The memory at each checkpoint of the trace, from 0. Needed to skip zeros, for the oracle, and to count what is wrongly left out. */
  readonly contents?: (checkpoint: number) => PageContents;
  /** Share of the pages of the map that a lazily restored guest touches until it responds; 0.1 (an assumption) unless given. */
  readonly touchedShare?: number;
  /** Rules of the map that are left out: such a map is wrong, which `falseExclusions` shows. */
  readonly without?: readonly Rule[];
  /** Series to keep: `"checkpoints"`, a row each. */
  readonly record?: readonly "checkpoints"[];
}

/**
 * One checkpoint. Each page of the guest is counted in exactly one of `zeroPages`, `mappedPages`, `unchangedPages` and
 * `storedPages`, the first that fits.
 *
 * @example
 * ```ts
 * import type { CheckpointRow } from "veelab/checkpointing";
 * const leftOut = (row: CheckpointRow): number => row.pages - row.storedPages;
 * console.log(leftOut);
 * ```
 */
export type CheckpointRow = {
  /** The variant's label. */
  readonly variant: string;
  /** The tracking's label. */
  readonly tracking: string;
  /** Its number, from 0; in the summary how many there were. */
  readonly checkpoint: number;
  /** Pages of the guest. */
  readonly pages: number;
  /** Pages left out as zeros. */
  readonly zeroPages: number;
  /** Pages left to the disk. */
  readonly mappedPages: number;
  /** Pages left to an earlier image. */
  readonly unchangedPages: number;
  /** Pages in the image. */
  readonly storedPages: number;
  /** Entries of the page-to-block map, whatever the variant. */
  readonly mapEntries: number;
  /** Pages that equal some block, without zeros; null without contents. */
  readonly equalPages: number | null;
  /** Pages that equal some block and have no entry in the map: accidental duplicates and copies; null without contents. */
  readonly accidentalPages: number | null;
  /** Pages left to a block that they do not equal: must be 0; null without contents. */
  readonly falseExclusions: number | null;
  /** Pages left to a block of which the contents do not say whether they equal it; null without contents. */
  readonly unverifiedPages: number | null;
  /**
   * Pages left to an earlier image that has another content of them: must be 0; null without contents. Each is a write that the
   * trace lacks.
   */
  readonly falseUnchanged: number | null;
  /** Extents of the pages left to the disk. */
  readonly extents: number;
  /** Reads that fetch them in the disk's order. */
  readonly runs: number;
  /** The map of an image as pairs, bytes. */
  readonly mapFlatBytes: number;
  /** The map of an image as extents, bytes; these are counted in the image. */
  readonly mapExtentBytes: number;
  /** The image with its state, map and bits of pages left out, bytes. */
  readonly imageBytes: number;
  /** Stored pages by pages, compressed where they are, %. */
  readonly sizePct: number;
  /** How long the guest is stopped, s. */
  readonly checkpointS: number;
  /** The same of a full image at the same prices, s. */
  readonly fullS: number;
  /** The first by the second, %. */
  readonly timePct: number;
  /** What learning of writes has cost the running guest so far, s. */
  readonly trackingS: number;
  /** {@link RestoreTimes} of the image. */
  readonly restorePageOrderS: number;
  /** See above. */
  readonly restoreSortedS: number;
  /** See above. */
  readonly restoreLazyS: number;
};

/**
 * The result of {@link checkpoint}.
 *
 * @example
 * ```ts
 * import type { CheckpointResult } from "veelab/checkpointing";
 * const rows = (result: CheckpointResult): number => result.series.checkpoints?.numRows ?? 0;
 * console.log(rows);
 * ```
 */
export interface CheckpointResult {
  /** Means over the checkpoints; `trackingS` of the whole run; `falseExclusions`, `unverifiedPages` and `falseUnchanged` in all. */
  readonly row: CheckpointRow;
  /** The series that were recorded. */
  readonly series: {
    /** A row a checkpoint. */
    readonly checkpoints?: Table;
  };
}

/**
 * Takes checkpoints of a guest whose transfers and writes are known, with images that leave out what the guest's disk holds
 * already (Park et al., VEE'11). The guest is stopped while an image is written; the disk must stay as it is until the restore
 * (a snapshot, whose cost is not in the model).
 *
 * A checkpoint takes its fixed part, the tracking's, a look-up a page, a copy a stored page, and the longer of writing and
 * compressing. Deterministic; linear in events, plus pages (and m log m for m pages of the map) a checkpoint.
 *
 * @param events - see {@link EventTrace}; needs at least one checkpoint
 * @throws OptionError for an option or a row out of range; TraceExhaustedError for a trace without a checkpoint;
 *   SimulationError when contents are missing or of another number of pages
 *
 * @example
 * ```ts
 * import { checkpoint, costs2011, events, skipMapped, writeProtection } from "veelab/checkpointing";
 * const trace = events([["read", 0, 10], ["read", 1, 11], ["store", 1], ["checkpoint"]]);
 * const { row } = await checkpoint(trace, { pages: 4, variant: skipMapped(), tracking: writeProtection(), costs: costs2011 });
 * console.log(row.mappedPages, row.storedPages, row.sizePct); // 1 3 75
 * ```
 */
export async function checkpoint(events: EventTrace, options: CheckpointOptions): Promise<CheckpointResult> {
  onlyOptions(options, ["pages", "variant", "tracking", "costs", "contents", "touchedShare", "without", "record"]);
  const pages = integer("pages", options.pages, { min: 1, max: 2 ** 31 - 1 });
  const { variant, tracking, costs, without = [], record = [] } = options;
  const given: unknown = variant;
  if (typeof given !== "object" || given === null || !("leaves" in given))
    throw new OptionError("variant", "a variant, as skipMapped() gives", given);
  const how: unknown = tracking;
  if (typeof how !== "object" || how === null || !("runtimeS" in how))
    throw new OptionError("tracking", "a tracking, as writeProtection() gives", how);
  checkCosts(costs);
  const touchedShare = fraction("touchedShare", options.touchedShare ?? 0.1);
  for (const name of record as readonly string[])
    if (name !== "checkpoints") throw new OptionError("record", 'only "checkpoints"', name);
  if (options.contents === undefined && (variant.skipsZero || variant.leaves === "equal"))
    throw new OptionError("contents", `the memory at each checkpoint, for the variant "${variant.label}"`, undefined);

  const map = pageBlockMap({ pages, without });
  const rows: CheckpointRow[] = [];
  const imageHash = new BigUint64Array(variant.incremental ? pages : 0);
  for await (const batch of batchesOf(events))
    for (let row = map.apply(batch); row < batch.kind.length; row = map.apply(batch, row + 1)) {
      const number = rows.length;
      const contents = options.contents?.(number);
      if (contents !== undefined && contents.zero.length !== pages)
        throw new SimulationError(
          "checkpointing",
          `the contents of checkpoint ${number} have ${contents.zero.length} pages, the guest ${pages}`,
        );
      rows.push(take(map, number, contents, imageHash, { pages, variant, tracking, costs, touchedShare }));
      map.beginEpoch();
    }
  if (rows.length === 0) throw new TraceExhaustedError("checkpointing", "the trace ends without a checkpoint");
  return {
    row: summary(rows),
    series: record.length > 0 ? { checkpoints: fromRows(rows) } : {},
  };
}

/** What a checkpoint needs to know of the options. */
interface Settings {
  readonly pages: number;
  readonly variant: Variant;
  readonly tracking: Tracking;
  readonly costs: Costs;
  readonly touchedShare: number;
}

/** `imageHash`, of incremental variants alone, holds and is given the hash of each page as the images up to this one have it. */
function take(
  map: PageBlockMap,
  number: number,
  contents: PageContents | undefined,
  imageHash: BigUint64Array,
  { pages, variant, tracking, costs, touchedShare }: Settings,
): CheckpointRow {
  const leftPages: number[] = [];
  const leftBlocks: number[] = [];
  const hashes = variant.incremental ? contents?.hash : undefined;
  let [zero, unchanged, storedZeros, equal, accidental, wrong, unverified, stale] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let page = 0; page < pages; page++) {
    const isZero = contents?.zero[page] === 1;
    const entry = map.blockOf(page);
    const same = contents?.equalBlock[page];
    const equalBlock = same === 0xffff_ffff ? undefined : same;
    if (equalBlock !== undefined) {
      equal++;
      if (entry === undefined) accidental++;
    }
    const block = variant.leaves === "mapped" ? entry : variant.leaves === "equal" ? equalBlock : undefined;
    if (isZero && variant.skipsZero) zero++;
    else if (block !== undefined) {
      leftPages.push(page);
      leftBlocks.push(block);
      const holds = contents?.holds(page, block);
      if (holds === false) wrong++;
      else if (holds === undefined) unverified++;
    } else if (variant.incremental && !map.isDirty(page)) {
      unchanged++; // never at the first: all pages begin dirty
      if (hashes !== undefined && hashes[page] !== imageHash[page]) stale++;
      continue;
    } else if (isZero) storedZeros++;
    if (hashes !== undefined) imageHash[page] = hashes[page]!;
  }
  const mapped = leftPages.length;
  const stored = pages - zero - mapped - unchanged;
  const where = placement(leftPages, leftBlocks);
  const { packing } = variant;
  const rawBytes = stored * pageBytes;
  const packedBytes =
    packing === undefined
      ? rawBytes
      : ((stored - storedZeros) * packing.ratio + storedZeros * packing.zeroRatio) * pageBytes;
  const mapExtentBytes = where.extents * extentBytes;
  // A bit a page says which are left out without a block.
  const bitBytes = variant.skipsZero || variant.incremental ? Math.ceil(pages / 8) : 0;
  const imageBytes = Math.round(packedBytes) + mapExtentBytes + bitBytes + costs.stateBytes;
  const writeS = (bytes: number): number => bytes / (costs.storage.sequentialMBps * 1e6);
  const alwaysS = costs.fixedS + (costs.storage.accessMs + costs.storage.latencyMs) * 1e-3;
  const packS = packing === undefined ? 0 : rawBytes / (packing.megabytesPerS * 1e6);
  const usesMap = variant.leaves === "mapped" || variant.incremental;
  const leavesOut = variant.skipsZero || variant.incremental || variant.leaves !== "none";
  const checkpointS =
    alwaysS +
    (usesMap ? tracking.pauseS(pages, costs) : 0) +
    (leavesOut ? pages * costs.lookUpNs * 1e-9 : 0) +
    stored * costs.pageUs * 1e-6 +
    Math.max(writeS(imageBytes), packS);
  const fullS = alwaysS + pages * costs.pageUs * 1e-6 + writeS(pages * pageBytes + costs.stateBytes);
  const restore = restoreTimes(
    { imageBytes, mappedPages: mapped, placement: where, touchedPages: Math.round(touchedShare * mapped) },
    costs,
  );
  const known = contents !== undefined;
  return {
    variant: variant.label,
    tracking: tracking.label,
    checkpoint: number,
    pages,
    zeroPages: zero,
    mappedPages: mapped,
    unchangedPages: unchanged,
    storedPages: stored,
    mapEntries: map.size,
    equalPages: known ? equal : null,
    accidentalPages: known ? accidental : null,
    falseExclusions: known ? wrong : null,
    unverifiedPages: known ? unverified : null,
    falseUnchanged: known ? stale : null,
    extents: where.extents,
    runs: where.runs,
    mapFlatBytes: mapped * flatEntryBytes,
    mapExtentBytes,
    imageBytes,
    sizePct: (packedBytes / (pages * pageBytes)) * 100,
    checkpointS,
    fullS,
    timePct: (checkpointS / fullS) * 100,
    trackingS: usesMap ? tracking.runtimeS(map.counts, costs) : 0,
    restorePageOrderS: restore.inPageOrderS,
    restoreSortedS: restore.sortedS,
    restoreLazyS: restore.lazyS,
  };
}

function summary(rows: readonly CheckpointRow[]): CheckpointRow {
  const last = rows.at(-1)!;
  const total = (name: keyof CheckpointRow): number => rows.reduce((sum, row) => sum + Number(row[name]), 0);
  const means = Object.fromEntries(
    Object.entries(last).map(([name, value]) => [
      name,
      typeof value === "number" ? total(name as keyof CheckpointRow) / rows.length : value,
    ]),
  ) as CheckpointRow;
  const known = last.falseExclusions !== null;
  return {
    ...means,
    checkpoint: rows.length,
    falseExclusions: known ? total("falseExclusions") : null,
    unverifiedPages: known ? total("unverifiedPages") : null,
    falseUnchanged: known ? total("falseUnchanged") : null,
    timePct: (total("checkpointS") / total("fullS")) * 100,
    trackingS: last.trackingS,
  };
}
