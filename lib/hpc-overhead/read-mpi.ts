import { OptionError, SimulationError, TraceFormatError } from "../core/errors.ts";
import { integer, onlyOptions, positive } from "../core/options.ts";
import { allreduce, barrier, broadcast, reduce } from "./collectives.ts";
import type { Round } from "./program.ts";
import { batchesOf, type MpiTrace, valuesOf } from "./read-goal.ts";
import { collectiveTag, type Schedule, scheduleBuilder } from "./schedule.ts";

/**
 * How {@link readMpi} reads a trace.
 *
 * @example
 * ```ts
 * import type { MpiOptions } from "veelab/hpc-overhead";
 * const options: MpiOptions = { ranks: 32, flopsPerS: 1e9 };
 * console.log(options.ranks);
 * ```
 */
export interface MpiOptions {
  /** How many ranks there are. */
  readonly ranks: number;
  /** Speed of a native node, for SimGrid's `compute`, which counts operations. */
  readonly flopsPerS?: number;
}

/**
 * Bytes of an element, by MPI's name, and by SMPI's number of it (src/smpi/mpi/smpi_datatype.cpp of SimGrid, on a 64-bit Linux):
 * the C types up to the complex ones. SMPI itself writes the first seven and counts the others in bytes.
 */
const elementBytes: Readonly<Record<string, number>> = {
  ...Object.fromEntries([8, 4, 1, 2, 8, 4, 1, 8, 1, 1, 2, 4, 8, 8, 16, 4, 1, 1, 2, 4, 8, 1, 2, 4, 8, 8, 16].entries()),
  ...{ MPI_CHAR: 1, MPI_BYTE: 1, MPI_SHORT: 2, MPI_INT: 4, MPI_INTEGER: 4, MPI_FLOAT: 4, MPI_REAL: 4 },
  ...{ MPI_LONG: 8, MPI_DOUBLE: 8, MPI_DOUBLE_PRECISION: 8, MPI_LONG_LONG: 8, MPI_UNSIGNED: 4 },
};

/** Calls that take no time here. */
const nothing = new Set(
  "init init_thread initialized finalize finalized comm_size comm_rank comm_split comm_dup comm_free location wtime get_processor_name errhandler_set".split(
    " ",
  ),
);

/**
 * The schedule of a trace of MPI calls: SimGrid's time-independent traces, and DUMPI's, where a computation is the time between two
 * calls. Point-to-point messages, and collectives of all ranks as {@link allreduce}, {@link barrier}, {@link broadcast} and
 * {@link reduce} do them. A wait waits for all of its rank's sends and receives that are under way. An element without a datatype is a
 * byte, or a double after an `init` with an argument, as in SMPI's replay. Linear, the schedule in memory.
 *
 * @throws TraceFormatError for a row without a rank, an element whose size is not known, or a call that is none of these; OptionError for an
 *   option or a tag out of range (2^31 − 1 is the collectives'); SimulationError when a message has no number of bytes
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open } from "veelab/datasets";
 * import { nativeNode, readMpi, replay, seaStar } from "veelab/hpc-overhead";
 * const file = join(await mkdtemp(join(tmpdir(), "mpi-")), "trace.txt");
 * await writeFile(file, "0 compute 1000\n0 send 1 0 1\n1 recv 0 0 1\n0 barrier\n1 barrier\n");
 * const schedule = await readMpi(await open(file), { ranks: 2, flopsPerS: 1e9 });
 * console.log(replay(schedule, { network: seaStar, node: nativeNode }).row.timeNs); // 13000: 1 µs, 6 µs, 6 µs
 * ```
 */
