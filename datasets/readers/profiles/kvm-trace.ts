import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { type Zero, zero } from "../../formats/zero.ts";

const newline = 10;
const space = 32;
const openParenthesis = 40;
const closeParenthesis = 41;
const comma = 44;
const minus = 45;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;

const layout = {
  timeNs: "float64",
  reason: "words",
  durationNs: optional("float64"),
  thread: "uint32",
  process: "words",
  cpu: "uint32",
  vcpu: optional("uint32"),
  rip: optional("uint64"),
  info1: optional("uint64"),
  info2: optional("uint64"),
  interruption: optional("uint64"),
  errorCode: optional("uint64"),
} as const satisfies Layout;

type Events = Rows<typeof layout>;

/** `process-thread (group) [cpu] flags time: event: …`; the group and the flags only in some files. */
const eventLine = /^ *\S.*-\d+ +(\( *[\d-]+\) +)?\[\d+\] +(\S+ +)?\d+\.\d+: +[a-z]\w*:/;
/** An event begins in so many bytes: a search in more could take long. */
const longestHead = 500;
const kvmLine = /: +kvm_(exit|entry):/;

/** Lines before the first event, and in between of processors without events and of events that were lost. */
const otherLine = /^(#|cpus=\d+|version = |CPU \d+ is empty|CPU: ?\d+ \[)/;
const lostLine = /^CPU: ?(\d+) \[(LOST )?\d* ?EVENTS( DROPPED)?\]/;

/** Fields of 64 bits, in the order of an exit's words. */
const fields = ["rip", "info1", "info2", "interruption", "errorCode"] as const;

/** The last exit of a vCPU's thread. */
class Exit {
  /** Whether no entry has followed yet. */
  isOpen = false;
  /** Whether events of its processor were lost since: the next entry may be another exit's. */
  isLost = false;
  timeNs = 0;
  reason = 0;
  process = 0;
  cpu = 0;
  vcpu: number = Number.NaN;
  /** The fields of 64 bits in two halves each, the lower first. */
  readonly words: Uint32Array = new Uint32Array(2 * fields.length);
  readonly has: boolean[] = fields.map(() => false);

  /** Reads what stands behind `kvm_exit:`. */
  read(line: Line, rows: Events): void {
    this.vcpu = vcpuOf(line);
    line.spaces();
    if (!line.take("reason ")) line.fail("reason", 'the word "reason" and an exit reason');
    const from = line.at;
    const { bytes } = line;
    let at = from;
    // A reason that the tool does not know has spaces: "UNKNOWN (77)".
    while (bytes[at] !== newline && !startsWith(bytes, at, " rip ")) at += 1;
    if (bytes[at] === newline) line.fail("reason", "an exit reason and the guest's rip");
    this.reason = rows.columns.reason.code(bytes, from, at);
    if (this.reason < 0 || at === from) line.fail("reason", "an exit reason in UTF-8");
    line.at = at + " rip ".length;
    this.has.fill(false);
    this.#field(line, 0);
    line.spaces();
    if (line.take("info ")) {
      this.#field(line, 1);
      line.spaces();
      this.#field(line, 2);
      return;
    }
    if (!line.take("info1 ")) return;
    this.#field(line, 1);
    line.spaces();
    if (!line.take("info2 ")) return;
    this.#field(line, 2);
    line.spaces();
    if (!line.take("intr_info ")) return;
    this.#field(line, 3);
    line.spaces();
    if (line.take("error_code ")) this.#field(line, 4);
  }

  #field(line: Line, field: number): void {
    line.hexadecimal(this.words, field, fields[field]!);
    this.has[field] = true;
  }

  /** Writes the exit as a row. */
  complete(thread: number, durationNs: number, rows: Events): void {
    const { columns, count } = rows;
    columns.timeNs[count] = this.timeNs;
    columns.reason.values[count] = this.reason;
    columns.process.values[count] = this.process;
    columns.thread[count] = thread;
    columns.cpu[count] = this.cpu;
    columns.durationNs[count] = durationNs;
    columns.vcpu[count] = this.vcpu;
    if (Number.isNaN(durationNs)) rows.setNull("durationNs");
    if (Number.isNaN(this.vcpu)) rows.setNull("vcpu");
    for (let field = 0; field < fields.length; field += 1) {
      const words = columns[fields[field]!];
      words[2 * count] = this.words[2 * field]!;
      words[2 * count + 1] = this.words[2 * field + 1]!;
      if (!this.has[field]!) rows.setNull(fields[field]!);
    }
    this.isOpen = false;
    rows.count += 1;
  }
}

