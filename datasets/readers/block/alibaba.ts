import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { wholeInto } from "../../formats/whole-into.ts";
import { zero } from "../../formats/zero.ts";
import { requestColumns } from "./request-columns.ts";

const comma = 44;
const newline = 10;
const most = Number.MAX_SAFE_INTEGER;
/** The file's time stamps are in microseconds. */
const tickNs = 1000;
const letters = new Uint8Array(256).fill(255);
letters["R".charCodeAt(0)] = blockOperations.indexOf("read");
letters["W".charCodeAt(0)] = blockOperations.indexOf("write");

/**
 * Alibaba's cloud block traces (2020): `device_id,opcode,offset,length,timestamp` without a header; offset and length in bytes,
 * the time stamp in microseconds since 1970.
 */
export const alibaba: TraceFormat = {
  name: "alibaba",
  title: "Alibaba block trace (CSV)",
  kind: "block",
  detect: ({ lines: [first = ""] }) => /^\d+,[RW],\d+,\d+,\d{15,17}$/.test(first),
  read(source, options) {
    const epoch = zero(tickNs);
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        device: "uint32",
      },
      usual(bytes, at, columns, row) {
        at = wholeInto(bytes, at, comma, columns.device, row, 0xffffffff);
        const op = letters[bytes[at]!]!;
        if (at === 0 || op === 255 || bytes[at + 1] !== comma) return 0;
        columns.op[row] = op;
        at = wholeInto(bytes, at + 2, comma, columns.offsetBytes, row, most);
        if (at > 0) at = wholeInto(bytes, at, comma, columns.sizeBytes, row, most);
        if (at > 0) at = wholeInto(bytes, at, newline, columns.timeNs, row, most);
        return at > 0 && epoch.place(columns.timeNs, row) ? at : 0;
      },
      read(line, rows) {
        const { columns, count } = rows;
        columns.device[count] = line.below(0xffffffff, "device_id");
        line.expect(comma, "device_id");
        const op = letters[line.peek()]!;
        if (op === 255) line.fail("opcode", "R or W");
        line.at += 1;
        columns.op[count] = op;
        line.expect(comma, "opcode");
        columns.offsetBytes[count] = line.whole("offset");
        line.expect(comma, "offset");
        columns.sizeBytes[count] = line.whole("length");
        line.expect(comma, "length");
        columns.timeNs[count] = epoch.read(line, rows, "timestamp");
        line.end("timestamp");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines(
      "alibaba",
      batches,
      (writer) => {
        const { columnOr, timeStamp } = writer;
        const [op, offset, size, time] = requestColumns(writer);
        const device = columnOr("device", 0);
        return (row) =>
          `${device.whole(row, 1, 0xffffffff)},${op.one(row, { read: "R", write: "W" })},${offset.whole(row)},${size.whole(row)},${timeStamp(time.number(row))}`;
      },
      tickNs,
    ),
};
