import type { Table } from "apache-arrow";
import { fromRows } from "../core/table.ts";
import type { Guest } from "./guest.ts";
import type { Settings } from "./options.ts";
import type { Timeline } from "./timeline.ts";

/**
 * What one migration took, and what it did to the virtual machine's requests.
 *
 * @example
 * ```ts
 * import type { MigrationRow } from "veelab/storage-migration";
 *
 * const slowdown = (row: MigrationRow): number => (row.latencyMeanMs ?? 0) / (row.baselineMeanMs ?? 1);
 * console.log(typeof slowdown);
 * ```
 */
export type MigrationRow = {
  /** The virtual machine's label; empty for a single one without. */
  readonly vm: string;
  /** See `Model`. */
  readonly model: string;
  /** Order of the bulk pass; of what follows, for post-copy. */
  readonly order: string;
  /** The order's chunk size, blocks; null where it has none. */
  readonly chunkBlocks: number | null;
  /** Size of the disk, bytes. */
  readonly diskBytes: number;
  /** Sent in all, bytes: disk + extra − zero, and in post-copy − written over at the destination. */
  readonly sentBytes: number;
  /** Sent again, bytes; for mirroring the bytes of mirrored writes. */
  readonly extraBytes: number;
  /** The same, % of the disk. */
  readonly extraPct: number;
  /** Not sent because all of the block's bytes are zero, bytes. */
  readonly zeroBytes: number;
  /** Not sent, after a bulk pass not again, because the virtual machine, already at the destination, wrote over the whole block, bytes. */
  readonly overwrittenBytes: number;
  /** Length of the bulk pass, s; 0 for post-copy. */
  readonly bulkS: number;
  /** Blocks dirty at its end. */
  readonly dirtyAtBulkEnd: number;
  /** From the start until the destination has everything and the virtual machine runs there, s. */
  readonly totalS: number;
  /** How long the virtual machine stood still to move, s. */
  readonly downtimeS: number;
  /** How long throttling held it, s. */
  readonly throttledS: number;
  /** Reads during the migration. */
  readonly reads: number;
  /** Writes during the migration. */
  readonly writes: number;
  /** Requests that waited for the migration: reads of blocks that were not there, writes that were mirrored or held. */
  readonly delayedRequests: number;
  /** Their mean wait, ms. */
  readonly delayMeanMs: number;
  /** Their longest wait, ms. */
  readonly delayMaxMs: number;
  /** From the virtual machine's move until the last delayed read has its block, s; 0 where it moved last. */
  readonly degradedS: number;
  /** Mean latency of all requests, ms; null without a disk, as are those below. */
  readonly latencyMeanMs: number | null;
  /** Median latency, ms (quantiles: at most 1.6 % too high). */
  readonly latencyMedianMs: number | null;
  /** 95 % of requests have at most this, ms. */
  readonly latencyP95Ms: number | null;
  /** 99 %, ms. */
  readonly latencyP99Ms: number | null;
  /** Mean latency of the same requests on the same disk without a migration, ms. */
  readonly baselineMeanMs: number | null;
  /** Median, ms. */
  readonly baselineMedianMs: number | null;
  /** 95 %, ms. */
  readonly baselineP95Ms: number | null;
  /** 99 %, ms. */
  readonly baselineP99Ms: number | null;
};

/**
 * The series that were recorded.
 *
 * @example
 * ```ts
 * import type { MigrationTables } from "veelab/storage-migration";
 *
 * const rows = (series: MigrationTables): number => series.timeline?.numRows ?? 0;
 * console.log(rows({})); // 0
 * ```
 */
export interface MigrationTables {
  /** `timeS` since the start, `phase`, `sentBytes`, `dirtyBlocks` (sent and written since; once the virtual machine has moved, those still to be sent), means of the requests answered since the row before: `latencyMeanMs`, `baselineMeanMs`; `delayedRequests`. */
  readonly timeline?: Table;
  /** `disk` ("during migration" or "undisturbed"), `upToMs`, `requests` in the bucket, `share` of requests with at most so much. */
  readonly latencies?: Table;
  /** `block`, `sends`, `lastSendS` and `lastWriteS` on the trace's clock (−1 for never). */
  readonly blocks?: Table;
}

