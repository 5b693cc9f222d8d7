import { MIRRORED, NOTHING, restNs, Sending } from "./sending.ts";
import { remember } from "./history.ts";
import { beyond, bytesOf, checkConverges, type Machine, type Phase } from "./machine.ts";
import { MirroredWrites } from "./mirrored-writes.ts";
import { advanceMoved } from "./moved-requests.ts";
import { RequestCursor } from "./request-cursor.ts";
import { WriteThrottle } from "./write-throttle.ts";
import { TraceExhaustedError } from "../core/errors.ts";
import { disk, type Disk } from "../hardware/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { DirtyBlocks } from "./dirty-order.ts";
import { Meter } from "./meter.ts";
import type { Settings } from "./options.ts";
import type { Sequencer } from "./order.ts";
import type { BlockBatch } from "./trace.ts";
import type { Served } from "./waiting-reads.ts";

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
  dirtyAtBulkEnd = 0;
  chunkBlocks: number | undefined;
  /** By block, where they are recorded. */
  readonly sends: Uint32Array;
  readonly lastSendNs: Float64Array;
  readonly lastWriteNs: Float64Array;

  readonly #settings: Settings;
  readonly machine: Machine;
  readonly requests: RequestCursor;
  readonly #sending = new Sending();
  readonly #sent: Uint8Array;
  readonly #dirty: DirtyBlocks;
  readonly #bulk: Sequencer | undefined;
  readonly #follow: Sequencer | undefined;
  #queue: Uint32Array = new Uint32Array(0);
  #place = 0;
  #stoppedNs = 0;
  #arrivals: Arrivals | undefined;
  readonly #mirrored = new MirroredWrites();
  readonly #throttle: WriteThrottle;

  constructor(machine: Machine, settings: Settings, source: AsyncIterator<BlockBatch>, shared: Disk | undefined) {
    this.machine = machine;
    this.#settings = settings;
    this.requests = new RequestCursor(source);
    this.nextNs = settings.startNs;
    const { model, order, postOrder, dirtyOrder, record } = settings;
    const { blocks } = machine;
    this.meter = new Meter(settings.disk, shared ?? (settings.disk && disk(settings.disk)));
    this.#sent = new Uint8Array(blocks);
    this.#dirty = dirtyOrder.create(blocks);
    this.#throttle = new WriteThrottle(this.#dirty, settings.blockBytes);
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

  /** How long it has stood still so that less becomes dirty. */
  get throttledNs(): number {
    return this.#throttle.throttledNs;
  }

  /** Blocks sent and written since; once the virtual machine has moved, those that have not left the source. Linear time then. */
  get dirtyBlocks(): number {
    return this.#arrivals === undefined ? this.#dirty.size : this.#blocksLeft();
  }

  /** The connection's rate from now on, bytes a second; what is being sent goes on at it, and the disk at its own. */
  rate(bytesPerS: number, nowNs: number): void {
    const bytesPerNs = Math.min(bytesPerS, this.#settings.capBytesPerS) / 1e9;
    this.nextNs = this.#sending.rate(bytesPerNs, nowNs) ?? this.nextNs;
  }

  /** Not sent because they were written over as a whole at the destination, bytes. */
  get overwrittenBytes(): number {
    return (this.#arrivals?.overwritten ?? 0) * this.#settings.blockBytes;
  }

  /** The trace ended too early. */
  exhausted(): TraceExhaustedError {
    const endS = this.requests.nowNs / 1e9;
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
    if (
      this.phase === "history" &&
      !remember(this.requests, untilNs, this.#settings, this.machine, [this.#bulk, this.#follow])
    )
      return false;
    if (this.stopped) return true;
    if (this.#arrivals !== undefined)
      return advanceMoved(this.requests, this.#arrivals, untilNs, this.meter, this.#settings.blockBytes, this.machine);
    return this.#advanceHere(untilNs);
  }

  /** Requests while the virtual machine is at the source. */
  #advanceHere(untilNs: number): boolean {
    const { requests } = this;
    const { timeNs, op, offsetBytes, sizeBytes } = requests.batch;
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
    let row = requests.row;
    let now = requests.nowNs;
    let reads = 0;
    let writes = 0;
    for (; row < rows; row++) {
      let at = timeNs[row]! + requests.lagNs;
      if (at < now) at = now;
      if (at > untilNs) break;
      now = at;
      const kind = op[row]!;
      const size = sizeBytes[row]!;
      if (kind > 1 || size === 0) continue;
      const offset = offsetBytes[row]!;
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((offset + size - 1) / blockBytes);
      if (offset + size > diskBytes) throw beyond(offset, size, this.machine);
      let waitedNs = 0;
      if (kind === 1) {
        if (held) {
          const until = this.#throttle.hold(at, first, last);
          if (until > at) {
            waitedNs = until - at;
            at = until;
            if (at > untilNs) break; // it stands still until then
            now = at;
          }
          if (waitedNs > 0) meter.delayed(at, waitedNs);
          this.#throttle.admit(at, first, last, timeNs[row]!, requests, this.#sending.bytesPerNs);
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
          this.extraBytes += behind;
          this.#mirrored.add(at, behind, meter.local(at, offset, size));
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
    requests.row = row;
    requests.nowNs = now;
    return row < rows;
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
    const { unit } = this.#sending;
    this.#sending.unit = NOTHING;
    if (unit === MIRRORED) {
      this.#mirrored.left(nowNs, this.#settings.link.rttMs * 1e6, this.meter);
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
    if (this.#mirrored.size > 0) {
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
    const { blockBytes, disk: speed, maxDowntimeNs } = this.#settings;
    if (restNs(this.#dirty, this.machine, blockBytes, speed, this.#sending.bytesPerNs) <= maxDowntimeNs) {
      this.#stoppedNs = nowNs;
      this.phase = "rest";
      return;
    }
    this.#sendDirty(nowNs);
    checkConverges(this.extraBytes, this.#dirty.size, this.machine);
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
    this.requests.lagNs += this.downtimeNs;
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
    const diskNs = this.meter.local(nowNs, block * this.#settings.blockBytes, bytes);
    this.nextNs = this.#sending.start(block, nowNs, bytes, diskNs);
  }

  #note(block: number, nowNs: number): void {
    if (this.sends.length === 0) return;
    this.sends[block]!++;
    this.lastSendNs[block] = nowNs;
  }

  #sendMirrored(nowNs: number): void {
    const bytes = this.#mirrored.send();
    this.sentBytes += bytes;
    this.nextNs = this.#sending.start(MIRRORED, nowNs, bytes, 0);
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
    return bytesOf(block, this.#settings.blockBytes, this.machine);
  }
}
