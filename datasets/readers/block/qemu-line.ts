import type { LineWriter } from "../../formats/write-lines.ts";
import { sectorBytes } from "./operations.ts";
import type { QemuEventName } from "./qemu-event.ts";

/** An address as C's `%p` prints it. */
const pointer = (of: bigint): string => (of === 0n ? "(nil)" : `0x${of.toString(16)}`);

const hexadecimal = (of: number): string => `0x${of.toString(16)}`;

/** Makes the lines of a batch's events. `block` has the bytes of a logical block, those of the last request, in which discards count. */
export function eventLines({ column, seconds }: LineWriter, block: { bytes: number }): (row: number) => string {
  const [time, event, thread, device, request, queue] = ["timeNs", "event", "thread", "device", "request", "queue"].map(
    column,
  );
  const [offset, size, opcode, address, length, status] = [
    "offsetBytes",
    "sizeBytes",
    "opcode",
    "address",
    "lengthBytes",
    "status",
  ].map(column);
  const [namespace, flags, state, blocks, command, result] = [
    "namespace",
    "flags",
    "state",
    "blocks",
    "command",
    "result",
  ].map(column);

  /** What stands in front of the event. */
  const stamp = (row: number): string => {
    if (time!.isNull(row)) return "";
    const at = seconds(time!.number(row), 6);
    if (!thread!.isNull(row)) return `${thread!.number(row)}@${at}:`;
    const [whole, micros] = at.split(".");
    const date = new Date(Number(whole) * 1000).toISOString().slice(0, 19);
    return `${date}${micros === "000000" ? "" : `.${micros}`}Z `;
  };
  const backEnd = (row: number): string =>
    `blk ${pointer(device!.bigint(row))} bs ${pointer(state!.bigint(row))} offset ${offset!.number(row)} bytes ${size!.number(row)} flags ${hexadecimal(flags!.number(row))}`;
  const virtio = (row: number): string => `vdev ${pointer(device!.bigint(row))} req ${pointer(request!.bigint(row))}`;
  const sectors = (row: number): string =>
    `${virtio(row)} sector ${offset!.number(row) / sectorBytes} nsectors ${size!.number(row) / sectorBytes}`;
  const transfer = (row: number): string => {
    block.bytes = size!.number(row) / blocks!.number(row);
    return `nsid ${namespace!.number(row)} nlb ${blocks!.number(row)} count ${size!.number(row)} lba ${hexadecimal(offset!.number(row) / block.bytes)}`;
  };
  const id = (row: number): string => `cid ${request!.bigint(row)}`;
  const words = (row: number): string => {
    const of = result!.bigint(row);
    return `dw0 0x${(of & 0xffffffffn).toString(16)} dw1 0x${(of >> 32n).toString(16)}`;
  };

  const fields: Readonly<Record<QemuEventName, (row: number) => string>> = {
    blk_co_preadv: backEnd,
    blk_co_pwritev: backEnd,
    virtio_blk_handle_read: sectors,
    virtio_blk_handle_write: sectors,
    virtio_blk_rw_complete: (row) => `${virtio(row)} ret ${status!.number(row)}`,
    virtio_blk_req_complete: (row) => `${virtio(row)} status ${status!.number(row)}`,
    pci_nvme_io_cmd: (row) =>
      `${id(row)} nsid ${hexadecimal(namespace!.number(row))} sqid ${queue!.number(row)} opc ${hexadecimal(opcode!.number(row))} opname '${command!.text(row)}'`,
    pci_nvme_read: (row) => `${id(row)} ${transfer(row)}`,
    pci_nvme_write: (row) => `${id(row)} opname '${command!.text(row)}' ${transfer(row)}`,
    pci_nvme_map_addr: (row) => `addr 0x${address!.bigint(row).toString(16)} len ${length!.number(row)}`,
    pci_nvme_dsm_deallocate: (row) => `slba ${offset!.number(row) / block.bytes} nlb ${blocks!.number(row)}`,
    pci_nvme_enqueue_req_completion: (row) =>
      `${id(row)} cqid ${queue!.number(row)} ${words(row)} status ${hexadecimal(status!.number(row))}`,
  };
  return (row) => {
    const name = event!.text(row) as QemuEventName;
    return `${stamp(row)}${name} ${fields[name](row)}`;
  };
}
