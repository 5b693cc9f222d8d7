import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { codes, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

const newline = 10;
const hash = 35;
const comma = 44;
const slash = 47;
const less = 60;

/** Why an interval has no value of a counter. */
const missing: readonly string[] = ["not counted", "not supported"];

/** A line: time, who was counted (with a number of processors, where it is more than one), value, unit, event, run time, percentage. */
const pattern =
  /^ *\d+\.\d{9},([A-Za-z][^,]*,(\d+,)?)?(\d+(\.\d+)?|<not (counted|supported)>),[^,]*,[^,]+(\/[^/]*\/)?[^,]*,\d+,\d+\.\d\d(,[^,]*,[^,]*)?$/;

/**
 * Counters as `perf stat -I 1000 -x,` prints them, interval by interval: time in seconds (nine digits), with `-A`, `--per-socket` and
 * the like who was counted (CPU0, S0, …) and over how many processors, value, the value's unit, event, the nanoseconds that the
 * counter ran, the percentage of the interval that this was, a metric and its unit. An event's own commas, as in
 * `cpu/event=1,umask=2/`, stand between slashes. A counter without a value has null, and says in `missing` why; a line that has but a further
 * metric of the event above has an empty event.
 *
 * Without `-I` there are no times, and with another separator it is no CSV: neither is read. Lines with `#` before the first
 * one are kept as the schema's metadata `veelab.header`. Described in https://man7.org/linux/man-pages/man1/perf-stat.1.html
 * ("CSV FORMAT").
 */
export const perfStat: TraceFormat = {
  name: "perf-stat",
  title: "perf stat -I -x, (CSV)",
  kind: "counters",
  detect: ({ lines }) => pattern.test(lines.find((line) => line !== "" && !line.startsWith("#")) ?? ""),
  read(source, options) {
    let started = false;
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        event: "words",
        value: optional("float64"),
        valueUnit: "words",
        missing: optional(codes(missing)),
        counted: optional("words"),
        processors: optional("uint32"),
        ranNs: optional("float64"),
        ranPercent: optional("float64"),
        metric: optional("float64"),
        metricUnit: optional("words"),
      },
      read(line, rows) {
        if (line.peek() === hash) {
          if (started) line.rest();
          else headerLine(line, rows);
          return;
        }
        started = true;
        const { columns, count } = rows;
        line.spaces();
        columns.timeNs[count] = line.decimal(9, "time");
        line.expect(comma, "time");
        if (isLetter(line.peek())) {
          line.store(columns.counted, count, line.until(comma), "counted");
          line.expect(comma, "counted");
          if (hasProcessors(line)) {
            columns.processors[count] = line.below(0xffffffff, "processors");
            line.expect(comma, "processors");
          } else rows.setNull("processors");
        } else {
          rows.setNull("counted");
          rows.setNull("processors");
        }
        if (line.peek() === comma) {
          while (line.peek() === comma) line.at += 1;
          columns.event.setText(count, "");
          columns.valueUnit.setText(count, "");
          for (const name of ["value", "missing", "ranNs", "ranPercent"] as const) rows.setNull(name);
        } else {
          if (line.peek() === less) {
            const why = missing.findIndex((text) => line.take(`<${text}>`));
            if (why < 0) line.fail("value", "a number, <not counted> or <not supported>");
            columns.missing[count] = why;
            rows.setNull("value");
          } else {
            columns.value[count] = line.number64("value");
            rows.setNull("missing");
          }
          line.expect(comma, "value");
          line.store(columns.valueUnit, count, line.until(comma), "unit");
          line.expect(comma, "unit");
          line.store(columns.event, count, eventName(line), "event");
          line.expect(comma, "event");
          columns.ranNs[count] = line.whole("run time");
          line.expect(comma, "run time");
          columns.ranPercent[count] = line.number64("percentage");
          if (!line.isAtEnd) line.expect(comma, "percentage");
        }
        if (line.isAtEnd || line.peek() === comma) rows.setNull("metric");
        else columns.metric[count] = line.number64("metric");
        if (line.peek() === comma) line.at += 1;
        if (line.isAtEnd) rows.setNull("metricUnit");
        else line.store(columns.metricUnit, count, line.until(newline), "metric's unit");
        line.end("metric's unit");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("perf-stat", batches, ({ column }) => {
      const [time, event, value, unit, why] = ["timeNs", "event", "value", "valueUnit", "missing"].map(column);
      const [counted, processors, ran, percent] = ["counted", "processors", "ranNs", "ranPercent"].map(column);
      const [metric, metricUnit] = ["metric", "metricUnit"].map(column);
      return (row) => {
        const ns = String(time!.number(row)).padStart(10, "0");
        const who = counted!.isNull(row) ? "" : `${counted!.text(row)},`;
        const of = processors!.isNull(row) ? "" : `${processors!.number(row)},`;
        const amount = () =>
          value!.isNull(row) ? `<${why!.text(row)}>` : fixed(value!.number(row), unit!.text(row) === "" ? 0 : 2);
        const counter = ran!.isNull(row)
          ? ",,,,"
          : `${amount()},${unit!.text(row)},${event!.text(row)},${ran!.number(row)},${fixed(percent!.number(row), 2)}`;
        const further = metric!.isNull(row) ? "" : fixed(metric!.number(row), 3);
        const name = metricUnit!.isNull(row) ? "" : metricUnit!.text(row);
        return `${ns.slice(0, -9).padStart(6)}.${ns.slice(-9)},${who}${of}${counter},${further},${name}`;
      };
    }),
};

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;

/** Whether a whole number and then a value follow: a value alone is followed by its unit, which is no number. */
function hasProcessors({ bytes, at: from }: Line): boolean {
  let at = from;
  while (bytes[at]! >= 48 && bytes[at]! <= 57) at += 1;
  const next = bytes[at + 1]!;
  return at > from && bytes[at] === comma && (next === less || (next >= 48 && next <= 57));
}

/** Moves over an event's name, whose commas stand between slashes; gives where it began. */
function eventName(line: Line): number {
  const from = line.until(comma);
  const { bytes } = line;
  const slashAt = bytes.subarray(from, line.at).indexOf(slash);
  if (slashAt >= 0) {
    line.at = from + slashAt + 1;
    line.until(slash);
    line.expect(slash, "event");
    line.until(comma);
  }
  if (line.at === from) line.fail("event", "an event's name");
  return from;
}

/** A number with so many digits behind the point, or all that it has. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === value ? text : String(value);
}
