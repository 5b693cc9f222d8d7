import type { TraceFormat } from "../../formats/format.ts";
import { references } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

/** Access types in the order of their letters. */
const letters = ["r", "w", "i", "m", "c", "v"];
const labels = ["read", "write", "fetch", "miscellaneous"];
const letterOf = Object.fromEntries(labels.map((label, code) => [label, letters[code]!]));
const kinds = Uint8Array.from(["read", "write", "fetch", "read"], (kind) => references.indexOf(kind));
const none = 255;
const codeOf = new Uint8Array(256).fill(none);
for (const [code, letter] of letters.entries())
  codeOf[letter.charCodeAt(0)] = codeOf[letter.toUpperCase().charCodeAt(0)] = code;

/**
 * Dinero IV's extended input (`-informat D`, https://pages.cs.wisc.edu/~markhill/DineroIV/): `type address size` a line, with address and size in bytes both
 * hexadecimal, with 0x or without. Types: r read, w write, i instruction fetch, m miscellaneous, which the simulator takes for a read that
 * starts no prefetch (`label` tells it apart), c copy back and v invalidate, which are orders to the cache and no rows. What stands behind the size is a
 * comment and left out.
 */
export const dineroExtended: TraceFormat = {
  name: "dinero-extended",
  title: "Dinero IV extended din (memory references, text)",
  kind: "memory",
  detect({ lines }) {
    const first = lines.slice(0, 1000).filter((line) => line !== "");
    return (
      first.length > 0 &&
      first.every((line) => /^[rwimcv][ \t]+(0x)?[\da-f]{1,16}[ \t]+(0x)?[\da-f]{1,8}([ \t].*)?$/i.test(line))
    );
  },
  read(source, options) {
    const size = new Uint32Array(2);
    return readLines(source, options, {
      layout: { kind: codes(references), address: "uint64", sizeBytes: "uint32", label: codes(labels) },
      read(line, rows) {
        const { columns, count } = rows;
        line.spaces();
        const label = codeOf[line.peek()]!;
        if (label === none) line.fail("type", "r, w, i, m, c or v");
        line.at += 1;
        if (line.peek() > 32) line.fail("type", "a blank behind one letter");
        line.spaces();
        line.hexadecimal(columns.address, count, "address");
        if (line.peek() > 32) line.fail("address", "a blank behind a hexadecimal number");
        line.spaces();
        const from = line.at;
        line.hexadecimal(size, 0, "size");
        if (size[1] !== 0) line.failAt(from, "size", "a hexadecimal number below 2^32");
        if (line.peek() > 32) line.fail("size", "a blank or the line's end behind a hexadecimal number");
        line.rest();
        if (label >= labels.length) return;
        columns.kind[count] = kinds[label]!;
        columns.label[count] = label;
        columns.sizeBytes[count] = size[0]!;
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("dinero-extended", batches, ({ column }) => {
      const [address, size, label] = ["address", "sizeBytes", "label"].map(column);
      return (row) =>
        `${label!.one(row, letterOf)} ${address!.bigint(row).toString(16)} ${size!.whole(row).toString(16)}`;
    }),
};
