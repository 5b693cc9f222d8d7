import { SimulationError, TraceExhaustedError } from "../core/errors.ts";
import { disk, type Disk } from "../hardware/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { DirtyBlocks } from "./dirty-order.ts";
import { Meter } from "./meter.ts";
import { NumberQueue } from "./number-queue.ts";
import type { Settings } from "./options.ts";
import type { Future, Sequencer } from "./order.ts";
import type { BlockBatch } from "./trace.ts";
import type { Served } from "./waiting-reads.ts";

/** Where a virtual machine's migration is. */
export type Phase = "history" | "bulk" | "dirty" | "rest" | "follow" | "settle" | "done";

/** Pre-copy that has sent this many times the disk again will not end. */
const MOST_DISKS = 100;
const NOTHING = -1;
const MIRRORED = -2;
const none: BlockBatch = {
  timeNs: new Float64Array(0),
  op: new Uint8Array(0),
  offsetBytes: new Float64Array(0),
  sizeBytes: new Float64Array(0),
};

/** What a virtual machine brings. */
export interface Machine {
  readonly label: string;
  readonly diskBytes: number;
  readonly blocks: number;
  /** One byte a block, not 0 where all of its bytes are zero; undefined where nothing is known. */
  readonly zero: Uint8Array | undefined;
  readonly future: Future | undefined;
}

/**
 * One virtual machine during its migration. Two clocks drive it: `advance` lets its requests happen up to a time, `step` does
 * what its connection does next at `nextNs`. Who calls keeps them in the order of time, and supplies batches.
 */
export class Guest {
  phase: Phase = "history";
  /** When the connection has something to do next. */
  nextNs: number;
  readonly meter: Meter;
  // What was sent, in bytes and blocks, and the marks of the run.
  sentBytes = 0;
  zeroBytes = 0;
  extraBytes = 0;
  bulkEndNs = 0;
  endNs = 0;
  downtimeNs = 0;
  movedNs = 0;
  throttledNs = 0;
  dirtyAtBulkEnd = 0;
  chunkBlocks: number | undefined;
  /** By block, where they are recorded. */
  readonly sends: Uint32Array;
  readonly lastSendNs: Float64Array;
  readonly lastWriteNs: Float64Array;

  readonly #settings: Settings;
  readonly machine: Machine;
  readonly #source: AsyncIterator<BlockBatch>;
  #batch: BlockBatch = none;
  #row = 0;
  #nowNs = 0;
  #lagNs = 0; // how long the virtual machine has stood still so far
  #bytesPerNs = 0;
  readonly #sent: Uint8Array;
  readonly #dirty: DirtyBlocks;
  readonly #bulk: Sequencer | undefined;
  readonly #follow: Sequencer | undefined;
  #queue: Uint32Array = new Uint32Array(0);
  #place = 0;
  #unit = NOTHING; // the block that is being sent
  #linkEndNs = 0; // when it has left at the present rate
  #diskEndNs = 0; // when the disk has done its part, whatever the rate
  #stoppedNs = 0;
  #arrivals: Arrivals | undefined;
  readonly #mirrorNs = new NumberQueue();
  readonly #mirrorBytes = new NumberQueue();
  readonly #mirrorLocalNs = new NumberQueue();
  #writeNotBeforeNs = 0;

  constructor(machine: Machine, settings: Settings, source: AsyncIterator<BlockBatch>, shared: Disk | undefined) {
    this.machine = machine;
    this.#settings = settings;
    this.#source = source;
    this.nextNs = settings.startNs;
    const { model, order, postOrder, dirtyOrder, record } = settings;
    const { blocks } = machine;
    this.meter = new Meter(settings.disk, shared ?? (settings.disk && disk(settings.disk)));
    this.#sent = new Uint8Array(blocks);
    this.#dirty = dirtyOrder.create(blocks);
    const run = machine.future === undefined ? { blocks } : { blocks, future: machine.future };
    if (model !== "post-copy") this.#bulk = order.create(run);
    if (model === "post-copy" || model === "pre+post-copy") this.#follow = postOrder.create({ blocks });
    const kept = record.has("blocks") ? blocks : 0;
    this.sends = new Uint32Array(kept);
    this.lastSendNs = new Float64Array(kept).fill(-1);
    this.lastWriteNs = new Float64Array(kept).fill(-1);
  }

  /** Whether it takes a share of the link. */
  get sending(): boolean {
    return this.phase !== "settle" && this.phase !== "done";
  }

