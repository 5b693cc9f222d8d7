import type * as arrow from "apache-arrow";
import { columnReader } from "../../formats/batch-rows.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { codes, type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";

const colon = 58;
const openBrace = 123;
const closeBrace = 125;

/** The metadata's name of the number of ranks. */
const ranksKey = "veelab.ranks";

/** What a row is; the code of each is its place here. */
const operations = ["send", "recv", "calc", "requires", "irequires"];
const send = 0;
const recv = 1;
const calc = 2;
const requires = 3;
const irequires = 4;

const layout = {
  rank: "uint32",
  call: codes(operations),
  label: optional("words"),
  requires: optional("words"),
  sizeBytes: optional("float64"),
  peer: optional("int32"),
  tag: optional("int32"),
  calculation: optional("float64"),
  cpu: optional("uint8"),
  nic: optional("uint8"),
} as const satisfies Layout;

type Operations = Rows<typeof layout>;

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;
const isNamePart = (byte: number): boolean => isLetter(byte) || (byte >= 48 && byte <= 57) || byte === 95;

/** Moves over a label's letters, digits and underscores; gives where it began. */
function name(line: Line): number {
  const from = line.at;
  if (!isLetter(line.peek())) line.fail("label", "a label of letters, digits and underscores");
  while (isNamePart(line.peek())) line.at += 1;
  return from;
}

function smallInt(line: Line, field: string): number {
  const from = line.at;
  const value = line.signed(field);
  if (value < -1 || value > 0x7fffffff) line.failAt(from, field, "a whole number of 31 bits, or -1 for any");
  return value;
}

/** Moves over a word of the language and the space around it if it is here. */
function word(line: Line, text: string): boolean {
  line.spaces();
  const from = line.at;
  if (!line.take(text) || isNamePart(line.peek())) {
    line.at = from;
    return false;
  }
  line.spaces();
  return true;
}

/** The fields that `operation` and `dependency` have read, as there is no taking a null back. */
class Operation {
  sizeBytes = Number.NaN;
  peer = Number.NaN;
  tag = Number.NaN;
  calculation = Number.NaN;
  cpu = Number.NaN;
  nic = Number.NaN;

  /** Reads what stands behind a label, of which the operation's first word is not read yet. */
  read(line: Line, rows: Operations): void {
    this.sizeBytes = this.peer = this.tag = this.calculation = this.cpu = this.nic = NaN;
    const { columns, count } = rows;
    const isSend = word(line, "send");
    if (isSend || word(line, "recv")) {
      columns.call[count] = isSend ? send : recv;
      this.sizeBytes = line.whole("size");
      line.spaces();
      if (!word(line, "b")) line.fail("size", 'a number of bytes and "b"');
      if (!word(line, isSend ? "to" : "from")) line.fail("peer", isSend ? '"to" and a rank' : '"from" and a rank');
      this.peer = smallInt(line, "peer");
      if (word(line, "tag")) this.tag = smallInt(line, "tag");
      if (word(line, "cpu")) this.cpu = line.below(255, "cpu");
      if (word(line, "nic")) this.nic = line.below(255, "nic");
    } else if (word(line, "calc")) {
      columns.call[count] = calc;
      this.calculation = line.whole("calc");
      if (word(line, "cpu")) this.cpu = line.below(255, "cpu");
    } else line.fail("operation", "send, recv or calc");
  }

  store(rows: Operations): void {
    for (const field of ["sizeBytes", "peer", "tag", "calculation", "cpu", "nic"] as const) {
      rows.columns[field][rows.count] = this[field];
      if (Number.isNaN(this[field])) rows.setNull(field);
    }
  }
}

/**
 * GOAL schedules of MPI programs, as LogGOPSim's schedgen writes and its txt2bin reads them: `num_ranks N`, and for each rank a block
 * `rank r {` … `}` with operations `label: send 8b to 1 tag 0 cpu 0 nic 0`, `recv 8b from 0 …`, `calc 100 cpu 0`, and dependencies
 * `label requires other` (after its end) or `label irequires other` (after its start).
 *
 * A row is an operation (`call` send, recv or calc) or a dependency (`call` requires or irequires, with the `label` of what waits, and in
 * `requires` what it waits for). `calculation` is the number behind calc: nanoseconds to LogGOPSim. A peer or tag of -1 is any. The number of ranks is the schema's
 * metadata `veelab.ranks`. Comments (from two slashes to the line's end, or between slash-star and star-slash on lines of their own) are not kept.
 * Described in https://github.com/spcl/LogGOPSim
 */
