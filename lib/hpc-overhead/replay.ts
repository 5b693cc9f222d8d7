import { SimulationError } from "../core/errors.ts";
import { oneOf, onlyOptions } from "../core/options.ts";
import type { BulkOptions, RunResult } from "./bulk.ts";
import { EventHeap } from "./event-heap.ts";
import { type MessageCosts, messageCosts } from "./message-costs.ts";
import { checkNetwork } from "./network.ts";
import { checkNode } from "./node.ts";
import { nodeTable, summarise } from "./run.ts";
import { collectiveTag, operationKinds, type Schedule } from "./schedule.ts";

/**
 * Options of {@link replay}.
 *
 * @example
 * ```ts
 * import { logGopSim, nativeNode, type ReplayOptions } from "veelab/hpc-overhead";
 * const asLogGopSim: ReplayOptions = { network: logGopSim, node: nativeNode, overheadAt: "arrival" };
 * console.log(asLogGopSim.overheadAt);
 * ```
 */
export interface ReplayOptions extends BulkOptions {
  /**
   * When a message takes its receiver's processor: `"receive"` (unless given), once it is there and its receive is waiting, as
   * where the interface keeps messages; or `"arrival"`, as soon as it is there and the processor free, as in LogGOPSim.
   */
  readonly overheadAt?: "receive" | "arrival";
  /** The schedule's name in the result; "schedule" unless given. */
  readonly label?: string;
}

/**
 * The result of {@link replay}.
 *
 * @example
 * ```ts
 * import type { ReplayResult } from "veelab/hpc-overhead";
 * const perEventNs = ({ row, events }: ReplayResult): number => row.timeNs / events;
 * console.log(perEventNs);
 * ```
 */
export interface ReplayResult extends RunResult {
  /** How many events the engine handled. */
  readonly events: number;
  /** When each operation ended, ns, by its number in the schedule. */
  readonly endNs: Float64Array;
}

/** An event is four times an operation's number and one of these. */
const READY = 0;
const ARRIVED = 1;
const RECEIVE = 2;

const SEND = operationKinds.indexOf("send");
const RECV = operationKinds.indexOf("recv");
const NONE = -1;

/** What is kept of a rank, side by side, since most events touch it all: ns. */
const RANK = 8;
/** Until when its processor, and its interface's sending and receiving side, are taken. */
const PROCESSOR = 0;
const SENDER = 1;
const RECEIVER = 2;
/** How long its processor has worked, and was taken away. */
const BUSY = 3;
const STOLEN = 4;

/**
 * Replays a schedule event by event over a LogGOPS network. One processor and one interface a rank; messages between two ranks with
 * one tag are received in the order of their arrival. A message above S bytes lets its sender go on when its receive is found, as in
 * LogGOPSim. A computation, and the processor's part of a message, are stretched by noise that begins while they last; the
 * message leaves after the stretched part (in LogGOPSim: after o). O(log n) an event for n ranks; matching is linear in the
 * messages and receives that wait at a rank.
 *
 * @throws OptionError for an option out of range; SimulationError when ranks wait for what never comes
 *
 * @example
 * ```ts
 * import { allreduce, bulk, computation, nativeNode, replay, scheduleOf, seaStar } from "veelab/hpc-overhead";
 * const program = { label: "BSP", nodes: 64, iterations: 3, steps: [computation(1e5), ...allreduce(64, 8)] };
 * const [events, arrays] = [
 *   replay(scheduleOf(program), { network: seaStar, node: nativeNode }),
 *   bulk(program, { network: seaStar, node: nativeNode }),
 * ];
 * console.log(events.row.timeNs === arrays.row.timeNs); // true
 * ```
 */