  /** Whether the virtual machine stands still, or is of no interest any more: it needs no further requests. */
  get stopped(): boolean {
    return this.phase === "done" || this.phase === "rest" || (this.phase === "settle" && this.#arrivals === undefined);
  }

  /** Blocks sent and written since; once the virtual machine has moved, those that have not left the source. Linear time then. */
  get dirtyBlocks(): number {
    return this.#arrivals === undefined ? this.#dirty.size : this.#blocksLeft();
  }

  /** The connection's rate from now on, bytes a second; what is being sent goes on at it, and the disk at its own. */
  rate(bytesPerS: number, nowNs: number): void {
    const bytesPerNs = Math.min(bytesPerS, this.#settings.capBytesPerS) / 1e9;
    if (this.#unit !== NOTHING && this.#linkEndNs > nowNs) {
      this.#linkEndNs = nowNs + ((this.#linkEndNs - nowNs) * this.#bytesPerNs) / bytesPerNs;
      this.nextNs = Math.max(this.#linkEndNs, this.#diskEndNs);
    }
    this.#bytesPerNs = bytesPerNs;
  }

  /** The next batch of the trace; false when there is none. */
  async load(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#batch = next.value;
    this.#row = 0;
    return true;
  }

  /** Whether there is a request in memory. */
  get ready(): boolean {
    return this.#row < this.#batch.timeNs.length;
  }

  /** Not sent because they were written over as a whole at the destination, bytes. */
  get overwrittenBytes(): number {
    return (this.#arrivals?.overwritten ?? 0) * this.#settings.blockBytes;
  }

  /** When the next request in memory happens. */
  get requestNs(): number {
    return Math.max(this.#nowNs, this.#batch.timeNs[this.#row]! + this.#lagNs);
  }

  /** The trace ended too early. */
  exhausted(): TraceExhaustedError {
    const endS = this.#nowNs / 1e9;
    const { label } = this.machine;
    const of = label === "" ? "the trace" : `the trace of ${label}`;
    return new TraceExhaustedError(
      "storage-migration",
      this.phase === "history"
        ? `${of} ends at ${endS} s, before the migration starts at ${this.#settings.startNs / 1e9} s`
        : `${of} ends at ${endS} s, when ${this.#blocksLeft()} blocks are still to be sent`,
    );
  }

  #blocksLeft(): number {
    let left = this.#dirty.size;
    for (let place = this.#place; place < this.#queue.length; place++)
      left += this.#arrivals === undefined || this.#arrivals.absent(this.#queue[place]!) ? 1 : 0;
    return left;
  }

  /** Lets requests happen up to a time, included; false when the batch is at its end and the time is not reached. */
  advance(untilNs: number): boolean {
    if (this.phase === "history" && !this.#remember(untilNs)) return false;
    if (this.stopped) return true;
    if (this.#arrivals !== undefined) return this.#advanceMoved(this.#arrivals, untilNs);
    return this.#advanceHere(untilNs);
  }

  /** Requests before the start. One at the very start is the migration's. */
  #remember(untilNs: number): boolean {
    const { timeNs, op, offsetBytes, sizeBytes } = this.#batch;
    const { blockBytes, startNs } = this.#settings;
    const { diskBytes } = this.machine;
    const rows = timeNs.length;
    const bulk = this.#bulk;
    const follow = this.#follow;
    let row = this.#row;
    let now = this.#nowNs;
    for (; row < rows; row++) {
      const at = timeNs[row]!;
      if (at > untilNs || at >= startNs) break;
      if (at > now) now = at;
      const kind = op[row]!;
      const size = sizeBytes[row]!;
      if (kind > 1 || size === 0) continue;
      const offset = offsetBytes[row]!;
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((offset + size - 1) / blockBytes);
      if (offset + size > diskBytes) throw this.#beyond(offset, size);
      if (kind === 1) {
        bulk?.write?.(first, last);
        follow?.write?.(first, last);
      } else {
        bulk?.read?.(first, last);
        follow?.read?.(first, last);
      }
    }
    this.#row = row;
    this.#nowNs = now;
    return row < rows;
  }

  /** Requests while the virtual machine is at the source. */
  #advanceHere(untilNs: number): boolean {
    const { timeNs, op, offsetBytes, sizeBytes } = this.#batch;
    const { blockBytes, model, throttle } = this.#settings;
    const { zero, diskBytes } = this.machine;
    const rows = timeNs.length;
    const sent = this.#sent;
    const dirty = this.#dirty;
    const meter = this.meter;
    const metered = this.#settings.disk !== undefined;
    const mirrors = model === "mirroring";
    const kept = this.lastWriteNs.length > 0;
    const held = throttle && this.phase === "dirty";
    const follow = this.#follow;
    let row = this.#row;
    let now = this.#nowNs;
    let reads = 0;
    let writes = 0;
    for (; row < rows; row++) {
      let at = timeNs[row]! + this.#lagNs;
      if (at < now) at = now;
      if (at > untilNs) break;
      now = at;
      const kind = op[row]!;
      const size = sizeBytes[row]!;
      if (kind > 1 || size === 0) continue;
      const offset = offsetBytes[row]!;
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((offset + size - 1) / blockBytes);
      if (offset + size > diskBytes) throw this.#beyond(offset, size);
      let waitedNs = 0;
      if (kind === 1) {
        if (held) {
          const until = this.#hold(at, first, last);
          if (until > at) {
            waitedNs = until - at;
            at = until;
            if (at > untilNs) break; // it stands still until then
            now = at;
          }
          if (waitedNs > 0) meter.delayed(at, waitedNs);
          this.#admit(at, first, last);
        }
        writes++;
        follow?.write?.(first, last);
        let behind = 0;
        for (let block = first; block <= last; block++) {
          if (sent[block] === 0) {
            if (zero !== undefined) zero[block] = 0;
          } else if (mirrors) {
            behind += Math.min(offset + size, (block + 1) * blockBytes) - Math.max(offset, block * blockBytes);
          } else dirty.mark(block);
          if (kept) {
            this.lastWriteNs[block] = at;
            if (mirrors && sent[block] !== 0) this.lastSendNs[block] = at;
          }
        }
        if (behind > 0) {
          this.#mirror(at, behind, meter.local(at, offset, size));
          meter.undisturbed(at, offset, size);
          continue;
        }
      } else {
        reads++;
        follow?.read?.(first, last);
      }
      if (metered) {
        meter.undisturbed(at, offset, size);
        meter.answered(meter.local(at, offset, size) + waitedNs);
      }
    }
    meter.reads += reads;
    meter.writes += writes;
    this.#row = row;
    this.#nowNs = now;
    return row < rows;
  }

  /** Requests once the virtual machine is at the destination. */
  #advanceMoved(arrivals: Arrivals, untilNs: number): boolean {
    const { timeNs, op, offsetBytes, sizeBytes } = this.#batch;
    const { blockBytes } = this.#settings;
    const { diskBytes } = this.machine;
    const rows = timeNs.length;
    const meter = this.meter;
    for (; this.#row < rows; this.#row++) {
      const row = this.#row;
      const at = Math.max(this.#nowNs, timeNs[row]! + this.#lagNs);
      if (at > untilNs) break;
      this.#nowNs = at;
      const size = sizeBytes[row]!;
      if (op[row]! > 1 || size === 0) continue;
      arrivals.arrive(at);
      const offset = offsetBytes[row]!;
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((offset + size - 1) / blockBytes);
      if (offset + size > diskBytes) throw this.#beyond(offset, size);
      meter.undisturbed(at, offset, size);
      if (op[row] === 1) {
        meter.writes++;
        arrivals.write(first, last, offset, size);
        meter.answered(meter.local(at, offset, size));
      } else {
        meter.reads++;
        if (arrivals.read(at, first, last, offset, size)) meter.answered(meter.local(at, offset, size));
      }
    }
    if (this.#row === rows) return false;
    arrivals.arrive(untilNs);
    return true;
  }

  /** What the connection does at `nextNs`. */
  step(nowNs: number): void {
    this.#unitLeft(nowNs);
    if (this.phase === "history") this.#begin(nowNs);
    if (this.phase === "bulk") this.#stepBulk(nowNs);
    if (this.phase === "dirty") this.#stepDirty(nowNs);
    if (this.phase === "rest") this.#stepRest(nowNs);
    if (this.phase === "follow") this.#stepFollow(nowNs);
    if (this.phase === "settle" && nowNs >= this.nextNs) this.#finish(nowNs);
  }

  /** What was being sent has left. */
  #unitLeft(nowNs: number): void {
    const unit = this.#unit;
    this.#unit = NOTHING;
    if (unit === MIRRORED) {
      const waitedNs = nowNs - this.#mirrorNs.shift() + this.#settings.link.rttMs * 1e6;
      this.meter.delayed(nowNs, waitedNs);
      this.meter.answered(Math.max(this.#mirrorLocalNs.shift(), waitedNs));
    } else if (unit !== NOTHING) this.#arrivals?.sent(unit, nowNs);
  }

  #begin(nowNs: number): void {
    if (this.#bulk === undefined) {
      this.#move(nowNs);
      return;
    }
    this.#queue = this.#bulk.order();
    this.chunkBlocks = this.#bulk.chunkBlocks;
    this.phase = "bulk";
  }

  #stepBulk(nowNs: number): void {
    if (this.#mirrorNs.size > 0) {
      this.#sendMirrored(nowNs);
      return;
    }
    const { zero } = this.machine;
    while (this.#place < this.#queue.length) {
      const block = this.#queue[this.#place++]!;
      this.#sent[block] = 1;
      if (zero?.[block] !== undefined && zero[block] !== 0) {
        this.zeroBytes += this.#bytes(block);
        if (this.lastSendNs.length > 0) this.lastSendNs[block] = nowNs;
        continue;
      }
      this.#send(block, nowNs);
      return;
    }
    this.bulkEndNs = nowNs;
    this.dirtyAtBulkEnd = this.#dirty.size;
    const { model, link } = this.#settings;
    if (model === "pre-copy") this.phase = "dirty";
    else if (model === "pre+post-copy") this.#move(nowNs);
    else {
      this.downtimeNs = link.rttMs * 1e6;
      this.#settle(nowNs + this.downtimeNs);
    }
  }

  #stepDirty(nowNs: number): void {
    if (this.#restNs() <= this.#settings.maxDowntimeNs) {
      this.#stoppedNs = nowNs;
      this.phase = "rest";
      return;
    }
    this.#sendDirty(nowNs);
    if (this.extraBytes > MOST_DISKS * this.machine.diskBytes) throw this.#endless();
  }

  /** The virtual machine stands still until what is dirty has left, and for a round trip. */
  #stepRest(nowNs: number): void {
    if (this.#dirty.size > 0) {
      this.#sendDirty(nowNs);
      return;
    }
    const rttNs = this.#settings.link.rttMs * 1e6;
    this.downtimeNs = nowNs - this.#stoppedNs + rttNs;
    this.#settle(nowNs + rttNs);
  }

  #sendDirty(nowNs: number): void {
    const block = this.#dirty.take();
    this.extraBytes += this.#bytes(block);
    this.#send(block, nowNs);
  }

  /** What all dirty blocks would take from now on, with the disk's queue empty and a seek for each. */
  #restNs(): number {
    const last = this.machine.blocks - 1;
    const short = this.#dirty.has(last) ? 1 : 0;
    return (
      (this.#dirty.size - short) * this.#paceNs(this.#settings.blockBytes) + short * this.#paceNs(this.#bytes(last))
    );
  }

  #paceNs(bytes: number): number {
    const { disk: speed } = this.#settings;
    const linkNs = bytes / this.#bytesPerNs;
    if (speed === undefined) return linkNs;
    return Math.max(linkNs, (speed.accessMs + speed.latencyMs) * 1e6 + (bytes * 1e3) / speed.sequentialMBps);
  }

  /** The virtual machine goes to the destination; blocks that were sent and not written since are there. */
  #move(nowNs: number): void {
    const { blockBytes, link } = this.#settings;
    const present = this.#sent;
    while (this.#dirty.size > 0) present[this.#dirty.take()] = 0;
    if (this.#bulk === undefined)
      this.machine.zero?.forEach((is, block) => {
        if (is === 0) return;
        this.zeroBytes += this.#bytes(block);
        present[block] = 1; // the destination makes it
      });
    const { meter } = this;
    const served: Served = (atNs, offsetBytes, sizeBytes, comeNs) => {
      meter.delayed(comeNs, comeNs - atNs);
      meter.answered(comeNs - atNs + meter.local(comeNs, offsetBytes, sizeBytes));
    };
    this.#arrivals = new Arrivals(present, blockBytes, link.rttMs * 1e6, served);
    const order = this.#follow!.order();
    if (this.#bulk === undefined) this.chunkBlocks = this.#follow!.chunkBlocks;
    this.#queue = order;
    this.#place = 0;
    this.downtimeNs = link.rttMs * 1e6;
    this.movedNs = nowNs + this.downtimeNs;
    this.#lagNs += this.downtimeNs;
    this.phase = "follow";
    this.nextNs = this.movedNs;
  }

  #stepFollow(nowNs: number): void {
    if (nowNs < this.movedNs) return;
    const arrivals = this.#arrivals!;
    arrivals.arrive(nowNs);
    if (arrivals.askedNs <= nowNs) {
      this.#sendFollowing(arrivals.takeAsked(), nowNs);
      return;
    }
    while (this.#place < this.#queue.length) {
      const block = this.#queue[this.#place++]!;
      if (!arrivals.absent(block)) continue;
      this.#sendFollowing(block, nowNs);
      return;
    }
    this.#settle(Math.max(nowNs, arrivals.lastNs));
  }

  #sendFollowing(block: number, nowNs: number): void {
    this.#arrivals!.send(block);
    if (this.#bulk !== undefined) this.extraBytes += this.#bytes(block);
    this.#send(block, nowNs);
  }

  /** Reads a block, or writes it once the virtual machine has moved, and sends it: at the pace of the slower of the two. */
  #send(block: number, nowNs: number): void {
    const bytes = this.#bytes(block);
    this.#note(block, nowNs);
    this.sentBytes += bytes;
    this.#unit = block;
    this.#until(nowNs, bytes, this.meter.local(nowNs, block * this.#settings.blockBytes, bytes));
  }

  /** When the unit that is sent from now on is done with, by the link and by the disk. */
  #until(nowNs: number, bytes: number, diskNs: number): void {
    this.#linkEndNs = nowNs + bytes / this.#bytesPerNs;
    this.#diskEndNs = nowNs + diskNs;
    this.nextNs = Math.max(this.#linkEndNs, this.#diskEndNs);
  }

  #note(block: number, nowNs: number): void {
    if (this.sends.length === 0) return;
    this.sends[block]!++;
    this.lastSendNs[block] = nowNs;
  }

