import { OptionError } from "../core/errors.ts";
import { type Execution, executionBatches, executionEvents } from "./execution.ts";
import type { Pic } from "./pic-file.ts";
import { counterBytes } from "./stubs.ts";

/**
 * How often an instruction accessed memory inside of critical sections, and where.
 *
 * @example
 * ```ts
 * import type { AccessCount } from "veelab/hybrid-rewriting";
 * export const total = (counts: readonly AccessCount[]) => counts.reduce((sum, { count }) => sum + count, 0);
 * ```
 */
export interface AccessCount {
  /** Link-time address of the instruction. */
  readonly pc: number;
  /** Whether these are its writes. */
  readonly write: boolean;
  /** How many. */
  readonly count: number;
  /** The sum of their addresses, modulo 2^64. */
  readonly addressSum: bigint;
}

/**
 * What a passive run counted.
 *
 * @example
 * ```ts
 * import type { PassiveCounts } from "veelab/hybrid-rewriting";
 * export const complete = ({ misses }: PassiveCounts) => misses === 0;
 * ```
 */
export interface PassiveCounts {
  /** By instruction, reads before writes. */
  readonly accesses: readonly AccessCount[];
  /** Sections that were left where their mutex is let go. */
  readonly sections: number;
  /** How often the cache was left for a block that is not there; what the rest of the section accessed is then not counted. */
  readonly misses: number;
}

const keyOf = (pc: number, write: boolean): number => 2 * pc + (write ? 1 : 0);

/** Counts by instruction and direction, in order. */
class Sums {
  readonly #sums = new Map<number, { count: number; addressSum: bigint }>();

  add(pc: number, write: boolean, count: number, addressSum: bigint): void {
    const key = keyOf(pc, write);
    const old = this.#sums.get(key) ?? { count: 0, addressSum: 0n };
    old.count += count;
    old.addressSum = BigInt.asUintN(64, old.addressSum + addressSum);
    this.#sums.set(key, old);
  }

  rows(): AccessCount[] {
    return [...this.#sums]
      .filter(([, { count }]) => count > 0)
      .sort(([a], [b]) => a - b)
      .map(([key, sum]) => ({ pc: Math.floor(key / 2), write: key % 2 === 1, ...sum }));
  }
}

/**
 * Reads the file of the counts of a program that {@link patchProgram} made with a cache, after its run. Linear in the cache's links.
 *
 * @throws OptionError for a file that is shorter than the cache's links ask for
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { type Pic, readCounts } from "veelab/hybrid-rewriting";
 * export const counted = async (pic: Pic, path: string) => readCounts(pic, await readFile(path)).sections;
 * ```
 */
export function readCounts(pic: Pic, bytes: Uint8Array): PassiveCounts {
  if (!(bytes instanceof Uint8Array) || bytes.length < counterBytes * pic.links)
    throw new OptionError("bytes", `a file of at least ${counterBytes * pic.links} bytes`, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const countAt = (link: number): number => Number(view.getBigUint64(counterBytes * link, true));
  const sums = new Sums();
  let [sections, misses] = [0, 0];
  for (const { exits, accesses } of pic.blocks.values()) {
    for (const { pc, write, link } of accesses)
      if (link !== undefined) sums.add(pc, write, countAt(link), view.getBigUint64(counterBytes * link + 8, true));
    for (const { kind, link } of exits)
      if (link !== undefined) {
        if (kind === "leave") sections += countAt(link);
        else misses += countAt(link);
      }
  }
  return { accesses: sums.rows(), sections, misses };
}

/**
 * The same counts of an execution: what the threads access between a lock by one of these calls and its unlock, by instructions of which the cache says
 * that they are shared. Linear in the execution.
 *
 * @param calls - addresses of the calls that lock, such as those of the sections that {@link patchProgram} patched
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { countExecution, type Pic } from "veelab/hybrid-rewriting";
 * export const recorded = async (pic: Pic, calls: readonly number[]) =>
 *   (await countExecution(pic, await open("executions/transfers"), calls)).sections;
 * ```
 */
export async function countExecution(pic: Pic, execution: Execution, calls: readonly number[]): Promise<PassiveCounts> {
  const wanted = new Set(calls);
  const barriers = new Set<number>();
  for (const { accesses } of pic.blocks.values())
    for (const { pc, write, link } of accesses) if (link !== undefined) barriers.add(keyOf(pc, write));
  const sums = new Sums();
  const inside = new Set<number>();
  let [sections, misses] = [0, 0];
  for await (const { thread, event, pc, address } of executionBatches(execution))
    for (let row = 0; row < event.length; row += 1) {
      const [who, what] = [thread[row]!, event[row]!];
      if (what === executionEvents.lock && wanted.has(pc[row]!)) inside.add(who);
      else if (what === executionEvents.unlock) {
        if (inside.delete(who)) sections += 1;
      } else if (!inside.has(who)) continue;
      else if (what === executionEvents.block) misses += pic.blocks.has(pc[row]!) ? 0 : 1;
      else if (barriers.has(keyOf(pc[row]!, what === executionEvents.write)))
        sums.add(pc[row]!, what === executionEvents.write, 1, BigInt(address[row]!));
    }
  return { accesses: sums.rows(), sections, misses };
}
