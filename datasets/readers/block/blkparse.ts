import type { TraceFormat } from "../../formats/format.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import { type LineWriter, writeLines } from "../../formats/write-lines.ts";
import { blkparseColumns, type BlkparseRows, expectedFormat, readBody } from "./blkparse-body.ts";
import { discard, flush, other, read, sectorBytes, write } from "./operations.ts";

const space = 32;
const comma = 44;
const point = 46;

const eventPattern = /^ *\d+,\d+ +\d+ +\d+ +\d+\.\d{9} +\d+ +[A-Zm]{1,2} +[A-Z]{1,8}( |$)/;
const shortPattern = /^[ \t]*\d+\.\d{9}[ \t]+[A-Zm]{1,2}[ \t]+[A-Z]{1,8}[ \t]+\d+[ \t]+\d+[ \t]*$/;
/** How many lines of a format of one's own are looked at. */
const ownLines = 20;
const actionWord = /^([ABCDFGIMPQRSTUX]|UT|m)$/;
const rwbsWord = /^(F?[RWDN]F?[ASMB]{0,3}|F)$/;
const numberWord = /^\d+(\.\d+)?$/;
/** Longer than either of them, before the rest of a line. */
const longestEvent = 300;

/**
 * Whether a line is an event in a format of one's own (`-f`): an action and what it does, beside each other in either order, and at
 * least two numbers. Such a file is refused with what is supported, and not taken for CSV.
 */
function isOwn(line: string): boolean {
  const words = line.trim().split(/[\s,;|]+/);
  const isRwbs = (word: string | undefined) => word !== undefined && rwbsWord.test(word);
  return (
    words.some((word, at) => actionWord.test(word) && (isRwbs(words[at - 1]) || isRwbs(words[at + 1]))) &&
    words.filter((word) => numberWord.test(word)).length >= 2
  );
}

/** What stands behind the events: the sums of each processor, the throughput, what was left out, and the files that were read. */
const summaryPattern =
  /^(CPU ?\d+ \(.+\):|Total \(.+\):|Throughput \(R\/W\): .+|Events \(.+\): [\d,]+ entries|Skips: \d+ forward .+|Input file .+ added| [A-Z][A-Za-z. ]+: +.+)$/;

/** Reads seconds and nanoseconds. */
function timeOf(line: Line): number {
  const from = line.at;
  const seconds = line.below(9_007_198, "time");
  line.expect(point, "time");
  const digits = line.at;
  const nanoseconds = line.whole("time");
  if (line.at !== digits + 9) line.failAt(from, "time", "seconds with nine digits behind the point");
  return seconds * 1e9 + nanoseconds;
}

const letterF = "F".charCodeAt(0);
const letterM = "m".charCodeAt(0);
const letterU = "U".charCodeAt(0);
const letterC = "C".charCodeAt(0);
const letterR = "R".charCodeAt(0);
const nothing = "N".charCodeAt(0);

const operations = new Uint8Array(256).fill(255);
operations[letterR] = read;
operations["W".charCodeAt(0)] = write;
operations["D".charCodeAt(0)] = discard;
operations[nothing] = other;

/** The operation of an RWBS field: a leading F is a flush in front of what follows, or a flush alone where nothing is transferred. */
function operationOf(bytes: Uint8Array, from: number, sizeBytes: number): number {
  const isFlush = bytes[from] === letterF;
  if (isFlush && sizeBytes === 0) return flush;
  const operation = operations[bytes[isFlush ? from + 1 : from]!]!;
  return operation < 255 ? operation : isFlush ? flush : other;
}

/** Reads an event of the default format, or of the short one, whose events have no header. */
function readEvent(line: Line, rows: BlkparseRows): void {
  const { columns, count } = rows;
  const { bytes } = line;
  line.spaces();
  let from = line.at;
  line.whole("device");
  const isShort = line.peek() === point;
  line.at = from;
  if (isShort) {
    for (const name of ["device", "cpu", "sequence", "pid"] as const) rows.setNull(name);
  } else {
    line.below(0xfff, "device");
    line.expect(comma, "device");
    line.below(0xfffff, "device");
    line.store(columns.device, count, from, "device");
    line.spaces();
    columns.cpu[count] = line.below(0xffffffff, "cpu");
    line.spaces();
    columns.sequence[count] = line.below(0xffffffff, "sequence");
    line.spaces();
  }
  columns.timeNs[count] = timeOf(line);
  line.spaces();
  if (!isShort) {
    columns.pid[count] = line.below(0xffffffff, "pid");
    line.spaces();
  }
  from = line.word("action");
  const action = bytes[from]!;
  const second = line.at === from + 1 ? letterU : bytes[from + 1]!;
  if (line.at > from + 2 || !(action === letterM || isCapital(action)) || !isCapital(second))
    line.failAt(from, "action", "one of blkparse's actions");
  line.store(columns.action, count, from, "action");
  line.spaces();
  const rwbs = line.word("RWBS");
  for (let at = rwbs; at < line.at; at += 1) if (!isCapital(bytes[at]!)) line.failAt(rwbs, "RWBS", "capital letters");
  line.store(columns.rwbs, count, rwbs, "RWBS");
  line.spaces();
  if (isShort) {
    columns.offsetBytes[count] = line.scaled(sectorBytes, "sector");
    line.spaces();
    columns.sizeBytes[count] = line.scaled(sectorBytes, "blocks");
    line.spaces();
    for (const name of ["elapsedNs", "process", "error", "detail"] as const) rows.setNull(name);
  } else {
    columns.sizeBytes[count] = 0;
    readBody(line, rows, action === letterC || action === letterR, action === letterM);
  }
  columns.op[count] = operationOf(bytes, rwbs, columns.sizeBytes[count]);
  line.end("event");
  rows.count += 1;
}

