import { RecordFault } from "../../formats/read-records.ts";
import { modulations, type RadioRows } from "./radio-columns.ts";

/** Alignment and size of the fields of the first 28 bits; 0 bytes where a bit has no field. */
const alignments = Uint8Array.of(8, 1, 1, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 4, 1, 4, 2, 8, 2, 2, 2, 1, 2);
const sizes = Uint8Array.of(8, 1, 1, 4, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 8, 3, 8, 12, 12, 12, 12, 6, 1, 4);

const fieldTsft = 0;
const fieldFlags = 1;
const fieldRate = 2;
const fieldChannel = 3;
const fieldSignal = 5;
const fieldNoise = 6;
const fieldAntenna = 11;
const fieldMcs = 19;
const fieldVht = 21;
const fieldHe = 23;

/** Widths in MHz of VHT's codes of a bandwidth: a part of a channel is as wide as the part. */
const vhtWidths = Uint8Array.of(20, 40, 20, 20, 80, 40, 40, 20, 20, 20, 20, 160, 80, 80, 40, 40, 40, 40);
const heWidths = Uint8Array.of(20, 40, 80, 160);
const heGuards = Uint16Array.of(800, 1600, 3200);

const ht = modulations.indexOf("HT");
const vht = modulations.indexOf("VHT");
const he = modulations.indexOf("HE");

/** The columns that a radiotap header fills. */
const filled = [
  ...(["tsftUs", "fcs", "badFcs", "rateMbps", "channelMhz", "signalDbm", "noiseDbm", "antenna"] as const),
  ...(["modulation", "mcs", "streams", "bandwidthMhz", "guardNs"] as const),
] as const;

type Left = Readonly<Record<(typeof filled)[number], Uint8Array>>;

/** Puts what frames' radiotap headers tell in the row that is being filled. */
export class Radiotap {
  readonly #rows: RadioRows;
  /** What is left out, by column. */
  readonly #none: Left;
  readonly #all: readonly Uint8Array[];

  constructor(rows: RadioRows) {
    this.#rows = rows;
    this.#all = filled.map((name) => rows.nulls(name));
    this.#none = Object.fromEntries(filled.map((name, at) => [name, this.#all[at]!])) as Left;
  }

