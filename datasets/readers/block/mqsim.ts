import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { requestColumns } from "./request-columns.ts";
import { mostLines } from "./most-lines.ts";
import { read, sectorBytes, write } from "./operations.ts";

const space = 32;
const pattern = /^\d+ \d+ \d+ \d+ [01]$/;

/**
 * Traces of the SSD simulator MQSim: `time device lba sectors type`, one space in between. The time is in whole nanoseconds since the
 * trace's beginning (the file does not say so; MQSim's setting is called Time_Unit, and its own traces are in NANOSECOND), address and size are
 * in sectors of 512 bytes, the type is 0 (write) or 1 (read).
 *
 * Described in https://github.com/CMU-SAFARI/MQSim (README, "Trace-based Workloads").
 */
export const mqsim: TraceFormat = {
  name: "mqsim",
  title: "MQSim block trace (text)",
  kind: "block",
  detect: (head) => mostLines(head, pattern),
  read: (source, options) =>
    readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        device: "uint32",
      },
      read(line, rows) {
        const { columns, count } = rows;
        columns.timeNs[count] = line.whole("time");
        line.expect(space, "time");
        columns.device[count] = line.below(0xffffffff, "device");
        line.expect(space, "device");
        columns.offsetBytes[count] = line.scaled(sectorBytes, "address");
        line.expect(space, "address");
        columns.sizeBytes[count] = line.scaled(sectorBytes, "size");
        line.expect(space, "size");
        columns.op[count] = line.below(1, "type") === 0 ? write : read;
        line.end("type");
        rows.count += 1;
      },
    }),
  write: (batches) =>
    writeLines("mqsim", batches, (writer) => {
      const { columnOr } = writer;
      const [op, offset, size, time] = requestColumns(writer);
      const device = columnOr("device", 0);
      return (row) =>
        `${time.whole(row)} ${device.whole(row)} ${offset.whole(row, sectorBytes)} ${size.whole(row, sectorBytes)} ` +
        `${op.one(row, { write: 0, read: 1 })}`;
    }),
};