export async function readMpi(trace: MpiTrace, options: MpiOptions): Promise<Schedule> {
  onlyOptions(options, ["ranks", "flopsPerS"]);
  const ranks = integer("ranks", options.ranks, { min: 1 });
  const speed = options.flopsPerS === undefined ? undefined : positive("flopsPerS", options.flopsPerS);
  const builder = scheduleBuilder(ranks);
  /** By rank: what its next call waits for, and until when. */
  const before: (readonly [operation: number, until: "end" | "beginning"])[][] = Array.from(
    { length: ranks },
    () => [],
  );
  const underWay: number[][] = Array.from({ length: ranks }, () => []);
  const leftNs = new Float64Array(ranks).fill(NaN);
  const after = (rank: number, operation: number): number => {
    for (const [other, until] of before[rank]!) builder.requires(operation, other, until);
    return operation;
  };
  const chain = (rank: number, operation: number): void => {
    before[rank] = [[after(rank, operation), "end"]];
  };
  const shared = new Map<string, Round[]>();
  const collective = (rank: number, key: string, rounds: () => Round[]): void => {
    let known = shared.get(key);
    if (known === undefined) shared.set(key, (known = rounds()));
    for (const { bytes, sends, to, receives, slots } of known) {
      for (let slot = sends[rank]!; slot < sends[rank + 1]!; slot++)
        chain(rank, builder.send(rank, bytes, to[slot]!, collectiveTag));
      for (let at = receives[rank]!; at < receives[rank + 1]!; at++)
        chain(rank, builder.recv(rank, bytes, senderOf(sends, slots[at]!), collectiveTag));
    }
  };
  let [rows, unnamedBytes] = [0, 1];
  for await (const batch of batchesOf(trace)) {
    const [rankAt, callAt, peerAt, tagAt, countAt, typeAt, rootAt, flopsAt, timeAt, durationAt, restAt] = [
      ...["rank", "call", "peer", "tag", "count", "datatype", "root", "flops", "timeNs", "durationNs", "arguments"],
    ].map((name) => valuesOf(batch, name));
    for (let row = 0; row < batch.numRows; row++) {
      const rank = rankAt!(row);
      if (typeof rank !== "number" || rank >= ranks)
        throw new TraceFormatError(
          { file: "mpi", field: "rank" },
          `row ${rows + row}: expected a rank below ${ranks}, got ${String(rank)}`,
        );
      const call = String(callAt!(row)).toLowerCase().replace(/^mpi_/, "");
      const time = timeAt!(row);
      if (typeof time === "number") {
        const gap = time - leftNs[rank]!;
        if (gap > 0) chain(rank, builder.calc(rank, gap));
        leftNs[rank] = time + Number(durationAt!(row));
      }
      const bytes = (): number => {
        const [count, type] = [countAt!(row), typeAt!(row)];
        if (typeof count !== "number")
          throw new SimulationError("hpc-overhead", `row ${rows + row}: ${call} without a count`);
        if (typeof type !== "string" && typeof type !== "number") return count * unnamedBytes;
        const size = elementBytes[type];
        if (size === undefined)
          throw new TraceFormatError(
            { file: "mpi", field: "datatype" },
            `row ${rows + row}: the size of datatype ${type} is not known`,
          );
        return count * size;
      };
      // MPI's own negative numbers of a source or a tag mean any.
      const peer = Math.max(-1, Number(peerAt!(row) ?? -1));
      const tag = integer("tag", Math.max(-1, Number(tagAt!(row) ?? 0)), { min: -1, max: collectiveTag - 1 });
      const root = Number(rootAt!(row) ?? 0);
      if (call === "init" && restAt!(row) !== null) unnamedBytes = 8;
      if (nothing.has(call)) continue;
      else if (call === "compute") {
        if (speed === undefined)
          throw new OptionError("flopsPerS", "a speed, as the trace counts operations", undefined);
        chain(rank, builder.calc(rank, (Number(flopsAt!(row)) / speed) * 1e9));
      } else if (call === "send") chain(rank, builder.send(rank, bytes(), peer, tag));
      else if (call === "isend") {
        const send = after(rank, builder.send(rank, bytes(), peer, tag));
        before[rank] = [[send, "beginning"]];
        underWay[rank]!.push(send);
      } else if (call === "recv") chain(rank, builder.recv(rank, bytes(), peer, tag));
      else if (call === "irecv") underWay[rank]!.push(after(rank, builder.recv(rank, bytes(), peer, tag)));
      else if (call === "wait" || call === "waitall") {
        for (const operation of underWay[rank]!) before[rank]!.push([operation, "end"]);
        underWay[rank] = [];
      } else if (call === "barrier") collective(rank, call, () => barrier(ranks));
      else if (call === "allreduce") {
        const size = bytes();
        collective(rank, `${call} ${size}`, () => allreduce(ranks, size));
      } else if (call === "bcast" || call === "reduce") {
        const size = bytes();
        const tree = call === "bcast" ? broadcast : reduce;
        collective(rank, `${call} ${size} ${root}`, () => tree(ranks, size, root));
      } else
        throw new TraceFormatError(
          { file: "mpi", field: "call" },
          `row ${rows + row}: expected a call that readMpi knows, got ${call}`,
        );
    }
    rows += batch.numRows;
  }
  return builder.build();
}

/** Whose message a place in `to` is: the last node whose messages begin at or before it. */
function senderOf(sends: Uint32Array, slot: number): number {
  let low = 0;
  let high = sends.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (sends[middle]! <= slot) low = middle;
    else high = middle;
  }
  return low;
}
