import { ByteBuffer } from "../../formats/byte-buffer.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { longestLine, readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { zero } from "../../formats/zero.ts";
import { FoldedStack } from "./folded-stack.ts";
import { SampleHead } from "./sample-head.ts";

const tab = 9;
const newline = 10;
const space = 32;
const hash = 35;
const closeParenthesis = 41;
const colon = 58;

const sideBand = Buffer.from("PERF_RECORD_");

/** The metadata's name of the digits behind the point of the first time stamp. */
const digitsKey = "veelab.timeDigits";

/** What a sample's first line begins with, in its first bytes: a search in more could take long. */
const longestHead = 500;
const header = /^ *\S.*? +(-?\d+\/)?-?\d+ +(\[\d+\] +)?\d+\.\d+: +(\d+ +)?\S.*?:(\s|$)/;

const layout = {
  timeNs: "float64",
  process: "words",
  event: "words",
  weight: "float64",
  stack: "words",
  pid: optional("int32"),
  tid: "int32",
  cpu: optional("uint32"),
  period: optional("float64"),
  details: optional("text"),
  frames: optional("text"),
} as const satisfies Layout;

/** A sample while its lines are read; what the rows have of it is written when it is complete. */
class Sample {
  /** `bad` until the next first line or blank line: the frames of a sample that was left out are left out with it. */
  state: "none" | "open" | "bad" = "none";
  readonly #head = new SampleHead();
  readonly #clock = zero(1);
  readonly #process = new ByteBuffer();
  readonly #event = new ByteBuffer();
  readonly #details = new ByteBuffer();
  readonly #frames = new ByteBuffer();
  readonly #stack = new FoldedStack();
  #timeNs = 0;
  #period = NaN;

  begin(line: Line, rows: Rows<typeof layout>): void {
    const head = this.#head;
    this.state = "bad";
    head.find(line);
    this.#copy(this.#process, line, head.nameFrom, head.nameTo);
    line.at = head.timeFrom;
    this.#timeNs = this.#clock.seconds(line, rows, "time");
    if (!rows.metadata.has(digitsKey)) rows.metadata.set(digitsKey, String(head.timeDigits));
    line.expect(colon, "time");
    line.spaces();
    this.#readPeriod(line);
    const { bytes } = line;
    const from = line.at;
    let at = from;
    while (bytes[at] !== newline && !(bytes[at] === colon && bytes[at + 1]! <= space)) at += 1;
    if (bytes[at] === newline || at === from) line.fail("event", "an event's name and a colon");
    this.#copy(this.#event, line, from, at);
    line.at = bytes[at + 1] === space ? at + 2 : at + 1;
    const rest = line.until(newline);
    this.#copy(this.#details, line, rest, line.at);
    this.#frames.clear();
    this.#stack.clear();
    if (line.at > rest) this.#readOnlyFrame(bytes, rest, line.at);
    const isSample = !startsWith(bytes, from, at, sideBand);
    line.end("event");
    if (isSample) this.state = "open";
  }

