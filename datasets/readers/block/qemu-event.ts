import type { Dictionary } from "../../formats/dictionary.ts";
import type { Layout } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import type { Rows } from "../../formats/rows.ts";
import type { Zero } from "../../formats/zero.ts";

const at = 64;
const colon = 58;
const minus = 45;
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
  "flags",
  "blk",
  "bs",
  "vdev",
  "req",
  "sector",
  "nsectors",
  "ret",
  "status",
  "cid",
  "nsid",
  "dw0",
  "dw1",
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

/** A time stamp's date, as `-msg timestamp=on` prints it: the fraction is left out when it is zero. */
const datePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?Z /;
const longestDate = "2025-07-21T18:43:28.089797Z ".length;

/**
 * An event in the log of QEMU's trace events: `event field value field value…`, with `-msg timestamp=on` behind `thread@seconds.micros:` (up to QEMU 10.1) or a
 * date (`2025-07-21T18:43:28.089797Z `, from 10.2 on). Numbers are decimal or, with `0x`, hexadecimal, below 2^53; a null pointer is `(nil)`.
 */
export class QemuEvent {
  /** Its place in {@link qemuEvents}; -1 for another one. */
  event = -1;
  /** Whether an event's name stands in the line, be it another event's. */
  isNamed = false;
  /** Which thread had it; -1 where the line does not say. */
  thread = -1;
  /** Where the seconds stand in the line, behind the thread; -1 for none. */
  #secondsAt = -1;
  /** The date in seconds since 1970; NaN for none. */
  #seconds = Number.NaN;
  #nanoseconds = 0;
  /** Where the text in quotes stands, the name of the command. */
  #nameFrom = 0;
  #nameTo = 0;
  readonly #values = new Float64Array(fields.length);

  /** Reads the line's time stamp, its event and all of the event's fields; another event's line is left at its name. */
  read(line: Line): void {
    this.thread = -1;
    this.#secondsAt = -1;
    this.#seconds = Number.NaN;
    if (isDigit(line.peek())) {
      if (line.bytes[line.at + 4] === minus) this.#readDate(line);
      else {
        this.thread = line.below(0xffffffff, "thread");
        line.expect(at, "thread");
        this.#secondsAt = line.at;
        line.until(colon);
        line.expect(colon, "time");
      }
    }
    const from = line.at;
    while (isNameByte(line.peek())) line.at += 1;
    const to = line.at;
    this.isNamed = to > from && !isDigit(line.bytes[from]!);
    this.event = -1;
    for (let event = 0; event < qemuEvents.length && this.event < 0; event += 1) {
      line.at = from;
      if (line.take(qemuEvents[event]!) && line.at === to) this.event = event;
    }
    line.at = to;
    if (this.event >= 0) this.#readFields(line);
  }

  #readDate(line: Line): void {
    const found = datePattern.exec(line.slice(line.at, line.at + longestDate));
    const [year, month, day, hour, minute, second, micros] = (found ?? []).slice(1).map(Number);
    const time = Date.UTC(year!, month! - 1, day, hour, minute, second);
    // A date that is none, such as the 31st of February, is another day.
    const isDate = found !== null && time >= 0 && new Date(time).toISOString().startsWith(found[0].slice(0, 19));
    if (!isDate) line.fail("time", "a date and a time such as 2025-07-21T18:43:28.089797Z");
    this.#seconds = time / 1000;
    this.#nanoseconds = (found[7] === undefined ? 0 : micros!) * 1000;
    line.at += found[0].length;
  }

  /** The time since the trace's zero; NaN without a time stamp. The line is left where it is. */
  timeNs(line: Line, rows: Rows<Layout>, clock: Zero): number {
    const to = line.at;
    if (this.#secondsAt >= 0) {
      line.at = this.#secondsAt;
      const ns = clock.seconds(line, rows, "time");
      line.at = to;
      return ns;
    }
    if (Number.isNaN(this.#seconds)) return Number.NaN;
    const ns = clock.sum(this.#seconds, this.#nanoseconds, rows);
    if (Math.abs(ns) > Number.MAX_SAFE_INTEGER) line.fail("time", "a time stamp within 104 days of the first one");
    return ns;
  }

  /** Puts the command's name, which is in quotes, in a row. */
  storeName(line: Line, column: Dictionary, row: number): void {
    const to = line.at;
    line.at = this.#nameTo;
    line.store(column, row, this.#nameFrom, "opname");
    line.at = to;
  }

  #readFields(line: Line): void {
    const values = this.#values;
    values.fill(Number.NaN);
    this.#nameTo = this.#nameFrom = line.at;
    while (!line.isAtEnd) {
      line.expect(space, "event");
      const field = fieldAt(line);
      if (field < 0) {
        // Its value may be missing or quoted: `opname 'NVME_NVM_CMD_READ'`.
        line.until(space);
        if (line.bytes[line.at + 1] === quote) {
          line.at += 2;
          this.#nameFrom = line.until(quote);
          this.#nameTo = line.at;
          line.expect(quote, "opname");
        }
        continue;
      }
      line.expect(space, fields[field]!);
      values[field] = numberAt(line, fields[field]!);
    }
  }

  /** A field's value; a TraceFormatError where the event has none. */
  value(field: QemuField, line: Line, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#values[fields.indexOf(field)]!;
    if (Number.isNaN(value)) line.fail(field, `a ${qemuEvents[this.event]!} with this field`);
    if (value > most) line.fail(field, `a ${qemuEvents[this.event]!} with at most ${most} here`);
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
  if (line.take("(nil)")) return 0;
  if (line.peek() !== zero || (line.bytes[line.at + 1]! | 32) !== letterX) return line.signed(field);
  const from = line.at;
  line.hexadecimal(words, 0, field);
  const value = words[1]! * 0x100000000 + words[0]!;
  if (value > Number.MAX_SAFE_INTEGER) line.failAt(from, field, "a number below 2^53");
  return value;
}
