import { ByteBuffer } from "../../formats/byte-buffer.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { headOf } from "../../formats/head.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { longestLine, readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { zero } from "../../formats/zero.ts";

const newline = 10;
const openParenthesis = 40;
const closeParenthesis = 41;

const entering = " entering at walltime ";
const returning = " returning at walltime ";
const enteringLine = /^(MPI\w*_\w+) entering at walltime \d+(\.\d+)?, cputime \d+(\.\d+)? seconds in thread \d+\.$/;
const headerField = /^(version|starttime|hostname|username|meshdim|meshsize|meshcrd)=/;

/** What dumpi2ascii adds behind the calls: counts of them, sizes of types, and the like. */
const footer =
  /^(\w+ called \d+ times and ignored \d+ times|Performance counters: \d+|Datatype \d+ .*|Total \w[\w ]*: \d+|Function address .*|[^ =]+=.*)$/;

/** The rank that a file says itself, where it asks MPI for it. */
function rankOf(head: Uint8Array): number {
  const lines = Buffer.from(head).toString("latin1").split(/\r?\n/);
  for (let at = 0; at + 2 < lines.length; at += 1)
    if (lines[at]!.startsWith(`MPI_Comm_rank${entering}`) && lines[at + 1]!.endsWith("(MPI_COMM_WORLD)")) {
      const rank = /^int rank=(\d{1,9})$/.exec(lines[at + 2]!);
      if (rank !== null) return Number(rank[1]);
    }
  return Number.NaN;
}

/**
 * MPI calls of one rank as dumpi2ascii prints a DUMPI trace: `MPI_X entering at walltime S, cputime S seconds in thread N.`, a line for each
 * argument (`type name=value`), `MPI_X returning at …`. A row is a call: wall-clock time of its entry and its duration, processor
 * time used by the thread before it and during it, thread, the arguments that most calls have (`peer` is dest or source, with MPI's own
 * negative numbers for any), and in `arguments` all their lines.
 *
 * The rank is that which the first MPI_Comm_rank of MPI_COMM_WORLD in the first 64 KiB gives; null where there is none. Lines of the header are kept
 * as the schema's metadata `veelab.header`; what follows the calls (`dumpi2ascii -a`: counts of calls, sizes of types) is left out.
 * Described in https://github.com/sstsimulator/sst-dumpi
 */
export const dumpi: TraceFormat = {
  name: "dumpi",
  title: "DUMPI trace (dumpi2ascii)",
  kind: "mpi",
  detect({ lines }) {
    const first = lines.find((line) => line !== "" && !headerField.test(line));
    return first !== undefined && enteringLine.test(first);
  },
  async *read(source, options) {
    const rank = rankOf((await headOf(source)).bytes);
    const clock = zero(1);
    const name = new ByteBuffer();
    const text = new ByteBuffer();
    const communicator = new ByteBuffer();
    const datatype = new ByteBuffer();
    const call = { timeNs: 0, cpuNs: 0, thread: 0, peer: NaN, tag: NaN, count: NaN, root: NaN };
    let isOpen = false;
    let isBad = false;
    let started = false;
    yield* readLines(source, options, {
      layout: {
        rank: optional("uint32"),
        call: "words",
        timeNs: "float64",
        durationNs: "float64",
        cpuNs: "float64",
        cpuDurationNs: "float64",
        thread: "uint32",
        peer: optional("int32"),
        tag: optional("int32"),
        count: optional("int32"),
        datatype: optional("words"),
        communicator: optional("words"),
        root: optional("int32"),
        arguments: optional("words"),
      },
      read(line, rows) {
        const from = line.at;
        const { bytes } = line;
        line.word("call");
        const to = line.at;
        if (line.take(entering)) {
          if (isOpen) line.failAt(from, "call", "an argument, or the return of the call above");
          started = true;
          isBad = true;
          name.clear();
          name.add(bytes, from, to);
          text.clear();
          communicator.clear();
          datatype.clear();
          call.peer = call.tag = call.count = call.root = NaN;
          call.timeNs = clock.seconds(line, rows, "walltime");
          call.cpuNs = cpuTime(line);
          call.thread = thread(line);
          isOpen = true;
          isBad = false;
        } else if (line.take(returning)) {
          if (isBad) {
            isBad = false;
            line.rest();
            return;
          }
          if (!isOpen || !equal(bytes, from, to, name)) line.failAt(from, "call", "the return of the call above");
          const { columns, count } = rows;
          columns.durationNs[count] = clock.seconds(line, rows, "walltime") - call.timeNs;
          columns.cpuDurationNs[count] = cpuTime(line) - call.cpuNs;
          if (thread(line) !== call.thread) line.fail("thread", `thread ${call.thread}, as at the entry`);
          columns.timeNs[count] = call.timeNs;
          columns.cpuNs[count] = call.cpuNs;
          columns.thread[count] = call.thread;
          columns.rank[count] = rank;
          if (Number.isNaN(rank)) rows.setNull("rank");
          for (const field of ["peer", "tag", "count", "root"] as const) {
            columns[field][count] = call[field];
            if (Number.isNaN(call[field])) rows.setNull(field);
          }
          const isText =
            columns.call.set(count, name.bytes, 0, name.length) &&
            columns.datatype.set(count, datatype.bytes, 0, datatype.length) &&
            columns.communicator.set(count, communicator.bytes, 0, communicator.length) &&
            columns.arguments.set(count, text.bytes, 0, text.length);
          if (!isText) line.fail("arguments", "text in UTF-8 before this line");
          if (datatype.length === 0) rows.setNull("datatype");
          if (communicator.length === 0) rows.setNull("communicator");
          if (text.length === 0) rows.setNull("arguments");
          isOpen = false;
          line.end();
          rows.count += 1;
        } else if (isOpen) {
          line.at = from;
          line.until(newline);
          if (text.length + line.at - from > longestLine)
            line.failAt(from, "arguments", `arguments of at most ${longestLine} bytes in all`);
          if (text.length > 0) text.push(newline);
          text.add(bytes, from, line.at);
          const end = line.at;
          line.at = from;
          if (line.take("int ")) {
            if (line.take("dest=") || line.take("source=")) call.peer = int32(line);
            else if (line.take("tag=")) call.tag = int32(line);
            else if (line.take("count=")) call.count = int32(line);
            else if (line.take("root=")) call.root = int32(line);
          } else if (line.take("MPI_Datatype datatype=")) nameAt(line, end, datatype);
          else if (line.take("MPI_Comm comm=")) nameAt(line, end, communicator);
          line.at = end;
          line.end();
        } else {
          line.at = from;
          const rest = line.text();
          line.at = from;
          if (!started && headerField.test(rest)) headerLine(line, rows);
          else if (isBad || (started && footer.test(rest))) line.rest();
          else line.fail("call", "a call of MPI");
        }
      },
      end(line) {
        if (isOpen) line.fail("call", "the return of the last call");
        isOpen = false;
      },
      reset() {
        isBad ||= isOpen;
        isOpen = false;
      },
    });
  },
  write: (batches) =>
    writeLines("dumpi", batches, ({ column, seconds }) => {
      const [call, time, duration, thread] = ["call", "timeNs", "durationNs", "thread"].map(column);
      const [cpu, cpuDuration, rest] = ["cpuNs", "cpuDurationNs", "arguments"].map(column);
      const plain = (ns: number) => {
        const digits = String(ns).padStart(10, "0");
        return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
      };
      return (row) => {
        const [ns, cpuNs] = [time!.number(row), cpu!.number(row)];
        const line = (what: string, wall: number, processor: number) =>
          `${call!.text(row)}${what}${seconds(wall, 9)}, cputime ${plain(processor)} seconds in thread ${thread!.number(row)}.`;
        return [
          line(entering, ns, cpuNs),
          ...(rest!.isNull(row) ? [] : [rest!.text(row)]),
          line(returning, ns + duration!.number(row), cpuNs + cpuDuration!.number(row)),
        ].join("\n");
      };
    }),
};

function cpuTime(line: Line): number {
  if (!line.take(", cputime ")) line.fail("cputime", '", cputime"');
  return line.decimal(9, "cputime");
}

function thread(line: Line): number {
  if (!line.take(" seconds in thread ")) line.fail("thread", '"seconds in thread"');
  const number = line.below(0xffffffff, "thread");
  if (!line.take(".") || !line.isAtEnd) line.fail("thread", "a point and the end of the line");
  return number;
}

/** A number, NaN for a list. */
function int32(line: Line): number {
  const { bytes, at } = line;
  const first = bytes[at] === 45 ? bytes[at + 1]! : bytes[at]!;
  if (first < 48 || first > 57) return NaN;
  const value = line.signed("argument");
  if (Math.abs(value) > 0x7fffffff) line.failAt(at, "argument", "a number of 32 bits");
  return value;
}

/** The name in parentheses at the line's end, or the number. */
function nameAt(line: Line, end: number, to: ByteBuffer): void {
  const { bytes, at } = line;
  let from = at;
  let until = end;
  while (from < end && bytes[from] !== openParenthesis) from += 1;
  if (from < end && bytes[end - 1] === closeParenthesis) {
    from += 1;
    until -= 1;
  } else from = at;
  to.clear();
  to.add(bytes, from, until);
}

function equal(bytes: Uint8Array, from: number, to: number, name: ByteBuffer): boolean {
  if (to - from !== name.length) return false;
  for (let at = 0; at < name.length; at += 1) if (bytes[from + at] !== name.bytes[at]) return false;
  return true;
}
