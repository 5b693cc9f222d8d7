import type { RandomStream } from "../../core/random.ts";
import { Connections } from "../connections.ts";
import { Delays } from "../delays.ts";
import type { Traffic } from "../traffic.ts";
import type { DevicePath } from "./device-path.ts";
import type { PartLengths } from "./part-lengths.ts";
import { part, parts, ProcessorQueue, works } from "./processor-queue.ts";
import { TimeQueue } from "./time-queue.ts";

/** Frames of one machine in one direction. */
export interface Stream {
  readonly machine: number;
  readonly direction: "up" | "down";
  /**
   * "echo": up, requests; down, what answers them, with no arrivals of its own. A machine's two follow one another, up first. "acknowledgements": of the traffic
   * with a window that goes the other way.
   */
  readonly kind: "data" | "acknowledgements" | "echo";
  readonly traffic: Traffic;
  readonly lengths: PartLengths;
  /** Where there is always one more for the air, so many wait: as many as go at once. */
  readonly ahead: number;
  /** Gaps between arrivals, ns. */
  readonly gaps: Pick<RandomStream, "exponential">;
}

/** A command of a guest's driver, by when it comes. */
export interface Command {
  readonly atNs: number;
  readonly machine: number;
  /** Whether the host's driver carries it out. */
  readonly forwarded: boolean;
}

/** How a host works. */
export interface HostOptions {
  readonly path: DevicePath;
  /** Frames that a ring holds. */
  readonly ringFrames: number;
  /** A ring that was full is filled again once so many places are free. */
  readonly wakeFrames: number;
  /** Packets that wait for a place in the ring. */
  readonly socketFrames: number;
}

/** Puts a frame into its queue for the air: its virtual MAC's, or the access point's; false where that is full. */
export type Offer = (stream: number, nowNs: number) => boolean;

/** Places in #times: now; when the next of arrivals, commands and deadlines is. */
const at = { now: 0, other: 1 } as const;

/**
 * The machine whose processor and radio guests share: from their sockets to the queues for the air, and back. Frames of a stream stay in order.
 * Time in whole ns. A look at each stream and machine an event; no object is made for a frame.
 */
export class Host {
  // By stream.
  readonly offered: Float64Array;
  readonly delivered: Float64Array;
  readonly socketDrops: Float64Array;
  readonly airDrops: Float64Array;
  readonly retryDrops: Float64Array;
  readonly ringDrops: Float64Array;
  readonly delaySumNs: Float64Array;
  readonly delayMaxNs: Float64Array;
  readonly delays: Delays;
  // By machine.
  readonly kicks: Float64Array;
  readonly interrupts: Float64Array;
  readonly commands: Float64Array;
  readonly processor: ProcessorQueue;
  /** By stream, of traffic with a window. */
  readonly connections: Connections;

  readonly #streams: readonly Stream[];
  readonly #options: HostOptions;
  readonly #coalesceNs: number;
  readonly #given: readonly Command[];
  #nextGiven = 0;
  readonly #offer: Offer;
  readonly #times = Float64Array.of(0, Infinity);
  // By stream: when packets came that are not yet at the end of their exchange, and, down, from there on, not yet with the guest.
  readonly #toAir: readonly TimeQueue[];
  readonly #toGuest: readonly TimeQueue[];
  /** Where there is a window, what the connections know these packets by: places in their rings, one after the other. */
  readonly #placesToAir: readonly TimeQueue[];
  readonly #placesToGuest: readonly TimeQueue[];
  readonly #nextPlace: Int32Array;
  readonly #places: number;
  readonly #arrivalNs: Float64Array;
  // Up: packets that wait for the ring; frames in the ring; of these, those of which nobody was told, and those that the hypervisor is taking;
  // whether the guest works on one; whether it waits until the ring is emptier.
  readonly #socket: Int32Array;
  readonly #ring: Int32Array;
  readonly #untold: Int32Array;
  readonly #taken: Int32Array;
  readonly #working: Uint8Array;
  readonly #blocked: Uint8Array;
  // Frames that are sent, or came, for which there was no interrupt; and which the guest is handling.
  readonly #pending: Int32Array;
  readonly #handled: Int32Array;
  // By machine: what waits for an interrupt, until when, and whether it is on its way; its first stream and the one after its last.
  readonly #events: Int32Array;
  readonly #deadlineNs: Float64Array;
  readonly #raised: Uint8Array;
  readonly #first: readonly number[];

