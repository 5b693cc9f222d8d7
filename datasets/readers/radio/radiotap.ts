import { RecordFault } from "../../formats/read-records.ts";
import { modulations, type RadioRows } from "./radio-columns.ts";

/** Alignment and size of the fields of the first 28 bits; 0 bytes where a bit has no field. */
const alignments = Uint8Array.of(8, 1, 1, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 4, 1, 4, 2, 8, 2, 2, 2, 1, 2);
const sizes = Uint8Array.of(8, 1, 1, 4, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 8, 3, 8, 12, 12, 12, 12, 6, 1, 4);

/** The fields that are read, by their bits. */
const fields = { tsft: 0, flags: 1, rate: 2, channel: 3, signal: 5, noise: 6, antenna: 11, mcs: 19, vht: 21, he: 23 };
/** Places of a layout: one for each bit that has a field. */
const bitsOfLayout = sizes.length;

/** A capture's headers have a few layouts, kept by a hash of what they follow from; so many are kept, and as many as were read since. */
const slots = 256;

/** Widths in MHz of VHT's codes of a bandwidth: a part of a channel is as wide as the part. */
const vhtWidths = Uint8Array.of(20, 40, 20, 20, 80, 40, 40, 20, 20, 20, 20, 160, 80, 80, 40, 40, 40, 40);
const heWidths = Uint8Array.of(20, 40, 80, 160);
const heGuards = Uint16Array.of(800, 1600, 3200);

const ht = modulations.indexOf("HT");
const vht = modulations.indexOf("VHT");
const he = modulations.indexOf("HE");

/** The columns that a field of HT, VHT or HE fills. */
const modulated = ["modulation", "mcs", "streams", "bandwidthMhz", "guardNs"] as const;
/** The columns that a radiotap header fills. */
const filled = [
  ...(["tsftUs", "fcs", "badFcs", "rateMbps", "channelMhz", "signalDbm", "noiseDbm", "antenna"] as const),
  ...modulated,
] as const;

type Left = Readonly<Record<(typeof filled)[number], Uint8Array>>;

/** Puts what frames' radiotap headers tell in their rows. */
export class Radiotap {
  readonly #rows: RadioRows;
  /** What is left out, by column. */
  readonly #none: Left;
  /** Where the headers are that were read, and which layout each has: layout 0 has no fields. */
  readonly #headers: Uint32Array;
  readonly #layouts: Uint16Array;
  /** Where layouts' fields stand in a header, 0 where one is not there, and where the last one ends. */
  readonly #places: Uint16Array;
  readonly #ends: Uint32Array;
  #known = 1;
  /** The bits of all layouts that are known. */
  #present = 0;
  readonly #presentOf = new Int32Array(slots);
  readonly #beginningOf = new Uint16Array(slots);
  readonly #layoutOf = new Uint16Array(slots);

  /** Holds `most` headers at once. */
  constructor(rows: RadioRows, most: number) {
    this.#rows = rows;
    this.#none = Object.fromEntries(filled.map((name) => [name, rows.nulls(name)])) as Left;
    this.#headers = new Uint32Array(most);
    this.#layouts = new Uint16Array(most);
    this.#places = new Uint16Array((slots + most + 1) * bitsOfLayout);
    this.#ends = new Uint32Array(slots + most + 1);
  }

  /** What the file says of a checksum, NaN for nothing, in a row whose header may say more. */
  tell(row: number, fcs: number): void {
    this.#rows.columns.fcs[row] = fcs;
    this.#none.fcs[row] = Number.isNaN(fcs) ? 1 : 0;
  }

  /** The `index`th frame has no header. */
  skip(index: number): void {
    this.#layouts[index] = 0;
  }

  /**
   * Reads the layout of the `index`th frame's header at `at`, of which `captured` bytes are there with the frame; gives its size. Its fields
   * stand in the order of the bits that say which are present, each aligned from the header's beginning, little endian. The first word of
   * bits tells of the frame; further words repeat fields for each antenna, or are a vendor's, and are passed over.
   */
  read(view: DataView, at: number, captured: number, index: number): number {
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
    const slot = Math.imul(present ^ offset, 0x9e3779b1) >>> 24;
    let layout = this.#layoutOf[slot]!;
    const isNew = layout === 0 || this.#presentOf[slot] !== present || this.#beginningOf[slot] !== offset;
    if (isNew) layout = this.#layOut(present, offset);
    const end = this.#ends[layout]!;
    if (end > size) throw new RecordFault("radiotap", `expected fields of at most ${size} bytes, got ${end}`);
    // Only now: of the headers that are refused there may be any number before the next `fill`.
    if (isNew) {
      this.#known += 1;
      this.#present |= present;
      this.#presentOf[slot] = present;
      this.#beginningOf[slot] = offset;
      this.#layoutOf[slot] = layout;
    }
    this.#headers[index] = at;
    this.#layouts[index] = layout;
    return size;
  }

