import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import { checkDiskSpeed, type DiskSpeed } from "../hardware/disk.ts";
import { checkLink, type Link } from "../hardware/link.ts";
import type { DirtyOrder } from "./dirty-order.ts";
import { cyclic } from "./cyclic.ts";
import { linear } from "./linear.ts";
import type { Order } from "./order.ts";
import { popularFirst } from "./popular-first.ts";

/**
 * How a disk follows its virtual machine: `pre-copy` (all blocks, then the dirty ones until few are left, then the machine),
 * `post-copy` (the machine, then the blocks, those that it reads at once), `pre+post-copy` (all blocks, the machine, then the
 * dirty ones as in post-copy), `mirroring` (all blocks once; writes to those already sent go to both disks at once). Waits of
 * post-copy are bounds from above: requests come whether or not the ones before were answered, and a read pulls its whole block.
 *
 * @example
 * ```ts
 * import { models, type Model } from "veelab/storage-migration";
 *
 * const all: readonly Model[] = models;
 * console.log(all.length); // 4
 * ```
 */
export type Model = "pre-copy" | "post-copy" | "pre+post-copy" | "mirroring";

/**
 * The four models, for sweeps.
 *
 * @example
 * ```ts
 * import { models } from "veelab/storage-migration";
 *
 * console.log(models[0]); // pre-copy
 * ```
 */
export const models: readonly Model[] = ["pre-copy", "post-copy", "pre+post-copy", "mirroring"];

/**
 * A series that a run can keep. `timeline`: a row each `sampleS`; `latencies`: the distribution; `blocks`: a row a block.
 *
 * @example
 * ```ts
 * import type { MigrationSeries } from "veelab/storage-migration";
 *
 * const keep: readonly MigrationSeries[] = ["timeline", "latencies"];
 * console.log(keep.length);
 * ```
 */
export type MigrationSeries = "timeline" | "latencies" | "blocks";

/**
 * What virtual machines that migrate together have in common.
 *
 * @example
 * ```ts
 * import { wan2011 } from "veelab/hardware";
 * import { type SharedOptions, workloadAware } from "veelab/storage-migration";
 *
 * const options: SharedOptions = { model: "pre-copy", order: workloadAware(), link: wan2011, startS: 60 };
 * console.log(options.model);
 * ```
 */
export interface SharedOptions {
  /** See {@link Model}. */
  readonly model: Model;
  /** Order of the bulk pass, not for post-copy; {@link linear} when not given. */
  readonly order?: Order;
  /** Order in which blocks follow a virtual machine that has moved; {@link popularFirst} when not given. */
  readonly postOrder?: Order;
  /** Order of dirty blocks in pre-copy; {@link cyclic} when not given. */
  readonly dirtyOrder?: DirtyOrder;
  /** Between the hosts; each virtual machine has one connection with a window of its own, and they share the bandwidth fairly. */
  readonly link: Link;
  /** A further limit of each virtual machine's transfer, MB/s (10^6), as QEMU has it; none when not given. */
  readonly capMBps?: number;
  /** When the migration starts, s of the trace's clock; what is before it, and not at it, is history. 0 when not given. */
  readonly startS?: number;
  /** Unit of sending and of dirty tracking, bytes, a multiple of 512; 1 MiB when not given. */
  readonly blockBytes?: number;
  /**
   * The disk on which requests take time; without one only waiting for the migration counts as latency. A trace that is faster
   * than the disk fills its queue without end, and the migration, which waits in it, does not end either.
   */
  readonly disk?: DiskSpeed;
  /** Whether all virtual machines are on one disk; otherwise (when not given) each has one of its own. */
  readonly sharedDisk?: boolean;
  /**
   * Pre-copy stops the virtual machine when what is dirty takes at most this at the pace of the slower of link and disk, ms; 30 when not given.
   * The disk's pace is that of a seek for each block and no queue: the stop is shorter where blocks adjoin, longer where requests were
   * waiting, and by the round trip.
   */
  readonly maxDowntimeMs?: number;
  /** Whether pre-copy holds writes back in its dirty phase so that they dirty half of what is sent; not when not given. */
  readonly throttle?: boolean;
  /** What to keep besides the row. */
  readonly record?: readonly MigrationSeries[];
  /** Time between rows of the timeline, s; a hundredth of the bulk pass when not given. */
  readonly sampleS?: number;
}

/** The options, checked, in the units of the simulation. */
export interface Settings {
  readonly model: Model;
  readonly order: Order;
  readonly postOrder: Order;
  readonly dirtyOrder: DirtyOrder;
  readonly link: Link;
  readonly capBytesPerS: number;
  readonly startNs: number;
  readonly blockBytes: number;
  readonly disk: DiskSpeed | undefined;
  readonly sharedDisk: boolean;
  readonly maxDowntimeNs: number;
  readonly throttle: boolean;
  readonly record: ReadonlySet<MigrationSeries>;
  readonly sampleS: number | undefined;
}

/** The names of {@link SharedOptions}. */
export const sharedNames: readonly string[] = [
  ...["model", "order", "postOrder", "dirtyOrder", "link", "capMBps", "startS", "blockBytes", "disk", "sharedDisk"],
  ...["maxDowntimeMs", "throttle", "record", "sampleS"],
];

/** Checks the options at the edge. */
export function settingsOf(options: SharedOptions, names: readonly string[] = sharedNames): Settings {
  onlyOptions(options, names);
  const { record = [], disk, sharedDisk = false, throttle = false, sampleS } = options;
  const model = oneOf("model", options.model, models);
  checkLink("link", options.link);
  if (disk !== undefined) checkDiskSpeed("disk", disk);
  if (sampleS !== undefined) positive("sampleS", sampleS);
  const blockBytes = integer("blockBytes", options.blockBytes ?? 2 ** 20, { min: 512, max: 2 ** 32 });
  if (blockBytes % 512 !== 0) throw new OptionError("blockBytes", "a multiple of 512", blockBytes);
  if (throttle && model !== "pre-copy") throw new OptionError("throttle", "the model pre-copy with it", model);
  if (options.postOrder?.future === true)
    throw new OptionError("postOrder", "an order that needs no future", options.postOrder.label);
  return {
    model,
    order: policy("order", options.order ?? linear()),
    postOrder: policy("postOrder", options.postOrder ?? popularFirst()),
    dirtyOrder: policy("dirtyOrder", options.dirtyOrder ?? cyclic()),
    link: options.link,
    capBytesPerS: options.capMBps === undefined ? Infinity : positive("capMBps", options.capMBps) * 1e6,
    startNs: nonNegative("startS", options.startS ?? 0) * 1e9,
    blockBytes,
    disk,
    sharedDisk,
    maxDowntimeNs: nonNegative("maxDowntimeMs", options.maxDowntimeMs ?? 30) * 1e6,
    throttle,
    record: new Set(record.map((name) => oneOf("record", name, ["timeline", "latencies", "blocks"]))),
    sampleS,
  };
}

function policy<P extends Order | DirtyOrder>(name: string, value: P): P {
  const given: unknown = value;
  if (typeof given !== "object" || given === null || !("create" in given))
    throw new OptionError(name, "an order, as linear() gives", given);
  return value;
}
