import type { TraceFormat } from "../../formats/format.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { zero } from "../../formats/zero.ts";
import { discard, flush, read, sectorBytes, write } from "./operations.ts";
import { QemuEvent, type QemuEventName, qemuEvents } from "./qemu-event.ts";

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
} as const satisfies Layout;

type Events = Rows<typeof layout>;

type Column = keyof typeof layout;

const request: readonly Column[] = ["op", "offsetBytes", "sizeBytes"];

/** The columns that each event has, besides its time and its thread. */
const columnsOf: Readonly<Record<QemuEventName, readonly Column[]>> = {
  blk_co_preadv: [...request, "device"],
  blk_co_pwritev: [...request, "device"],
  virtio_blk_handle_read: [...request, "device", "request"],
  virtio_blk_handle_write: [...request, "device", "request"],
  virtio_blk_rw_complete: ["device", "request", "status"],
  virtio_blk_req_complete: ["device", "request", "status"],
  pci_nvme_io_cmd: ["op", "request", "queue", "opcode"],
  pci_nvme_read: [...request, "request"],
  pci_nvme_write: [...request, "request"],
  pci_nvme_map_addr: ["address", "lengthBytes"],
  pci_nvme_dsm_deallocate: request,
  pci_nvme_enqueue_req_completion: ["request", "queue", "status"],
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

const prefix = String.raw`^(\d+@\d+\.\d{6}:)?`;
const anyEvent = new RegExp(`${prefix}[a-z]\\w*( |$)`);
const diskEvent = new RegExp(`${prefix}(${qemuEvents.join("|")}) `);

/** What QEMU says besides events, where the log is its standard error. */
const messagePattern = /^(\d{4}-\d\d-\d\dT\S+ )?(\S+ )?qemu[\w-]*: /;

/** Fills the columns of an event's row. `blockBytes` are those of the disk's last request, in bytes of a logical block. */
function fill(event: QemuEvent, line: Line, { columns, count }: Events, blockBytes: number): number {
  const value = (field: Parameters<QemuEvent["value"]>[0]) => event.value(field, line);
  const place = (op: number, offsetBytes: number, sizeBytes: number) => {
    if (
      offsetBytes > Number.MAX_SAFE_INTEGER ||
      offsetBytes < 0 ||
      sizeBytes < 0 ||
      sizeBytes > Number.MAX_SAFE_INTEGER
    )
      line.fail("offset", "an offset and a size from 0 to 2^53 bytes");
    columns.op[count] = op;
    columns.offsetBytes[count] = offsetBytes;
    columns.sizeBytes[count] = sizeBytes;
  };
  const wide = (column: "device" | "request" | "address", of: number) => {
    columns[column][2 * count] = of;
    columns[column][2 * count + 1] = Math.floor(of / 0x100000000);
  };
  const code = event.event;
  if (code === preadv || code === pwritev) {
    place(code === preadv ? read : write, value("offset"), value("bytes"));
    wide("device", value("blk"));
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
    place(discard, value("slba") * blockBytes, value("nlb") * blockBytes);
  } else {
    wide("request", value("cid"));
    if (code === nvmeCommand) {
      columns.queue[count] = value("sqid");
      columns.opcode[count] = value("opc");
    } else if (code === nvmeRead || code === nvmeWrite) {
      const bytes = value("count") / value("nlb");
      if (!(bytes >= 1) || !Number.isInteger(bytes))
        line.fail("nlb", "a number of blocks that the count divides into bytes");
      place(code === nvmeRead ? read : write, value("lba") * bytes, value("count"));
      return bytes;
    } else {
      columns.queue[count] = value("cqid");
      columns.status[count] = value("status");
    }
  }
  return blockBytes;
}

/**
 * Requests in the log of QEMU's trace events (the back end "log": `-D log -trace blk_co_preadv …`), with time stamps (`-msg timestamp=on`:
 * `thread@seconds.micros:` in front) or without, whose `timeNs` and `thread` are null. A row is one of these events, `event` says which:
 *
 * - `blk_co_preadv`, `blk_co_pwritev`: a request to a block back end (`device` its address in QEMU),
 * - `virtio_blk_handle_read`, `…_write`: a guest's request to a virtio disk (`device`, `request` addresses in QEMU), in sectors of 512 bytes; `virtio_blk_rw_complete`,
 *   `virtio_blk_req_complete`: its end with its `status`,
 * - `pci_nvme_io_cmd`: a guest's command to an NVMe disk (`request` its identifier, `queue` its submission queue, `opcode`); `pci_nvme_read`, `…_write`,
 *   `pci_nvme_dsm_deallocate` (a range of a discard): where it reads or writes; `pci_nvme_map_addr`: a piece of the guest's memory for it (`address`, `lengthBytes`);
 *   `pci_nvme_enqueue_req_completion`: its end, `queue` its completion queue.
 *
 * Only requests have an operation, an offset and a size, so sums over these are right if one layer was traced; an NVMe flush is a `pci_nvme_io_cmd` with
 * the operation. Discards count in logical blocks of the size that the last request had, 512 bytes before one. Lines of other events and QEMU's own messages
 * are no rows; there is no writing.
 *
 * Described in https://www.qemu.org/docs/master/devel/tracing.html and in QEMU's `trace-events` files (7.2).
 */
export const qemuTrace: TraceFormat = {
  name: "qemu-trace",
  title: "QEMU trace events of disks (log)",
  kind: "block",
  detect({ lines }) {
    const events = lines.filter((line) => line !== "" && !messagePattern.test(line));
    return events.length > 0 && anyEvent.test(events[0]!) && events.some((line) => diskEvent.test(line));
  },
  read(source, options) {
    const clock = zero(1);
    const event = new QemuEvent();
    let blockBytes = sectorBytes;
    return readLines(source, options, {
      layout,
      read(line, rows) {
        if (isMessage(line)) {
          line.rest();
          return;
        }
        event.read(line);
        if (event.event < 0) {
          if (!line.isAtEnd && line.peek() !== space) line.fail("event", "an event's name");
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
        if (event.timeAt < 0) {
          rows.setNull("timeNs");
          rows.setNull("thread");
        } else {
          const end = line.at;
          line.at = event.timeAt;
          columns.timeNs[count] = clock.seconds(line, rows, "time");
          columns.thread[count] = event.thread;
          line.at = end;
        }
        line.end("event");
        rows.count += 1;
      },
    });
  },
};

const space = 32;
const letterQ = 113;
const minus = 45;

/** Whether a message of QEMU's own stands here: a date or its program's name in front. */
function isMessage(line: Line): boolean {
  const { bytes, at } = line;
  const first = bytes[at]!;
  if (first !== letterQ && !(first >= 48 && first <= 57 && bytes[at + 4] === minus)) return false;
  const text = line.text();
  line.at = at;
  return messagePattern.test(text);
}
