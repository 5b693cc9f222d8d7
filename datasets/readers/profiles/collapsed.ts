import type { TraceFormat } from "../../formats/format.ts";
import { optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";

const space = 32;
const newline = 10;

/** Frames, root first, and a count. */
const pattern = /^[^\s;][^;]*(;[^;]+)* \d+$/;

/**
 * Collapsed (folded) stacks, as FlameGraph's stackcollapse programs and many profilers write them: `root;…;leaf count`, a line for each different
 * stack. `weight` is the count. Times, processes and events are not in the file: null (the first frame is often the process's
 * name; it stays in `stack`). Described in https://github.com/brendangregg/FlameGraph
 */
export const collapsed: TraceFormat = {
  name: "collapsed",
  title: "collapsed stacks (FlameGraph)",
  kind: "profile",
  detect({ lines }) {
    const first = lines.filter((line) => line !== "").slice(0, 100);
    return first.some((line) => line.includes(";")) && first.every((line) => pattern.test(line));
  },
  read: (source, options) =>
    readLines(source, options, {
      layout: {
        timeNs: optional("float64"),
        process: optional("words"),
        event: optional("words"),
        weight: "float64",
        stack: "words",
      },
      read(line, rows) {
        const { columns, count } = rows;
        const from = line.until(newline);
        const to = line.at;
        let at = to;
        // A frame may have spaces: the count stands behind the last one.
        while (at > from && line.bytes[at - 1] !== space) at -= 1;
        line.at = Math.max(at - 1, from);
        if (line.at === from) line.failAt(from, "stack", "frames, a space and a count");
        line.store(columns.stack, count, from, "stack");
        line.at = at;
        columns.weight[count] = line.whole("count");
        line.end("count");
        rows.setNull("timeNs");
        rows.setNull("process");
        rows.setNull("event");
        rows.count += 1;
      },
    }),
  write: (batches) =>
    writeLines("collapsed", batches, ({ column }) => {
      const stack = column("stack");
      const weight = column("weight");
      return (row) => `${stack.text(row)} ${weight.number(row)}`;
    }),
};