/**
 * The result of `migrate`.
 *
 * @example
 * ```ts
 * import type { MigrationResult } from "veelab/storage-migration";
 *
 * const extraMb = ({ row }: MigrationResult): number => row.extraBytes / 2 ** 20;
 * console.log(typeof extraMb);
 * ```
 */
export interface MigrationResult {
  /** The summary. */
  readonly row: MigrationRow;
  /** What `record` asked for. */
  readonly series: MigrationTables;
}

/** The result of a guest whose migration is done. */
export function resultOf(guest: Guest, settings: Settings, timeline: Timeline | undefined): MigrationResult {
  const { machine, meter } = guest;
  const { latency, baseline, delays } = meter;
  const { model, order, postOrder, startNs, record } = settings;
  const seconds = (ns: number): number => ns / 1e9;
  const timed = <T>(value: T): T | null => (settings.disk === undefined ? null : value);
  const row: MigrationRow = {
    vm: machine.label,
    model,
    order: model === "post-copy" ? postOrder.label : order.label,
    chunkBlocks: guest.chunkBlocks ?? null,
    diskBytes: machine.diskBytes,
    sentBytes: guest.sentBytes,
    extraBytes: guest.extraBytes,
    extraPct: (100 * guest.extraBytes) / machine.diskBytes,
    zeroBytes: guest.zeroBytes,
    overwrittenBytes: guest.overwrittenBytes,
    bulkS: model === "post-copy" ? 0 : seconds(guest.bulkEndNs - startNs),
    dirtyAtBulkEnd: guest.dirtyAtBulkEnd,
    totalS: seconds(guest.endNs - startNs),
    downtimeS: seconds(guest.downtimeNs),
    throttledS: seconds(guest.throttledNs),
    reads: meter.reads,
    writes: meter.writes,
    delayedRequests: delays.count,
    delayMeanMs: delays.meanMs,
    delayMaxMs: delays.maxNs / 1e6,
    degradedS: guest.movedNs === 0 ? 0 : seconds(Math.max(0, meter.lastDelayNs - guest.movedNs)),
    latencyMeanMs: timed(latency.meanMs),
    latencyMedianMs: timed(latency.quantileMs(0.5)),
    latencyP95Ms: timed(latency.quantileMs(0.95)),
    latencyP99Ms: timed(latency.quantileMs(0.99)),
    baselineMeanMs: timed(baseline.meanMs),
    baselineMedianMs: timed(baseline.quantileMs(0.5)),
    baselineP95Ms: timed(baseline.quantileMs(0.95)),
    baselineP99Ms: timed(baseline.quantileMs(0.99)),
  };
  const series = {
    ...(timeline === undefined ? {} : { timeline: timeline.table() }),
    ...(record.has("latencies") ? { latencies: latencies(guest) } : {}),
    ...(record.has("blocks") ? { blocks: blocks(guest) } : {}),
  };
  return { row, series };
}

function latencies({ meter }: Guest): Table {
  const kinds = [
    ["during migration", meter.latency],
    ["undisturbed", meter.baseline],
  ] as const;
  return fromRows(
    kinds.flatMap(([disk, histogram]) => {
      let seen = 0;
      return histogram.buckets().map(({ upToMs, requests }) => {
        seen += requests;
        return { disk, upToMs, requests, share: seen / histogram.count };
      });
    }),
  );
}

function blocks({ sends, lastSendNs, lastWriteNs }: Guest): Table {
  const seconds = (ns: number): number => (ns < 0 ? -1 : ns / 1e9);
  return fromRows(
    Array.from(sends, (count, block) => ({
      block,
      sends: count,
      lastSendS: seconds(lastSendNs[block]!),
      lastWriteS: seconds(lastWriteNs[block]!),
    })),
  );
}