export function replay(schedule: Schedule, options: ReplayOptions): ReplayResult {
  onlyOptions(options, ["network", "node", "overheadAt", "label"]);
  checkNetwork(options.network);
  checkNode("node", options.node);
  oneOf("overheadAt", options.overheadAt ?? "receive", ["receive", "arrival"]);
  const run = new Replay(schedule, options);
  const events = run.all();
  const { endNs } = run;
  const [processor, busy, stolen] = [run.ofRanks(PROCESSOR), run.ofRanks(BUSY), run.ofRanks(STOLEN)];
  return {
    row: summarise(options.label ?? "schedule", options.node.label, options.network.label, processor, busy, stolen),
    nodes: nodeTable(processor, busy, stolen),
    events,
    endNs,
  };
}

class Replay {
  readonly #ranks: Float64Array;
  /** When an operation ended; before: when it can begin, as far as known; of a send that waits for its receive: when it can end. */
  readonly endNs: Float64Array;
  readonly #schedule: Schedule;
  readonly #rank: Uint32Array;
  readonly #amount: Float64Array;
  readonly #options: ReplayOptions;
  readonly #onArrival: boolean;
  readonly #computeFactor: number;
  readonly #noise;
  readonly #heap = new EventHeap();
  readonly #waits: Uint32Array;
  /** By rank: the first and the last of the messages that wait for a receive, and of the receives that wait for a message. */
  readonly #messages: Queues;
  readonly #receives: Queues;
  /** By message of a send: when it had taken its receiver's processor (overheadAt "arrival"). By receive: its message. */
  readonly #handledNs: Float64Array;
  readonly #messageOf: Int32Array;
  /** Whether any operation waits for another one's beginning. */
  readonly #beginnings: boolean;
  #costs: MessageCosts;
  #costsBytes = 0;
  #done = 0;

  constructor(schedule: Schedule, options: ReplayOptions) {
    const { ranks, waits, dependents } = schedule;
    const operations = waits.length;
    this.#schedule = schedule;
    this.#rank = schedule.rank;
    this.#amount = schedule.amount;
    this.#options = options;
    this.#onArrival = options.overheadAt === "arrival";
    this.#computeFactor = options.node.computeFactor;
    this.#noise = options.node.noise.onNodes(ranks);
    this.#ranks = new Float64Array(RANK * ranks);
    this.endNs = new Float64Array(operations);
    this.#waits = waits.slice();
    const next = new Int32Array(operations);
    this.#messages = new Queues(ranks, next);
    this.#receives = new Queues(ranks, next);
    this.#handledNs = new Float64Array(this.#onArrival ? operations : 0);
    this.#messageOf = new Int32Array(operations);
    this.#beginnings = dependents.some((dependent) => (dependent & 1) === 1);
    this.#costs = messageCosts(options.network, options.node, 0);
  }

  /** Runs until nothing is left to do; gives the number of events. */
  all(): number {
    const heap = this.#heap;
    const { waits, kind } = this.#schedule;
    for (let operation = 0; operation < waits.length; operation++)
      if (waits[operation] === 0) heap.put(0, 4 * operation + READY);
    let events = 0;
    for (let event = heap.next(); event >= 0; event = heap.next()) {
      events++;
      const operation = event >>> 2;
      const what = event & 3;
      if (what === ARRIVED) this.#arrived(operation, heap.now);
      else if (what === RECEIVE) this.#receive(operation, heap.now);
      else if (kind[operation] === SEND) this.#send(operation, heap.now);
      else if (kind[operation] === RECV) this.#post(operation, heap.now);
      else this.#compute(operation, heap.now);
    }
    this.#checkDone();
    return events;
  }

