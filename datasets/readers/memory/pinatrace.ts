import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { references } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

const space = 32;
const colon = 58;
const hash = 35;
const none = 255;
const letters = new Uint8Array(256).fill(none);
letters["R".charCodeAt(0)] = references.indexOf("read");
letters["W".charCodeAt(0)] = references.indexOf("write");

/**
 * What Intel Pin's example tool pinatrace writes (source/tools/SimpleExamples and ManualExamples/pinatrace.cpp;
 * https://software.intel.com/sites/landingpage/pintool/docs/98869/Pin/doc/html/): `0x401136: R 0x7ffd0010` with the instruction's address (`pc`)
 * and the address that it reads (R) or writes (W), both virtual and hexadecimal, and `#eof` at the end. SimpleExamples' tool adds the size in bytes (decimal) and, unless it is
 * told otherwise, the value (`0x` and hexadecimal digits; those of more than 8 bytes one after the other, as the tool prints them; none of a prefetch), ManualExamples'
 * does not: `sizeBytes` and `value` are null. Instruction fetches are not
 * in the trace. Lines that begin with # before the first reference are kept as the header. A trace without `#eof` was cut and is read as far as it goes.
 */
export const pinatrace: TraceFormat = {
  name: "pinatrace",
  title: "Memory references by Pin's pinatrace (text)",
  kind: "memory",
  detect({ lines }) {
    const own = lines.slice(0, 200).filter((line) => !line.startsWith("#"));
    return (
      own.length > 0 &&
      own.every((line) => /^0x[\da-f]{1,16}: [RW] +0x[\da-f]{1,16}( +\d+( +0x[\da-f]*)? *)?$/i.test(line))
    );
  },
  read(source, options) {
    let started = false;
    let ended = false;
    return readLines(source, options, {
      layout: {
        kind: codes(references),
        address: "uint64",
        sizeBytes: optional("uint32"),
        pc: "uint64",
        value: optional("text"),
      },
      read(line, rows) {
        const { columns, count } = rows;
        if (ended) line.fail("end", "nothing behind #eof");
        if (line.peek() === hash) {
          if (line.take("#eof")) {
            line.end("#eof");
            ended = true;
          } else if (started) line.fail("#", "#eof");
          else headerLine(line, rows);
          return;
        }
        line.hexadecimal(columns.pc, count, "ip");
        line.expect(colon, "ip");
        line.expect(space, "ip");
        const kind = letters[line.peek()]!;
        if (kind === none) line.fail("operation", "R or W");
        columns.kind[count] = kind;
        line.at += 1;
        line.expect(space, "operation");
        line.spaces();
        line.hexadecimal(columns.address, count, "address");
        line.spaces();
        if (line.isAtEnd) {
          rows.setNull("sizeBytes");
          rows.setNull("value");
        } else {
          columns.sizeBytes[count] = line.below(0xffffffff, "size");
          line.spaces();
          // A newline is below the blank, as is the carriage return before it.
          if (line.peek() > space) line.store(columns.value, count, line.word("value"), "value");
          else rows.setNull("value");
          line.spaces();
        }
        line.end("size");
        started = true;
        rows.count += 1;
      },
    });
  },
  async *write(batches) {
    yield* writeLines("pinatrace", batches, ({ column }) => {
      const [kind, address, size, pc, value] = ["kind", "address", "sizeBytes", "pc", "value"].map(column);
      const at = (of: bigint) => `0x${of.toString(16)}`;
      return (row) =>
        `${at(pc!.bigint(row))}: ${kind!.one(row, { read: "R", write: "W" })} ${at(address!.bigint(row))}${size!.isNull(row) ? "" : ` ${size!.whole(row)}`}${value!.isNull(row) ? "" : ` ${value!.text(row)}`}`;
    });
    yield Buffer.from("#eof\n");
  },
};
