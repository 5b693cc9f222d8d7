import { random } from "../../core/random.ts";
import type { Exchange } from "../exchange.ts";

/** Frames that wait for the air, for one receiver. */
export interface AirQueue {
  readonly station: number;
  readonly direction: "up" | "down";
  readonly address: number;
  /** Exchanges of one frame, of two in an aggregate, and so on. */
  readonly exchanges: readonly Exchange[];
  /** The host's stream whose frames these are; null: of another station, which come by themselves. */
  readonly stream: number | null;
  /** Of these, packets a second; Infinity where there is always one more. */
  readonly packetsPerS: number;
}

/** How a channel is accessed. */
export interface ChannelAccess {
  readonly slotNs: number;
  readonly cwMin: number;
  readonly cwMax: number;
  readonly attempts: number;
  /** Whether the transmission of another counts as one slot of a backoff. */
  readonly countsBusy: boolean;
  readonly queueFrames: number;
  readonly seed: number | string;
}

interface Queue {
  readonly given: AirQueue;
  readonly contender: Contender;
  readonly gapNs: () => number;
  waiting: number;
  attempts: number;
  collided: number;
}

interface Contender {
  readonly number: number;
  readonly queues: Queue[];
  readonly bits: () => number;
  /** The queue that is next; null without a frame. */
  current: Queue | null;
  /** The backoff from the grid on; -1: none is left. */
  slots: number;
  cw: number;
  tries: number;
  /** Frames that it sends at once. */
  batch: number;
}

/** Places in #times: from when slots count; when the exchange that is under way ends; the earliest arrival; when the first contender sends. */
const at = { grid: 0, end: 1, arrival: 2, start: 3 } as const;

/**
 * A channel by the rules of `contend`'s cell, step by step, so that frames can come from outside between any two events: a machine's radio, which is
 * on it or away, other stations, and an access point. The cell's arrays are faster, and take no frames; the two agree to the nanosecond.
 */
export class Channel {
  /** What becomes of the host's frames, at the end of their exchange. */
  onDone: (stream: number, isDelivered: boolean, nowNs: number) => void = () => undefined;

  readonly #access: ChannelAccess;
  readonly #eifsNs: number;
  readonly #difsNs: number;
  readonly #queues: readonly Queue[];
  readonly #contenders: readonly Contender[];
  readonly #radio: Contender | undefined;
  // By contender, when it sends; by queue, when its next packet comes.
  readonly #dueNs: Float64Array;
  readonly #arrivalNs: Float64Array;
  readonly #times = Float64Array.of(0, Infinity, Infinity, Infinity);
  /** Whether the first contender has to be looked for. */
  #isStale = true;
  readonly #senders: Contender[] = [];
  #isPresent = false;
  #isClosed = false;

