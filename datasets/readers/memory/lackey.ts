import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { references } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

const space = 32;
const comma = 44;
const read = references.indexOf("read");
const write = references.indexOf("write");

const operations = ["fetch", "load", "store", "modify"];
const modify = operations.indexOf("modify");
const kinds = Uint8Array.of(references.indexOf("fetch"), read, write, read);
const marks = ["I ", " L", " S", " M"];
const markOf = Object.fromEntries(operations.map((operation, at) => [operation, marks[at]!]));

const fetchMark = "I".charCodeAt(0);
const none = 255;
const byLetter = new Uint8Array(256).fill(none);
for (const operation of [1, 2, 3]) byLetter[marks[operation]!.charCodeAt(1)] = operation;

/** What valgrind's own lines begin with, twice: =, - and *. */
const valgrindMarks = [61, 45, 42];
const valgrindLine = /^(==|--|\*\*)\d+(==|--|\*\*)/;
const referenceLine = /^(I {2}| [LSM] )[\da-fA-F]{1,16},\d+$/;

/**
 * What `valgrind --tool=lackey --trace-mem=yes` prints (valgrind's lackey/lk_main.c; https://valgrind.org/docs/manual/lk-manual.html):
 * `I  04001000,3` an instruction's fetch, ` L 1ffeffe8,8` a load, ` S …` a store, ` M …` a load and a store of the same place, which is
 * two rows; addresses are virtual and hexadecimal, sizes in bytes. `operation` says what the line says. Valgrind's own lines
 * (`==123== …`) are left out; those before the first reference are kept as the header. Lackey does not say which thread refers, nor when. The lines of
 * `--trace-superblocks=yes`, and a program's own output between the references, are faults.
 */
export const lackey: TraceFormat = {
  name: "lackey",
  title: "Memory references by valgrind's lackey (text)",
  kind: "memory",
  detect({ lines }) {
    const own = lines.slice(0, 200).filter((line) => !valgrindLine.test(line) && line !== "");
    return own.length > 0 && own.every((line) => referenceLine.test(line));
  },
  read(source, options) {
    let started = false;
    return readLines(source, options, {
      layout: { kind: codes(references), address: "uint64", sizeBytes: "uint32", operation: codes(operations) },
      mostRows: 2,
      read(line, rows) {
        const { columns, count } = rows;
        const { bytes, at } = line;
        const first = bytes[at]!;
        const second = bytes[at + 1]!;
        const operation = first === space ? byLetter[second]! : first === fetchMark && second === space ? 0 : none;
        if (operation === none || bytes[at + 2] !== space) {
          if (!valgrindMarks.includes(first) || second !== first)
            line.fail("operation", 'a reference of lackey such as " L 1ffeffe8,8"');
          if (started) line.rest();
          else headerLine(line, rows);
          return;
        }
        started = true;
        line.at = at + 3;
        line.hexadecimal(columns.address, count, "address");
        line.expect(comma, "address");
        const size = line.below(0xffffffff, "size");
        line.end("size");
        columns.sizeBytes[count] = size;
        columns.operation[count] = operation;
        columns.kind[count] = kinds[operation]!;
        rows.count += 1;
        if (operation !== modify) return;
        columns.address[2 * count + 2] = columns.address[2 * count]!;
        columns.address[2 * count + 3] = columns.address[2 * count + 1]!;
        columns.sizeBytes[count + 1] = size;
        columns.operation[count + 1] = operation;
        columns.kind[count + 1] = write;
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("lackey", batches, ({ column }) => {
      const [kind, address, size, operation] = ["kind", "address", "sizeBytes", "operation"].map(column);
      return (row) => {
        const mark = operation!.one(row, markOf);
        if (mark === marks[modify] && kind!.text(row) === "write") return undefined;
        return `${mark} ${address!.bigint(row).toString(16).padStart(8, "0")},${size!.whole(row)}`;
      };
    }),
};
