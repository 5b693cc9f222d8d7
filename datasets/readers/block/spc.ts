import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { requestColumns } from "./request-columns.ts";
import { mostLines } from "./most-lines.ts";
import { read, sectorBytes, write } from "./operations.ts";

const comma = 44;
const newline = 10;
const pattern = /^\d+,\s*\d+,\s*\d+,\s*[RWrw],\s*\d+\.\d+(,|$)/;

const letters = new Uint8Array(256).fill(255);
for (const letter of "Rr") letters[letter.charCodeAt(0)] = read;
for (const letter of "Ww") letters[letter.charCodeAt(0)] = write;

/** Moves over a comma and white space behind it. */
function separator(line: Line, field: string): void {
  line.expect(comma, field);
  line.spaces();
}

/**
 * Traces in the format of the Storage Performance Council (UMass' Financial and WebSearch): `ASU,LBA,Size,Opcode,Timestamp`. The address counts blocks
 * of the application-specific unit, taken as 512 bytes each (the format leaves their size to a trace's description; UMass' traces have 512);
 * the size is in bytes; the operation is R or W in either case; the time is in seconds since the trace's beginning, with at most
 * nine digits behind the point. Further fields, which mean what a trace's author says, are kept as text in `extra`. Written files have capital
 * letters, no spaces, and microseconds where these suffice.
 *
 * Described in the SPC Trace File Format Specification, revision 1.0.1, at https://traces.cs.umass.edu/docs/traces/storage/.
 */
export const spc: TraceFormat = {
  name: "spc",
  title: "SPC block trace (CSV)",
  kind: "block",
  detect: (head) => mostLines(head, pattern),
  read: (source, options) =>
    readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        unit: "uint32",
        extra: optional("text"),
      },
      read(line, rows) {
        const { columns, count } = rows;
        line.spaces();
        columns.unit[count] = line.below(0xffffffff, "ASU");
        separator(line, "ASU");
        columns.offsetBytes[count] = line.scaled(sectorBytes, "LBA");
        separator(line, "LBA");
        columns.sizeBytes[count] = line.whole("Size");
        separator(line, "Size");
        const op = letters[line.peek()]!;
        if (op === 255) line.fail("Opcode", "R or W");
        line.at += 1;
        columns.op[count] = op;
        separator(line, "Opcode");
        columns.timeNs[count] = line.decimal(9, "Timestamp");
        if (line.peek() === comma) {
          line.at += 1;
          line.store(columns.extra, count, line.until(newline), "optional fields");
        } else {
          rows.setNull("extra");
        }
        line.end("Timestamp");
        rows.count += 1;
      },
    }),
  write: (batches) =>
    writeLines("spc", batches, (writer) => {
      const { column, columnOr, has, seconds } = writer;
      const [op, offset, size, time] = requestColumns(writer);
      const unit = columnOr("unit", 0);
      const extra = has("extra") ? column("extra") : undefined;
      return (row) => {
        const ns = time.number(row);
        return (
          `${unit.whole(row)},${offset.whole(row, sectorBytes)},${size.whole(row)},${op.one(row, { read: "R", write: "W" })},` +
          `${seconds(ns, ns % 1000 === 0 ? 6 : 9)}${extra?.isNull(row) === false ? `,${extra.text(row)}` : ""}`
        );
      };
    }),
};
