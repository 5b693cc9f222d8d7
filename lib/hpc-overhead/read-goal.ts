import type { RecordBatch, Table } from "apache-arrow";
import { OptionError, TraceFormatError } from "../core/errors.ts";
import { type Schedule, scheduleBuilder } from "./schedule.ts";

/**
 * A table of the kind `mpi`, or its record batches, which are read once.
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import type { MpiTrace } from "veelab/hpc-overhead";
 * const goal = (file: string): MpiTrace => stream(file);
 * console.log(typeof goal);
 * ```
 */
export type MpiTrace = Table | Iterable<RecordBatch> | AsyncIterable<RecordBatch>;

/**
 * The schedule of a GOAL file, as `open` and `stream` of `veelab/datasets` read it. A label may be used before its operation. A rank
 * has one processor and one interface. Linear; the schedule is held in memory.
 *
 * @throws TraceFormatError for a table of another format, a label that is not there or is there twice; OptionError for a rank, peer
 *   or tag out of range, or a processor other than 0
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open } from "veelab/datasets";
 * import { logGopSim, nativeNode, readGoal, replay } from "veelab/hpc-overhead";
 * const file = join(await mkdtemp(join(tmpdir(), "goal-")), "pair.goal");
 * await writeFile(file, "num_ranks 2\nrank 0 {\nl1: send 8b to 1 tag 0\n}\nrank 1 {\nl1: recv 8b from 0 tag 0\n}\n");
 * const schedule = await readGoal(await open(file));
 * console.log(replay(schedule, { network: logGopSim, node: nativeNode, overheadAt: "arrival" }).row.timeNs); // 5542
 * ```
 */
export async function readGoal(trace: MpiTrace): Promise<Schedule> {
  let builder: ReturnType<typeof scheduleBuilder> | undefined;
  const labels = new Map<string, number>();
  const conditions: { waiting: string; awaited: string; beginning: boolean }[] = [];
  for await (const batch of batchesOf(trace)) {
    builder ??= scheduleBuilder(ranksOf(batch));
    const column = columnsOf(batch);
    for (let row = 0; row < batch.numRows; row++) {
      const rank = Number(column.rank(row));
      const call = String(column.call(row));
      const label = column.label(row) === null ? undefined : `${rank}:${String(column.label(row))}`;
      if (call === "requires" || call === "irequires") {
        const awaited = `${rank}:${String(column.requires(row))}`;
        conditions.push({ waiting: label!, awaited, beginning: call === "irequires" });
        continue;
      }
      const cpu = column.cpu(row);
      if (cpu !== null && cpu !== 0) throw new OptionError("cpu", "0, as a rank has one processor", cpu);
      const number =
        call === "calc"
          ? builder.calc(rank, Number(column.calculation(row)))
          : builder[call === "send" ? "send" : "recv"](
              rank,
              Number(column.sizeBytes(row)),
              Number(column.peer(row)),
              Number(column.tag(row) ?? 0),
            );
      if (label === undefined) continue;
      if (labels.has(label))
        throw new TraceFormatError({ file: "goal", field: "label" }, `"${label}" (rank:label) is there twice`);
      labels.set(label, number);
    }
  }
  const numberOf = (label: string): number => {
    const number = labels.get(label);
    if (number === undefined)
      throw new TraceFormatError({ file: "goal", field: "requires" }, `there is no operation "${label}" (rank:label)`);
    return number;
  };
  if (builder === undefined) throw new TraceFormatError({ file: "goal" }, "expected at least one batch, got none");
  for (const { waiting, awaited, beginning } of conditions)
    builder.requires(numberOf(waiting), numberOf(awaited), beginning ? "beginning" : "end");
  return builder.build();
}

/** The batches of a table or of a stream of them. A table iterates over rows: its batches are asked for by name. */
export function batchesOf(trace: MpiTrace): Iterable<RecordBatch> | AsyncIterable<RecordBatch> {
  return "batches" in trace ? trace.batches : trace;
}

/** The values of a column by row, null where there is none; a column that is not there has no value anywhere. */
export function valuesOf(batch: RecordBatch, name: string): (row: number) => unknown {
  const vector = batch.getChild(name);
  return vector === null ? () => null : (row) => vector.get(row) as unknown;
}

function columnsOf(batch: RecordBatch): Record<(typeof names)[number], (row: number) => unknown> {
  return Object.fromEntries(names.map((name) => [name, valuesOf(batch, name)])) as ReturnType<typeof columnsOf>;
}

const names = ["rank", "call", "label", "requires", "sizeBytes", "peer", "tag", "calculation", "cpu"] as const;

function ranksOf(batch: RecordBatch): number {
  const ranks = batch.schema.metadata.get("veelab.ranks");
  if (ranks === undefined)
    throw new TraceFormatError(
      { file: "goal", field: "veelab.ranks" },
      "expected the number of ranks among the metadata, got none",
    );
  return Number(ranks);
}