  /** One of what is kept of the ranks, for all of them. */
  ofRanks(what: number): Float64Array {
    return Float64Array.from({ length: this.#schedule.ranks }, (_, rank) => this.#ranks[RANK * rank + what]!);
  }

  #compute(operation: number, now: number): void {
    const rank = this.#rank[operation]!;
    const free = this.#ranks[RANK * rank + PROCESSOR]!;
    if (free > now) {
      this.#heap.put(free, 4 * operation + READY);
      return;
    }
    const workNs = this.#amount[operation]! * this.#computeFactor;
    const end = this.#noise.compute(rank, now, workNs);
    this.#ranks[RANK * rank + PROCESSOR] = end;
    this.#ranks[RANK * rank + BUSY]! += workNs;
    this.#ranks[RANK * rank + STOLEN]! += end - now - workNs;
    this.#began(operation, now);
    this.#ended(operation, end);
  }

  #send(operation: number, now: number): void {
    const rank = this.#rank[operation]!;
    const free = Math.max(this.#ranks[RANK * rank + PROCESSOR]!, this.#ranks[RANK * rank + SENDER]!);
    if (free > now) {
      this.#heap.put(free, 4 * operation + READY);
      return;
    }
    const { sendNs, sendBytesNs, wireNs, gapNs } = this.#costsOf(operation);
    const departure = this.#noise.overhead(rank, now, sendNs);
    const end = departure + sendBytesNs;
    this.#ranks[RANK * rank + PROCESSOR] = end;
    this.#ranks[RANK * rank + SENDER] = now + gapNs;
    this.#ranks[RANK * rank + BUSY]! += sendNs + sendBytesNs;
    this.#ranks[RANK * rank + STOLEN]! += departure - now - sendNs;
    this.#heap.put(departure + wireNs, 4 * operation + ARRIVED);
    this.#began(operation, now);
    if (this.#isEager(operation)) this.#ended(operation, end);
    else this.endNs[operation] = end;
  }

  /** The message of a send is at its receiver. */
  #arrived(send: number, now: number): void {
    const receiver = this.#schedule.peer[send]!;
    if (this.#onArrival) {
      const free = Math.max(this.#ranks[RANK * receiver + PROCESSOR]!, this.#ranks[RANK * receiver + RECEIVER]!);
      if (free > now) {
        this.#heap.put(free, 4 * send + ARRIVED);
        return;
      }
      this.#handledNs[send] = this.#handle(receiver, send, now);
    }
    const receive = this.#receives.takeFor(receiver, send, this.#schedule, false);
    if (receive === NONE) this.#messages.put(receiver, send);
    else this.#matched(receive, send, now);
  }

  /** A receive begins to wait. */
  #post(receive: number, now: number): void {
    const rank = this.#rank[receive]!;
    this.#began(receive, now);
    const send = this.#messages.takeFor(rank, receive, this.#schedule, true);
    if (send === NONE) this.#receives.put(rank, receive);
    else this.#matched(receive, send, now);
  }

  #matched(receive: number, send: number, now: number): void {
    if (this.#onArrival) {
      this.#release(send, now);
      this.#ended(receive, Math.max(now, this.#handledNs[send]!));
      return;
    }
    this.#messageOf[receive] = send;
    this.#receive(receive, now);
  }

  /** A receive and its message are there. */
  #receive(receive: number, now: number): void {
    const rank = this.#rank[receive]!;
    const free = Math.max(this.#ranks[RANK * rank + PROCESSOR]!, this.#ranks[RANK * rank + RECEIVER]!);
    if (free > now) {
      this.#heap.put(free, 4 * receive + RECEIVE);
      return;
    }
    const send = this.#messageOf[receive]!;
    this.#release(send, now);
    this.#ended(receive, this.#handle(rank, send, now));
  }

