import * as arrow from "apache-arrow";

/** The kind of reference that the column `kind` holds for a fetch; a read is 1, a write 2. */
const instructionFetch = 0;

/** The types of a memory trace's columns. */
export type PageRunColumns = {
  /** Virtual page number, of 4 KiB pages. */
  page: arrow.Uint32;
  /** References in the run. */
  count: arrow.Uint32;
  /** 0 instruction fetch, 1 read, 2 write. */
  kind: arrow.Uint8;
};

/**
 * The columns of a memory trace.
 *
 * @example
 * ```ts
 * import { pageRunSchema } from "veelab/datasets";
 *
 * console.log(pageRunSchema.names); // [ "page", "count", "kind" ]
 * ```
 */
export const pageRunSchema: arrow.Schema<PageRunColumns> = new arrow.Schema([
  new arrow.Field("page", new arrow.Uint32(), false),
  new arrow.Field("count", new arrow.Uint32(), false),
  new arrow.Field("kind", new arrow.Uint8(), false),
]);

const none = -1;

/** A modify that crosses a page boundary reads and writes two pages. */
const rowsOfAnAccess = 4;

/**
 * Reduces references to runs. Instruction fetches are one stream and data references another. A *visit* is a longest stretch
 * of one stream that stays on one page. Each visit of the instruction stream becomes one row; each visit of the data
 * stream one row for its reads and one for its writes, where it has them. A row stands where its first reference
 * stood in the program, and `count` is the number of the visit's references of that kind, also of those that came later,
 * between references of the other stream.
 *
 * **What stays exact.** Let the first level have an instruction TLB and a data TLB of its own, of any size, associativity
 * and replacement (LRU, PLRU, FIFO, random), for pages of 4 KiB or larger. A reference to the page that its stream referred to just
 * before hits there and leaves the replacement state as it is, for that page is resident and the most recent one. So only first references of
 * visits can miss; all of them are here, in program order across both streams, so every level behind (a unified second
 * level, walk caches, page tables) sees the same requests in the same order. The first write of each visit is here in its
 * place too, so a dirty bit or a write-protection fault is raised at the same point; and the first row that names a page
 * is its first touch. Totals by kind are exact.
 *
 * **What does not.** A first level that is shared by instructions and data, or whose entries a lower level evicts (inclusion),
 * sees the dropped repeats. Counts belong to the whole visit, so an event placed by time (a sample each million
 * instructions) is off by at most the rest of the open visits; rows are closed at the end of each batch, which bounds it.
 */
export interface PageRuns {
  /** References of a kind to a page, a whole number below 2^32, one after the other; one when `times` is not given. */
  reference(page: number, kind: 0 | 1 | 2, times?: number): void;
  /** Whether the batch must be taken before the next access, which may add four rows. */
  full(): boolean;
  /** The rows since the last call; undefined when there are none. */
  take(): arrow.RecordBatch | undefined;
  /** Totals so far. */
  totals(): PageRunTotals;
}

/** Totals of a reduction. */
export interface PageRunTotals {
  /** References, by kind; one that crosses a page boundary counts once for each page. */
  readonly references: readonly [instructionFetches: number, reads: number, writes: number];
  /** Rows. */
  readonly runs: number;
  /** Different pages. */
  readonly pages: number;
}

/**
 * Starts a reduction that hands out batches of at most `batchRows` rows, four or more. Constant time a reference; memory
 * for one batch and a set of the pages.
 *
 * @example
 * ```ts
 * import { pageRuns } from "veelab/datasets";
 *
 * const runs = pageRuns(1024);
 * for (const page of [7, 7, 7, 8]) runs.reference(page, 1);
 * console.log(runs.take()?.numRows, runs.totals().pages); // 2 2
 * ```
 */
export function pageRuns(batchRows: number): PageRuns {
  let page = new Uint32Array(batchRows);
  let count = new Uint32Array(batchRows);
  let kinds = new Uint8Array(batchRows);
  let rows = 0;
  let runs = 0;
  const references: [number, number, number] = [0, 0, 0];
  const pages = new Set<number>();
  // The page of each stream's visit, and the rows that it has opened in this batch.
  let codePage = none;
  let dataPage = none;
  const open: [fetches: number, reads: number, writes: number] = [none, none, none];

  const start = (at: number, kind: 0 | 1 | 2, times: number) => {
    page[rows] = at;
    count[rows] = times;
    kinds[rows] = kind;
    open[kind] = rows;
    rows += 1;
    pages.add(at);
  };
  return {
    reference(at, kind, times = 1) {
      references[kind] += times;
      if (kind === instructionFetch) {
        if (at !== codePage) {
          codePage = at;
          open[0] = none;
        }
      } else if (at !== dataPage) {
        dataPage = at;
        open[1] = open[2] = none;
      }
      const row = open[kind];
      // A row that would overflow is continued in another one: a repeat that hits.
      if (row === none || count[row]! > 0xffffffff - times) start(at, kind, times);
      else count[row]! += times;
    },
    full: () => rows > batchRows - rowsOfAnAccess,
    take() {
      if (rows === 0) return undefined;
      const column = (type: arrow.DataType, data: Uint32Array | Uint8Array) =>
        arrow.makeData({ type, length: rows, nullCount: 0, data: data.subarray(0, rows) } as never) as arrow.Data;
      const batch = new arrow.RecordBatch(
        pageRunSchema,
        arrow.makeData({
          type: new arrow.Struct(pageRunSchema.fields),
          length: rows,
          nullCount: 0,
          children: [
            column(new arrow.Uint32(), page),
            column(new arrow.Uint32(), count),
            column(new arrow.Uint8(), kinds),
          ],
        }),
      );
      runs += rows;
      rows = 0;
      page = new Uint32Array(batchRows);
      count = new Uint32Array(batchRows);
      kinds = new Uint8Array(batchRows);
      codePage = dataPage = open[0] = open[1] = open[2] = none;
      return batch;
    },
    totals: () => ({ references, runs: runs + rows, pages: pages.size }),
  };
}