  /** Queues up in the order of their stations, then those down. The host's are station 0's. */
  constructor(queues: readonly AirQueue[], access: ChannelAccess) {
    this.#access = access;
    const [{ eifsNs, difsNs }] = queues[0]!.exchanges as readonly [Exchange];
    this.#eifsNs = eifsNs;
    this.#difsNs = difsNs;
    const seeds = random(access.seed);
    const contenders = new Map<string, Contender>();
    this.#queues = queues.map((given) => {
      const { station, direction, address, packetsPerS } = given;
      const name = direction === "down" ? "backoff of the access point" : `backoff ${station}`;
      const fresh = (): Contender => ({
        ...{
          number: contenders.size,
          queues: [],
          bits: seeds.split(name).bits,
          current: null,
          slots: -1,
          cw: access.cwMin,
          tries: 0,
          batch: 0,
        },
      });
      const contender = contenders.get(name) ?? fresh();
      contenders.set(name, contender);
      const { exponential } = seeds.split(`arrivals ${direction} ${station}${address === 0 ? "" : `.${address}`}`);
      const gapNs = (): number => exponential(1e9 / packetsPerS);
      const queue: Queue = { given, contender, gapNs, waiting: 0, attempts: 0, collided: 0 };
      contender.queues.push(queue);
      return queue;
    });
    this.#contenders = [...contenders.values()];
    this.#radio = contenders.get("backoff 0");
    this.#dueNs = new Float64Array(this.#contenders.length).fill(Infinity);
    this.#arrivalNs = Float64Array.from(this.#queues, ({ given: { stream, packetsPerS }, gapNs }) =>
      stream === null && packetsPerS < Infinity ? gapNs() : Infinity,
    );
    for (const queue of this.#queues)
      if (isEndless(queue)) {
        queue.waiting = 1;
        queue.contender.current ??= queue;
      }
    for (const contender of this.#contenders) if (contender.current !== null) this.#back(contender);
    this.#findArrival();
  }

  /** When anything happens next. */
  get nextNs(): number {
    return Math.min(this.#times[at.arrival]!, this.#isBusy ? this.#times[at.end]! : this.#startNs());
  }

  /** Whether what happens next is the end of an exchange. */
  get isEnding(): boolean {
    return this.#isBusy && this.#times[at.end]! <= this.#times[at.arrival]!;
  }

  /** Until when the channel is taken: the exchange that is under way or was last, with what follows it. */
  get takenNs(): number {
    return this.#times[at.grid]!;
  }

  /** Frames that were on the air, and of these, those in collisions: of the host's streams, or all. */
  counts(all = false): { attempts: number; collided: number } {
    const own = this.#queues.filter(({ given }) => all || given.stream !== null);
    const sum = (of: "attempts" | "collided"): number => own.reduce((so, queue) => so + queue[of], 0);
    return { attempts: sum("attempts"), collided: sum("collided") };
  }

  /** Frames in each queue. */
  waiting(): number[] {
    return this.#queues.map(({ waiting }) => waiting);
  }

  /** What happens at {@link Channel.nextNs}. */
  step(): void {
    const arrivalNs = this.#times[at.arrival]!;
    if (this.isEnding) this.#finish();
    else if (this.#isBusy || arrivalNs <= this.#startNs()) this.#arrive(arrivalNs);
    else this.#begin(this.#startNs());
  }

  /** A frame comes; false where its queue is full. */
  offer(place: number, nowNs: number): boolean {
    const queue = this.#queues[place]!;
    if (queue.waiting === this.#access.queueFrames) return false;
    queue.waiting++;
    const { contender } = queue;
    if (contender.current === null && this.#isServed(queue)) {
      contender.current = queue;
      this.#arm(contender, nowNs);
    }
    return true;
  }

  /** The radio comes to the channel: it hears DIFS first, unless it was there before the run. */
  join(nowNs: number): void {
    const { slotNs, cwMin } = this.#access;
    this.#isPresent = true;
    const radio = this.#radio;
    for (const contender of this.#contenders) {
      if (contender.current !== null || !contender.queues.some((queue) => queue.waiting > 0 && this.#isServed(queue)))
        continue;
      this.#turn(contender);
      if (contender !== radio) this.#arm(contender, nowNs);
    }
    if (radio === undefined || nowNs === 0) return;
    const heard = Math.max(0, Math.ceil((nowNs + this.#difsNs - this.#times[at.grid]!) / slotNs));
    radio.slots = heard + (radio.bits() & cwMin);
    this.#schedule(radio);
  }

  /** The radio goes: it begins nothing more, and the access point keeps what comes for it. An exchange that is under way is completed. */
  leave(): void {
    this.#isPresent = false;
    if (!this.#isBusy)
      this.#contenders.forEach((contender) => {
        this.#release(contender);
      });
  }

  /** Nothing begins any more. */
  close(): void {
    this.#isClosed = true;
    this.#isStale = true;
  }

  get #isBusy(): boolean {
    return this.#times[at.end]! < Infinity;
  }

  #isServed({ given }: Queue): boolean {
    return this.#isPresent || given.stream === null;
  }

  /** When the first contender sends on the idle channel. */
  #startNs(): number {
    if (!this.#isStale) return this.#times[at.start]!;
    let start = Infinity;
    if (!this.#isClosed) for (const due of this.#dueNs) if (due < start) start = due;
    this.#times[at.start] = start;
    this.#isStale = false;
    return start;
  }

  #begin(startNs: number): void {
    const { slotNs, countsBusy } = this.#access;
    const passed = Math.floor((startNs - this.#times[at.grid]!) / slotNs);
    this.#senders.length = 0;
    for (const contender of this.#contenders)
      if (this.#dueNs[contender.number] === startNs) this.#senders.push(contender);
    let longestNs = 0;
    for (const contender of this.#senders) {
      const queue = contender.current!;
      const most = queue.given.exchanges.length;
      if (contender.tries === 0) contender.batch = isEndless(queue) ? most : Math.min(most, queue.waiting);
      queue.attempts += contender.batch;
      longestNs = Math.max(longestNs, exchangeOf(contender).dataNs);
      if (this.#senders.length > 1) queue.collided += contender.batch;
    }
    const alone = this.#senders.length === 1 ? exchangeOf(this.#senders[0]!) : null;
    const endNs = startNs + (alone === null ? longestNs : alone.successNs - alone.difsNs);
    this.#times[at.end] = endNs;
    this.#times[at.grid] = endNs + (alone === null ? this.#eifsNs : this.#difsNs);
    for (const contender of this.#contenders) {
      contender.slots = contender.slots > passed ? contender.slots - passed - (countsBusy ? 1 : 0) : -1;
      this.#schedule(contender);
    }
  }

  #finish(): void {
    const { attempts, cwMin, cwMax } = this.#access;
    const endNs = this.#times[at.end]!;
    const isAlone = this.#senders.length === 1;
    this.#times[at.end] = Infinity;
    for (const contender of this.#senders) {
      const queue = contender.current!;
      const { batch } = contender;
      const isOver = isAlone || contender.tries + 1 >= attempts;
      if (isOver) {
        contender.tries = 0;
        contender.cw = cwMin;
        if (!isEndless(queue)) queue.waiting -= batch;
        this.#turn(contender);
      } else {
        contender.tries++;
        contender.cw = Math.min(2 * contender.cw + 1, cwMax);
      }
      this.#back(contender);
      const { stream } = queue.given;
      if (isOver && stream !== null) for (let frame = 0; frame < batch; frame++) this.onDone(stream, isAlone, endNs);
    }
    if (!this.#isPresent)
      this.#contenders.forEach((contender) => {
        this.#release(contender);
      });
  }

  /** The radio is away: its own backoff is forgotten, the access point turns to others. */
  #release(contender: Contender): void {
    if (contender.current === null || this.#isServed(contender.current)) return;
    contender.tries = 0;
    contender.cw = this.#access.cwMin;
    this.#turn(contender);
    if (contender === this.#radio) contender.slots = -1;
    this.#schedule(contender);
  }

  /** The next packet of another station, or for it, comes. */
  #arrive(nowNs: number): void {
    const place = this.#arrivalNs.findIndex((ns) => Math.ceil(ns) === nowNs);
    this.#arrivalNs[place]! += this.#queues[place]!.gapNs();
    this.#findArrival();
    this.offer(place, nowNs);
  }

  /** A contender that had no frame has one: it sends at once where the channel has been idle for long enough and no backoff is left. */
  #arm(contender: Contender, nowNs: number): void {
    const readyNs = this.#times[at.grid]! + Math.max(0, contender.slots) * this.#access.slotNs;
    if (nowNs >= readyNs) {
      this.#dueNs[contender.number] = nowNs;
      this.#isStale = true;
    } else if (contender.slots < 0) this.#back(contender);
    else this.#schedule(contender);
  }

  #back(contender: Contender): void {
    contender.slots = contender.bits() & contender.cw;
    this.#schedule(contender);
  }

  #schedule(contender: Contender): void {
    const dueNs = this.#times[at.grid]! + contender.slots * this.#access.slotNs;
    this.#dueNs[contender.number] = contender.current === null ? Infinity : dueNs;
    this.#isStale = true;
  }

  /** The contender's next queue in turn that has a frame to send. */
  #turn(contender: Contender): void {
    const { queues, current } = contender;
    const from = current === null ? -1 : queues.indexOf(current);
    contender.current = null;
    for (let step = 1; step <= queues.length && contender.current === null; step++) {
      const queue = queues[(from + step) % queues.length]!;
      if (queue.waiting > 0 && this.#isServed(queue)) contender.current = queue;
    }
  }

  #findArrival(): void {
    let next = Infinity;
    for (const ns of this.#arrivalNs) next = Math.min(next, Math.ceil(ns));
    this.#times[at.arrival] = next;
  }
}

function isEndless({ given }: Queue): boolean {
  return given.stream === null && given.packetsPerS === Infinity;
}

function exchangeOf({ current, batch }: Contender): Exchange {
  return current!.given.exchanges[batch - 1]!;
}
