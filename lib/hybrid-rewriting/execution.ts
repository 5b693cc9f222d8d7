import type { RecordBatch, Table } from "apache-arrow";
import { OptionError, TraceFormatError } from "../core/errors.ts";

/**
 * What a row of an execution is, as its `event` column numbers it.
 *
 * @example
 * ```ts
 * import { executionEvents } from "veelab/hybrid-rewriting";
 * console.log(executionEvents.lock); // 3
 * ```
 */
export const executionEvents = {
  /** A block of instructions begins. */
  block: 0,
  /** A data read. */
  read: 1,
  /** A data write. */
  write: 2,
  /** A mutex was taken. */
  lock: 3,
  /** A mutex is about to be released. */
  unlock: 4,
  /** A thread is created: the one whose number is in the address, before its first event. */
  create: 5,
  /** A thread is joined: the one whose number is in the address, after its last event. */
  join: 6,
} as const;

/**
 * A piece of an execution, one row an event, in recorded order. The arrays have equal lengths.
 *
 * @example
 * ```ts
 * import { executionEvents, type ExecutionBatch } from "veelab/hybrid-rewriting";
 * const one: ExecutionBatch = {
 *   thread: Uint16Array.of(1), event: Uint8Array.of(executionEvents.write), pc: Float64Array.of(0x401000),
 *   address: Float64Array.of(0x4c0010), size: Uint16Array.of(8),
 * };
 * console.log(one.size[0]);
 * ```
 */
export interface ExecutionBatch {
  /** Who: threads are numbered as they are created, 0 is the program's first. */
  readonly thread: Uint16Array;
  /** What: see {@link executionEvents}. */
  readonly event: Uint8Array;
  /** Link-time address of the block's first instruction, of the accessing instruction, or of the call that locks or unlocks. */
  readonly pc: Float64Array;
  /** Address of the data, or of the mutex; the other thread's number when one is created or joined; 0 for a block. */
  readonly address: Float64Array;
  /** Bytes of the access; of a block its instructions; 0 for all others. */
  readonly size: Uint16Array;
}

/**
 * What threads executed and accessed: an Arrow table or record batches with the columns of {@link ExecutionBatch}, or plain batches; a
 * list, or a stream that is read once.
 *
 * @example
 * ```ts
 * import type { Execution } from "veelab/hybrid-rewriting";
 * const nothing: Execution = [];
 * console.log(nothing);
 * ```
 */
export type Execution = Table | Iterable<RecordBatch | ExecutionBatch> | AsyncIterable<RecordBatch | ExecutionBatch>;

const columns = {
  thread: Uint16Array,
  event: Uint8Array,
  pc: Float64Array,
  address: Float64Array,
  size: Uint16Array,
} as const;
const names = Object.keys(columns) as readonly (keyof typeof columns)[];

/**
 * The batches of an execution as typed arrays, one at a time, without copying.
 *
 * @throws OptionError for what is no execution or arrays of different lengths; TraceFormatError where a column is absent, has another
 *   type or holds nulls, or an event is none
 *
 * @example
 * ```ts
 * import { executionBatches } from "veelab/hybrid-rewriting";
 * for await (const batch of executionBatches([])) console.log(batch.pc.length);
 * ```
 */
export async function* executionBatches(execution: Execution): AsyncGenerator<ExecutionBatch, void, undefined> {
  const given: unknown = execution;
  if (
    typeof given !== "object" ||
    given === null ||
    !("batches" in given || Symbol.iterator in given || Symbol.asyncIterator in given)
  )
    throw new OptionError("execution", `an Arrow table or batches with the columns ${names.join(", ")}`, given);
  if ("batches" in given && typeof given.batches === "function")
    throw new OptionError("execution", "its batches, as execution.batches() gives", "the execution itself");
  // A table iterates over rows: its batches are asked for by name. Not instanceof: there may be two copies of Arrow.
  const batches = "batches" in execution ? execution.batches : execution;
  for await (const batch of batches) {
    const arrays = "schema" in batch ? arraysOf(batch) : batch;
    const lengths = names.map((name) => arrays[name].length);
    if (lengths.some((length) => length !== lengths[0]))
      throw new OptionError("batch", "arrays of equal lengths", lengths);
    const bad = arrays.event.findIndex((event) => event > executionEvents.join);
    if (bad >= 0)
      throw new TraceFormatError(
        { file: "execution", row: bad + 1, field: "event" },
        `expected a number from 0 to ${executionEvents.join}, got ${arrays.event[bad]}`,
      );
    yield arrays;
  }
}

function arraysOf(batch: RecordBatch): ExecutionBatch {
  const arrays = names.map((name) => {
    const vector = batch.getChild(name);
    const place = { file: "execution", field: name };
    const wanted = columns[name].name.replace("Array", "");
    if (vector === null) {
      const found = batch.schema.fields.map((field) => field.name).join(", ");
      throw new TraceFormatError(place, `expected a ${wanted} column, got the columns ${found}`);
    }
    const values: unknown = vector.data[0]?.values ?? new columns[name]();
    if (!(values instanceof columns[name]))
      throw new TraceFormatError(place, `expected a ${wanted} column, got ${vector.type}`);
    if (vector.nullCount > 0) throw new TraceFormatError(place, `expected no nulls, got ${vector.nullCount}`);
    return [name, values.subarray(0, batch.numRows)] as const;
  });
  return Object.fromEntries(arrays) as unknown as ExecutionBatch;
}
