import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { requestColumns } from "./request-columns.ts";
import { zero } from "../../formats/zero.ts";
import { mostLines } from "./most-lines.ts";
import { read, sectorBytes, write } from "./operations.ts";

const comma = 44;
const pattern = /^\d{9,10},\d+,\d+,[01],\d+$/;

/** The file's time stamps are in whole seconds. */
const tickNs = 1e9;

/**
 * Tencent's cloud block storage traces (CBS, 2018): `Timestamp,Offset,Size,IOType,VolumeID` without a header. The time stamp is in
 * whole seconds since 1970, offset and size are in sectors of 512 bytes, the type is 0 (read) or 1 (write).
 *
 * Described in http://iotta.snia.org/traces/parallel/27917 and in Y. Zhang et al.: OSCA, USENIX ATC 2020.
 */
export const tencent: TraceFormat = {
  name: "tencent",
  title: "Tencent CBS block trace (CSV)",
  kind: "block",
  detect: (head) => mostLines(head, pattern),
  read(source, options) {
    const epoch = zero(tickNs);
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        volume: "uint32",
      },
      read(line, rows) {
        const { columns, count } = rows;
        columns.timeNs[count] = epoch.read(line, rows, "Timestamp");
        line.expect(comma, "Timestamp");
        columns.offsetBytes[count] = line.scaled(sectorBytes, "Offset");
        line.expect(comma, "Offset");
        columns.sizeBytes[count] = line.scaled(sectorBytes, "Size");
        line.expect(comma, "Size");
        columns.op[count] = line.below(1, "IOType") === 0 ? read : write;
        line.expect(comma, "IOType");
        columns.volume[count] = line.below(0xffffffff, "VolumeID");
        line.end("VolumeID");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines(
      "tencent",
      batches,
      (writer) => {
        const { columnOr, timeStamp } = writer;
        const [op, offset, size, time] = requestColumns(writer);
        const volume = columnOr("volume", 0);
        return (row) =>
          `${timeStamp(time.number(row))},${offset.whole(row, sectorBytes)},${size.whole(row, sectorBytes)},` +
          `${op.one(row, { read: 0, write: 1 })},${volume.whole(row, 1, 0xffffffff)}`;
      },
      tickNs,
    ),
};