  /** A period stands before the event's name, which may begin with a digit itself. */
  #readPeriod(line: Line): void {
    this.#period = NaN;
    const from = line.at;
    if (line.peek() < 48 || line.peek() > 57) return;
    const period = line.whole("period");
    if (line.peek() === space) {
      this.#period = period;
      line.spaces();
    } else line.at = from;
  }

  /** Without call chains the only frame stands behind the event, with its module: a tracepoint's text stands there, too. */
  #readOnlyFrame(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (bytes[at] === space) at += 1;
    let word = at;
    while (word < to && bytes[word]! > space) word += 1;
    if (bytes[to - 1] === closeParenthesis && word < to && word - at > 2) this.#stack.add(bytes, at, to);
  }

  frame(line: Line): void {
    if (this.state === "bad") {
      line.rest();
      return;
    }
    if (this.state === "none") line.fail("sample", "a sample's first line before its frames");
    line.spaces();
    const from = line.until(newline);
    if (this.#frames.length + line.at - from > longestLine)
      line.failAt(from, "frame", `frames of at most ${longestLine} bytes in all`);
    if (!this.#stack.add(line.bytes, from, line.at))
      line.failAt(from, "frame", "an address in hexadecimal and a symbol");
    if (this.#frames.length > 0) this.#frames.push(newline);
    this.#frames.add(line.bytes, from, line.at);
    line.end("frame");
  }

  /** Writes the sample that is open as a row. */
  complete(line: Line, rows: Rows<typeof layout>): void {
    const { state } = this;
    this.state = "none";
    if (state !== "open") return;
    const { columns, count } = rows;
    const head = this.#head;
    columns.timeNs[count] = this.#timeNs;
    columns.weight[count] = Number.isNaN(this.#period) ? 1 : this.#period;
    columns.tid[count] = head.tid;
    columns.pid[count] = head.pid;
    columns.cpu[count] = head.cpu;
    columns.period[count] = this.#period;
    if (Number.isNaN(head.pid)) rows.setNull("pid");
    if (Number.isNaN(head.cpu)) rows.setNull("cpu");
    if (Number.isNaN(this.#period)) rows.setNull("period");
    const { bytes, start } = this.#stack;
    const isText =
      columns.process.set(count, this.#process.bytes, 0, this.#process.length) &&
      columns.event.set(count, this.#event.bytes, 0, this.#event.length) &&
      columns.stack.set(count, bytes, start, bytes.length) &&
      columns.details.set(count, this.#details.bytes, 0, this.#details.length) &&
      columns.frames.set(count, this.#frames.bytes, 0, this.#frames.length);
    if (!isText) line.fail("sample", "text in UTF-8 in the sample before this line");
    if (this.#details.length === 0) rows.setNull("details");
    if (this.#frames.length === 0) rows.setNull("frames");
    rows.count += 1;
  }

  #copy(to: ByteBuffer, line: Line, from: number, until: number): void {
    to.clear();
    to.add(line.bytes, from, until);
  }
}

function startsWith(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from < text.length) return false;
  for (let at = 0; at < text.length; at += 1) if (bytes[from + at] !== text[at]) return false;
  return true;
}

/**
 * Samples as `perf script` prints them: a line with the process's name, thread (`tid` or `pid/tid`), processor (where given),
 * time in seconds, period (where given) and event, then a line for each frame, leaf first (address, symbol with offset, module in
 * parentheses), then a blank line; without call chains, one line. What stands behind the event is `details`: a tracepoint's text, or
 * the only frame.
 *
 * `weight` is the period, or 1. `stack` is folded as FlameGraph's stackcollapse-perf.pl does, without the process: symbols
 * without offsets, a frame without a symbol as its module in brackets. `frames` has the frames' lines as they are. Lines with
 * `#` before the first sample are kept as the schema's metadata `veelab.header`; side-band records (`PERF_RECORD_…`) are left out.
 * Further fields that `perf script -F` can add (source lines, branch stacks) are not read.
 * Described in https://man7.org/linux/man-pages/man1/perf-script.1.html
 */
export const perfScript: TraceFormat = {
  name: "perf-script",
  title: "perf script (text)",
  kind: "profile",
  detect({ lines }) {
    const first = lines.find((line) => line !== "" && !line.startsWith("#")) ?? "";
    return header.test(first.slice(0, longestHead));
  },
  read(source, options) {
    const sample = new Sample();
    let started = false;
    return readLines(source, options, {
      layout,
      read(line, rows) {
        const first = line.peek();
        if (first === tab) sample.frame(line);
        else {
          sample.complete(line, rows);
          if (first === hash && !started) headerLine(line, rows);
          else if (first === hash) line.rest();
          else {
            started = true;
            sample.begin(line, rows);
          }
        }
      },
      blank: (line, rows) => {
        sample.complete(line, rows);
      },
      end: (line, rows) => {
        sample.complete(line, rows);
      },
      reset() {
        sample.state = "bad";
      },
    });
  },
  write: (batches) =>
    writeLines("perf-script", batches, ({ column, seconds, metadata }) => {
      const digits = Number(metadata.get(digitsKey) ?? 9);
      const [process, pid, tid, cpu] = ["process", "pid", "tid", "cpu"].map(column);
      const [time, period, event, details, frames] = ["timeNs", "period", "event", "details", "frames"].map(column);
      return (row) => {
        const lines = frames!.isNull(row)
          ? []
          : frames!
              .text(row)
              .split("\n")
              .map((frame) => `\t${frame.replace(/^\S+/, (address) => address.padStart(16))}\n`);
        const isOneLine = lines.length === 0 && !details!.isNull(row);
        const name = process!.text(row);
        const thread = String(tid!.number(row));
        const threads = pid!.isNull(row)
          ? thread.padStart(5)
          : `${String(pid!.number(row)).padStart(5)}/${thread.padEnd(5)}`;
        const processor = cpu!.isNull(row) ? "" : `[${String(cpu!.number(row)).padStart(3, "0")}] `;
        const count = period!.isNull(row) ? "" : `${String(period!.number(row)).padStart(10)} `;
        const text = details!.isNull(row) ? "" : details!.text(row);
        const when = seconds(time!.number(row), digits).padStart(6 + digits);
        const first = `${isOneLine ? name.padStart(16) : name} ${threads} ${processor}${when}: ${count}${event!.text(row)}: ${text}`;
        return isOneLine ? first : `${first}\n${lines.join("")}`;
      };
    }),
};
