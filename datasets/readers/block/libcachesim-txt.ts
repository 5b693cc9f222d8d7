import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { placeOf } from "./object-id.ts";
import { other } from "./operations.ts";

/**
 * libCacheSim's plain text: the number of an object a line, below 2^64, in the order of the requests.
 *
 * `object` is the number, and `offsetBytes` what it is as a sector's, as of `oracle-general`. The format has no times and no sizes: `timeNs` and `sizeBytes`
 * are null, and `op` is `other`. Nothing tells a list of such numbers from any other list of numbers: it is never recognised, and the option `as` names it.
 *
 * Described in https://github.com/1a1a11a/libCacheSim (doc/quickstart_cachesim.md).
 */
export const libcachesimTxt: TraceFormat = {
  name: "libcachesim-txt",
  title: "libCacheSim trace of object numbers (text)",
  kind: "block",
  detect: () => false,
  read: (source, options) =>
    readLines(source, options, {
      layout: {
        timeNs: optional("float64"),
        op: codes(blockOperations),
        offsetBytes: optional("float64"),
        sizeBytes: optional("float64"),
        object: "uint64",
      },
      read(line, rows) {
        const { columns, count } = rows;
        line.whole64(columns.object, count, "object");
        rows.setNull("timeNs");
        columns.op[count] = other;
        rows.setNull("sizeBytes");
        const offset = placeOf(columns.object[2 * count]!, columns.object[2 * count + 1]!);
        columns.offsetBytes[count] = offset;
        if (Number.isNaN(offset)) rows.setNull("offsetBytes");
        line.end("object");
        rows.count += 1;
      },
    }),
  write: (batches) =>
    writeLines("libcachesim-txt", batches, ({ column }) => {
      const object = column("object");
      return (row) => String(object.bigint(row));
    }),
};