const isCapital = (byte: number): boolean => byte >= 65 && byte <= 90;

/** First bytes of an event's line: a space or a digit. */
const isEventStart = (byte: number): boolean => byte === space || (byte >= 48 && byte <= 57);

/**
 * Events of the Linux block layer as blkparse prints those that blktrace took: its default format, also where `-f` ends behind its header (`%D %2c %8s %5T.%9t %5p %2a %3d`)
 * or behind `%S + %n`, with ` [%C]` or not, and the short one of `-f "%T.%t %a %d %S %n\n"`, with any widths, blanks and tabs. Other formats are recognised where `%a` and `%d` stand
 * beside each other, and refused: their numbers do not say what they are (`%n` counts sectors, `%N` bytes). A row is an event; `action` says which (Q a request is queued, D issued to the driver, C completed; G, I, M, F, P, U, A, X…),
 * so choose one of them to count requests. A request to a device that is stacked on others (dm, md, LVM) has events of its own on each of them, a Q on
 * the upper and one on the lower one, where an A (`<- (253,0) 4096` in `detail`) says where it came from; nothing else tells them apart, and a lower
 * device may have requests of others: choose one `device`, too, where a trace has several. A partition's request has one Q, on its disk. Times are nanoseconds since the trace's beginning; sectors have 512 bytes. The first letter of `rwbs` decides the operation (FWS without
 * data is a flush). Offset and size are null where an event has none (plug, flush, message); `elapsedNs` is there with blkparse's `-t`;
 * `error` of completions, `process` of other events; `detail` is what else stands in the line: a payload, `<- (8,1) 4096` of a remapped
 * request, `/ 8200` of one that is split, a message, and how many requests were there at an unplug. In the short format only time, action,
 * `rwbs`, offset and size are not null.
 *
 * The summary behind the events is left out, and not written.
 *
 * Described in https://man7.org/linux/man-pages/man1/blkparse.1.html.
 */
export const blkparse: TraceFormat = {
  name: "blkparse",
  title: "Linux block layer events (blkparse)",
  kind: "block",
  detect({ lines }) {
    const own = lines.slice(0, ownLines).filter((line) => line.trim() !== "" && !summaryPattern.test(line));
    const first = own[0] ?? "";
    if (eventPattern.test(first) || shortPattern.test(first)) return true;
    return own.length > 0 && own.every((line) => isOwn(line.slice(0, longestEvent)));
  },
  read(source, options) {
    let isSummary = false;
    let isKnown = false;
    return readLines(source, options, {
      layout: blkparseColumns,
      read(line, rows) {
        if (isSummary || !isEventStart(line.peek())) {
          const from = line.at;
          const text = line.text();
          line.at = from;
          if (summaryPattern.test(text)) {
            isSummary = true;
            line.rest();
            return;
          }
        }
        if (!isKnown) {
          const text = line.slice(line.at, line.at + longestEvent).split(/\r?\n/, 1)[0]!;
          if (!eventPattern.test(text) && !shortPattern.test(text)) line.fail("event", expectedFormat);
          isKnown = true;
        }
        readEvent(line, rows);
      },
    });
  },
  write: (batches) => writeLines("blkparse", batches, eventLine),
};

/** Makes an event's line. */
function eventLine({ column, seconds }: LineWriter): (row: number) => string {
  const [time, action, rwbs, offset] = ["timeNs", "action", "rwbs", "offsetBytes"].map(column);
  const [size, device, cpu, sequence] = ["sizeBytes", "device", "cpu", "sequence"].map(column);
  const [pid, elapsed, process, error, detail] = ["pid", "elapsedNs", "process", "error", "detail"].map(column);
  return (row) => {
    const stamp = seconds(time!.number(row), 9);
    const sector = offset!.isNull(row) ? "" : String(offset!.whole(row, sectorBytes));
    const blocks = size!.isNull(row) ? "" : String(size!.whole(row, sectorBytes));
    const of = action!.text(row);
    if (device!.isNull(row)) return `${stamp} ${of} ${rwbs!.text(row)} ${sector} ${blocks}`;
    const [major, minor] = device!.text(row).split(",");
    const head = [
      `${major!.padStart(3)},${minor!.padEnd(3)}`,
      String(cpu!.number(row)).padStart(2),
      String(sequence!.number(row)).padStart(8),
      stamp.padStart(15),
      String(pid!.number(row)).padStart(5),
      of.padStart(2),
      rwbs!.text(row).padStart(3),
    ];
    const inBrackets = process!.isNull(row)
      ? error!.isNull(row)
        ? ""
        : `[${error!.number(row)}]`
      : `[${process!.text(row)}]`;
    const more = detail!.isNull(row) ? "" : detail!.text(row);
    const body = [
      blocks === "" ? sector : `${sector} + ${blocks}`,
      elapsed!.isNull(row) ? "" : `(${String(elapsed!.whole(row)).padStart(8)})`,
      ...(of.startsWith("U") ? [inBrackets, more] : [more, inBrackets]),
    ];
    return [...head, ...body.filter((part) => part !== "")].join(" ");
  };
}
