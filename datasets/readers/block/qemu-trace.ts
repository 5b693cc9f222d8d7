import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { zero } from "../../formats/zero.ts";
import { discard, flush, read, sectorBytes, write } from "./operations.ts";
import { QemuEvent, type QemuEventName, qemuEvents, type QemuField } from "./qemu-event.ts";
import { eventLines } from "./qemu-line.ts";

const layout = {
  timeNs: optional("float64"),
  op: optional(codes(blockOperations)),
  offsetBytes: optional("float64"),
  sizeBytes: optional("float64"),
  event: codes(qemuEvents),
  thread: optional("uint32"),
  device: optional("uint64"),
  request: optional("uint64"),
  queue: optional("uint16"),
  opcode: optional("uint8"),
  address: optional("uint64"),
  lengthBytes: optional("float64"),
  status: optional("int32"),
  namespace: optional("uint32"),
  flags: optional("uint32"),
  state: optional("uint64"),
  blocks: optional("uint32"),
  command: optional("words"),
  result: optional("uint64"),
} as const satisfies Layout;

type Events = Rows<typeof layout>;

type Column = keyof typeof layout;

const request: readonly Column[] = ["op", "offsetBytes", "sizeBytes"];

/** The columns that each event has, besides its time and its thread. */
const columnsOf: Readonly<Record<QemuEventName, readonly Column[]>> = {
  blk_co_preadv: [...request, "device", "state", "flags"],
  blk_co_pwritev: [...request, "device", "state", "flags"],
  virtio_blk_handle_read: [...request, "device", "request"],
  virtio_blk_handle_write: [...request, "device", "request"],
  virtio_blk_rw_complete: ["device", "request", "status"],
  virtio_blk_req_complete: ["device", "request", "status"],
  pci_nvme_io_cmd: ["op", "request", "queue", "opcode", "namespace", "command"],
  pci_nvme_read: [...request, "request", "namespace", "blocks"],
  pci_nvme_write: [...request, "request", "namespace", "blocks", "command"],
  pci_nvme_map_addr: ["address", "lengthBytes"],
  pci_nvme_dsm_deallocate: [...request, "blocks"],
  pci_nvme_enqueue_req_completion: ["request", "queue", "status", "result"],
};

/** The columns that each event does not have, by its code. */
const nullsOf = qemuEvents.map((event) =>
  (Object.keys(layout) as Column[]).filter(
    (column) => !["timeNs", "thread", "event"].includes(column) && !columnsOf[event].includes(column),
  ),
);

const codeOf = (event: QemuEventName): number => qemuEvents.indexOf(event);
const preadv = codeOf("blk_co_preadv");
const pwritev = codeOf("blk_co_pwritev");
const handleRead = codeOf("virtio_blk_handle_read");
const handleWrite = codeOf("virtio_blk_handle_write");
const rwComplete = codeOf("virtio_blk_rw_complete");
const reqComplete = codeOf("virtio_blk_req_complete");
const nvmeCommand = codeOf("pci_nvme_io_cmd");
const nvmeRead = codeOf("pci_nvme_read");
const nvmeWrite = codeOf("pci_nvme_write");
const mapAddress = codeOf("pci_nvme_map_addr");
const deallocate = codeOf("pci_nvme_dsm_deallocate");

/** The flush command of NVMe, which transfers nothing and has no event of its own. */
const nvmeFlush = 0;

const space = 32;

const prefix = String.raw`^(\d+@\d+\.\d{6}:|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z )?`;
const anyEvent = new RegExp(`${prefix}[a-z]\\w*( |$)`);
const diskEvent = new RegExp(`${prefix}(${qemuEvents.join("|")}) `);

/** What QEMU says besides events, where the log is its standard error. */
const messagePattern = /^(\d{4}-\d\d-\d\dT\S+ )?(\S+ )?qemu[\w-]*: /;

/** A message is known by so many of its first bytes at most: a date, a guest's name and the program's. */
const longestMessage = 300;

