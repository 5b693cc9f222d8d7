import { makeVector, type RecordBatch, type Schema, Table } from "apache-arrow";
import { stream } from "../../datasets/open.ts";
import { lines } from "../core/chart.ts";
import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { Cache, mostEntries } from "./cache.ts";
import { dataOf, hasColumns } from "./columns.ts";
import { eachKey } from "./keys.ts";
import { Requests } from "./requests.ts";
import { batchesOf, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link cacheMisses} simulates. */
export interface CacheOptions {
  /** The cache's size: how many objects or blocks it holds, 1 to 2^26; several sizes are simulated in one pass. */
  readonly entries: number | readonly number[];
  /** Which entry of a full cache gives way: the one unused for longest (LRU, unless given), or the one that came first (FIFO). */
  readonly policy?: "LRU" | "FIFO";
  /**
   * What an entry holds: an object, whatever its size, or a block of 4 KiB of a disk or page of memory. Unless given, an
   * object where the trace numbers them (the column `object`), else a block.
   */
  readonly unit?: "object" | "block";
}

/** What {@link cacheMisses} finds. */
export interface CacheMisses extends Characteristic {
  /** Uses of objects or blocks. */
  readonly uses: number;
  /** Misses at each size, as `entries` were given. */
  readonly misses: readonly number[];
}

/**
 * The misses of a fully associative cache over a trace, request by request, as libCacheSim's `cachesim` counts them when object
 * sizes are ignored. A request of a block trace by `block` is a use of each block that it touches; rows without an object or a
 * place are left out. The table has a row for each size: `entries`, `uses`, `misses`, `missRatio`.
 *
 * {@link reuseDistances} gives the LRU miss ratios of all sizes in one pass, but samples large traces and takes
 * longer for one size. Here a use takes constant time: 15 to 40 million a second. Memory: 24 to 32 bytes an entry.
 *
 * @throws OptionError for options out of range or a trace without such rows; TraceFormatError for a file that cannot be read
 *
 * @example
 * ```ts
 * import { blockWorkload, cacheMisses } from "veelab/traces";
 *
 * const trace = blockWorkload({ requests: 2000, diskBytes: 2 ** 24, seed: 1 });
 * const { misses, uses } = await cacheMisses(trace, { entries: [64, 4096] });
 * console.log(misses[0]! > misses[1]!, misses[1]! < uses); // true true
 * ```
 */
export async function cacheMisses(trace: Trace, options: CacheOptions): Promise<CacheMisses> {
  onlyOptions(options, ["entries", "policy", "unit"]);
  const policy = oneOf("policy", options.policy ?? "LRU", ["LRU", "FIFO"]);
  const sizes = (Array.isArray(options.entries) ? options.entries : [options.entries]) as readonly number[];
  if (sizes.length === 0) throw new OptionError("entries", "at least one number of entries", sizes);
  const caches = sizes.map((entries) => new Cache(integer("entries", entries, { min: 1, max: mostEntries }), policy));
  let unit = options.unit === undefined ? undefined : oneOf("unit", options.unit, ["object", "block"]);
  if (unit === undefined && typeof trace === "string") unit = unitOf((await first(stream(trace))).schema);
  let uses = 0;
  const requests = new Requests();
  for await (const batch of unit === "object" && typeof trace === "string" ? objectsOf(trace) : batchesOf(trace)) {
    if (batch.numRows === 0) continue;
    unit ??= unitOf(batch.schema);
    if (unit === "object") {
      const keys = objectKeys(batch);
      for (const cache of caches) cache.use(keys);
      uses += keys.length;
    } else
      eachKey(requests.of(batch), ({ keys, times, count }) => {
        // Of uses one after the other, the first alone can miss.
        for (const cache of caches) cache.use(keys.subarray(0, count));
        for (let at = 0; at < count; at++) uses += times[at]!;
      });
  }
  if (uses === 0)
    throw new OptionError("trace", `at least one row with ${unit ?? "an object or a block"}`, "no such row");
  return result(
    policy,
    sizes,
    caches.map(({ misses }) => misses),
    uses,
    unit!,
  );
}

const unitOf = (schema: Schema): "object" | "block" => (hasColumns(schema, ["object"]) ? "object" : "block");

/** The objects alone: a format may then leave the rest unread. */
const objectsOf = (source: string): AsyncIterable<RecordBatch> => stream(source, { columns: ["object"], reuse: true });

async function first(batches: AsyncGenerator<RecordBatch, void>): Promise<RecordBatch> {
  for await (const batch of batches) return batch;
  throw new OptionError("trace", "a trace with a batch", "none");
}

/** The objects of a batch, without the rows that have none. */
function objectKeys(batch: RecordBatch): BigUint64Array {
  const data = dataOf(batch, "object");
  const { values } = data as { values: unknown };
  if (!(values instanceof BigUint64Array))
    throw new OptionError("trace", "a column object of 64-bit numbers", String(data.type as unknown));
  const keys = values.subarray(0, data.length);
  return data.nullCount === 0 ? keys : keys.filter((_, row) => data.getValid(row));
}

function result(
  policy: string,
  sizes: readonly number[],
  misses: readonly number[],
  uses: number,
  unit: string,
): CacheMisses {
  const rows = sizes.map((entries, at) => ({ entries, missRatio: misses[at]! / uses }));
  const table = new Table({
    entries: makeVector(Float64Array.from(sizes)),
    uses: makeVector(new Float64Array(sizes.length).fill(uses)),
    misses: makeVector(Float64Array.from(misses)),
    missRatio: makeVector(Float64Array.from(rows, ({ missRatio }) => missRatio)),
  });
  const chart = lines(
    [...rows].sort((a, b) => a.entries - b.entries),
    {
      title: `Miss ratio of ${policy === "LRU" ? "an LRU" : "a FIFO"} cache`,
      subtitle: `simulated, ${uses.toLocaleString("en")} uses of ${unit}s`,
      x: { field: "entries", title: `${unit}s in the cache`, unit: "", log: true },
      y: { title: "miss ratio", unit: "" },
      measured: "missRatio",
    },
  );
  return characteristic(table, chart, { uses, misses });
}
