import { blockWorkload } from "../traces/index.ts";
import { integer, onlyOptions, oneOf, positive } from "../core/options.ts";
import { batchesOf, type BlockBatch } from "./trace.ts";

/** One kind of request of a virtual machine, confined to a region of its disk. */
interface Region {
  readonly atBytes: number;
  readonly regionBytes: number;
  readonly ratePerS: number;
  readonly readShare: number;
  readonly sequentialShare: number;
  readonly sizeBytes: number;
  readonly zipfExponent: number;
}

/**
 * The virtual machines of a tile of VMmark 1.x.
 *
 * @example
 * ```ts
 * import { tileMachines } from "veelab/storage-migration";
 *
 * console.log(tileMachines.length); // 6
 * ```
 */
export const tileMachines: readonly TileName[] = ["mail", "java", "web", "database", "file", "standby"];

/**
 * Name of a virtual machine of {@link tileMachines}.
 *
 * @example
 * ```ts
 * import type { TileName } from "veelab/storage-migration";
 *
 * const busiest: TileName = "mail";
 * console.log(busiest);
 * ```
 */
export type TileName = "mail" | "java" | "web" | "database" | "file" | "standby";

/**
 * A virtual machine of the tile: what {@link tileMachine} generates.
 *
 * @example
 * ```ts
 * import { type GeneratedMachine, tileMachine } from "veelab/storage-migration";
 *
 * const file: GeneratedMachine = await tileMachine("file", { seconds: 60 });
 * console.log(file.trace.length); // 1
 * ```
 */
export interface GeneratedMachine {
  /** Its name. */
  readonly label: TileName;
  /** The size of its disk, B. */
  readonly diskBytes: number;
  /** Its requests, in order of time. */
  readonly trace: readonly BlockBatch[];
}

const GB = 2 ** 30;
/** A small region that is written all the time: logs and metadata. */
const log = (atBytes: number, ratePerS: number): Region => ({
  ...{
    atBytes,
    regionBytes: GB / 16,
    ratePerS,
    readShare: 0,
    sequentialShare: 0.95,
    sizeBytes: 16_384,
    zipfExponent: 0.01,
  },
});

// Disk sizes of VMmark 1.x: recalled, high. Everything else is an assumption that gives each machine the shape of its kind
// (what is written where, how hot, how close together); no VMmark machine was measured for it.
const region = (
  [atBytes, regionBytes]: readonly [number, number],
  [ratePerS, readShare]: readonly [number, number],
  [sizeBytes, sequentialShare, zipfExponent]: readonly [number, number, number],
): Region => ({ atBytes, regionBytes, ratePerS, readShare, sizeBytes, sequentialShare, zipfExponent });
const shapes: Readonly<Record<TileName, { readonly diskBytes: number; readonly regions: readonly Region[] }>> = {
  mail: {
    diskBytes: 24 * GB,
    regions: [
      region([2 * GB, 10 * GB], [14, 0.85], [32_768, 0.1, 0.6]), // mailboxes
      region([13 * GB, GB / 2], [10, 0.7], [32_768, 0.1, 0.9]), // those in use
      log(20 * GB, 12),
    ],
  },
  java: { diskBytes: 8 * GB, regions: [log(3 * GB, 2)] },
  web: {
    diskBytes: 8 * GB,
    regions: [
      region([2 * GB, 3 * GB], [40, 1], [32_768, 0.5, 0.9]), // pages
      region([2 * GB, GB / 4], [40, 1], [32_768, 0.5, 0.9]), // popular ones
      log(6 * GB, 4),
    ],
  },
  database: {
    diskBytes: 10 * GB,
    regions: [
      region([3 * GB, 2 * GB], [20, 0.95], [16_384, 0.05, 0.8]), // tables
      region([5 * GB, GB / 4], [40, 0.9], [16_384, 0.05, 0.8]), // the hot one
      log(1 * GB, 20),
    ],
  },
  file: {
    diskBytes: 8 * GB,
    regions: [
      region([1 * GB, 4 * GB], [12, 0.6], [65_536, 0.8, 0.4]), // files
      region([5 * GB, GB / 2], [12, 0.4], [65_536, 0.8, 0.4]), // those in use
      log(6 * GB, 10),
    ],
  },
  standby: { diskBytes: 4 * GB, regions: [log(1 * GB, 0.2)] },
};

/**
 * A generated block trace of one virtual machine of a VMmark-like tile, with its disk: requests to regions of its disk that differ in rate,
 * size, order and popularity. Disk sizes are those of VMmark 1.x; the rest is assumed, so that results say what a workload of this
 * shape does and nothing of VMmark itself. Linear time; memory for the trace.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { tileMachine } from "veelab/storage-migration";
 *
 * const web = await tileMachine("web", { seconds: 60 });
 * console.log(web.label, web.diskBytes / 2 ** 30); // web 8
 * ```
 */
export async function tileMachine(
  name: TileName,
  options: { readonly seconds: number; readonly seed?: number },
): Promise<GeneratedMachine> {
  onlyOptions(options, ["seconds", "seed"]);
  oneOf("name", name, tileMachines);
  const seconds = positive("seconds", options.seconds);
  const seed = integer("seed", options.seed ?? 1);
  const { diskBytes, regions } = shapes[name];
  const parts: BlockBatch[] = [];
  for (const [index, region] of regions.entries()) {
    const { atBytes, regionBytes, ...shape } = region;
    // A fifth more than asked for: a Poisson process that ends early would end the trace.
    const requests = Math.ceil(1.2 * seconds * shape.ratePerS) + 20;
    const made = blockWorkload({ ...shape, requests, diskBytes: regionBytes, seed: `${name}/${index}/${seed}` });
    for await (const batch of batchesOf(made))
      parts.push({ ...batch, offsetBytes: batch.offsetBytes.map((offset) => offset + atBytes) });
  }
  return { label: name, diskBytes, trace: [merged(parts)] };
}

/** Batches as one, in the order of time. */
function merged(parts: readonly BlockBatch[]): BlockBatch {
  const total = parts.reduce((sum, { op }) => sum + op.length, 0);
  const timeNs = new Float64Array(total);
  const source = new Uint32Array(total);
  let at = 0;
  parts.forEach((part, index) => {
    timeNs.set(part.timeNs, at);
    source.fill(index, at, at + part.op.length);
    at += part.op.length;
  });
  const first = parts.map((_, index) => source.indexOf(index));
  const rows = Uint32Array.from({ length: total }, (_, row) => row).sort((a, b) => timeNs[a]! - timeNs[b]!);
  const from = (row: number): readonly [BlockBatch, number] => {
    const part = source[row]!;
    return [parts[part]!, row - first[part]!];
  };
  const batch = {
    timeNs: timeNs.slice().sort(),
    op: new Uint8Array(total),
    offsetBytes: new Float64Array(total),
    sizeBytes: new Float64Array(total),
  };
  rows.forEach((row, place) => {
    const [part, index] = from(row);
    batch.op[place] = part.op[index]!;
    batch.offsetBytes[place] = part.offsetBytes[index]!;
    batch.sizeBytes[place] = part.sizeBytes[index]!;
  });
  return batch;
}
