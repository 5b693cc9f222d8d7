import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { zero } from "../../formats/zero.ts";

const tab = 9;
const hash = 35;

/** A number of nanoseconds with more digits is no time since a trace began, but an absolute time. */
const mostDigits = 15;

const pattern = /^\d{1,20}(\.0*)?\t\d{1,16}(\.0*)?$/;

/**
 * Noise logs: `start<TAB>duration` in nanoseconds, a line for each time that the processor was taken away, as netgauge's noise pattern
 * writes and LogGOPSim reads them. `startNs` is the file's own number, as its zero is when the measurement began; starts of more
 * than 15 digits in the first line are absolute times, and count from the first one. Lines with `#` before the first one are kept
 * as the schema's metadata `veelab.header`. Described in https://github.com/spcl/LogGOPSim (src/LogGOPSim/Noise.hpp)
 */
export const noise: TraceFormat = {
  name: "noise",
  title: "noise log (start, duration)",
  kind: "noise",
  detect({ lines }) {
    const first = lines.filter((line) => line !== "" && !line.startsWith("#")).slice(0, 100);
    // A table of StarPU's for two nodes begins as a log does.
    const isTable = lines[0]?.startsWith("# to 0\t") === true;
    return !isTable && first.length > 0 && first.every((line) => pattern.test(line));
  },
  read(source, options) {
    const epoch = zero(1);
    let isAbsolute: boolean | undefined;
    return readLines(source, options, {
      layout: { startNs: "float64", durationNs: "float64" },
      read(line, rows) {
        if (line.peek() === hash) {
          if (isAbsolute === undefined) headerLine(line, rows);
          else line.rest();
          return;
        }
        if (isAbsolute === undefined) {
          const from = line.at;
          line.word("start");
          isAbsolute = line.slice(from, line.at).replace(/\..*/, "").length > mostDigits;
          line.at = from;
        }
        const { columns, count } = rows;
        columns.startNs[count] = isAbsolute ? epoch.read(line, rows, "start") : line.decimal(0, "start");
        line.expect(tab, "start");
        columns.durationNs[count] = line.decimal(0, "duration");
        line.end("duration");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("noise", batches, ({ column, timeStamp }) => {
      const start = column("startNs");
      const duration = column("durationNs");
      return (row) => `${timeStamp(start.number(row))}\t${duration.number(row)}`;
    }),
};