/** Reads `vcpu 3` or `vcpu 3,`; NaN where it is not there. */
function vcpuOf(line: Line): number {
  line.spaces();
  if (!line.take("vcpu ")) return Number.NaN;
  const vcpu = line.below(0xffffffff, "vcpu");
  if (line.peek() === comma) line.at += 1;
  return vcpu;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** What stands before an event. */
class Task {
  nameFrom = 0;
  nameTo = 0;
  thread = 0;
  cpu = 0;
  timeNs = 0;

  /** Reads `process-thread (group) [cpu] flags time: `. A process's name may have spaces, dashes and brackets. */
  read(line: Line, rows: Events, clock: Zero): void {
    line.spaces();
    const { bytes } = line;
    const from = line.at;
    let bracket = from;
    while (bytes[bracket] !== newline && !isProcessor(bytes, bracket)) bracket += 1;
    if (bytes[bracket] === newline) line.fail("event", "process-thread, [cpu], time and an event");
    let to = skipBack(bytes, bracket, from);
    if (bytes[to - 1] === closeParenthesis) {
      while (to > from && bytes[to] !== openParenthesis) to -= 1;
      to = skipBack(bytes, to, from);
    }
    let dash = to;
    while (dash > from && bytes[dash] !== minus) dash -= 1;
    this.nameFrom = from;
    this.nameTo = dash;
    line.at = dash + 1;
    this.thread = line.below(0xffffffff, "thread");
    line.at = bracket + 1;
    this.cpu = line.below(0xffffffff, "cpu");
    line.expect(closeBracket, "cpu");
    line.spaces();
    const flags = line.at;
    line.word("time");
    if (bytes[line.at - 1] === colon) line.at = flags;
    else line.spaces();
    this.timeNs = clock.seconds(line, rows, "time");
    line.expect(colon, "time");
    line.spaces();
  }
}

/** Whether ` [12] ` stands around `at`. */
function isProcessor(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== openBracket || bytes[at - 1] !== space) return false;
  let to = at + 1;
  while (bytes[to]! >= 48 && bytes[to]! <= 57) to += 1;
  return to > at + 1 && bytes[to] === closeBracket;
}

function skipBack(bytes: Uint8Array, from: number, least: number): number {
  let at = from;
  while (at > least && bytes[at - 1] === space) at -= 1;
  return at;
}

/** First letters of lines that may be no event; a process's name may begin with them, too. */
const otherStarts = new Set(Array.from("#cvC", (letter) => letter.charCodeAt(0)));

/**
 * VM exits from the text of KVM's trace points as `trace-cmd report` prints it, or as ftrace's `trace` file has it: `kvm_exit` with reason, guest
 * rip and the two exit informations (`info1 …, info2 …`, or `info … …` of older kernels; hexadecimal), and the `kvm_entry` that
 * follows on the same thread. A row is an exit; `durationNs` is the time until that entry, null where it is not in the trace (also
 * where events were lost in between). Rows stand in the order in which the entries came: those of one thread in the order of time. Lines of other
 * events, and an entry without its exit, are no rows. `vcpu` is null where neither line says it. There is no writing: the lines of other events are gone.
 *
 * Described in https://man7.org/linux/man-pages/man1/trace-cmd-report.1.html and the kernel's Documentation/trace/ftrace.rst.
 */
export const kvmTrace: TraceFormat = {
  name: "kvm-trace",
  title: "KVM exits and entries (trace-cmd report, ftrace)",
  kind: "exits",
  detect({ lines }) {
    const events = lines.filter((line) => line.trim() !== "" && !otherLine.test(line));
    return (
      events.length > 0 && eventLine.test(events[0]!.slice(0, longestHead)) && events.some((line) => kvmLine.test(line))
    );
  },
  read(source, options) {
    const clock = zero(1);
    const task = new Task();
    const exits = new Map<number, Exit>();
    let left: [number, Exit][] | undefined;
    let started = false;
    return readLines(source, options, {
      layout,
      read(line, rows) {
        if (otherStarts.has(line.peek())) {
          const from = line.at;
          const text = line.text();
          line.at = from;
          if (otherLine.test(text)) {
            const cpu = Number(lostLine.exec(text)?.[1]);
            for (const exit of exits.values()) exit.isLost ||= exit.cpu === cpu;
            if (started) line.rest();
            else headerLine(line, rows);
            return;
          }
        }
        started = true;
        task.read(line, rows, clock);
        const { thread, timeNs } = task;
        let exit = exits.get(thread);
        if (line.take("kvm_exit:")) {
          if (exit?.isOpen === true) exit.complete(thread, Number.NaN, rows);
          if (exit === undefined) exits.set(thread, (exit = new Exit()));
          exit.read(line, rows);
          exit.process = rows.columns.process.code(line.bytes, task.nameFrom, task.nameTo);
          if (exit.process < 0) line.failAt(task.nameFrom, "process", "text in UTF-8");
          exit.timeNs = timeNs;
          exit.cpu = task.cpu;
          exit.isLost = false;
          exit.isOpen = true;
        } else if (line.take("kvm_entry:")) {
          const vcpu = vcpuOf(line);
          if (exit?.isOpen === true) {
            if (Number.isNaN(exit.vcpu)) exit.vcpu = vcpu;
            exit.complete(thread, exit.isLost ? Number.NaN : timeNs - exit.timeNs, rows);
          }
        } else if (!isName(line.peek())) line.fail("event", "an event's name");
        line.rest();
      },
      end(_, rows) {
        left ??= [...exits].filter(([, { isOpen }]) => isOpen).sort(([, a], [, b]) => b.timeNs - a.timeNs);
        const next = left.pop();
        next?.[1].complete(next[0], Number.NaN, rows);
      },
    });
  },
};

const isName = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;
