import type { TraceFormat } from "../../formats/format.ts";
import { references } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

/** Labels in the order of their numbers. */
const labels = ["read", "write", "fetch", "miscellaneous"];
const codeOf = Object.fromEntries(labels.map((label, code) => [label, code]));
const flush = labels.length;
const kinds = Uint8Array.from(["read", "write", "fetch", "read"], (kind) => references.indexOf(kind));

/**
 * Dinero's traditional input, din: `label address` a line, both as text, the address hexadecimal without 0x (Dinero IV's manual,
 * https://pages.cs.wisc.edu/~markhill/DineroIV/). Labels: 0 read, 1 write, 2 instruction fetch, 3 of an unknown kind, which the simulator takes for a
 * read (`label` tells it apart), 4 a flush of the cache, which refers to nothing and is no row. What stands behind the address is a comment and left out.
 * The format has no sizes, so `sizeBytes` is null (Dinero IV assumes words of 4 bytes). Only recognised when an instruction fetch or a
 * hexadecimal letter is in its beginning; else the option "as" names it. Dinero IV's extended din (`r 1000 4`) is `dinero-extended`.
 */
export const dinero: TraceFormat = {
  name: "dinero",
  title: "Dinero din (memory references, text)",
  kind: "memory",
  detect({ lines }) {
    const first = lines.slice(0, 1000).filter((line) => line !== "");
    return (
      first.length > 0 &&
      first.every((line) => /^[0-4] [\da-f]{1,16}( +\S.*| *)$/i.test(line)) &&
      first.every((line) => !/^\d+( +[-+.\deE]+){2,}\s*$/.test(line)) &&
      first.some((line) => /^(2 |[0-4] \d*[a-f])/i.test(line))
    );
  },
  read: (source, options) =>
    readLines(source, options, {
      layout: { kind: codes(references), address: "uint64", sizeBytes: optional("uint32"), label: codes(labels) },
      read(line, rows) {
        const { columns, count } = rows;
        const label = line.below(flush, "label");
        line.spaces();
        line.hexadecimal(columns.address, count, "address");
        if (line.peek() > 32) line.fail("address", "a blank or the line's end behind a hexadecimal number");
        line.rest();
        if (label === flush) return;
        columns.kind[count] = kinds[label]!;
        columns.label[count] = label;
        rows.setNull("sizeBytes");
        rows.count += 1;
      },
    }),
  write: (batches) =>
    writeLines("dinero", batches, ({ column }) => {
      const [address, label] = ["address", "label"].map(column);
      return (row) => `${label!.one(row, codeOf)} ${address!.bigint(row).toString(16)}`;
    }),
};