  /** Lays fields out from `offset` on, as the layout that is the next to be known. */
  #layOut(present: number, offset: number): number {
    const layout = this.#known;
    const places = this.#places.fill(0, bitsOfLayout * layout, bitsOfLayout * (layout + 1));
    let end = offset;
    for (let left = present & 0xfffffff; left !== 0; left &= left - 1) {
      const bit = 31 - Math.clz32(left & -left);
      const align = alignments[bit]! - 1;
      const place = (end + align) & ~align;
      places[bitsOfLayout * layout + bit] = place;
      end = place + sizes[bit]!;
    }
    this.#ends[layout] = end;
    return layout;
  }

  /** Fills the rows from `first` on with what the first `count` headers tell. */
  fill(view: DataView, first: number, count: number): void {
    this.#fillPlain(view, first, count);
    this.#fillModulations(view, first, count);
    if (this.#known <= slots) return;
    this.#known = 1;
    this.#present = 0;
    this.#layoutOf.fill(0);
  }

  #fillPlain(view: DataView, first: number, count: number): void {
    const { tsftUs, fcs, badFcs, rateMbps, channelMhz, signalDbm, noiseDbm, antenna } = this.#rows.columns;
    const none = this.#none;
    const places = this.#places;
    const headers = this.#headers;
    const layouts = this.#layouts;
    for (let index = 0, row = first; index < count; index += 1, row += 1) {
      const at = headers[index]!;
      const layout = bitsOfLayout * layouts[index]!;
      let place = places[layout + fields.tsft]!;
      if (place === 0) none.tsftUs[row] = 1;
      else {
        tsftUs[2 * row] = view.getUint32(at + place, true);
        tsftUs[2 * row + 1] = view.getUint32(at + place + 4, true);
      }
      place = places[layout + fields.flags]!;
      if (place === 0) none.badFcs[row] = 1;
      else {
        const flags = view.getUint8(at + place);
        fcs[row] = (flags >> 4) & 1;
        none.fcs[row] = 0;
        badFcs[row] = (flags >> 6) & 1;
      }
      place = places[layout + fields.rate]!;
      if (place === 0) none.rateMbps[row] = 1;
      else rateMbps[row] = view.getUint8(at + place) / 2;
      place = places[layout + fields.channel]!;
      if (place === 0) none.channelMhz[row] = 1;
      else channelMhz[row] = view.getUint16(at + place, true);
      place = places[layout + fields.signal]!;
      if (place === 0) none.signalDbm[row] = 1;
      else signalDbm[row] = view.getInt8(at + place);
      place = places[layout + fields.noise]!;
      if (place === 0) none.noiseDbm[row] = 1;
      else noiseDbm[row] = view.getInt8(at + place);
      place = places[layout + fields.antenna]!;
      if (place === 0) none.antenna[row] = 1;
      else antenna[row] = view.getUint8(at + place);
    }
  }

  #fillModulations(view: DataView, first: number, count: number): void {
    for (const name of modulated) this.#none[name].fill(1, first, first + count);
    if ((this.#present & ((1 << fields.mcs) | (1 << fields.vht) | (1 << fields.he))) === 0) return;
    for (let index = 0, row = first; index < count; index += 1, row += 1) {
      const header = this.#headers[index]!;
      const layout = bitsOfLayout * this.#layouts[index]!;
      const mcs = this.#places[layout + fields.mcs]!;
      if (mcs !== 0) this.#ht(view, header + mcs, row);
      const vht = this.#places[layout + fields.vht]!;
      if (vht !== 0) this.#vht(view, header + vht, row);
      const he = this.#places[layout + fields.he]!;
      if (he !== 0) this.#he(view, header + he, row);
    }
  }

  #ht(view: DataView, at: number, row: number): void {
    const known = view.getUint8(at);
    const flags = view.getUint8(at + 1);
    const mcs = view.getUint8(at + 2);
    this.#set("modulation", row, ht);
    if ((known & 1) !== 0) this.#set("bandwidthMhz", row, (flags & 3) === 1 ? 40 : 20);
    if ((known & 4) !== 0) this.#set("guardNs", row, (flags & 4) === 0 ? 800 : 400);
    if ((known & 2) === 0) return;
    this.#set("mcs", row, mcs);
    if (mcs < 32) this.#set("streams", row, (mcs >> 3) + 1);
  }

  /** Of several users, the first one's. */
  #vht(view: DataView, at: number, row: number): void {
    const known = view.getUint16(at, true);
    const flags = view.getUint8(at + 2);
    const width = view.getUint8(at + 3);
    const user = view.getUint8(at + 4);
    this.#set("modulation", row, vht);
    if ((known & 0x4) !== 0) this.#set("guardNs", row, (flags & 4) === 0 ? 800 : 400);
    if ((known & 0x40) !== 0 && width < 26) this.#set("bandwidthMhz", row, vhtWidths[width] ?? 20);
    if ((user & 15) === 0) return;
    this.#set("mcs", row, user >> 4);
    this.#set("streams", row, user & 15);
  }

  #he(view: DataView, at: number, row: number): void {
    this.#set("modulation", row, he);
    const known1 = view.getUint16(at, true);
    const known2 = view.getUint16(at + 2, true);
    const data5 = view.getUint16(at + 8, true);
    const streams = view.getUint16(at + 10, true) & 15;
    if ((known1 & 0x20) !== 0) this.#set("mcs", row, (view.getUint16(at + 4, true) >> 8) & 15);
    // A part of a channel (a resource unit of some tones) has no width in MHz.
    const bandwidthMhz = heWidths[data5 & 15];
    if ((known1 & 0x4000) !== 0 && bandwidthMhz !== undefined) this.#set("bandwidthMhz", row, bandwidthMhz);
    const guardNs = heGuards[(data5 >> 4) & 3];
    if ((known2 & 2) !== 0 && guardNs !== undefined) this.#set("guardNs", row, guardNs);
    if (streams !== 0) this.#set("streams", row, streams);
  }

  #set(name: (typeof modulated)[number], row: number, value: number): void {
    this.#rows.columns[name][row] = value;
    this.#none[name][row] = 0;
  }
}
