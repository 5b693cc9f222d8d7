import type { TraceFormat } from "../../formats/format.ts";
import { titleLine } from "../../formats/header-lines.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { requestColumns } from "./request-columns.ts";
import { zero } from "../../formats/zero.ts";
import { sectorBytes } from "./operations.ts";
import { scsiOperation } from "./scsi.ts";

const comma = 44;
const title = "version,time,op,size,lbn";

/** The file's time stamps are in whole seconds. */
const tickNs = 1e9;

/**
 * CloudPhysics' traces as libCacheSim has them in CSV: `version,time,op,size,lbn` below that header. The time is in whole seconds, the operation a
 * SCSI command in hexadecimal (`28` reads, `2a` writes), the size in bytes, `lbn` the block's number (512 bytes each).
 *
 * An example is data/cloudPhysicsIO.csv in https://github.com/1a1a11a/libCacheSim.
 */
export const libcachesimCsv: TraceFormat = {
  name: "libcachesim-csv",
  title: "CloudPhysics block trace of libCacheSim (CSV)",
  kind: "block",
  detect: ({ lines }) => lines[0] === title && /^(\d+,\d+,[0-9a-f]{1,2},\d+,\d+)?$/.test(lines[1] ?? ""),
  read(source, options) {
    const epoch = zero(tickNs);
    const command = new Uint32Array(2);
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        command: "uint8",
        version: "uint32",
      },
      read(line, rows) {
        if (titleLine(line, rows, title)) return;
        const { columns, count } = rows;
        columns.version[count] = line.below(0xffffffff, "version");
        line.expect(comma, "version");
        columns.timeNs[count] = epoch.read(line, rows, "time");
        line.expect(comma, "time");
        const from = line.at;
        line.hexadecimal(command, 0, "op");
        if (line.at > from + 2) line.failAt(from, "op", "a SCSI command of at most two hexadecimal digits");
        columns.command[count] = command[0]!;
        columns.op[count] = scsiOperation(command[0]!);
        line.expect(comma, "op");
        columns.sizeBytes[count] = line.whole("size");
        line.expect(comma, "size");
        columns.offsetBytes[count] = line.scaled(sectorBytes, "lbn");
        line.end("lbn");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines(
      "libcachesim-csv",
      batches,
      (writer) => {
        const { column, timeStamp } = writer;
        const [, offset, size, time] = requestColumns(writer);
        const [version, command] = [column("version"), column("command")];
        return (row) =>
          `${version.whole(row)},${timeStamp(time.number(row))},${command.whole(row).toString(16)},` +
          `${size.whole(row)},${offset.whole(row, sectorBytes)}`;
      },
      tickNs,
    ),
};
