import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, oneOf } from "../core/options.ts";

/** What an operation is, as numbered in {@link Schedule}. */
export const operationKinds = ["calc", "send", "recv"] as const;

/** The tag of messages that a receive of any tag does not take. */
export const collectiveTag: number = 2 ** 31 - 1;

/**
 * Operations of the ranks of a parallel program and what each waits for, in typed arrays; as a GOAL schedule has them. Made by
 * {@link scheduleBuilder}, {@link scheduleOf}, {@link readGoal} and {@link readMpi}.
 *
 * @example
 * ```ts
 * import { scheduleBuilder, type Schedule } from "veelab/hpc-overhead";
 * const empty: Schedule = scheduleBuilder(2).build();
 * console.log(empty.rank.length); // 0
 * ```
 */
export interface Schedule {
  /** How many ranks there are. */
  readonly ranks: number;
  /** The rank of each operation. */
  readonly rank: Uint32Array;
  /** 0: calc, 1: send, 2: recv. */
  readonly kind: Uint8Array;
  /** ns of a calc; bytes of a message. */
  readonly amount: Float64Array;
  /** Whom a send goes to, whom a recv comes from; -1: from any. */
  readonly peer: Int32Array;
  /** The message's tag; -1: each one but 2^31 − 1, which the messages of collectives have in {@link readMpi}'s schedules. */
  readonly tag: Int32Array;
  /** How many conditions each operation waits for. */
  readonly waits: Uint32Array;
  /** Where the operations that wait for each one's end begin in `dependents`; one more for their end. */
  readonly dependentsFrom: Uint32Array;
  /** Who waits: twice the operation's number, and one more where it waits for the beginning. */
  readonly dependents: Uint32Array;
}

/**
 * Puts a schedule together. Made by {@link scheduleBuilder}.
 *
 * @example
 * ```ts
 * import { scheduleBuilder, type ScheduleBuilder } from "veelab/hpc-overhead";
 * const builder: ScheduleBuilder = scheduleBuilder(1);
 * console.log(builder.calc(0, 100)); // 0
 * ```
 */
export interface ScheduleBuilder {
  /** A computation of a rank; gives the operation's number. */
  calc(rank: number, workNs: number): number;
  /** A message to a rank; tag 0 unless given. */
  send(rank: number, bytes: number, to: number, tag?: number): number;
  /** A message from a rank, -1 for any; tag 0 unless given, -1 for any but 2^31 − 1. */
  recv(rank: number, bytes: number, from: number, tag?: number): number;
  /** The first operation waits for the second one's end, or for its beginning. Both are of one rank. */
  requires(operation: number, other: number, until?: "end" | "beginning"): void;
  /** The schedule. Linear. */
  build(): Schedule;
}

/**
 * A schedule to be put together operation by operation. Of operations that can go on at one time, that with the lower number does.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { logGopSim, nativeNode, replay, scheduleBuilder } from "veelab/hpc-overhead";
 * const builder = scheduleBuilder(2);
 * builder.send(0, 8, 1);
 * builder.recv(1, 8, 0);
 * const { row } = replay(builder.build(), { network: logGopSim, node: nativeNode });
 * console.log(row.timeNs); // 5542: 2500 + 2 · 1500 + 7 · 6
 * ```
 */
export function scheduleBuilder(ranks: number): ScheduleBuilder {
  integer("ranks", ranks, { min: 1, max: 2 ** 24 });
  const list = {
    rank: new Column(Uint32Array),
    kind: new Column(Uint8Array),
    amount: new Column(Float64Array),
    peer: new Column(Int32Array),
    tag: new Column(Int32Array),
    waiting: new Column(Uint32Array),
    awaited: new Column(Uint32Array),
  };
  const add = (kind: number, rank: number, amount: number, peer: number, tag: number): number => {
    integer("rank", rank, { min: 0, max: ranks - 1 });
    nonNegative(kind === 0 ? "workNs" : "bytes", amount);
    if (kind !== 0) {
      integer("peer", peer, { min: kind === 2 ? -1 : 0, max: ranks - 1 });
      integer("tag", tag, { min: kind === 2 ? -1 : 0, max: collectiveTag });
    }
    if (list.rank.size >= 2 ** 30) throw new OptionError("schedule", "at most 2^30 operations", "more");
    list.kind.push(kind);
    list.amount.push(amount);
    list.peer.push(peer);
    list.tag.push(tag);
    return list.rank.push(rank);
  };
  return {
    calc: (rank, workNs) => add(0, rank, workNs, -1, -1),
    send: (rank, bytes, to, tag = 0) => add(1, rank, bytes, to, tag),
    recv: (rank, bytes, from, tag = 0) => add(2, rank, bytes, from, tag),
    requires(operation, other, until = "end") {
      const max = list.rank.size - 1;
      integer("operation", operation, { min: 0, max });
      integer("other", other, { min: 0, max });
      oneOf("until", until, ["end", "beginning"]);
      if (list.rank.at(operation) !== list.rank.at(other))
        throw new OptionError("other", `an operation of rank ${list.rank.at(operation)}`, list.rank.at(other));
      list.waiting.push(2 * operation + (until === "end" ? 0 : 1));
      list.awaited.push(other);
    },
    build() {
      const waits = new Uint32Array(list.rank.size);
      const dependentsFrom = new Uint32Array(list.rank.size + 1);
      const [waiting, awaited] = [list.waiting.values(), list.awaited.values()];
      for (const other of awaited) dependentsFrom[other + 1]! += 1;
      for (let at = 0; at < waits.length; at++) dependentsFrom[at + 1]! += dependentsFrom[at]!;
      const place = dependentsFrom.slice();
      const dependents = new Uint32Array(waiting.length);
      for (let at = 0; at < waiting.length; at++) {
        dependents[place[awaited[at]!]!++] = waiting[at]!;
        waits[waiting[at]! >>> 1]! += 1;
      }
      return {
        ...{ ranks, waits, dependentsFrom, dependents },
        ...{ rank: list.rank.values(), kind: list.kind.values(), amount: list.amount.values() },
        ...{ peer: list.peer.values(), tag: list.tag.values() },
      };
    },
  };
}

type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** A typed array that grows. */
class Column<A extends Numbers> {
  size = 0;
  #values: A;
  readonly #make: new (length: number) => A;

  constructor(make: new (length: number) => A) {
    this.#make = make;
    this.#values = new make(1024);
  }

  push(value: number): number {
    if (this.size === this.#values.length) {
      const longer = new this.#make(2 * this.size);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.size] = value;
    return this.size++;
  }

  at(place: number): number {
    return this.#values[place]!;
  }

  values(): A {
    return this.#values.slice(0, this.size) as A;
  }
}
