import { threadEvents } from "../../datasets/index.ts";
import { dataOf, numbersOf, wordsOf } from "../traces/columns.ts";
import { batchesOf, type Trace } from "../traces/source.ts";
import { type ExecutionBatch, executionEvents as events } from "./execution.ts";
import { grown } from "./grow.ts";

/** Of each event of a trace with threads the one of an execution. A read-write lock that is taken to read is taken like any other. */
const eventOf: Readonly<Record<string, number>> = {
  fetch: events.block,
  read: events.read,
  write: events.write,
  lock: events.lock,
  "lock-shared": events.lock,
  unlock: events.unlock,
  create: events.create,
  join: events.join,
};
const mostInstructions = 65_535;

/**
 * A trace of `veelab capture threads` as an execution. Such a trace has every event of critical sections and of the rest the first accesses of
 * each word; instructions outside are counted, and become blocks of the address 0; accesses without an address are left out. Since it does not say from where a lock is
 * called, the lock's address stands in place of the call's: a critical section is told by its lock. Read-write locks are exclusive. Linear.
 *
 * @param trace - a shipped trace's name, a file, an Arrow table or record batches
 * @throws OptionError for a trace without these columns
 *
 * @example
 * ```ts
 * import { costsToday, simulate, threadsExecution } from "veelab/hybrid-rewriting";
 * const { row } = await simulate(threadsExecution("memory/threads-pigz"), { mode: "native", costs: costsToday });
 * console.log(row.sections); // 96
 * ```
 */
export async function* threadsExecution(trace: Trace): AsyncGenerator<ExecutionBatch, void, undefined> {
  for await (const batch of batchesOf(trace)) {
    const { codes, texts } = wordsOf(batch, "kind", threadEvents);
    const kinds = texts.map((text) => eventOf[text] ?? -1);
    const column = (name: string): ReturnType<typeof numbersOf> => numbersOf(batch, name);
    const [threads, pcs, addresses] = [column("thread"), column("pc"), column("address")];
    const [sizes, counts, others] = [column("sizeBytes"), column("count"), column("other")];
    let thread = new Uint16Array(batch.numRows);
    let event = new Uint8Array(batch.numRows);
    let pc = new Float64Array(batch.numRows);
    let address = new Float64Array(batch.numRows);
    let size = new Uint16Array(batch.numRows);
    let rows = 0;
    for (let row = 0; row < batch.numRows; row++) {
      const kind = kinds[codes[row]!]!;
      const isAccess = kind === events.read || kind === events.write;
      if (kind < 0 || (isAccess && Number.isNaN(addresses[row]!))) continue;
      const isBlock = kind === events.block;
      const isLock = kind === events.lock || kind === events.unlock;
      // A block has at most 65,535 instructions: a count of more becomes several.
      let left = isBlock ? counts[row]! : 0;
      do {
        thread = grown(thread, rows + 1);
        event = grown(event, rows + 1);
        pc = grown(pc, rows + 1);
        address = grown(address, rows + 1);
        size = grown(size, rows + 1);
        thread[rows] = threads[row]!;
        event[rows] = kind;
        pc[rows] = isLock ? addresses[row]! : Number.isNaN(pcs[row]!) ? 0 : pcs[row]!;
        address[rows] = isBlock ? 0 : isLock || isAccess ? addresses[row]! : others[row]!;
        size[rows++] = isBlock
          ? Math.min(left, mostInstructions)
          : isAccess
            ? Math.min(sizes[row]!, mostInstructions)
            : 0;
        left -= mostInstructions;
      } while (left > 0);
    }
    yield {
      thread: thread.subarray(0, rows),
      event: event.subarray(0, rows),
      pc: pc.subarray(0, rows),
      address: address.subarray(0, rows),
      size: size.subarray(0, rows),
    };
  }
}

/**
 * The instructions of a trace with threads whose operands are relative to the stack pointer. Linear.
 *
 * @throws OptionError for a trace without these columns
 *
 * @example
 * ```ts
 * import { stackInstructions } from "veelab/hybrid-rewriting";
 * console.log((await stackInstructions("memory/threads-pigz")).size > 0); // true
 * ```
 */
export async function stackInstructions(trace: Trace): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for await (const batch of batchesOf(trace)) {
    const pcs = numbersOf(batch, "pc");
    const { values } = dataOf(batch, "stack") as { values: Uint8Array };
    const { offset } = dataOf(batch, "stack");
    for (let row = 0; row < batch.numRows; row++) {
      const bit = offset + row;
      if (((values[bit >> 3]! >> (bit & 7)) & 1) === 1) found.add(pcs[row]!);
    }
  }
  found.delete(NaN);
  return found;
}