  /** Streams in the order of their machines, each of which has one; commands in the order of time. */
  constructor(streams: readonly Stream[], options: HostOptions, commands: readonly Command[], offer: Offer) {
    const count = streams.length;
    const byStream = (): Float64Array => new Float64Array(count);
    this.offered = byStream();
    this.delivered = byStream();
    this.socketDrops = byStream();
    this.airDrops = byStream();
    this.retryDrops = byStream();
    this.ringDrops = byStream();
    this.delaySumNs = byStream();
    this.delayMaxNs = byStream();
    this.delays = new Delays(count);
    const machines = streams.at(-1)!.machine + 1;
    this.kicks = new Float64Array(machines);
    this.interrupts = new Float64Array(machines);
    this.commands = new Float64Array(machines);
    this.processor = new ProcessorQueue(count);
    this.#streams = streams;
    this.#options = options;
    this.#coalesceNs = Math.round(1000 * options.path.coalesceUs);
    this.#given = commands;
    this.#offer = offer;
    this.#toAir = streams.map(() => new TimeQueue());
    this.#toGuest = streams.map(() => new TimeQueue());
    this.#placesToAir = streams.map(() => new TimeQueue());
    this.#placesToGuest = streams.map(() => new TimeQueue());
    this.#nextPlace = new Int32Array(count);
    // Socket or access point, ring or radio, one that is worked on, and down the radio's ring.
    this.#places = options.socketFrames + 2 * options.ringFrames + 1;
    this.connections = new Connections(
      streams.map(({ machine, direction, kind, traffic }) => ({
        ...{ station: machine, direction, address: 0, isAcks: kind === "acknowledgements", traffic },
      })),
      this.#places,
    );
    this.#arrivalNs = byStream().fill(Infinity);
    this.#socket = new Int32Array(count);
    this.#ring = new Int32Array(count);
    this.#untold = new Int32Array(count);
    this.#taken = new Int32Array(count);
    this.#working = new Uint8Array(count);
    this.#blocked = new Uint8Array(count);
    this.#pending = new Int32Array(count);
    this.#handled = new Int32Array(count);
    this.#events = new Int32Array(machines);
    this.#deadlineNs = new Float64Array(machines).fill(Infinity);
    this.#raised = new Uint8Array(machines);
    this.#first = Array.from({ length: machines + 1 }, (_, machine) =>
      machine === machines ? count : streams.findIndex((stream) => stream.machine === machine),
    );
    streams.forEach((stream, number) => {
      if (this.#isWindowed(number)) {
        if (stream.kind === "data") this.#send(number);
      } else if (this.#isSaturated(number)) {
        if (stream.direction === "up") this.#work(number);
        else for (let frame = 0; frame < stream.ahead; frame++) this.#came(number, 0);
      } else if (stream.kind === "data" || stream.direction === "up") this.#arrivalNs[number] = this.#gap(number);
    });
    this.#findNext();
  }

  /** When something is over, comes, or has waited for long enough. */
  get nextNs(): number {
    return Math.min(this.processor.nextNs, this.#times[at.other]!);
  }

  /** What is at {@link Host.nextNs}: one thing. */
  act(): void {
    const servedNs = this.processor.nextNs;
    const otherNs = this.#times[at.other]!;
    if (servedNs <= otherNs) {
      this.#times[at.now] = servedNs;
      this.#over(this.processor.finish());
      return;
    }
    this.#times[at.now] = otherNs;
    if (this.#given[this.#nextGiven]?.atNs === otherNs) {
      this.#command(this.#given[this.#nextGiven++]!);
      this.#findNext();
      return;
    }
    const machine = this.#deadlineNs.indexOf(otherNs);
    if (machine >= 0) {
      this.#deadlineNs[machine] = Infinity;
      this.#raised[machine] = 1;
      this.processor.add(this.#first[machine]!, part.inject, this.#lengthsOf(machine).injectNs, otherNs);
    } else this.#arrive();
    this.#findNext();
  }

  /** The air is done with the oldest frame of a stream: it arrived, or was given up. */
  done(stream: number, hasArrived: boolean, nowNs: number): void {
    this.#times[at.now] = nowNs;
    const { direction, kind, lengths } = this.#streams[stream]!;
    const cameNs = this.#toAir[stream]!.shift();
    if (!hasArrived) this.retryDrops[stream]!++;
    const place = this.#isWindowed(stream) ? this.#placesToAir[stream]!.shift() : -1;
    if (direction === "up") {
      if (hasArrived) this.#deliver(stream, cameNs);
      this.processor.add(stream, part.sent, lengths.interruptedNs, nowNs);
      if (kind === "echo" && hasArrived) this.#came(stream + 1, cameNs);
      if (place >= 0 && hasArrived) this.#hear(stream, place, cameNs);
      return;
    }
    if (hasArrived) {
      if (this.#toGuest[stream]!.size === this.#options.ringFrames) this.ringDrops[stream]!++;
      else {
        this.#toGuest[stream]!.push(cameNs);
        if (place >= 0) this.#placesToGuest[stream]!.push(place);
        this.processor.add(stream, part.came, lengths.interruptedNs + lengths.hostReceiveNs, nowNs);
      }
    }
    if (this.#isSaturated(stream)) this.#came(stream, nowNs);
  }

  /** Frames between their arrival and their end. */
  waiting(stream: number): number {
    return this.#toAir[stream]!.size + this.#toGuest[stream]!.size;
  }

  /** Time spent on a machine's work of one kind, ns. */
  spentNs(machine: number, kind: number): number {
    let sum = 0;
    for (let stream = this.#first[machine]!; stream < this.#first[machine + 1]!; stream++)
      sum += this.processor.spentNs[stream * works + kind]!;
    return sum;
  }

  /** A part of work is over. */
  #over(what: number): void {
    const nowNs = this.#times[at.now]!;
    const stream = Math.floor(what / parts);
    const { machine, lengths } = this.#streams[stream]!;
    const { processor } = this;
    switch (what - stream * parts) {
      case part.send:
        this.#place(stream);
        break;
      case part.kick:
        processor.insert(stream, part.hostSend, lengths.hostSendNs, nowNs);
        break;
      case part.hostSend:
        // The queue for the air holds as many frames as the ring.
        this.#offer(stream, nowNs);
        if (--this.#taken[stream]! > 0) processor.insert(stream, part.kick, lengths.copyNs, nowNs);
        break;
      case part.came:
        processor.insert(stream, part.pass, lengths.copyNs, nowNs);
        break;
      case part.sent:
      case part.pass:
        this.#pending[stream]!++;
        this.#notify(machine);
        break;
      case part.inject:
        this.#inject(machine);
        break;
      case part.handle:
        this.#handle(machine);
        break;
      case part.take:
        processor.insert(stream, part.carryOut, lengths.carryOutNs, nowNs);
        break;
      case part.carryOut:
        this.#notify(machine);
        break;
    }
  }

  /** The guest has a packet to send, and a place for it: it works on it. */
  #work(stream: number): void {
    const isSaturated = this.#isSaturated(stream);
    if (this.#working[stream] === 1 || this.#blocked[stream] === 1) return;
    if (!isSaturated && this.#socket[stream] === 0) return;
    const nowNs = this.#times[at.now]!;
    this.#working[stream] = 1;
    if (isSaturated) {
      this.offered[stream]!++;
      this.#toAir[stream]!.push(nowNs);
    } else this.#socket[stream]!--;
    this.processor.add(stream, part.send, this.#streams[stream]!.lengths.sendNs, nowNs);
  }

  /** A frame is in the ring; the hypervisor is told of so many at once, or where no other is ready. */
  #place(stream: number): void {
    const { path, ringFrames } = this.#options;
    const { machine, lengths } = this.#streams[stream]!;
    this.#working[stream] = 0;
    this.#untold[stream]!++;
    const placed = ++this.#ring[stream]!;
    if (placed === ringFrames) this.#blocked[stream] = 1;
    const hasMore = this.#blocked[stream] === 0 && (this.#isSaturated(stream) || this.#socket[stream]! > 0);
    if (this.#untold[stream]! >= path.kickFrames || !hasMore) {
      this.kicks[machine]!++;
      this.#taken[stream] = this.#untold[stream]!;
      this.#untold[stream] = 0;
      this.processor.insert(stream, part.kick, lengths.kickNs + lengths.copyNs, this.#times[at.now]!);
    }
    this.#work(stream);
  }

  /** There is something to tell a guest. */
  #notify(machine: number): void {
    const { path } = this.#options;
    const events = ++this.#events[machine]!;
    if (this.#raised[machine] === 1) return;
    const nowNs = this.#times[at.now]!;
    if (events >= path.coalesceFrames || this.#coalesceNs === 0) {
      this.#deadlineNs[machine] = Infinity;
      this.#raised[machine] = 1;
      this.processor.insert(this.#first[machine]!, part.inject, this.#lengthsOf(machine).injectNs, nowNs);
    } else if (events === 1) this.#deadlineNs[machine] = nowNs + this.#coalesceNs;
    this.#findNext();
  }

  /** A guest is told of all that waits. */
  #inject(machine: number): void {
    this.interrupts[machine]!++;
    this.#events[machine] = 0;
    this.#raised[machine] = 0;
    let lengthNs = this.#lengthsOf(machine).handleNs;
    for (let stream = this.#first[machine]!; stream < this.#first[machine + 1]!; stream++) {
      const { direction, lengths } = this.#streams[stream]!;
      lengthNs += this.#pending[stream]! * (direction === "up" ? lengths.completeNs : lengths.receiveNs);
      this.#handled[stream] = this.#pending[stream]!;
      this.#pending[stream] = 0;
    }
    this.processor.insert(this.#first[machine]!, part.handle, lengthNs, this.#times[at.now]!);
  }

  /** The guest has handled an interrupt: frames that came are with it, places in its rings are free. */
  #handle(machine: number): void {
    const { ringFrames, wakeFrames } = this.#options;
    for (let stream = this.#first[machine]!; stream < this.#first[machine + 1]!; stream++) {
      const frames = this.#handled[stream]!;
      this.#handled[stream] = 0;
      if (this.#streams[stream]!.direction === "down")
        for (let frame = 0; frame < frames; frame++) {
          const cameNs = this.#toGuest[stream]!.shift();
          this.#deliver(stream, cameNs);
          if (this.#isWindowed(stream)) this.#hear(stream, this.#placesToGuest[stream]!.shift(), cameNs);
        }
      else {
        this.#ring[stream]! -= frames;
        if (ringFrames - this.#ring[stream]! >= wakeFrames) this.#blocked[stream] = 0;
        this.#work(stream);
      }
    }
  }

  #deliver(stream: number, cameNs: number): void {
    const delayNs = this.#times[at.now]! - cameNs;
    this.delivered[stream]!++;
    this.delaySumNs[stream]! += delayNs;
    if (delayNs > this.delayMaxNs[stream]!) this.delayMaxNs[stream] = delayNs;
    this.delays.nextNs[0] = delayNs;
    this.delays.add(stream);
  }

  /** A packet comes to the access point; false where its queue is full. */
  #came(stream: number, cameNs: number): boolean {
    this.offered[stream]!++;
    if (!this.#offer(stream, this.#times[at.now]!)) {
      this.airDrops[stream]!++;
      return false;
    }
    this.#toAir[stream]!.push(cameNs);
    return true;
  }

  /** A packet comes to its guest's socket; false where that is full. */
  #write(stream: number): boolean {
    this.offered[stream]!++;
    if (this.#socket[stream] === this.#options.socketFrames) {
      this.socketDrops[stream]!++;
      return false;
    }
    this.#socket[stream]!++;
    this.#toAir[stream]!.push(this.#times[at.now]!);
    this.#work(stream);
    return true;
  }

  /** A packet of a connection comes: its place; -1 where its queue is full. */
  #queue(stream: number): number {
    const { direction } = this.#streams[stream]!;
    if (!(direction === "up" ? this.#write(stream) : this.#came(stream, this.#times[at.now]!))) return -1;
    const place = this.#nextPlace[stream]!;
    this.#nextPlace[stream] = place + 1 === this.#places ? 0 : place + 1;
    this.#placesToAir[stream]!.push(place);
    return place;
  }

  /** As many packets as the window lets go. */
  #send(data: number): void {
    const { connections } = this;
    while (connections.maySend(data)) {
      const number = connections.number(data, this.#times[at.now]!);
      const place = this.#queue(data);
      if (place >= 0) connections.numbers[data]![place] = number;
    }
    this.#rearm(data);
  }

  /** A packet of a connection is with its receiver: data are acknowledged, acknowledgements let more go. */
  #hear(stream: number, place: number, cameNs: number): void {
    const { connections } = this;
    const nowNs = this.#times[at.now]!;
    const peer = connections.peer[stream]!;
    if (this.#streams[stream]!.kind === "acknowledgements") {
      connections.learn(peer, place, nowNs);
      this.#send(peer);
    } else {
      if (connections.receive(stream, connections.numbers[stream]![place]!, cameNs, nowNs))
        connections.acknowledge(stream, this.#queue(peer));
      this.#rearm(peer);
    }
  }

  /** A deadline that comes before what is awaited; a later one is looked at when that comes. */
  #rearm(stream: number): void {
    if (this.connections.deadlineNs[stream]! >= this.#arrivalNs[stream]!) return;
    this.#arrivalNs[stream] = this.connections.deadlineNs[stream]!;
    this.#findNext();
  }

  /** A connection has waited for something. */
  #wait(stream: number): void {
    const { deadlineNs, peer } = this.connections;
    const isDue = deadlineNs[stream]! <= this.#times[at.now]!;
    this.#arrivalNs[stream] = isDue ? Infinity : deadlineNs[stream]!;
    if (!isDue) return;
    if (this.#streams[stream]!.kind === "acknowledgements")
      this.connections.acknowledge(peer[stream]!, this.#queue(stream));
    else {
      this.connections.giveUp(stream);
      this.#send(stream);
    }
  }

  /** The next packet comes, to a guest's socket or to the access point. */
  #arrive(): void {
    const nowNs = this.#times[at.now]!;
    let stream = 0;
    while (Math.ceil(this.#arrivalNs[stream]!) !== nowNs) stream++;
    if (this.#isWindowed(stream)) {
      this.#wait(stream);
      return;
    }
    this.#arrivalNs[stream]! += this.#gap(stream);
    if (this.#streams[stream]!.direction === "down") this.#came(stream, nowNs);
    else this.#write(stream);
  }

  #command({ machine, forwarded }: Command): void {
    this.commands[machine]!++;
    const what = forwarded ? part.take : part.answer;
    const { commandNs } = this.#lengthsOf(machine);
    this.processor.add(this.#first[machine]!, what, commandNs, this.#times[at.now]!);
  }

  #findNext(): void {
    let next = this.#given[this.#nextGiven]?.atNs ?? Infinity;
    for (const ns of this.#deadlineNs) if (ns < next) next = ns;
    for (const ns of this.#arrivalNs) next = Math.min(next, Math.ceil(ns));
    this.#times[at.other] = next;
  }

  /** What does not depend on a frame's size is the same for all streams. */
  #lengthsOf(machine: number): PartLengths {
    return this.#streams[this.#first[machine]!]!.lengths;
  }

  #isSaturated(stream: number): boolean {
    return this.#streams[stream]!.traffic.packetsPerS === Infinity && !this.#isWindowed(stream);
  }

  #isWindowed(stream: number): boolean {
    return this.#streams[stream]!.traffic.window !== undefined;
  }

  #gap(stream: number): number {
    const { gaps, traffic } = this.#streams[stream]!;
    return gaps.exponential(1e9 / traffic.packetsPerS);
  }
}
