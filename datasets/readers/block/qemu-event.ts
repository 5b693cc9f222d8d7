import type { Line } from "../../formats/line.ts";

const at = 64;
const colon = 58;
const quote = 39;
const space = 32;
const zero = 48;
const letterX = 120;

/** The events of QEMU's disks that are read; the code of each is its place here. */
export const qemuEvents = [
  "blk_co_preadv",
  "blk_co_pwritev",
  "virtio_blk_handle_read",
  "virtio_blk_handle_write",
  "virtio_blk_rw_complete",
  "virtio_blk_req_complete",
  "pci_nvme_io_cmd",
  "pci_nvme_read",
  "pci_nvme_write",
  "pci_nvme_map_addr",
  "pci_nvme_dsm_deallocate",
  "pci_nvme_enqueue_req_completion",
] as const;

/** An event of {@link qemuEvents}. */
export type QemuEventName = (typeof qemuEvents)[number];

/** The fields that are read; other ones are passed over. */
const fields = [
  "offset",
  "bytes",
  "blk",
  "vdev",
  "req",
  "sector",
  "nsectors",
  "ret",
  "status",
  "cid",
  "sqid",
  "cqid",
  "opc",
  "nlb",
  "count",
  "lba",
  "slba",
  "addr",
  "len",
] as const;

/** A field of an event. */
export type QemuField = (typeof fields)[number];

const isNameByte = (byte: number): boolean => (byte >= 97 && byte <= 122) || byte === 95 || (byte >= 48 && byte <= 57);
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/**
 * An event in the log of QEMU's trace events: `event field value field value…`, with `-msg timestamp=on` behind `thread@seconds.micros:`. Numbers are decimal or, with
 * `0x`, hexadecimal, below 2^53.
 */
export class QemuEvent {
  /** Its place in {@link qemuEvents}; -1 for another one. */
  event = -1;
  /** Where the time stamp stands in the line; -1 for none. */
  timeAt = -1;
  thread = 0;
  readonly #values = new Float64Array(fields.length);

  /** Reads the line's event and all of its fields; another event's line is left at its name. */
  read(line: Line): void {
    this.timeAt = -1;
    if (isDigit(line.peek())) {
      this.thread = line.below(0xffffffff, "thread");
      line.expect(at, "thread");
      this.timeAt = line.at;
      line.until(colon);
      line.expect(colon, "time");
    }
    const from = line.at;
    while (isNameByte(line.peek())) line.at += 1;
    const to = line.at;
    if (to === from || isDigit(line.bytes[from]!)) line.failAt(from, "event", "an event's name");
    this.event = -1;
    for (let event = 0; event < qemuEvents.length && this.event < 0; event += 1) {
      line.at = from;
      if (line.take(qemuEvents[event]!) && line.at === to) this.event = event;
    }
    line.at = to;
    if (this.event >= 0) this.#readFields(line);
  }

  #readFields(line: Line): void {
    const values = this.#values;
    values.fill(Number.NaN);
    while (!line.isAtEnd) {
      line.expect(space, "event");
      const field = fieldAt(line);
      if (field < 0) {
        // Its value may be missing or quoted: `flags 0x0`, `opname 'NVME_NVM_CMD_READ'`.
        line.until(space);
        if (line.bytes[line.at + 1] === quote) {
          line.at += 2;
          line.until(quote);
          line.expect(quote, "opname");
        }
        continue;
      }
      line.expect(space, fields[field]!);
      values[field] = numberAt(line, fields[field]!);
    }
  }

  /** A field's value; a TraceFormatError where the event has none. */
  value(field: QemuField, line: Line): number {
    const value = this.#values[fields.indexOf(field)]!;
    if (Number.isNaN(value)) line.fail(field, `a ${qemuEvents[this.event]!} with this field`);
    return value;
  }
}

/** Moves over a field's name if it is one that is read. */
function fieldAt(line: Line): number {
  const from = line.at;
  for (let field = 0; field < fields.length; field += 1) {
    if (line.take(fields[field]!) && line.peek() === space) return field;
    line.at = from;
  }
  return -1;
}

const words = new Uint32Array(2);

function numberAt(line: Line, field: string): number {
  if (line.peek() !== zero || (line.bytes[line.at + 1]! | 32) !== letterX) return line.signed(field);
  const from = line.at;
  line.hexadecimal(words, 0, field);
  const value = words[1]! * 0x100000000 + words[0]!;
  if (value > Number.MAX_SAFE_INTEGER) line.failAt(from, field, "a number below 2^53");
  return value;
}
