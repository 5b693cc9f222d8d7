import { RecordFault } from "../../formats/read-records.ts";
import { Addresses } from "./addresses.ts";
import { unknownType } from "./frame-types.ts";
import type { RadioRows } from "./radio-columns.ts";
import { Radiotap } from "./radiotap.ts";

const linkRadiotap = 127;
const link80211 = 105;

const linkNames: Readonly<Record<number, string>> = {
  0: "BSD loopback",
  1: "Ethernet",
  12: "raw IP",
  101: "raw IP",
  113: "Linux cooked",
  119: "802.11 with Prism headers",
  163: "802.11 with AVS headers",
  187: "Bluetooth",
  189: "USB",
  192: "PPI",
  195: "802.15.4",
  220: "USB",
  276: "Linux cooked 2",
};

/** What is wrong with a link type, undefined for those that are read. */
export function linkTypeProblem(linkType: number): string | undefined {
  if (linkType === linkRadiotap || linkType === link80211) return undefined;
  const name = linkNames[linkType];
  const got = name === undefined ? String(linkType) : `${linkType} (${name})`;
  return `expected frames of 802.11, with radiotap headers (link type ${linkRadiotap}) or without (${link80211}), got link type ${got}`;
}

const management = 0;
const control = 1;
const data = 2;

/** Subtypes of control frames that have a second address: bit by subtype (not a control wrapper, CTS or an acknowledgement). */
const twoAddresses = 0b1100_1111_0011_0100;

const powerSavePoll = 10;
/** This, and with an acknowledgement the next. */
const contentionFreeEnd = 14;
/** Of the extensions. */
const dmgBeacon = 0;

/** The columns that a frame's own header need not fill. */
const optionals = ["durationUs", "receiver", "transmitter", "bssid", "sequence", "fragment"] as const;

type Left = Readonly<Record<(typeof optionals)[number], Uint8Array>>;

/** Reads the frames of a capture into rows. */
export class FrameReader {
  readonly #rows: RadioRows;
  readonly #radiotap: Radiotap;
  /** What is left out, by column. */
  readonly #none: Left;
  readonly #receivers = new Addresses();
  readonly #transmitters = new Addresses();
  readonly #bssids = new Addresses();

  constructor(rows: RadioRows) {
    this.#rows = rows;
    this.#radiotap = new Radiotap(rows);
    this.#none = Object.fromEntries(optionals.map((name) => [name, rows.nulls(name)])) as Left;
  }

  /**
   * Reads the frame at `at`, of which `captured` of `length` bytes are there, a radiotap header included, into the row that is being
   * filled, all but its time and interface. `fcs` is what the file says itself of a checksum at the frames' ends; NaN for nothing.
   */
  read(view: DataView, at: number, captured: number, length: number, linkType: number, fcs: number): void {
    this.#radiotap.clear(fcs);
    const header = linkType === linkRadiotap ? this.#radiotap.read(view, at, captured) : 0;
    if (length < captured)
      throw new RecordFault("length", `expected at least the ${captured} bytes that are captured, got ${length}`);
    const { columns, count } = this.#rows;
    columns.lengthBytes[count] = length - header;
    columns.capturedBytes[count] = captured - header;
    this.#readFrame(view, at + header, captured - header);
  }

  /** Reads the header of an 802.11 frame, as far as it was captured. */
  #readFrame(view: DataView, at: number, captured: number): void {
    const { columns, count } = this.#rows;
    const none = this.#none;
    const control0 = captured < 2 ? 3 : view.getUint8(at);
    const flags = captured < 2 ? 0 : view.getUint8(at + 1);
    const isKnown = (control0 & 3) === 0;
    const type = (control0 >> 2) & 3;
    const subtype = control0 >> 4;
    const toDs = isKnown ? flags & 1 : 0;
    const fromDs = isKnown ? (flags >> 1) & 1 : 0;
    columns.type[count] = isKnown ? (type << 4) | subtype : unknownType;
    columns.toDs[count] = toDs;
    columns.fromDs[count] = fromDs;
    columns.moreFragments[count] = isKnown ? (flags >> 2) & 1 : 0;
    columns.retry[count] = isKnown ? (flags >> 3) & 1 : 0;
    columns.powerManagement[count] = isKnown ? (flags >> 4) & 1 : 0;
    columns.moreData[count] = isKnown ? (flags >> 5) & 1 : 0;
    columns.protected[count] = isKnown ? (flags >> 6) & 1 : 0;

    const duration = isKnown && captured >= 4 ? view.getUint16(at + 2, true) : 0x8000;
    // Otherwise it is an association's number, or a time without contention.
    if ((duration & 0x8000) === 0) columns.durationUs[count] = duration;
    else none.durationUs[count] = 1;

    const isExtension = type > data;
    const hasReceiver = isKnown && !isExtension && captured >= 10;
    const hasTransmitter = hasReceiver && captured >= 16 && (type !== control || ((twoAddresses >> subtype) & 1) === 1);
    if (hasReceiver) this.#receivers.set(columns.receiver, count, view, at + 4);
    else none.receiver[count] = 1;
    if (hasTransmitter) this.#transmitters.set(columns.transmitter, count, view, at + 10);
    else none.transmitter[count] = 1;

    let bssid = -1;
    if (type === management) bssid = 16;
    else if (type === data) bssid = toDs === 0 ? (fromDs === 0 ? 16 : 10) : fromDs === 0 ? 4 : -1;
    else if (type === control) bssid = subtype === powerSavePoll ? 4 : subtype >= contentionFreeEnd ? 10 : -1;
    else if (subtype === dmgBeacon) bssid = 4;
    if (isKnown && bssid >= 0 && captured >= bssid + 6) this.#bssids.set(columns.bssid, count, view, at + bssid);
    else none.bssid[count] = 1;

    if (isKnown && captured >= 24 && (type === management || type === data)) {
      const sequence = view.getUint16(at + 22, true);
      columns.sequence[count] = sequence >> 4;
      columns.fragment[count] = sequence & 15;
    } else {
      none.sequence[count] = 1;
      none.fragment[count] = 1;
    }
  }
}
