import type { Table } from "apache-arrow";
import { pageBytes } from "../../datasets/formats/page.ts";
import { SimulationError } from "../core/errors.ts";
import { oneOf, onlyOptions } from "../core/options.ts";
import { dumpContents, type PageContents } from "./contents.ts";
import { eventKinds, type EventBatch } from "./events.ts";
import { pageBlockMap } from "./page-block-map.ts";

/**
 * The tables of a captured guest, as `veelab capture guest` writes them and the catalogue has them.
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import type { GuestTables } from "veelab/checkpointing";
 * const idle: GuestTables = {
 *   requests: await open("guest/blkio-idle"),
 *   pieces: await open("guest/block-pages-idle"),
 *   pages: await open("guest/pages-idle"),
 * };
 * console.log(idle.requests.numRows);
 * ```
 */
export interface GuestTables {
  /** The requests to the disk: `blocks`, or `guest/blkio-*`. */
  readonly requests: Table;
  /** The pages of each request: `block-pages`. */
  readonly pieces: Table;
  /** The dumps: `pages`. */
  readonly pages: Table;
  /** When the processor last wrote to each page before each dump: `stores`; absent where it was not captured. */
  readonly stores?: Table;
}

/**
 * A captured guest as {@link checkpoint} takes it.
 *
 * @example
 * ```ts
 * import type { GuestRun } from "veelab/checkpointing";
 * const megabytes = (guest: GuestRun): number => (guest.pages * 4096) / 2 ** 20;
 * console.log(megabytes);
 * ```
 */
export interface GuestRun {
  /** Its transfers and stores, and a checkpoint at each dump. */
  readonly events: EventBatch;
  /** Its pages. */
  readonly pages: number;
  /** Its memory at each dump. */
  readonly contents: (checkpoint: number) => PageContents;
  /** When each dump was taken, s since the start. */
  readonly dumpS: readonly number[];
}

interface Piece {
  readonly timeNs: number;
  readonly kind: number;
  readonly page: number;
  readonly block: number;
}

const values = (table: Table, name: string): unknown[] => {
  const column = table.getChild(name);
  if (column === null) throw new SimulationError("checkpointing", `expected a column ${name}, got none`);
  return [...(column as Iterable<unknown>)];
};

/**
 * The events of a captured guest. Transfers stand in the order of their issue; a piece that is not a whole page on a whole block is
 * partial; a discard is a partial write to each of its blocks.
 *
 * `stores` says where the processor's writes come from:
 *
 * - `"recorded"` (where `tables.stores` is): each page's last store before a dump, as the emulated processor did it. Earlier stores
 *   change nothing at the dump, as an entry that they would end was ended or made anew since. `falseExclusions` is then a test
 *   of the map on a real guest. What the NVMe disk writes besides a request's data (completions, indices of events) is not recorded:
 *   `falseUnchanged` counts those pages, two to five a guest.
 * - `"inferred"` (else): a page was written to where its hash has changed since the last dump, or where it does not equal the block
 *   that the map without stores has for it. `falseExclusions` is then 0 by construction, and the map is that of a perfect
 *   tracker of changes, an upper bound: a page that was written to with what it held counts as not written to. `falseExclusions` is
 *   then no test.
 * - `"none"`: as if the processor never wrote; what such a map gets wrong is what the tracking is for.
 *
 * Linear in the tables' rows; memory for the events.
 *
 * @throws OptionError for another `stores`; SimulationError for tables that do not fit each other
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { checkpoint, costs2011, dirtyLog, guestEvents, skipMappedAndZero } from "veelab/checkpointing";
 * const { events, pages, contents } = guestEvents({
 *   requests: await open("guest/blkio-idle"),
 *   pieces: await open("guest/block-pages-idle"),
 *   pages: await open("guest/pages-idle"),
 * });
 * const { row } = await checkpoint(events, { pages, contents, variant: skipMappedAndZero(), tracking: dirtyLog(), costs: costs2011 });
 * console.log(row.falseExclusions, row.sizePct < 30); // 0 true
 * ```
 */
