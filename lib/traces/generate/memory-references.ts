import type * as arrow from "apache-arrow";
import { references } from "../../../datasets/formats/kinds.ts";
import { codes } from "../../../datasets/formats/layout.ts";
import { fraction, integer, onlyOptions } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";
import { zipf } from "./zipf.ts";

/** What {@link memoryReferences} makes. */
export interface MemoryReferencesOptions extends GeneratedOptions {
  /** References in all. */
  readonly references: number;
  /** 4 KiB pages of data of each thread. 4096 when not given. */
  readonly pages?: number;
  /** Threads, which take turns. 1 when not given. */
  readonly threads?: number;
  /** The share of references that go to pages which all threads use. 0.1 when not given; of one thread, 0. */
  readonly sharedShare?: number;
  /** The share of writes. 0.3 when not given. */
  readonly writeShare?: number;
  /** The share of references that go on where the thread's last one ended. 0.5 when not given. */
  readonly sequentialShare?: number;
  /** The exponent of the pages' popularity (Zipf). 0.8 when not given. */
  readonly zipfExponent?: number;
}

const pageBytes = 4096;
const wordBytes = 8;
const names = ["references", "pages", "threads", "sharedShare", "writeShare", "sequentialShare", "zipfExponent"];

/**
 * Seeded data references with the columns of `kindColumns.memory` and `thread`: each thread goes on through its page or jumps
 * to a page of Zipf's popularity, of its own or of those that all threads share. Thread t's own pages begin at address
 * (t + 1) × 2^32, the shared ones at 0. Constant time a reference; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { memoryReferences } from "veelab/traces";
 *
 * const [batch] = memoryReferences({ references: 100, threads: 2, seed: 7 });
 * console.log(batch?.schema.names); // [ "kind", "address", "sizeBytes", "thread" ]
 * ```
 */
export function memoryReferences(options: MemoryReferencesOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, [...names, "seed", "batchRows"]);
  const count = integer("references", options.references, { min: 0 });
  const pages = integer("pages", options.pages ?? 4096, { min: 1, max: 2 ** 20 });
  const threads = integer("threads", options.threads ?? 1, { min: 1, max: 65_536 });
  const sharedShare = threads === 1 ? 0 : fraction("sharedShare", options.sharedShare ?? 0.1);
  const writeShare = fraction("writeShare", options.writeShare ?? 0.3);
  const sequentialShare = fraction("sequentialShare", options.sequentialShare ?? 0.5);
  const stream = random(options.seed ?? 1);
  const page = zipf(stream.split("pages"), pages, options.zipfExponent ?? 0.8);
  const layout = { kind: codes(references), address: "uint64", sizeBytes: "uint32", thread: "uint32" } as const;
  // Of each thread the region (0 is the shared one) and the place in it.
  const regions = new Uint32Array(threads);
  const places = new Float64Array(threads);
  return generated("memory", layout, count, options, ({ columns, count: row }, number) => {
    const thread = number % threads;
    if (number >= threads && stream.float() < sequentialShare)
      places[thread] = (places[thread]! + wordBytes) % (pages * pageBytes);
    else {
      regions[thread] = stream.float() < sharedShare ? 0 : thread + 1;
      places[thread] = page() * pageBytes + stream.int(pageBytes / wordBytes) * wordBytes;
    }
    columns.kind[row] = stream.float() < writeShare ? 2 : 1;
    columns.address[2 * row] = places[thread];
    columns.address[2 * row + 1] = regions[thread]!;
    columns.sizeBytes[row] = wordBytes;
    columns.thread[row] = thread;
  });
}