  /** A row that is told nothing but what the file says of a checksum, NaN for nothing. */
  clear(fcs: number): void {
    const { columns, count } = this.#rows;
    for (const none of this.#all) none[count] = 1;
    if (Number.isNaN(fcs)) return;
    columns.fcs[count] = fcs;
    this.#none.fcs[count] = 0;
  }

  /**
   * Reads the header at `at`, of which `captured` bytes are there with the frame; gives its size. Its fields stand in the order of the
   * bits that say which are present, each aligned from the header's beginning, little endian. The first word of bits tells of the
   * frame; further words repeat fields for each antenna, or are a vendor's, and are passed over.
   */
  read(view: DataView, at: number, captured: number): number {
    if (captured < 8) throw new RecordFault("radiotap", `expected a header of at least 8 bytes, got ${captured}`);
    if (view.getUint8(at) !== 0)
      throw new RecordFault("radiotap version", `expected version 0, got ${view.getUint8(at)}`);
    const size = view.getUint16(at + 2, true);
    if (size < 8 || size > captured)
      throw new RecordFault("radiotap length", `expected a header of 8 to ${captured} bytes, got ${size}`);
    const present = view.getInt32(at + 4, true);
    let offset = 8;
    for (let word = present; word < 0; offset += 4) {
      if (offset + 4 > size) throw new RecordFault("radiotap present", "expected bits of presence inside the header");
      word = view.getInt32(at + offset, true);
    }
    for (let left = present & 0xfffffff; left !== 0; left &= left - 1) {
      const bit = 31 - Math.clz32(left & -left);
      const align = alignments[bit]! - 1;
      offset = (offset + align) & ~align;
      const field = at + offset;
      offset += sizes[bit]!;
      if (offset > size) throw new RecordFault("radiotap", `expected fields of at most ${size} bytes, got ${offset}`);
      this.#field(view, bit, field);
    }
    return size;
  }

  #field(view: DataView, bit: number, at: number): void {
    const { columns, count } = this.#rows;
    const none = this.#none;
    switch (bit) {
      case fieldTsft:
        columns.tsftUs[2 * count] = view.getUint32(at, true);
        columns.tsftUs[2 * count + 1] = view.getUint32(at + 4, true);
        none.tsftUs[count] = 0;
        break;
      case fieldFlags: {
        const flags = view.getUint8(at);
        columns.fcs[count] = (flags >> 4) & 1;
        columns.badFcs[count] = (flags >> 6) & 1;
        none.fcs[count] = none.badFcs[count] = 0;
        break;
      }
      case fieldRate:
        columns.rateMbps[count] = view.getUint8(at) / 2;
        none.rateMbps[count] = 0;
        break;
      case fieldChannel:
        columns.channelMhz[count] = view.getUint16(at, true);
        none.channelMhz[count] = 0;
        break;
      case fieldSignal:
        columns.signalDbm[count] = view.getInt8(at);
        none.signalDbm[count] = 0;
        break;
      case fieldNoise:
        columns.noiseDbm[count] = view.getInt8(at);
        none.noiseDbm[count] = 0;
        break;
      case fieldAntenna:
        columns.antenna[count] = view.getUint8(at);
        none.antenna[count] = 0;
        break;
      case fieldMcs:
        this.#ht(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2));
        break;
      case fieldVht:
        this.#vht(view.getUint16(at, true), view.getUint8(at + 2), view.getUint8(at + 3), view.getUint8(at + 4));
        break;
      case fieldHe:
        this.#he(view, at);
        break;
    }
  }

  #ht(known: number, flags: number, mcs: number): void {
    this.#set("modulation", ht);
    if ((known & 1) !== 0) this.#set("bandwidthMhz", (flags & 3) === 1 ? 40 : 20);
    if ((known & 4) !== 0) this.#set("guardNs", (flags & 4) === 0 ? 800 : 400);
    if ((known & 2) === 0) return;
    this.#set("mcs", mcs);
    if (mcs < 32) this.#set("streams", (mcs >> 3) + 1);
  }

  /** Of several users, the first one's. */
  #vht(known: number, flags: number, width: number, user: number): void {
    this.#set("modulation", vht);
    if ((known & 0x4) !== 0) this.#set("guardNs", (flags & 4) === 0 ? 800 : 400);
    if ((known & 0x40) !== 0 && width < 26) this.#set("bandwidthMhz", vhtWidths[width] ?? 20);
    if ((user & 15) === 0) return;
    this.#set("mcs", user >> 4);
    this.#set("streams", user & 15);
  }

  #he(view: DataView, at: number): void {
    this.#set("modulation", he);
    const known1 = view.getUint16(at, true);
    const known2 = view.getUint16(at + 2, true);
    const data5 = view.getUint16(at + 8, true);
    const streams = view.getUint16(at + 10, true) & 15;
    if ((known1 & 0x20) !== 0) this.#set("mcs", (view.getUint16(at + 4, true) >> 8) & 15);
    // A part of a channel (a resource unit of some tones) has no width in MHz.
    const bandwidthMhz = heWidths[data5 & 15];
    if ((known1 & 0x4000) !== 0 && bandwidthMhz !== undefined) this.#set("bandwidthMhz", bandwidthMhz);
    const guardNs = heGuards[(data5 >> 4) & 3];
    if ((known2 & 2) !== 0 && guardNs !== undefined) this.#set("guardNs", guardNs);
    if (streams !== 0) this.#set("streams", streams);
  }

  #set(name: "modulation" | "mcs" | "streams" | "bandwidthMhz" | "guardNs", value: number): void {
    this.#rows.columns[name][this.#rows.count] = value;
    this.#none[name][this.#rows.count] = 0;
  }
}