export function guestEvents(
  tables: GuestTables,
  options: { readonly stores?: "recorded" | "inferred" | "none" } = {},
): GuestRun {
  onlyOptions(options, ["stores"]);
  const choices = ["recorded", "inferred", "none"] as const;
  const from = oneOf("stores", options.stores ?? (tables.stores === undefined ? "inferred" : "recorded"), choices);
  const pieces = transfersOf(tables);
  const dumps = dumpsOf(tables);
  const pages = values(tables.pages, "dump").filter((dump) => dump === 0).length;
  const kept: PageContents[] = dumps.map((_, dump) => dumpContents(tables.pages, dump));
  const rows: number[] = [];
  const add = (kind: number, page: number, block: number): void => {
    rows.push(kind, page, block);
  };
  if (from === "recorded") {
    const all = [...pieces, ...recordedStores(tables)].sort((a, b) => a.timeNs - b.timeNs);
    let at = 0;
    for (const { timeNs } of dumps) {
      for (; at < all.length && all[at]!.timeNs <= timeNs; at++) add(all[at]!.kind, all[at]!.page, all[at]!.block);
      add(eventKinds.checkpoint, 0, 0);
    }
  } else {
    const map = pageBlockMap({ pages });
    let at = 0;
    for (const [dump, { timeNs }] of dumps.entries()) {
      const first = rows.length;
      for (; at < pieces.length && pieces[at]!.timeNs <= timeNs; at++)
        add(pieces[at]!.kind, pieces[at]!.page, pieces[at]!.block);
      if (from === "inferred") {
        map.apply(batchFrom(rows, first));
        const stored = rows.length;
        const [now, before] = [kept[dump]!, kept[dump - 1]];
        for (let page = 0; page < pages; page++) {
          const block = map.blockOf(page);
          const isWrong = block !== undefined && now.holds(page, block) === false;
          const hasChanged = before !== undefined && block === undefined && now.hash[page] !== before.hash[page];
          if (isWrong || hasChanged) add(eventKinds.store, page, 0);
        }
        map.apply(batchFrom(rows, stored));
      }
      add(eventKinds.checkpoint, 0, 0);
    }
  }
  return {
    events: batchFrom(rows, 0),
    pages,
    contents(checkpoint) {
      const found = kept[checkpoint];
      if (found === undefined)
        throw new SimulationError(
          "checkpointing",
          `${kept.length} dumps were captured, checkpoint ${checkpoint} is none of them`,
        );
      return found;
    },
    dumpS: dumps.map(({ timeNs }) => timeNs / 1e9),
  };
}

function batchFrom(rows: readonly number[], first: number): EventBatch {
  const count = (rows.length - first) / 3;
  const batch = { kind: new Uint8Array(count), page: new Uint32Array(count), block: new Uint32Array(count) };
  for (let row = 0; row < count; row++) {
    batch.kind[row] = rows[first + 3 * row]!;
    batch.page[row] = rows[first + 3 * row + 1]!;
    batch.block[row] = rows[first + 3 * row + 2]!;
  }
  return batch;
}

/** The time of each dump: of the guest's stop where the stores have it, else of the order to take it, a fraction of a second before. */
function dumpsOf({ pages, stores }: GuestTables): { readonly timeNs: number }[] {
  const table = stores ?? pages;
  const times = new Map<number, number>();
  const timeOf = values(table, "timeNs") as number[];
  for (const [row, dump] of (values(table, "dump") as number[]).entries()) times.set(dump, timeOf[row]!);
  return Array.from({ length: times.size }, (_, dump) => {
    const timeNs = times.get(dump);
    if (timeNs === undefined) throw new SimulationError("checkpointing", `dump ${dump}: the table has no such dump`);
    return { timeNs };
  });
}

function recordedStores({ stores }: GuestTables): Piece[] {
  if (stores === undefined)
    throw new SimulationError("checkpointing", "recorded stores: expected the table stores, got none");
  const times = values(stores, "lastStoreNs") as (number | null)[];
  const pages = values(stores, "page") as number[];
  return times.flatMap((timeNs, row) =>
    timeNs === null ? [] : [{ timeNs, kind: eventKinds.store, page: pages[row]!, block: 0 }],
  );
}

function transfersOf({ requests, pieces }: GuestTables): Piece[] {
  const times = values(requests, "timeNs") as number[];
  const operations = values(requests, "op") as string[];
  const starts = values(requests, "offsetBytes") as number[];
  const sizes = values(requests, "sizeBytes") as number[];
  const owners = values(pieces, "request") as number[];
  const offsets = values(pieces, "offsetBytes") as number[];
  const pageOf = values(pieces, "guestPage") as number[];
  const list: Piece[] = [];
  let piece = 0;
  for (const [request, timeNs] of times.entries()) {
    const op = operations[request];
    const end = starts[request]! + sizes[request]!;
    if (op === "discard") list.push(...partialWrites(timeNs, starts[request]!, end));
    for (; owners[piece] === request; piece++) {
      const offset = offsets[piece]!;
      const until = owners[piece + 1] === request ? offsets[piece + 1]! : end;
      const page = pageOf[piece]!;
      const block = Math.floor(offset / pageBytes);
      if (offset % pageBytes === 0 && until - offset === pageBytes)
        list.push({ timeNs, kind: op === "read" ? eventKinds.read : eventKinds.write, page, block });
      else if (op === "read") list.push({ timeNs, kind: eventKinds.partialRead, page, block: 0 });
      else list.push(...partialWrites(timeNs, offset, until));
    }
  }
  return list;
}

/** A partial write to each block that a stretch of the disk touches. */
function partialWrites(timeNs: number, from: number, until: number): Piece[] {
  const first = Math.floor(from / pageBytes);
  return Array.from({ length: Math.max(0, Math.ceil(until / pageBytes) - first) }, (_, at) => ({
    timeNs,
    kind: eventKinds.partialWrite,
    page: 0,
    block: first + at,
  }));
}