/** Fills the columns of an event's row. `blockBytes` are those of the disk's last request, in bytes of a logical block. */
function fill(event: QemuEvent, line: Line, { columns, count }: Events, blockBytes: number): number {
  const value = (field: QemuField, most?: number) => event.value(field, line, most);
  const place = (op: number, offsetBytes: number, sizeBytes: number) => {
    if (
      offsetBytes > Number.MAX_SAFE_INTEGER ||
      offsetBytes < 0 ||
      sizeBytes < 0 ||
      sizeBytes > Number.MAX_SAFE_INTEGER
    )
      line.fail("offset", "an offset and a size of at least 0 and below 2^53 bytes");
    columns.op[count] = op;
    columns.offsetBytes[count] = offsetBytes;
    columns.sizeBytes[count] = sizeBytes;
  };
  const wide = (column: "device" | "request" | "address" | "state", of: number) => {
    columns[column][2 * count] = of;
    columns[column][2 * count + 1] = Math.floor(of / 0x100000000);
  };
  const code = event.event;
  if (code === preadv || code === pwritev) {
    place(code === preadv ? read : write, value("offset"), value("bytes"));
    wide("device", value("blk"));
    wide("state", value("bs"));
    columns.flags[count] = value("flags", 0xffffffff);
  } else if (code === handleRead || code === handleWrite) {
    place(code === handleRead ? read : write, value("sector") * sectorBytes, value("nsectors") * sectorBytes);
    wide("device", value("vdev"));
    wide("request", value("req"));
  } else if (code === rwComplete || code === reqComplete) {
    wide("device", value("vdev"));
    wide("request", value("req"));
    columns.status[count] = value(code === rwComplete ? "ret" : "status");
  } else if (code === mapAddress) {
    wide("address", value("addr"));
    columns.lengthBytes[count] = value("len");
  } else if (code === deallocate) {
    columns.blocks[count] = value("nlb", 0xffffffff);
    place(discard, value("slba") * blockBytes, value("nlb") * blockBytes);
  } else {
    wide("request", value("cid"));
    if (code === nvmeCommand) {
      columns.queue[count] = value("sqid", 0xffff);
      columns.opcode[count] = value("opc", 0xff);
      columns.namespace[count] = value("nsid", 0xffffffff);
      event.storeName(line, columns.command, count);
    } else if (code === nvmeRead || code === nvmeWrite) {
      const bytes = value("count") / value("nlb");
      if (!(bytes >= 1) || !Number.isInteger(bytes))
        line.fail("nlb", "a number of blocks that the count divides into bytes");
      place(code === nvmeRead ? read : write, value("lba") * bytes, value("count"));
      columns.namespace[count] = value("nsid", 0xffffffff);
      columns.blocks[count] = value("nlb", 0xffffffff);
      if (code === nvmeWrite) event.storeName(line, columns.command, count);
      return bytes;
    } else {
      columns.queue[count] = value("cqid", 0xffff);
      columns.status[count] = value("status", 0xffff);
      columns.result[2 * count] = value("dw0", 0xffffffff);
      columns.result[2 * count + 1] = value("dw1", 0xffffffff);
    }
  }
  return blockBytes;
}

/**
 * Requests in the log of QEMU's trace events (the back end "log": `-D log -trace blk_co_preadv …`), with time stamps (`-msg timestamp=on`:
 * `thread@seconds.micros:` in front, from QEMU 10.2 on a date, behind which no thread is named: `thread` is null) or without, whose `timeNs` and `thread` are
 * null. A row is one of these events, `event` says which:
 *
 * - `blk_co_preadv`, `blk_co_pwritev`: a request to a block back end (`device` its address in QEMU, `state` its driver's), with `flags` (BdrvRequestFlags),
 * - `virtio_blk_handle_read`, `…_write`: a guest's request to a virtio disk (`device`, `request` addresses in QEMU), in sectors of 512 bytes; `virtio_blk_rw_complete`,
 *   `virtio_blk_req_complete`: its end with its `status`,
 * - `pci_nvme_io_cmd`: a guest's command to an NVMe disk (`request` its identifier, `namespace`, `queue` its submission queue, `opcode`, which `command` names); `pci_nvme_read`,
 *   `…_write`, `pci_nvme_dsm_deallocate` (a range of a discard): where it reads or writes, in `blocks`; `pci_nvme_map_addr`: a piece of the guest's memory for it (`address`,
 *   `lengthBytes`); `pci_nvme_enqueue_req_completion`: its end, `queue` its completion queue, `result` the completion's first two words.
 *
 * Only requests have an operation, an offset and a size, so sums over these are right if one layer was traced; an NVMe flush is a `pci_nvme_io_cmd` with
 * the operation. Discards count in logical blocks of the size that the last request had, 512 bytes before one. Lines of other events and QEMU's own messages
 * are no rows, and not written.
 *
 * Described in https://www.qemu.org/docs/master/devel/tracing.html and in QEMU's `trace-events` files (7.2 to 10.2, whose events here are the same).
 */
export const qemuTrace: TraceFormat = {
  name: "qemu-trace",
  title: "QEMU trace events of disks (log)",
  kind: "block",
  detect({ lines }) {
    const events = lines.filter((line) => line !== "" && !messagePattern.test(line.slice(0, longestMessage)));
    return events.length > 0 && anyEvent.test(events[0]!) && events.some((line) => diskEvent.test(line));
  },
  read(source, options) {
    const clock = zero(1);
    const event = new QemuEvent();
    let blockBytes = sectorBytes;
    return readLines(source, options, {
      layout,
      read(line, rows) {
        const from = line.at;
        event.read(line);
        if (event.event < 0) {
          const isOther = event.isNamed && (line.isAtEnd || line.peek() === space);
          if (!isOther && !messagePattern.test(line.slice(from, from + longestMessage)))
            line.fail("event", "an event's name");
          line.rest();
          return;
        }
        const { columns, count } = rows;
        columns.event[count] = event.event;
        for (const column of nullsOf[event.event]!) rows.setNull(column);
        blockBytes = fill(event, line, rows, blockBytes);
        if (event.event === nvmeCommand) {
          if (columns.opcode[count] === nvmeFlush) columns.op[count] = flush;
          else rows.setNull("op");
        }
        columns.timeNs[count] = event.timeNs(line, rows, clock);
        if (Number.isNaN(columns.timeNs[count])) rows.setNull("timeNs");
        columns.thread[count] = event.thread;
        if (event.thread < 0) rows.setNull("thread");
        line.end("event");
        rows.count += 1;
      },
    });
  },
  write: (batches) => {
    const blocks = { bytes: sectorBytes };
    return writeLines("qemu-trace", batches, (batch) => eventLines(batch, blocks));
  },
};
