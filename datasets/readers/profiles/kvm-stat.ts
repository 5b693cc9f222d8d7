import type { TraceFormat } from "../../formats/format.ts";
import { optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { headerKey } from "../../formats/write-lines.ts";

const columnsLine =
  /^ *(VM-EXIT|MMIO Access|IO Port Access|[A-Z][\w -]*?) +Samples +Samples% +Time%( +Min Time +Max Time)? +Avg time *$/;
const totals = /^Total Samples:(\d+), Total events handled time:([\d.]+)us\.$/;
const row =
  /^ *(\S.*?) +(\d+) +([\d.]+)% +([\d.]+)%(?: +([\d.]+)us +([\d.]+)us)? +([\d.]+)us \( \+- +([\d.]+|-?nan)% \) *$/;

/** No row is longer; a search in a longer one could take long. */
const longestRow = 1000;

/** The times are printed with two digits of microseconds: tens of nanoseconds. */
const nsOf = (microseconds: string): number => Math.round(Number(microseconds) * 1000);

/**
 * The table of `perf kvm stat report` (also `live`): a row for each exit reason (or access to a device, with `--event=mmio` or `ioport`).
 * As it sums up a whole recording, it is of the kind counters, not exits: `event` is the reason, `value` the number of exits, `timeNs`
 * null; shares of exits and time, shortest (where given), longest and mean time of handling in nanoseconds, and the mean's relative
 * deviation. The totals at the end are what the rows add up to, and no row. Described in
 * https://man7.org/linux/man-pages/man1/perf-kvm.1.html
 */
export const kvmStat: TraceFormat = {
  name: "perf-kvm-stat",
  title: "perf kvm stat report (text)",
  kind: "counters",
  detect: ({ lines }) => lines.slice(0, 20).some((line) => line.length <= longestRow && columnsLine.test(line)),
  read: (source, options) =>
    readLines(source, options, {
      layout: {
        timeNs: optional("float64"),
        event: "words",
        value: "float64",
        samplesPercent: "float64",
        timePercent: "float64",
        minNs: optional("float64"),
        maxNs: optional("float64"),
        meanNs: "float64",
        deviationPercent: optional("float64"),
      },
      read(line, rows) {
        const from = line.at;
        const text = line.text();
        if (text.length > longestRow) line.failAt(from, "row", `a row of at most ${longestRow} bytes`);
        if (text.startsWith("Analyze events for ") || columnsLine.test(text)) {
          const header = rows.metadata.get(headerKey) ?? "";
          if (rows.count === 0 && header.length < 1000) rows.metadata.set(headerKey, `${header}\n${text}\n`);
          line.rest();
          return;
        }
        if (totals.test(text)) {
          line.rest();
          return;
        }
        const match = row.exec(text);
        if (match === null) line.failAt(from, "row", "an exit reason with its samples, percentages and times");
        const { columns, count } = rows;
        const [, reason, samples, share, time, min, max, mean, deviation] = match as unknown as string[];
        rows.setNull("timeNs");
        columns.event.setText(count, reason!);
        columns.value[count] = Number(samples);
        columns.samplesPercent[count] = Number(share);
        columns.timePercent[count] = Number(time);
        if (min === undefined || max === undefined) {
          rows.setNull("minNs");
          rows.setNull("maxNs");
        } else {
          columns.minNs[count] = nsOf(min);
          columns.maxNs[count] = nsOf(max);
        }
        columns.meanNs[count] = nsOf(mean!);
        if (Number.isNaN(Number(deviation))) rows.setNull("deviationPercent");
        else columns.deviationPercent[count] = Number(deviation);
        line.rest();
        rows.count += 1;
      },
    }),
};
