import { TraceFormatError } from "../../errors.ts";
import type { ColumnReader } from "../../formats/batch-rows.ts";
import type { LineWriter } from "../../formats/write-lines.ts";

/** The columns that a request is written from. */
export type RequestColumns = readonly [op: ColumnReader, offset: ColumnReader, size: ColumnReader, time: ColumnReader];

/**
 * Operation, place, size and time of the requests of a batch, whatever format they came in. Where a request has several rows, one an event
 * (blkparse, QEMU, fio), they are refused: which of them counts is for a query to say.
 */
export function requestColumns({ column, has }: LineWriter): RequestColumns {
  for (const field of ["action", "event"])
    if (has(field))
      throw new TraceFormatError(
        { file: "the trace", field },
        "expected requests, got events of requests; choose some by a query that leaves this column out",
      );
  return [column("op"), column("offsetBytes"), column("sizeBytes"), column("timeNs")];
}