  /** A message takes its receiver's processor and interface; gives when it is done. */
  #handle(rank: number, send: number, now: number): number {
    const { receiveNs, receiveBytesNs, gapNs } = this.#costsOf(send);
    const received = this.#noise.overhead(rank, now, receiveNs);
    const end = received + receiveBytesNs;
    this.#ranks[RANK * rank + PROCESSOR] = end;
    this.#ranks[RANK * rank + RECEIVER] = now + gapNs;
    this.#ranks[RANK * rank + BUSY]! += receiveNs + receiveBytesNs;
    this.#ranks[RANK * rank + STOLEN]! += received - now - receiveNs;
    return end;
  }

  /** A sender that waited for its message's receive goes on. */
  #release(send: number, now: number): void {
    if (!this.#isEager(send)) this.#ended(send, Math.max(now, this.endNs[send]!));
  }

  #isEager(send: number): boolean {
    return this.#amount[send]! <= this.#options.network.eagerBytes;
  }

  #costsOf(operation: number): MessageCosts {
    const bytes = this.#amount[operation]!;
    if (bytes !== this.#costsBytes) {
      this.#costs = messageCosts(this.#options.network, this.#options.node, bytes);
      this.#costsBytes = bytes;
    }
    return this.#costs;
  }

  #began(operation: number, now: number): void {
    if (this.#beginnings) this.#satisfy(operation, now, 1);
  }

  #ended(operation: number, end: number): void {
    this.endNs[operation] = end;
    this.#done++;
    this.#satisfy(operation, end, 0);
  }

  /** Lets those go on that wait for the operation's end (0) or beginning (1). */
  #satisfy(operation: number, time: number, what: 0 | 1): void {
    const { dependentsFrom, dependents } = this.#schedule;
    for (let at = dependentsFrom[operation]!; at < dependentsFrom[operation + 1]!; at++) {
      const dependent = dependents[at]! >>> 1;
      if ((dependents[at]! & 1) !== what) continue;
      if (time > this.endNs[dependent]!) this.endNs[dependent] = time;
      const left = this.#waits[dependent]! - 1;
      this.#waits[dependent] = left;
      if (left === 0) this.#heap.put(this.endNs[dependent]!, 4 * dependent + READY);
    }
  }

  #checkDone(): void {
    const { rank, kind, peer, tag, waits } = this.#schedule;
    const waiting = this.#receives.any();
    if (waiting !== NONE)
      throw new SimulationError(
        "hpc-overhead",
        `rank ${rank[waiting]} waits for a message from rank ${peer[waiting]} with tag ${tag[waiting]} that never comes`,
      );
    const unread = this.#messages.any();
    if (unread !== NONE)
      throw new SimulationError(
        "hpc-overhead",
        `a message from rank ${rank[unread]} to rank ${peer[unread]} with tag ${tag[unread]} is never received`,
      );
    if (this.#done === waits.length) return;
    const stuck = this.#waits.findIndex((count) => count > 0);
    throw new SimulationError(
      "hpc-overhead",
      `operation ${stuck} (${operationKinds[kind[stuck]!]}) of rank ${rank[stuck]} waits for one that waits for it`,
    );
  }
}

/** Waiting operations by rank, each rank's in the order in which they came. */
class Queues {
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;

  /** `next`: by operation the one behind it; queues that hold different operations can share it. */
  constructor(ranks: number, next: Int32Array) {
    this.#first = new Int32Array(ranks).fill(NONE);
    this.#last = new Int32Array(ranks).fill(NONE);
    this.#next = next;
  }

  put(rank: number, operation: number): void {
    const last = this.#last[rank]!;
    this.#next[operation] = NONE;
    if (last === NONE) this.#first[rank] = operation;
    else this.#next[last] = operation;
    this.#last[rank] = operation;
  }

  /** Takes out the first operation that goes with the given one, a message with a receive; NONE where there is none. */
  takeFor(rank: number, given: number, { rank: rankOf, peer, tag }: Schedule, givenReceives: boolean): number {
    let before = NONE;
    for (let at = this.#first[rank]!; at !== NONE; at = this.#next[at]!) {
      const receive = givenReceives ? given : at;
      const send = givenReceives ? at : given;
      const from = peer[receive]!;
      const [wanted, has] = [tag[receive]!, tag[send]!];
      if ((from === NONE || from === rankOf[send]!) && (wanted === has || (wanted === NONE && has !== collectiveTag))) {
        const next = this.#next[at]!;
        if (before === NONE) this.#first[rank] = next;
        else this.#next[before] = next;
        if (next === NONE) this.#last[rank] = before;
        return at;
      }
      before = at;
    }
    return NONE;
  }

  /** An operation that waits; NONE where none does. */
  any(): number {
    return this.#first.find((operation) => operation !== NONE) ?? NONE;
  }
}
