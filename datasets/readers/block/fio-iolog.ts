import type { TraceFormat } from "../../formats/format.ts";
import { headerLine } from "../../formats/header-lines.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import { headerKey, writeLines } from "../../formats/write-lines.ts";
import { discard, flush, other, read, write } from "./operations.ts";

const space = 32;
const titles = ["fio version 2 iolog", "fio version 3 iolog"] as const;

/** Actions, and their operations; the first ones are of a file and have neither offset nor length. */
const actions: readonly (readonly [name: string, operation: number])[] = [
  ["add", other],
  ["open", other],
  ["close", other],
  ["unlink", other],
  ["wait", other],
  ["read", read],
  ["write", write],
  ["sync", flush],
  ["datasync", flush],
  ["trim", discard],
];
const names = actions.map(([name]) => name);
const wait = names.indexOf("wait");

function actionAt(line: Line): number {
  const from = line.at;
  for (let action = 0; action < names.length; action += 1) {
    if (line.take(names[action]!) && (line.isAtEnd || line.peek() === space)) return action;
    line.at = from;
  }
  return line.fail("action", `one of ${names.join(", ")}`);
}

/**
 * Requests of fio's I/O log (`write_iolog`), versions 2 and 3: `file action` for add, open, close and unlink, `file action offset length` for wait, read, write,
 * sync, datasync and trim, in bytes; in version 3 (fio 3.31 and newer) with a time stamp in front, in microseconds since the run's
 * beginning. Offsets are from the beginning of `file`. A file's name has no spaces.
 *
 * Version 2 has no time stamps: `timeNs` is the sum of its `wait` statements so far, zero where it has none. Actions of a file and waits are rows,
 * too, of the operation `other` and without offset and size; `waitNs` says how long.
 *
 * Described in https://fio.readthedocs.io/en/latest/fio_doc.html#trace-file-format; the time stamp's unit is that of fio's `log_io_u`.
 */
export const fioIolog: TraceFormat = {
  name: "fio-iolog",
  title: "fio I/O log",
  kind: "block",
  detect: ({ lines: [first] }) => titles.some((title) => title === first),
  read(source, options) {
    let version = 0;
    let nowNs = 0;
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: optional("float64"),
        sizeBytes: optional("float64"),
        action: codes(names),
        file: "words",
        waitNs: optional("float64"),
      },
      read(line, rows) {
        if (version === 0) {
          const found = titles.indexOf(line.text() as (typeof titles)[number]);
          line.at = 0;
          if (found < 0) line.fail("version", `"${titles.join('" or "')}"`);
          version = found + 2;
          headerLine(line, rows);
          return;
        }
        const { columns, count } = rows;
        if (version === 3) {
          nowNs = line.scaled(1000, "timestamp");
          line.expect(space, "timestamp");
        }
        line.store(columns.file, count, line.word("file"), "file");
        line.expect(space, "file");
        const action = actionAt(line);
        columns.action[count] = action;
        columns.op[count] = actions[action]![1];
        if (action < wait) rows.setNull("offsetBytes");
        else {
          line.expect(space, "action");
          if (action === wait) {
            columns.waitNs[count] = line.scaled(1000, "offset");
            rows.setNull("offsetBytes");
          } else columns.offsetBytes[count] = line.whole("offset");
          line.expect(space, "offset");
          columns.sizeBytes[count] = line.whole("length");
        }
        if (action <= wait) rows.setNull("sizeBytes");
        if (action !== wait) rows.setNull("waitNs");
        line.end("length");
        if (action === wait) nowNs += columns.waitNs[count]!;
        columns.timeNs[count] = nowNs;
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("fio-iolog", batches, ({ column, metadata }) => {
      const [time, file, action] = ["timeNs", "file", "action"].map(column);
      const [offset, size, waitNs] = ["offsetBytes", "sizeBytes", "waitNs"].map(column);
      const hasTimes = metadata.get(headerKey)?.startsWith(titles[1]) === true;
      return (row) => {
        const stamp = hasTimes ? `${time!.whole(row, 1000)} ` : "";
        const what = `${stamp}${file!.text(row)} ${action!.text(row)}`;
        if (!waitNs!.isNull(row)) return `${what} ${waitNs!.whole(row, 1000)} 0`;
        return offset!.isNull(row) ? what : `${what} ${offset!.whole(row)} ${size!.whole(row)}`;
      };
    }),
};
