import type { TraceFormat } from "../../formats/format.ts";
import { titleLine } from "../../formats/header-lines.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { requestColumns } from "./request-columns.ts";
import { zero } from "../../formats/zero.ts";
import { mostLines } from "./most-lines.ts";
import { read, write } from "./operations.ts";

const comma = 44;
const letterR = 82;
const title = "Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime";
const pattern = /^\d{17,18},[^,]*,\d+,(Read|Write),\d+,\d+,\d+$/;

/** The file's time stamps are in 100 ns. */
const tickNs = 100;

/**
 * Block traces of Microsoft Research Cambridge (2007, 36 volumes of 13 servers): `Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime`,
 * mostly without that header. The time stamp is a Windows file time (100 ns since 1601), offset and size are in bytes, the response time is in
 * 100 ns: `responseNs`.
 *
 * Described in the README of http://iotta.snia.org/traces/block-io/388 and in D. Narayanan, A. Donnelly, A. Rowstron: Write
 * off-loading, FAST 2008.
 */
export const msr: TraceFormat = {
  name: "msr",
  title: "MSR Cambridge block trace (CSV)",
  kind: "block",
  detect: (head) => mostLines(head, pattern, title),
  read(source, options) {
    const epoch = zero(tickNs);
    return readLines(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: "float64",
        sizeBytes: "float64",
        host: "words",
        disk: "uint32",
        responseNs: "float64",
      },
      read(line, rows) {
        if (titleLine(line, rows, title)) return;
        const { columns, count } = rows;
        columns.timeNs[count] = epoch.read(line, rows, "Timestamp");
        line.expect(comma, "Timestamp");
        line.store(columns.host, count, line.until(comma), "Hostname");
        line.expect(comma, "Hostname");
        columns.disk[count] = line.below(0xffffffff, "DiskNumber");
        line.expect(comma, "DiskNumber");
        const isRead = line.peek() === letterR;
        if (!line.take(isRead ? "Read" : "Write")) line.fail("Type", "Read or Write");
        columns.op[count] = isRead ? read : write;
        line.expect(comma, "Type");
        columns.offsetBytes[count] = line.whole("Offset");
        line.expect(comma, "Offset");
        columns.sizeBytes[count] = line.whole("Size");
        line.expect(comma, "Size");
        columns.responseNs[count] = line.scaled(100, "ResponseTime");
        line.end("ResponseTime");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines(
      "msr",
      batches,
      (writer) => {
        const { column, timeStamp } = writer;
        const [op, offset, size, time] = requestColumns(writer);
        const [host, disk, response] = ["host", "disk", "responseNs"].map((name) => column(name));
        return (row) =>
          `${timeStamp(time.number(row))},${host!.text(row)},${disk!.whole(row)},${op.one(row, { read: "Read", write: "Write" })},` +
          `${offset.whole(row)},${size.whole(row)},${response!.whole(row, tickNs)}`;
      },
      tickNs,
    ),
};
