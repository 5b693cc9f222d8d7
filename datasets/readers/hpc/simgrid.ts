import type { TraceFormat } from "../../formats/format.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { writeLines } from "../../formats/write-lines.ts";

const newline = 10;
const space = 32;

const layout = {
  rank: "uint32",
  call: "words",
  arguments: optional("words"),
  peer: optional("int32"),
  tag: optional("int32"),
  count: optional("float64"),
  receiveCount: optional("float64"),
  root: optional("int32"),
  datatype: optional("int32"),
  flops: optional("float64"),
} as const satisfies Layout;

type Calls = Rows<typeof layout>;

const numbers = ["peer", "tag", "count", "receiveCount", "root", "datatype", "flops"] as const;
type Name = (typeof numbers)[number];

/** What an action's arguments are, in order, by its name in lower case; fewer may be given. The others have arguments that are not told apart. */
const actions: Readonly<Record<string, readonly Name[]>> = {
  ...Object.fromEntries(
    [
      "init",
      "finalize",
      "comm_size",
      "comm_split",
      "comm_dup",
      "sleep",
      "location",
      "wait",
      "waitall",
      "test",
      "barrier",
    ].map((name) => [name, []]),
  ),
  ...Object.fromEntries(
    ["gatherv", "allgatherv", "scatterv", "alltoallv", "reducescatter", "waitany", "probe", "iprobe"].map((name) => [
      name,
      [],
    ]),
  ),
  compute: ["flops"],
  send: ["peer", "tag", "count", "datatype"],
  isend: ["peer", "tag", "count", "datatype"],
  recv: ["peer", "tag", "count", "datatype"],
  irecv: ["peer", "tag", "count", "datatype"],
  bcast: ["count", "root", "datatype"],
  reduce: ["count", "flops", "root", "datatype"],
  allreduce: ["count", "flops", "datatype"],
  scan: ["count", "flops", "datatype"],
  exscan: ["count", "flops", "datatype"],
  alltoall: ["count", "receiveCount", "datatype"],
  allgather: ["count", "receiveCount", "datatype"],
  gather: ["count", "receiveCount", "root", "datatype"],
  scatter: ["count", "receiveCount", "root", "datatype"],
};

/** Before tags were traced, a message had a peer and a count alone. */
const withoutTag: readonly Name[] = ["peer", "count"];

const isAction = (line: string): boolean => {
  const match = /^\d+ ([A-Za-z_]+)( |$)/.exec(line);
  return match !== null && Object.hasOwn(actions, match[1]!.toLowerCase());
};

/**
 * SimGrid's time-independent traces of MPI programs, as SMPI writes and replays them: `rank action arguments`, one file for each rank, or all
 * in one. `compute` has an amount of floating-point operations; sizes are counts of elements of `datatype` (SMPI's number of it; null
 * for its default, the byte). `arguments` has them all as they stand. An action that is not known is an error.
 * Described in https://simgrid.org/doc/latest/Tutorial_MPI_Applications.html and src/smpi/internals/smpi_replay.cpp of SimGrid.
 */
export const simgrid: TraceFormat = {
  name: "simgrid-ti",
  title: "SimGrid time-independent MPI trace",
  kind: "mpi",
  detect({ lines }) {
    const first = lines.filter((line) => line !== "").slice(0, 100);
    return first.length > 0 && first.every(isAction);
  },
  read(source, options) {
    /** The arguments' names by the action's code. */
    const names: (readonly Name[] | undefined)[] = [];
    return readLines(source, options, {
      layout,
      read(line, rows) {
        const { columns, count } = rows;
        columns.rank[count] = line.below(0xffffffff, "rank");
        line.expect(space, "rank");
        const from = line.word("action");
        line.store(columns.call, count, from, "action");
        const code = columns.call.values[count]!;
        const known = (names[code] ??= actions[line.slice(from, line.at).toLowerCase()]);
        if (known === undefined) return line.failAt(from, "action", "an action of SMPI's replay");
        if (line.isAtEnd) rows.setNull("arguments");
        else {
          line.expect(space, "action");
          const start = line.until(newline);
          line.store(columns.arguments, count, start, "arguments");
          line.at = start;
        }
        readArguments(line, rows, known);
        line.end("arguments");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("simgrid-ti", batches, ({ column }) => {
      const [rank, call, rest] = ["rank", "call", "arguments"].map(column);
      return (row) => `${rank!.number(row)} ${call!.text(row)}${rest!.isNull(row) ? "" : ` ${rest!.text(row)}`}`;
    }),
};

const values = new Float64Array(numbers.length);

/** Reads as many arguments as there are and as have a name. */
function readArguments(line: Line, rows: Calls, known: readonly Name[]): void {
  let given = 0;
  line.spaces();
  while (!line.isAtEnd && given < known.length) {
    const from = line.at;
    values[given] = line.number64(known[given]!);
    if (line.at === from) line.fail(known[given]!, "a number");
    given += 1;
    line.spaces();
  }
  line.until(newline);
  const names = known[0] === "peer" && given === 2 ? withoutTag : known;
  const { columns, count } = rows;
  for (const name of numbers) {
    const at = names.indexOf(name);
    if (at >= 0 && at < given) {
      columns[name][count] = values[at]!;
      // What the column cannot hold would be another number in it.
      if (columns[name][count] !== values[at]) line.fail(name, "a number of its type");
    } else rows.setNull(name);
  }
}
