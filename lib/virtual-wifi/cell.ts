import { random } from "../core/random.ts";
import { Delays } from "./delays.ts";
import { Connections } from "./connections.ts";
import type { Flow } from "./station.ts";

/** How channel access goes in a cell. */
export interface Access {
  readonly slotNs: number;
  readonly cwMin: number;
  readonly cwMax: number;
  /** How often a frame is sent at most; Infinity: until it arrives. */
  readonly attempts: number;
  /** From the end of a collision until slots count again. */
  readonly afterCollisionNs: number;
  /** Whether the transmission of another counts as one slot of a backoff. */
  readonly countsBusy: boolean;
  readonly queueFrames: number;
  readonly seed: number | string;
}

/**
 * Places in #clock: from when slots count (DIFS or EIFS after the channel was busy); when the last transmission began and ended; the time of what
 * is being handled; the next arrival.
 */
const when = { grid: 0, start: 1, end: 2, now: 3, arrival: 4 } as const;
/** What comes in a flow: at random times; always one more; as a window lets it; as a capture has it; or acknowledgements of a window. */
const kinds = { random: 0, saturated: 1, windowed: 2, recorded: 3, acks: 4 } as const;
/** Places in #spent. */
const on = { idle: 0, success: 1, collision: 2 } as const;

/**
 * A channel, and those who contend for it: each station that sends, and the access point for all that it sends. What they do is in
 * typed arrays, by contender or by flow; no object is made after the constructor. Time in whole ns. O(contenders + flows) an exchange
 * or arrival.
 */
export class Cell {
  /** By flow. */
  readonly offered: Float64Array;
  readonly delivered: Float64Array;
  readonly deliveredBytes: Float64Array;
  readonly attempts: Float64Array;
  /** Of these, frames alone and aggregates. */
  readonly transmissions: Float64Array;
  readonly collided: Float64Array;
  readonly retryDrops: Float64Array;
  readonly queueDrops: Float64Array;
  /** Frames that wait or are being sent; one where there is always one more. */
  readonly waiting: Float64Array;
  /** The integral of `waiting` over time, frames · ns. */
  readonly waitedNs: Float64Array;
  readonly delaySumNs: Float64Array;
  readonly delayMaxNs: Float64Array;
  readonly delays: Delays;
  collisions = 0;
  /** The end of the run. */
  timeNs = 0;

  readonly #access: Access;
  readonly connections: Connections;
  // By exchange: a flow's begin at its own first.
  readonly #dataNs: Float64Array;
  readonly #ackedNs: Float64Array;
  readonly #firstExchange: Int32Array;
  readonly #difsNs: number;
  readonly #flows: readonly Flow[];
  // By flow: what comes; how many frames it sends at once at most; when the waiting frames came, as a ring, or when the one frame came; the next arrival.
  readonly #kind: Uint8Array;
  readonly #most: Int32Array;
  readonly #bytes: Float64Array;
  readonly #came: Float64Array;
  readonly #head: Int32Array;
  readonly #changedNs: Float64Array;
  readonly #arrival: Float64Array;
  readonly #gaps: (() => number)[];
  readonly #contenderOf: Int32Array;
  readonly #stationOf: Int32Array;
  /** Whether its station is not on the channel. */
  readonly #away: Uint8Array;
  // By contender: its flows, the one whose frame is next, and how many frames wait in all (but for stations that are away).
  readonly #first: Int32Array;
  readonly #end: Int32Array;
  readonly #current: Int32Array;
  readonly #frames: Float64Array;
  // By contender: the backoff in slots from the grid on, -1 where none is left; when it sends, Infinity without a frame; its window less one;
  // how often its frame was sent, and how many it sends at once.
  readonly #backoff: Int32Array;
  readonly #due: Float64Array;
  readonly #cw: Int32Array;
  readonly #tries: Float64Array;
  readonly #batch: Int32Array;
  readonly #bits: (() => number)[];
  readonly #accessPoint: number;
  /** Whether it is a station that is away: its backoff stands. */
  readonly #frozen: Uint8Array;
  // Who leaves or comes back when, in the order of time; the last never comes.
  readonly #moveNs: Float64Array;
  readonly #moves: readonly Move[];
  readonly #sending: Int32Array;
  // Times, ns, and what the channel's time was spent on: in arrays, since a number beyond 2^31 in a field or an argument may be allocated.
  readonly #clock = new Float64Array(5);
  readonly #spent = new Float64Array(3);
  #nextFlow = 0;
  #nextMove = 0;