export const goal: TraceFormat = {
  name: "goal",
  title: "GOAL schedule (LogGOPSim)",
  kind: "mpi",
  detect: ({ lines }) => {
    const text = lines
      .slice(0, 100)
      .join("\n")
      .slice(0, 4096)
      .replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    return /^\s*num_ranks[ \t]+\d+[ \t]*(\n|$)/.test(text);
  },
  read(source, options) {
    let ranks = NaN;
    let rank = NaN;
    let inComment = false;
    const operation = new Operation();
    return readLines(source, options, {
      layout,
      read(line, rows) {
        line.spaces();
        if (inComment || line.take("/*")) {
          inComment = !line.text().includes("*/");
          line.rest();
          return;
        }
        if (line.isAtEnd || line.take("//")) {
          line.rest();
          return;
        }
        if (Number.isNaN(ranks)) {
          if (!word(line, "num_ranks")) line.fail("num_ranks", '"num_ranks" and the number of ranks');
          const number = line.below(0xffffffff, "num_ranks");
          line.spaces();
          line.end("num_ranks");
          ranks = number;
          rows.metadata.set(ranksKey, String(ranks));
          return;
        }
        if (Number.isNaN(rank)) {
          if (!word(line, "rank")) line.fail("rank", '"rank", a number and "{"');
          const from = line.at;
          const number = line.below(0xffffffff, "rank");
          if (number >= ranks) line.failAt(from, "rank", `a rank below ${ranks}`);
          line.spaces();
          line.expect(openBrace, "rank");
          line.spaces();
          line.end("rank");
          rank = number;
          return;
        }
        if (line.peek() === closeBrace) {
          line.at += 1;
          line.spaces();
          line.end("rank");
          rank = NaN;
          return;
        }
        const { columns, count } = rows;
        columns.rank[count] = rank;
        const from = line.at;
        const label = name(line);
        const labelEnd = line.at;
        line.spaces();
        if (line.peek() === colon) {
          columns.label.set(count, line.bytes, label, labelEnd);
          line.at += 1;
          rows.setNull("requires");
          operation.read(line, rows);
          operation.store(rows);
        } else {
          const isRequires = word(line, "requires");
          if (isRequires || word(line, "irequires")) {
            columns.label.set(count, line.bytes, label, labelEnd);
            columns.call[count] = isRequires ? requires : irequires;
            const other = name(line);
            columns.requires.set(count, line.bytes, other, line.at);
            for (const field of ["sizeBytes", "peer", "tag", "calculation", "cpu", "nic"] as const) rows.setNull(field);
          } else {
            // Without a label.
            line.at = from;
            rows.setNull("label");
            rows.setNull("requires");
            operation.read(line, rows);
            operation.store(rows);
          }
        }
        line.spaces();
        line.end("operation");
        rows.count += 1;
      },
      end(line) {
        if (Number.isNaN(ranks)) line.fail("num_ranks", '"num_ranks" and the number of ranks');
        if (!Number.isNaN(rank)) line.fail("rank", `the closing brace of rank ${rank}`);
      },
    });
  },
  write,
};

/** Each rank has its block, also where it does nothing; blocks are in the order of the rows. */
async function* write(batches: AsyncIterable<arrow.RecordBatch>): AsyncGenerator<Uint8Array, void> {
  let ranks = 0;
  let open = -1;
  let started = false;
  for await (const batch of batches) {
    let text = "";
    if (!started) {
      ranks = Number(batch.schema.metadata.get(ranksKey) ?? 0);
      text = `num_ranks ${ranks}\n`;
      started = true;
    }
    const [rank, call, label, requires] = ["rank", "call", "label", "requires"].map((of) =>
      columnReader(batch, of, { format: "goal" }),
    );
    const [size, peer, tag, calculation, cpu, nic] = ["sizeBytes", "peer", "tag", "calculation", "cpu", "nic"].map(
      (of) => columnReader(batch, of, { format: "goal" }),
    );
    for (let row = 0; row < batch.numRows; row += 1) {
      const of = rank!.number(row);
      if (of !== open) {
        if (open >= 0) text += "}\n";
        text += emptyBlocks(open + 1, of);
        text += `\nrank ${of} {\n`;
        open = of;
      }
      const what = call!.text(row);
      const named = label!.isNull(row) ? "" : label!.text(row);
      const further = [["tag", tag!] as const, ["cpu", cpu!] as const, ["nic", nic!] as const]
        .filter(([, value]) => !value.isNull(row))
        .map(([field, value]) => ` ${field} ${value.number(row)}`)
        .join("");
      if (!requires!.isNull(row)) text += `${named} ${what} ${requires!.text(row)}\n`;
      else {
        const start = named === "" ? what : `${named}: ${what}`;
        text += calculation!.isNull(row)
          ? `${start} ${size!.number(row)}b ${what === "send" ? "to" : "from"} ${peer!.number(row)}${further}\n`
          : `${start} ${calculation!.number(row)}${further}\n`;
      }
    }
    if (text !== "") yield Buffer.from(text);
  }
  yield Buffer.from(`${open >= 0 ? "}\n" : ""}${emptyBlocks(open + 1, ranks)}`);
}

function emptyBlocks(from: number, to: number): string {
  let text = "";
  for (let rank = from; rank < to; rank += 1) text += `\nrank ${rank} {\n}\n`;
  return text;
}
