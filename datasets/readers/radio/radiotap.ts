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

/** What a frame's radiotap header tells; NaN for what it does not. */
export class Radiotap {
  tsftLow: number = Number.NaN;
  tsftHigh = 0;
  flags: number = Number.NaN;
  rateMbps: number = Number.NaN;
  channelMhz: number = Number.NaN;
  signalDbm: number = Number.NaN;
  noiseDbm: number = Number.NaN;
  antenna: number = Number.NaN;
  modulation: number = Number.NaN;
  mcs: number = Number.NaN;
  streams: number = Number.NaN;
  bandwidthMhz: number = Number.NaN;
  guardNs: number = Number.NaN;

  /** Forgets everything. */
  clear(): void {
    this.tsftLow = this.flags = this.rateMbps = this.channelMhz = Number.NaN;
    this.signalDbm = this.noiseDbm = this.antenna = Number.NaN;
    this.modulation = this.mcs = this.streams = this.bandwidthMhz = this.guardNs = Number.NaN;
  }

  /**
   * Reads the header at `at`, of which `captured` bytes are there with the frame; gives its size. Its fields stand in the order of the
   * bits that say which are present, each aligned from the header's beginning, little endian. The first word of bits tells of the
   * frame; further words repeat fields for each antenna, or are a vendor's, and are passed over.
   */
  read(view: DataView, at: number, captured: number): number {
    this.clear();
    if (captured < 8) throw new RecordFault("radiotap", `expected a header of at least 8 bytes, got ${captured}`);
    if (view.getUint8(at) !== 0)
      throw new RecordFault("radiotap version", `expected version 0, got ${view.getUint8(at)}`);
    const size = view.getUint16(at + 2, true);
    if (size < 8 || size > captured)
      throw new RecordFault("radiotap length", `expected a header of 8 to ${captured} bytes, got ${size}`);
    const present = view.getUint32(at + 4, true);
    let offset = 8;
    for (let word = present; word >>> 31 === 1; offset += 4) {
      if (offset + 4 > size) throw new RecordFault("radiotap present", "expected bits of presence inside the header");
      word = view.getUint32(at + offset, true);
    }
    for (let bit = 0; bit < sizes.length; bit += 1) {
      if (((present >>> bit) & 1) === 0) continue;
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
    switch (bit) {
      case fieldTsft:
        this.tsftLow = view.getUint32(at, true);
        this.tsftHigh = view.getUint32(at + 4, true);
        break;
      case fieldFlags:
        this.flags = view.getUint8(at);
        break;
      case fieldRate:
        this.rateMbps = view.getUint8(at) / 2;
        break;
      case fieldChannel:
        this.channelMhz = view.getUint16(at, true);
        break;
      case fieldSignal:
        this.signalDbm = view.getInt8(at);
        break;
      case fieldNoise:
        this.noiseDbm = view.getInt8(at);
        break;
      case fieldAntenna:
        this.antenna = view.getUint8(at);
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
    this.modulation = ht;
    if ((known & 1) !== 0) this.bandwidthMhz = (flags & 3) === 1 ? 40 : 20;
    if ((known & 4) !== 0) this.guardNs = (flags & 4) === 0 ? 800 : 400;
    if ((known & 2) === 0) return;
    this.mcs = mcs;
    if (mcs < 32) this.streams = (mcs >> 3) + 1;
  }

  /** Of several users, the first one's. */
  #vht(known: number, flags: number, width: number, user: number): void {
    this.modulation = vht;
    if ((known & 0x4) !== 0) this.guardNs = (flags & 4) === 0 ? 800 : 400;
    if ((known & 0x40) !== 0 && width < 26) this.bandwidthMhz = vhtWidths[width] ?? 20;
    if ((user & 15) === 0) return;
    this.mcs = user >> 4;
    this.streams = user & 15;
  }

  #he(view: DataView, at: number): void {
    this.modulation = he;
    const known1 = view.getUint16(at, true);
    const known2 = view.getUint16(at + 2, true);
    const data5 = view.getUint16(at + 8, true);
    const streams = view.getUint16(at + 10, true) & 15;
    if ((known1 & 0x20) !== 0) this.mcs = (view.getUint16(at + 4, true) >> 8) & 15;
    // A part of a channel (a resource unit of some tones) has no width in MHz.
    if ((known1 & 0x4000) !== 0) this.bandwidthMhz = heWidths[data5 & 15] ?? Number.NaN;
    if ((known2 & 2) !== 0) this.guardNs = heGuards[(data5 >> 4) & 3] ?? Number.NaN;
    if (streams !== 0) this.streams = streams;
  }

  /** Puts what the header tells in the row that is being filled; `fcs` is used where it says nothing of a checksum. */
  store(fcs: number, rows: RadioRows): void {
    const { columns, count } = rows;
    if (Number.isNaN(this.tsftLow)) rows.setNull("tsftUs");
    else {
      columns.tsftUs[2 * count] = this.tsftLow;
      columns.tsftUs[2 * count + 1] = this.tsftHigh;
    }
    const { flags } = this;
    columns.fcs[count] = Number.isNaN(flags) ? fcs : (flags >> 4) & 1;
    columns.badFcs[count] = (flags >> 6) & 1;
    if (Number.isNaN(flags)) rows.setNull("badFcs");
    if (Number.isNaN(flags) && Number.isNaN(fcs)) rows.setNull("fcs");
    // Line by line: names in variables would make this the slowest part of reading a capture.
    columns.rateMbps[count] = this.rateMbps;
    columns.channelMhz[count] = this.channelMhz;
    columns.signalDbm[count] = this.signalDbm;
    columns.noiseDbm[count] = this.noiseDbm;
    columns.antenna[count] = this.antenna;
    columns.modulation[count] = this.modulation;
    columns.mcs[count] = this.mcs;
    columns.streams[count] = this.streams;
    columns.bandwidthMhz[count] = this.bandwidthMhz;
    columns.guardNs[count] = this.guardNs;
    if (Number.isNaN(this.rateMbps)) rows.setNull("rateMbps");
    if (Number.isNaN(this.channelMhz)) rows.setNull("channelMhz");
    if (Number.isNaN(this.signalDbm)) rows.setNull("signalDbm");
    if (Number.isNaN(this.noiseDbm)) rows.setNull("noiseDbm");
    if (Number.isNaN(this.antenna)) rows.setNull("antenna");
    if (Number.isNaN(this.modulation)) rows.setNull("modulation");
    if (Number.isNaN(this.mcs)) rows.setNull("mcs");
    if (Number.isNaN(this.streams)) rows.setNull("streams");
    if (Number.isNaN(this.bandwidthMhz)) rows.setNull("bandwidthMhz");
    if (Number.isNaN(this.guardNs)) rows.setNull("guardNs");
  }
}
