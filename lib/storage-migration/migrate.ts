import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import { disk, linkBytesPerS } from "../hardware/index.ts";
import { Guest } from "./guest.ts";
import type { Machine } from "./machine.ts";
import { futureOf } from "./future.ts";
import { type Settings, settingsOf, sharedNames, type SharedOptions } from "./options.ts";
import { type MigrationResult, resultOf } from "./result.ts";
import { Timeline } from "./timeline.ts";
import { batchesOf, type BlockTrace, readTwice } from "./trace.ts";

/**
 * A virtual machine's disk.
 *
 * @example
 * ```ts
 * import type { MachineDisk } from "veelab/storage-migration";
 *
 * const mail: MachineDisk = { diskBytes: 24e9 };
 * console.log(mail.diskBytes);
 * ```
 */
export interface MachineDisk {
  /** Its size, bytes. */
  readonly diskBytes: number;
  /** One byte a block, not 0 where all of the block's bytes are zero when the migration starts: such a block is not sent until it is written. */
  readonly zeroBlocks?: Uint8Array;
}

/**
 * Options of {@link migrate}: {@link SharedOptions} and the disk's.
 *
 * @example
 * ```ts
 * import { wan2011 } from "veelab/hardware";
 * import { linear, type MigrateOptions } from "veelab/storage-migration";
 *
 * const options: MigrateOptions = { model: "pre-copy", order: linear(), link: wan2011, diskBytes: 8e9 };
 * console.log(options.diskBytes);
 * ```
 */
export interface MigrateOptions extends SharedOptions, MachineDisk {}

/**
 * A virtual machine of {@link migrateTogether}.
 *
 * @example
 * ```ts
 * import { blockWorkload } from "veelab/traces";
 * import type { TileMachine } from "veelab/storage-migration";
 *
 * const web: TileMachine = { label: "web", trace: blockWorkload({ requests: 1000 }), diskBytes: 16 * 2 ** 30 };
 * console.log(web.label);
 * ```
 */
export interface TileMachine extends MachineDisk {
  /** Name in the result. */
  readonly label: string;
  /** Its requests, on the same clock as the others'. */
  readonly trace: BlockTrace;
}

/**
 * Migrates a virtual machine's disk while a trace of its requests is replayed, after Zheng, Ng and Sripanidkulchai (VEE 2011).
 * Requests before `startS` are history, from which an order may learn; one at that very time is the migration's. A block is read from the disk, and is clean, at the
 * moment at which its sending begins; one that is written later is dirty. Requests come when the trace says, however slow the ones before
 * were; only a virtual machine that stands still (downtime, throttling) delays those after.
 *
 * Deterministic. Constant time a request, O(blocks log blocks) for the order; memory O(blocks + a batch of the trace), whatever
 * the length of the trace.
 *
 * @param trace - the requests, see {@link BlockTrace}; of an order that knows the future, a table or list
 * @throws OptionError for an option out of range, or a stream where the trace is read twice
 * @throws TraceExhaustedError when the trace ends before the migration does
 * @throws SimulationError for a request beyond the disk, and when pre-copy does not converge
 *
 * @example
 * ```ts
 * import { disk2011, wan2011 } from "veelab/hardware";
 * import { blockWorkload } from "veelab/traces";
 * import { linear, migrate, workloadAware } from "veelab/storage-migration";
 *
 * const trace = [...blockWorkload({ requests: 8000, ratePerS: 20, readShare: 0.8, diskBytes: 2 ** 30 })]; // 400 s
 * const options = { model: "pre-copy", link: wan2011, disk: disk2011, diskBytes: 2 ** 30, startS: 100 } as const;
 * const plain = await migrate(trace, { ...options, order: linear() });
 * const aware = await migrate(trace, { ...options, order: workloadAware() });
 * console.log(plain.row.extraBytes, aware.row.extraBytes, aware.row.latencyMeanMs);
 * ```
 */
export async function migrate(trace: BlockTrace, options: MigrateOptions): Promise<MigrationResult> {
  const settings = settingsOf(options, [...sharedNames, "diskBytes", "zeroBlocks"]);
  const [result] = await run([{ ...options, label: "", trace }], settings);
  return result!;
}

/**
 * Migrates several virtual machines at the same time over one link, as a tile of VMmark: each has a connection of its own, and those that
 * still send share the bandwidth equally, each within its window.
 *
 * @param machines - at least one, with different labels, see {@link TileMachine}
 * @returns a result a machine, in their order
 * @throws as {@link migrate}
 *
 * @example
 * ```ts
 * import { wan2011 } from "veelab/hardware";
 * import { blockWorkload } from "veelab/traces";
 * import { migrateTogether } from "veelab/storage-migration";
 *
 * const machine = (label: string, seed: number) => ({
 *   label,
 *   trace: blockWorkload({ requests: 5000, ratePerS: 100, diskBytes: 2 ** 28, seed }),
 *   diskBytes: 2 ** 28,
 * });
 * const results = await migrateTogether([machine("web", 1), machine("file", 2)], { model: "mirroring", link: wan2011 });
 * console.log(results.map(({ row }) => row.vm)); // web, file
 * ```
 */
