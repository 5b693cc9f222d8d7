import { onlyOptions } from "../core/options.ts";
import { BlockDecoder } from "./decode.ts";
import { type Execution, type ExecutionBatch, executionBatches, executionEvents as events } from "./execution.ts";
import { startsOf } from "./function-names.ts";
import type { ProgramImage } from "./image.ts";

/** What stands before pthread_mutex_lock in a recorded program; what calls that itself leaves no event (datasets/capture/executions/locks.c). */
const recordedLock = "__wrap_pthread_mutex_lock";

/** Where a thread is, if it is not in a function that unlocks, which is told by the address that it returns to. */
const elsewhere = -1;
const locking = -2;

/**
 * A recorded execution without what the functions that lock and unlock execute: the simulator has a price for taking a lock and one for its release, and a
 * transaction does neither. Left out is what a thread runs from the first block of the function that locks until it has the mutex, and from a call that unlocks
 * to what follows it; where unlocking is jumped to, as the last thing that a function does, all is kept. Linear; memory for a batch.
 *
 * @param options - `locks`: names of the functions that lock and whose locks the recording shows; the one of `captureExecution` when not given
 * @throws OptionError where the program has none of these functions; TraceFormatError and OptionError as `executionBatches`
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { bytesOf, costs2011, readImage, simulate, withoutLockCode } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * const run = withoutLockCode(image, await open("executions/transfers"));
 * const { row } = await simulate(run, { mode: "native", costs: costs2011 });
 * console.log(row.sections, row.lockCycles); // 2402 168140
 * ```
 */
export async function* withoutLockCode(
  image: ProgramImage,
  execution: Execution,
  options: {
    /** Names of the functions that lock, and whose locks the recording shows. */
    readonly locks?: readonly string[];
  } = {},
): AsyncGenerator<ExecutionBatch, void, undefined> {
  onlyOptions(options, ["locks"]);
  const locks = startsOf(image, "locks", options.locks ?? [recordedLock]);
  const decoder = new BlockDecoder(image);
  const places = new Float64Array(65_536).fill(elsewhere);
  const returns = new Map<number, number>();
  /** Where the call at an address returns to; `elsewhere` for what is no call. */
  const returnOf = (pc: number): number => {
    const known = returns.get(pc);
    if (known !== undefined) return known;
    const { end, exits } = decoder.blockAt(pc);
    const place = exits[0]?.kind === "call" ? end : elsewhere;
    returns.set(pc, place);
    return place;
  };
  for await (const batch of executionBatches(execution)) {
    const rows = new Uint32Array(batch.event.length);
    let count = 0;
    for (let row = 0; row < rows.length; row++) {
      const who = batch.thread[row]!;
      const pc = batch.pc[row]!;
      const what = batch.event[row]!;
      if (what === events.block) {
        if (places[who] === pc) places[who] = elsewhere;
        else if (places[who] === elsewhere && locks.has(pc)) places[who] = locking;
      } else if (what === events.lock) places[who] = elsewhere;
      if (places[who] === elsewhere) rows[count++] = row;
      if (what === events.unlock) places[who] = returnOf(pc);
    }
    const kept = <T extends Float64Array | Uint16Array | Uint8Array>(values: T): T => {
      const chosen = values.slice(0, count) as T;
      for (let at = 0; at < count; at++) chosen[at] = values[rows[at]!]!;
      return chosen;
    };
    yield {
      ...{ thread: kept(batch.thread), event: kept(batch.event), pc: kept(batch.pc) },
      ...{ address: kept(batch.address), size: kept(batch.size) },
    };
  }
}