  /** The flows up come first, those of a station one after the other: they are one contender. All those down are one. */
  constructor(flows: readonly Flow[], access: Access) {
    const count = flows.length;
    const byFlow = (): Float64Array => new Float64Array(count);
    this.offered = byFlow();
    this.delivered = byFlow();
    this.deliveredBytes = byFlow();
    this.attempts = byFlow();
    this.transmissions = byFlow();
    this.collided = byFlow();
    this.retryDrops = byFlow();
    this.queueDrops = byFlow();
    this.waiting = byFlow();
    this.waitedNs = byFlow();
    this.delaySumNs = byFlow();
    this.delayMaxNs = byFlow();
    this.delays = new Delays(count);
    this.#access = access;
    this.#flows = flows;
    this.connections = new Connections(flows, access.queueFrames);
    const exchanges = flows.flatMap((flow) => flow.exchanges);
    this.#dataNs = Float64Array.from(exchanges, ({ dataNs }) => dataNs);
    this.#ackedNs = Float64Array.from(exchanges, ({ successNs, difsNs }) => successNs - difsNs);
    let first = 0;
    this.#firstExchange = Int32Array.from(flows, (flow) => (first += flow.exchanges.length) - flow.exchanges.length);
    this.#difsNs = flows[0]!.times.difsNs;
    this.#kind = Uint8Array.from(flows, kindOf);
    this.#most = Int32Array.from(flows, ({ traffic, exchanges: own }) => (traffic.recorded ? 1 : own.length));
    this.#bytes = Float64Array.from(flows, ({ packetBytes }) => packetBytes);
    this.#came = new Float64Array(count * access.queueFrames);
    this.#head = new Int32Array(count);
    this.#changedNs = byFlow();
    this.#arrival = byFlow().fill(Infinity);
    const seeds = random(access.seed);
    this.#gaps = flows.map(({ station, direction, address, traffic }): (() => number) => {
      const { exponential } = seeds.split(`arrivals ${direction} ${station}${address === 0 ? "" : `.${address}`}`);
      const meanNs = 1e9 / traffic.packetsPerS;
      return () => exponential(meanNs);
    });
    // Each contender's first flow: where a station's flows up begin, and the first flow down.
    const begins = flows.flatMap(({ station, direction }, flow) => {
      const before = flows[flow - 1];
      const isSame = before?.direction === direction && (direction === "down" || before.station === station);
      return isSame ? [] : [flow];
    });
    const contenders = begins.length;
    this.#first = Int32Array.from(begins);
    this.#end = Int32Array.from([...begins.slice(1), count]);
    this.#contenderOf = Int32Array.from(flows, (_, flow) => begins.findLastIndex((from) => from <= flow));
    this.#stationOf = Int32Array.from(flows, ({ station }) => station);
    this.#away = new Uint8Array(count);
    this.#frozen = new Uint8Array(contenders);
    this.#accessPoint = flows.at(-1)!.direction === "down" ? contenders - 1 : -1;
    this.#moves = movesOf(flows);
    this.#moveNs = Float64Array.from([...this.#moves.map(({ atNs }) => atNs), Infinity]);
    this.#current = this.#first.slice();
    this.#frames = new Float64Array(contenders);
    this.#backoff = new Int32Array(contenders).fill(-1);
    this.#due = new Float64Array(contenders).fill(Infinity);
    this.#cw = new Int32Array(contenders).fill(access.cwMin);
    this.#tries = new Float64Array(contenders);
    this.#batch = new Int32Array(contenders);
    // A station's backoffs do not depend on which others there are.
    const accessPoint = "backoff of the access point";
    this.#bits = Array.from(
      this.#first,
      (flow) => seeds.split(flows[flow]!.direction === "down" ? accessPoint : `backoff ${flows[flow]!.station}`).bits,
    );
    this.#sending = new Int32Array(contenders);
    for (let flow = 0; flow < count; flow++) this.#begin(flow);
    for (let contender = 0; contender < contenders; contender++)
      if (this.#frames[contender]! > 0) this.#back(contender);
    this.#findArrival();
    // The others' first packets wait for a backoff, as if they had come before; a window's come now, to an idle channel.
    for (let flow = 0; flow < count; flow++) if (this.#kind[flow] === kinds.windowed) this.#send(flow);
  }

  /** Nobody sent. With the next two, all of the time. */
  get idleNs(): number {
    return this.#spent[on.idle]!;
  }

  /** Frames that arrived, with their acknowledgements and DIFS. */
  get successNs(): number {
    return this.#spent[on.success]!;
  }

  /** Collisions, with what followed them. */
  get collisionNs(): number {
    return this.#spent[on.collision]!;
  }

  /** Runs until this time, or to the end of the exchange that it falls into. Once only. */
  run(untilNs: number): void {
    const due = this.#due;
    const sending = this.#sending;
    for (;;) {
      let startNs = Infinity;
      let senders = 0;
      for (let contender = 0; contender < due.length; contender++) {
        const at = due[contender]!;
        if (at > startNs) continue;
        if (at < startNs) senders = 0;
        startNs = at;
        sending[senders++] = contender;
      }
      const moveNs = this.#moveNs[this.#nextMove]!;
      if (moveNs < untilNs && moveNs <= startNs && moveNs <= this.#clock[when.arrival]!) {
        this.#move(this.#moves[this.#nextMove++]!);
        continue;
      }
      if (this.#clock[when.arrival]! < untilNs && this.#clock[when.arrival]! <= startNs) {
        this.#arrive();
        continue;
      }
      if (startNs >= untilNs) break;
      this.#clock[when.start] = startNs;
      this.#spent[on.idle]! += startNs - this.#clock[when.grid]!;
      if (senders === 1) this.#succeed(sending[0]!);
      else this.#collide(senders);
      if (this.#clock[when.grid]! >= untilNs) break;
    }
    this.timeNs = Math.max(untilNs, this.#clock[when.grid]!);
    this.#spent[on.idle]! += this.timeNs - this.#clock[when.grid]!;
    while (this.#clock[when.arrival]! < this.timeNs) this.#arrive();
    this.#clock[when.now] = this.timeNs;
    for (let flow = 0; flow < this.waiting.length; flow++) this.#account(flow);
  }

  #succeed(contender: number): void {
    const flow = this.#current[contender]!;
    const frames = this.#compose(contender, flow);
    const { queueFrames } = this.#access;
    const head = this.#head[flow]!;
    const kind = this.#kind[flow]!;
    this.#occupy(this.#ackedNs[this.#exchangeOf(flow, frames)]!, this.#difsNs);
    this.#spent[on.success]! += this.#clock[when.grid]! - this.#clock[when.start]!;
    this.delivered[flow]! += frames;
    this.deliveredBytes[flow]! += frames * this.#bytesOf(flow);
    for (let frame = 0; frame < frames; frame++) {
      const place = kind === kinds.saturated ? 0 : (head + frame) % queueFrames;
      const delayNs = this.#clock[when.end]! - this.#came[flow * queueFrames + place]!;
      this.delaySumNs[flow]! += delayNs;
      if (delayNs > this.delayMaxNs[flow]!) this.delayMaxNs[flow] = delayNs;
      this.delays.nextNs[0] = delayNs;
      this.delays.add(flow);
    }
    this.#leave(contender, flow, frames);
    this.#back(contender);
    if (kind === kinds.windowed) this.#receive(flow, head, frames);
    else if (kind === kinds.acks) this.#learn(flow, head, frames);
  }

  /** What the contender sends: put together the first time, the same when it is sent again. */
  #compose(contender: number, flow: number): number {
    if (this.#tries[contender] === 0)
      this.#batch[contender] =
        this.#kind[flow] === kinds.saturated ? this.#most[flow]! : Math.min(this.#most[flow]!, this.waiting[flow]!);
    const frames = this.#batch[contender]!;
    this.attempts[flow]! += frames;
    this.transmissions[flow]!++;
    return frames;
  }

  #exchangeOf(flow: number, frames: number): number {
    const at = this.#kind[flow] === kinds.recorded ? this.connections.numbers[flow]![this.#head[flow]!]! : frames - 1;
    return this.#firstExchange[flow]! + at;
  }

  #bytesOf(flow: number): number {
    if (this.#kind[flow] !== kinds.recorded) return this.#bytes[flow]!;
    return this.#flows[flow]!.traffic.recorded![this.connections.numbers[flow]![this.#head[flow]!]!]!.packetBytes;
  }

  /** Packets of a window have come, in order: each second, and each after a gap, is acknowledged. */
  #receive(data: number, head: number, frames: number): void {
    const { connections } = this;
    const { queueFrames } = this.#access;
    const acks = connections.peer[data]!;
    for (let frame = 0; frame < frames; frame++) {
      const place = (head + frame) % queueFrames;
      const number = connections.numbers[data]![place]!;
      const nowNs = this.#clock[when.now]!;
      if (connections.receive(data, number, this.#came[data * queueFrames + place]!, nowNs))
        connections.acknowledge(data, this.#queue(acks));
    }
    this.#rearm(acks);
  }

  /** Acknowledgements of a window have come. */
  #learn(acks: number, head: number, frames: number): void {
    const data = this.connections.peer[acks]!;
    for (let frame = 0; frame < frames; frame++)
      this.connections.learn(data, (head + frame) % this.#access.queueFrames, this.#clock[when.now]!);
    this.#send(data);
  }

  /** As many packets as the window lets go. */
  #send(data: number): void {
    const { connections } = this;
    while (connections.maySend(data)) {
      const number = connections.number(data, this.#clock[when.now]!);
      const place = this.#queue(data);
      if (place >= 0) connections.numbers[data]![place] = number;
    }
    this.#rearm(data);
  }

  /** A deadline that comes before what is awaited; a later one is looked at when that comes. */
  #rearm(flow: number): void {
    if (this.connections.deadlineNs[flow]! >= this.#arrival[flow]!) return;
    this.#arrival[flow] = this.connections.deadlineNs[flow]!;
    this.#findArrival();
  }

  #collide(senders: number): void {
    const { attempts, cwMax, afterCollisionNs } = this.#access;
    const sending = this.#sending;
    let longestNs = 0;
    for (let at = 0; at < senders; at++) {
      const contender = sending[at]!;
      const flow = this.#current[contender]!;
      const frames = this.#compose(contender, flow);
      longestNs = Math.max(longestNs, this.#dataNs[this.#exchangeOf(flow, frames)]!);
      this.collided[flow]! += frames;
    }
    this.#occupy(longestNs, afterCollisionNs);
    this.collisions++;
    this.#spent[on.collision]! += this.#clock[when.grid]! - this.#clock[when.start]!;
    for (let at = 0; at < senders; at++) {
      const contender = sending[at]!;
      const tries = this.#tries[contender]! + 1;
      if (tries >= attempts) {
        const flow = this.#current[contender]!;
        const frames = this.#batch[contender]!;
        this.retryDrops[flow]! += frames;
        this.#leave(contender, flow, frames);
      } else {
        this.#tries[contender] = tries;
        this.#cw[contender] = Math.min(2 * this.#cw[contender]! + 1, cwMax);
      }
      this.#back(contender);
    }
  }

  /** From the clock's start on the channel is busy for so long: backoffs stop, and go on `spaceNs` after its end. */
  #occupy(lastsNs: number, spaceNs: number): void {
    const backoff = this.#backoff;
    const due = this.#due;
    const { slotNs, countsBusy } = this.#access;
    const passed = Math.floor((this.#clock[when.start]! - this.#clock[when.grid]!) / slotNs);
    const endNs = this.#clock[when.start]! + lastsNs;
    const gridNs = endNs + spaceNs;
    this.#clock[when.end] = endNs;
    this.#clock[when.grid] = gridNs;
    for (let contender = 0; contender < backoff.length; contender++) {
      if (this.#frozen[contender] === 1) continue;
      const slots = backoff[contender]!;
      const left = slots > passed ? slots - passed - (countsBusy ? 1 : 0) : -1;
      backoff[contender] = left;
      // A sender's own is overwritten before it counts.
      if (this.#frames[contender]! > 0) due[contender] = gridNs + left * slotNs;
    }
    while (this.#clock[when.arrival]! < endNs) this.#arrive();
    this.#clock[when.now] = endNs;
  }

  /** The next packet comes, or a time of waiting is over. */
  #arrive(): void {
    const flow = this.#nextFlow;
    const nowNs = this.#clock[when.arrival]!;
    this.#clock[when.now] = nowNs;
    const kind = this.#kind[flow]!;
    if (kind === kinds.random) {
      this.#arrival[flow]! += this.#gaps[flow]!();
      this.#findArrival();
      this.#queue(flow);
    } else if (kind === kinds.recorded) {
      const packets = this.#flows[flow]!.traffic.recorded!;
      const number = this.offered[flow]!;
      this.#arrival[flow] = packets[number + 1]?.timeNs ?? Infinity;
      this.#findArrival();
      const place = this.#queue(flow);
      if (place >= 0) this.connections.numbers[flow]![place] = number;
    } else {
      const { deadlineNs, peer } = this.connections;
      const isDue = deadlineNs[flow]! <= nowNs;
      this.#arrival[flow] = isDue ? Infinity : deadlineNs[flow]!;
      this.#findArrival();
      if (!isDue) return;
      if (kind === kinds.acks) this.connections.acknowledge(peer[flow]!, this.#queue(flow));
      else {
        this.connections.giveUp(flow);
        this.#send(flow);
      }
    }
  }

  /** A packet comes into its queue. Its place; -1 where that is full. */
  #queue(flow: number): number {
    const { queueFrames } = this.#access;
    const nowNs = this.#clock[when.now]!;
    this.offered[flow]!++;
    const waiting = this.waiting[flow]!;
    if (waiting === queueFrames) {
      this.queueDrops[flow]!++;
      return -1;
    }
    this.#account(flow);
    this.waiting[flow] = waiting + 1;
    const place = (this.#head[flow]! + waiting) % queueFrames;
    this.#came[flow * queueFrames + place] = nowNs;
    if (this.#away[flow] === 1) return place;
    const contender = this.#contenderOf[flow]!;
    if (this.#frames[contender]!++ > 0) return place;
    this.#current[contender] = flow;
    this.#offer(contender);
    return place;
  }

  /** A contender that had no frame has one now. */
  #offer(contender: number): void {
    const { slotNs } = this.#access;
    const nowNs = this.#clock[when.now]!;
    const slots = this.#backoff[contender]!;
    const gridNs = this.#clock[when.grid]!;
    // A channel that has been idle for long enough, and no backoff that is left of the frame before: at once.
    if (nowNs >= gridNs + Math.max(0, slots * slotNs)) this.#due[contender] = nowNs;
    else if (slots < 0) this.#back(contender);
    else this.#due[contender] = gridNs + slots * slotNs;
  }

  /** Frames are done with, one way or the other: the window is the first again, and the contender's next flow in turn is next. */
  #leave(contender: number, flow: number, frames: number): void {
    const { queueFrames, cwMin } = this.#access;
    this.#tries[contender] = 0;
    this.#cw[contender] = cwMin;
    if (this.#kind[flow] === kinds.saturated) this.offered[flow]! += frames;
    else {
      this.#account(flow);
      this.waiting[flow]! -= frames;
      this.#frames[contender]! -= frames;
      const next = this.#head[flow]! + frames;
      this.#head[flow] = next >= queueFrames ? next - queueFrames : next;
    }
    if (this.#frames[contender] === 0) return;
    this.#turn(contender);
  }

  /** The contender's next flow in turn that has a frame. */
  #turn(contender: number): void {
    const end = this.#end[contender]!;
    let next = this.#current[contender]!;
    do next = next + 1 === end ? this.#first[contender]! : next + 1;
    while (this.waiting[next] === 0 || this.#away[next] === 1);
    this.#current[contender] = next;
    // Where there is always one more, the next comes when it is its turn.
    if (this.#kind[next] === kinds.saturated) this.#came[next * this.#access.queueFrames] = this.#clock[when.now]!;
  }

  /** A station leaves the channel or comes back; where that falls into an exchange, at its end. */
  #move({ atNs, station, isAway }: Move): void {
    this.#clock[when.now] = Math.max(atNs, this.#clock[when.end]!);
    for (let contender = 0; contender < this.#first.length; contender++) {
      const had = this.#frames[contender]! > 0;
      let isTouched = false;
      for (let flow = this.#first[contender]!; flow < this.#end[contender]!; flow++)
        if (this.#stationOf[flow] === station) {
          isTouched = true;
          this.#away[flow] = isAway ? 1 : 0;
          this.#frames[contender]! += isAway ? -this.waiting[flow]! : this.waiting[flow]!;
        }
      if (!isTouched) continue;
      if (contender === this.#accessPoint) this.#serve(contender, had);
      else if (isAway) this.#freeze(contender, had, atNs);
      else this.#thaw(contender, atNs);
    }
  }

  /** The access point has other stations to send to. */
  #serve(contender: number, had: boolean): void {
    const has = this.#frames[contender]! > 0;
    if (had && this.#away[this.#current[contender]!] === 1) {
      // The frame is kept; its attempts, or the next one's, begin anew.
      this.#tries[contender] = 0;
      this.#cw[contender] = this.#access.cwMin;
      if (has) this.#turn(contender);
      else this.#due[contender] = Infinity;
    } else if (has && !had) {
      this.#turn(contender);
      this.#offer(contender);
    }
  }

  #freeze(contender: number, had: boolean, atNs: number): void {
    const passed = Math.max(0, Math.floor((atNs - this.#clock[when.grid]!) / this.#access.slotNs));
    const left = this.#backoff[contender]! - passed;
    this.#backoff[contender] = left > 0 || (left === 0 && had) ? left : -1;
    this.#due[contender] = Infinity;
    this.#frozen[contender] = 1;
  }

  /** Its slots begin with the others', not before the channel has been idle for DIFS since it came back. */
  #thaw(contender: number, atNs: number): void {
    const { slotNs } = this.#access;
    const gridNs = this.#clock[when.grid]!;
    const offset = Math.max(0, Math.ceil((atNs + this.#difsNs - gridNs) / slotNs));
    this.#frozen[contender] = 0;
    const has = this.#frames[contender]! > 0;
    if (has && this.waiting[this.#current[contender]!] === 0) this.#turn(contender);
    if (has && this.#backoff[contender]! < 0) this.#back(contender);
    const slots = this.#backoff[contender]!;
    if (slots < 0 && offset === 0) return;
    this.#backoff[contender] = Math.max(0, slots) + offset;
    if (has) this.#due[contender] = gridNs + this.#backoff[contender] * slotNs;
  }

  /** Draws a backoff. */
  #back(contender: number): void {
    const slots = this.#bits[contender]!() & this.#cw[contender]!;
    this.#backoff[contender] = slots;
    // Not one assignment of either value: V8 would allocate the number.
    if (this.#frames[contender]! > 0) this.#due[contender] = this.#clock[when.grid]! + slots * this.#access.slotNs;
    else this.#due[contender] = Infinity;
  }

  #begin(flow: number): void {
    const kind = this.#kind[flow]!;
    if (kind === kinds.random) this.#arrival[flow] = this.#gaps[flow]!();
    else if (kind === kinds.recorded) this.#arrival[flow] = this.#flows[flow]!.traffic.recorded![0]!.timeNs;
    else if (kind === kinds.saturated) {
      this.offered[flow] = 1;
      this.waiting[flow] = 1;
      const contender = this.#contenderOf[flow]!;
      if (this.#frames[contender]!++ === 0) this.#current[contender] = flow;
    }
  }

  #findArrival(): void {
    const arrival = this.#arrival;
    let next = Infinity;
    for (let flow = 0; flow < arrival.length; flow++)
      if (arrival[flow]! < next) {
        next = arrival[flow]!;
        this.#nextFlow = flow;
      }
    this.#clock[when.arrival] = Math.ceil(next);
  }

  #account(flow: number): void {
    this.waitedNs[flow]! += this.waiting[flow]! * (this.#clock[when.now]! - this.#changedNs[flow]!);
    this.#changedNs[flow] = this.#clock[when.now]!;
  }
}

function kindOf({ traffic, isAcks }: Flow): number {
  if (isAcks) return kinds.acks;
  if (traffic.window !== undefined) return kinds.windowed;
  if (traffic.recorded !== undefined) return kinds.recorded;
  return traffic.packetsPerS === Infinity ? kinds.saturated : kinds.random;
}

interface Move {
  readonly atNs: number;
  readonly station: number;
  readonly isAway: boolean;
}

/** When stations leave and come back, in the order of time. */
function movesOf(flows: readonly Flow[]): Move[] {
  const away = new Map(flows.map((flow) => [flow.station, flow.away]));
  return [...away]
    .flatMap(([station, intervals]) =>
      intervals.flatMap(({ fromNs, untilNs }) => [
        { atNs: fromNs, station, isAway: true },
        { atNs: untilNs, station, isAway: false },
      ]),
    )
    .sort((a, b) => a.atNs - b.atNs);
}
