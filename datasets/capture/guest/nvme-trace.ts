import type * as arrow from "apache-arrow";
import { columnReader } from "../../formats/batch-rows.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";
import { originKey } from "../../formats/zero.ts";
import { qemuTrace } from "../../readers/block/qemu-trace.ts";
import { openSource } from "../../source/source.ts";

/** The events of QEMU's NVMe disk that {@link readNvmeTrace} reads. */
export const nvmeEvents = [
  "pci_nvme_io_cmd",
  "pci_nvme_read",
  "pci_nvme_write",
  "pci_nvme_map_addr",
  "pci_nvme_dsm_deallocate",
  "pci_nvme_enqueue_req_completion",
] as const;

/** A disk's requests, and the guest's pages that each one read or filled. */
export interface NvmeTrace {
  /** A request a row, in order of issue; the normal form of a block trace, and its duration and first page. */
  readonly requests: arrow.RecordBatch;
  /** A row for each piece of a request that lies in one page of the guest. */
  readonly pages: arrow.RecordBatch;
}

const requestLayout = {
  timeNs: "float64",
  op: codes(blockOperations),
  offsetBytes: "float64",
  sizeBytes: "float64",
  durationNs: optional("float64"),
  guestPage: optional("float64"),
} as const;

const pageLayout = { request: "uint32", offsetBytes: "float64", guestPage: "float64" } as const;

const read = 0;
const write = 1;
const discard = 2;
const flush = 3;
const other = 4;

/** NVM commands by opcode. */
const operations: ReadonlyMap<number, number> = new Map([
  [0, flush],
  [1, write],
  [2, read],
  [9, discard],
]);

interface Request {
  readonly timeNs: number;
  readonly op: number;
  offsetBytes: number;
  sizeBytes: number;
  endNs: number | undefined;
  readonly pieces: { readonly offsetBytes: number; readonly guestPage: number }[];
  mapped: number;
}

const pageBytes = 4096;

/**
 * Reads the log of QEMU's `pci_nvme_*` events (`-msg timestamp=on -D log -trace pci_nvme_…`) as a block trace with the guest's pages:
 * the device maps a request's memory, by its PRP entries or scatter lists, right after it has taken the request. `guestTime`
 * makes the trace's nanoseconds of a time stamp, microseconds of the system's clock. Linear time and memory.
 *
 * Throws TraceFormatError with the line for an event that QEMU 7.2 does not print so.
 */
export async function readNvmeTrace(log: string, guestTime: (systemMicros: number) => number): Promise<NvmeTrace> {
  const requests: Request[] = [];
  const open = new Map<string, Request>();
  let current: Request | undefined;
  const events = qemuTrace.read(await openSource(log, "QEMU's log"), {
    batchRows: 65536,
    fault(error) {
      throw error;
    },
  });
  for await (const batch of events) {
    const origin = BigInt(batch.schema.metadata.get(originKey) ?? 0);
    const column = (name: string) => columnReader(batch, name, { format: "qemu-trace" });
    const [event, time, offset, size] = ["event", "timeNs", "offsetBytes", "sizeBytes"].map(column);
    const [id, queue, opcode, address] = ["request", "queue", "opcode", "address"].map(column);
    const length = column("lengthBytes");
    for (let row = 0; row < batch.numRows; row += 1) {
      const timeNs = guestTime(Number((origin + BigInt(time!.number(row))) / 1000n));
      // Only the events of a request's beginning and end name it.
      const key = (): string => `${queue!.number(row)} ${id!.number(row)}`;
      switch (event!.text(row)) {
        case "pci_nvme_io_cmd": {
          const op = operations.get(opcode!.number(row)) ?? other;
          current = { timeNs, op, offsetBytes: 0, sizeBytes: 0, endNs: undefined, pieces: [], mapped: 0 };
          open.set(key(), current);
          requests.push(current);
          break;
        }
        case "pci_nvme_read":
        case "pci_nvme_write":
        case "pci_nvme_dsm_deallocate":
          // A discard has several ranges.
          if (current === undefined) break;
          if (current.sizeBytes === 0) current.offsetBytes = offset!.number(row);
          current.sizeBytes += size!.number(row);
          break;
        case "pci_nvme_map_addr":
          // Administrative commands map memory too: what is beyond a request's size is not its own.
          if (current === undefined || current.mapped >= current.sizeBytes || current.op > write) break;
          map(current, address!.number(row), length.number(row));
          break;
        case "pci_nvme_enqueue_req_completion": {
          // The driver gives a queue's completions to the completion queue of the same number.
          const done = open.get(key());
          if (done !== undefined) done.endNs = timeNs;
          open.delete(key());
        }
      }
    }
  }
  return tables(requests);
}

/** A stretch of memory of a request, page by page. */
function map(request: Request, address: number, length: number): void {
  for (let at = address; at < address + length && request.mapped < request.sizeBytes;) {
    const guestPage = Math.floor(at / pageBytes);
    const bytes = Math.min((guestPage + 1) * pageBytes, address + length) - at;
    request.pieces.push({ offsetBytes: request.offsetBytes + request.mapped, guestPage });
    request.mapped += bytes;
    at += bytes;
  }
}

function tables(requests: readonly Request[]): NvmeTrace {
  const pieces = requests.reduce((sum, request) => sum + request.pieces.length, 0);
  const table = traceRows(requestLayout, Math.max(requests.length, 1));
  const pages = traceRows(pageLayout, Math.max(pieces, 1));
  table.metadata.set("veelab.format", "qemu-nvme").set("veelab.kind", "block");
  for (const [row, request] of requests.entries()) {
    table.columns.timeNs[row] = request.timeNs;
    table.columns.op[row] = request.op;
    table.columns.offsetBytes[row] = request.offsetBytes;
    table.columns.sizeBytes[row] = request.sizeBytes;
    if (request.endNs === undefined) table.setNull("durationNs");
    else table.columns.durationNs[row] = request.endNs - request.timeNs;
    if (request.pieces.length === 0) table.setNull("guestPage");
    else table.columns.guestPage[row] = request.pieces[0]!.guestPage;
    table.count += 1;
    for (const { offsetBytes, guestPage } of request.pieces) {
      pages.columns.request[pages.count] = row;
      pages.columns.offsetBytes[pages.count] = offsetBytes;
      pages.columns.guestPage[pages.count] = guestPage;
      pages.count += 1;
    }
  }
  return { requests: table.take(), pages: pages.take() };
}