export async function migrateTogether(
  machines: readonly TileMachine[],
  options: SharedOptions,
): Promise<MigrationResult[]> {
  const settings = settingsOf(options);
  if (!Array.isArray(machines) || machines.length === 0) throw new OptionError("machines", "at least one", machines);
  machines.forEach((machine, index) => {
    onlyOptions(machine, ["label", "trace", "diskBytes", "zeroBlocks"], `machines[${index}]`);
  });
  return run(machines, settings);
}

async function run(machines: readonly TileMachine[], settings: Settings): Promise<MigrationResult[]> {
  const { startNs, link, capBytesPerS } = settings;
  const fair = Math.min(linkBytesPerS(link, machines.length), capBytesPerS);
  const ready: Machine[] = [];
  for (const machine of machines) ready.push(await prepare(machine, settings, fair));
  const one = settings.sharedDisk && settings.disk !== undefined ? disk(settings.disk) : undefined;
  const sources = machines.map(({ trace }) => batchesOf(trace));
  const guests = ready.map((machine, index) => new Guest(machine, settings, sources[index]!, one));
  const largest = Math.max(...ready.map(({ diskBytes }) => diskBytes));
  const sampleNs = settings.record.has("timeline") ? (settings.sampleS ?? largest / fair / 100) * 1e9 : Infinity;
  const timelines = guests.map((guest) => new Timeline(guest, startNs));
  let sending = 0;
  let sampleAtNs = startNs + sampleNs;
  try {
    for (;;) {
      let nowNs = Infinity;
      for (const guest of guests) nowNs = Math.min(nowNs, guest.nextNs);
      if (nowNs === Infinity) break;
      const samples = sampleAtNs <= nowNs;
      if (samples) nowNs = sampleAtNs;
      if (one === undefined) {
        for (const guest of guests) if (!guest.advance(nowNs)) await catchUp(guest, nowNs);
      } else await catchUpInTurn(guests, nowNs);
      if (samples) {
        guests.forEach((guest, index) => {
          if (guest.phase !== "done") timelines[index]!.add(nowNs);
        });
        sampleAtNs += sampleNs;
        continue;
      }
      if (sending === 0) sending = share(guests, settings, nowNs);
      for (const guest of guests) if (guest.nextNs <= nowNs) guest.step(nowNs);
      if (guests.reduce((count, guest) => count + (guest.sending ? 1 : 0), 0) !== sending)
        sending = share(guests, settings, nowNs);
    }
  } finally {
    for (const source of sources) await source.return();
  }
  return guests.map((guest, index) =>
    resultOf(guest, settings, settings.record.has("timeline") ? timelines[index] : undefined),
  );
}

/** Divides the link among those that send. */
function share(guests: readonly Guest[], { link }: Settings, nowNs: number): number {
  const senders = guests.filter((guest) => guest.sending);
  for (const guest of senders) guest.rate(linkBytesPerS(link, senders.length), nowNs);
  return senders.length;
}

/** Loads batches until one reaches a time. */
async function catchUp(guest: Guest, nowNs: number): Promise<void> {
  do if (!(await guest.requests.load())) throw guest.exhausted();
  while (!guest.advance(nowNs));
}

/** Lets the requests of all happen in the order of time, because they queue at one disk. */
async function catchUpInTurn(guests: readonly Guest[], nowNs: number): Promise<void> {
  const running = guests.filter((guest) => !guest.stopped);
  for (;;) {
    let next: Guest | undefined;
    let secondNs = nowNs;
    for (const guest of running) {
      while (!guest.requests.ready) if (!(await guest.requests.load())) throw guest.exhausted();
      if (next === undefined) next = guest;
      else if (guest.requests.requestNs < next.requests.requestNs) {
        secondNs = Math.min(secondNs, next.requests.requestNs);
        next = guest;
      } else secondNs = Math.min(secondNs, guest.requests.requestNs);
    }
    if (next === undefined) return;
    if (next.requests.requestNs > nowNs) break;
    next.advance(secondNs);
  }
  for (const guest of running) guest.advance(nowNs); // what is under way arrives
}

async function prepare(
  { label, trace, diskBytes, zeroBlocks }: TileMachine,
  { blockBytes, order, model, startNs }: Settings,
  bytesPerS: number,
): Promise<Machine> {
  const blocks = Math.ceil(integer("diskBytes", diskBytes, { min: 512 }) / blockBytes);
  if (blocks > 2 ** 30) throw new OptionError("blockBytes", "at most 2^30 blocks on the disk", blockBytes);
  if (zeroBlocks !== undefined && (!(zeroBlocks instanceof Uint8Array) || zeroBlocks.length !== blocks))
    throw new OptionError("zeroBlocks", `a Uint8Array of ${blocks} blocks`, zeroBlocks);
  const zero = zeroBlocks?.slice(); // writes change it
  const future = order.future === true && model !== "post-copy";
  if (future && !readTwice(trace))
    throw new OptionError("trace", `a table or a list of batches, which ${order.label} reads twice`, trace);
  return {
    ...{ label, diskBytes, blocks, zero },
    future: future
      ? await futureOf(trace, { blocks, blockBytes, startNs, blockNs: (blockBytes / bytesPerS) * 1e9 })
      : undefined,
  };
}