  #mirror(atNs: number, bytes: number, localNs: number): void {
    this.extraBytes += bytes;
    this.#mirrorNs.push(atNs);
    this.#mirrorBytes.push(bytes);
    this.#mirrorLocalNs.push(localNs);
  }

  #sendMirrored(nowNs: number): void {
    const bytes = this.#mirrorBytes.shift();
    this.sentBytes += bytes;
    this.#unit = MIRRORED;
    this.#until(nowNs, bytes, 0);
  }

  /** When a write that dirties clean blocks may happen. */
  #hold(atNs: number, first: number, last: number): number {
    if (atNs >= this.#writeNotBeforeNs) return atNs;
    for (let block = first; block <= last; block++) if (!this.#dirty.has(block)) return this.#writeNotBeforeNs;
    return atNs;
  }

  /** A held write happens: the virtual machine stood still until now, and the next one waits for its own turn. */
  #admit(atNs: number, first: number, last: number): void {
    let clean = 0;
    for (let block = first; block <= last; block++) clean += this.#dirty.has(block) ? 0 : 1;
    if (clean === 0) return;
    const moreNs = Math.max(0, atNs - this.#batch.timeNs[this.#row]! - this.#lagNs);
    this.#lagNs += moreNs;
    this.throttledNs += moreNs;
    // Half of what is sent. [authors' 2014 code release]
    this.#writeNotBeforeNs = atNs + (clean * this.#settings.blockBytes) / (this.#bytesPerNs / 2);
  }

  #settle(atNs: number): void {
    this.phase = "settle";
    this.nextNs = atNs;
  }

  #finish(nowNs: number): void {
    this.#arrivals?.arrive(nowNs);
    this.phase = "done";
    this.endNs = nowNs;
    this.nextNs = Infinity;
  }

  #bytes(block: number): number {
    const { blockBytes } = this.#settings;
    return Math.min(blockBytes, this.machine.diskBytes - block * blockBytes);
  }

  #endless(): SimulationError {
    return new SimulationError(
      "storage-migration",
      `pre-copy does not converge: dirty blocks of ${MOST_DISKS} disks were sent and ${this.#dirty.size} blocks are dirty`,
    );
  }

  #beyond(offset: number, size: number): SimulationError {
    return new SimulationError(
      "storage-migration",
      `a request of ${size} bytes at ${offset} is beyond the disk's ${this.machine.diskBytes}`,
    );
  }
}
