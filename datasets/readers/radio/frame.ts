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

/** What the bits behind the protocol's version say of a header: type (2 bits), subtype (4), to and from a distribution system. */
type OfHeader = (type: number, subtype: number, toDs: number, fromDs: number) => number;

/** Where a part of the header stands, by those bits; 0 where there is none. */
const placeBy = (of: OfHeader): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, bits) => of(bits & 3, (bits >> 2) & 15, (bits >> 6) & 1, bits >> 7));

const receiverAt = placeBy((type) => (type <= data ? 4 : 0));
const transmitterAt = placeBy((type, subtype) =>
  type === management || type === data || (type === control && ((twoAddresses >> subtype) & 1) === 1) ? 10 : 0,
);
const bssidAt = placeBy((type, subtype, toDs, fromDs) => {
  if (type === management) return 16;
  if (type === data) return toDs === 0 ? (fromDs === 0 ? 16 : 10) : fromDs === 0 ? 4 : 0;
  if (type === control) return subtype === powerSavePoll ? 4 : subtype >= contentionFreeEnd ? 10 : 0;
  return subtype === dmgBeacon ? 4 : 0;
});
const sequenceAt = placeBy((type) => (type === management || type === data ? 22 : 0));

/** Frames whose columns are filled together, so that the arrays are looked up once for all of them. */
const most = 256;

/** Reads the frames of a capture into rows. */
export class FrameReader {
  readonly #rows: RadioRows;
  readonly #radiotap: Radiotap;
  readonly #receivers: Addresses;
  readonly #transmitters: Addresses;
  readonly #bssids: Addresses;
  readonly #noDuration: Uint8Array;
  readonly #noSequence: Uint8Array;
  readonly #noFragment: Uint8Array;
  /** Frames that were read but for their headers' columns: how many, the first one's row, where they are, and how much of each is there. */
  #waiting = 0;
  #first = 0;
  readonly #frames = new Uint32Array(most);
  readonly #captured = new Uint32Array(most);
  readonly #controls = new Uint16Array(most);
  readonly #receiverPlaces = new Int32Array(most);
  readonly #transmitterPlaces = new Int32Array(most);
  readonly #bssidPlaces = new Int32Array(most);

  constructor(rows: RadioRows) {
    const { receiver, transmitter, bssid } = rows.columns;
    this.#rows = rows;
    this.#radiotap = new Radiotap(rows, most);
    this.#receivers = new Addresses(receiver, rows.nulls("receiver"));
    this.#transmitters = new Addresses(transmitter, rows.nulls("transmitter"));
    this.#bssids = new Addresses(bssid, rows.nulls("bssid"));
    this.#noDuration = rows.nulls("durationUs");
    this.#noSequence = rows.nulls("sequence");
    this.#noFragment = rows.nulls("fragment");
  }

  /**
   * Reads the frame at `at`, of which `captured` of `length` bytes are there, a radiotap header included, into the row that is being
   * filled, all but its time and interface. `fcs` is what the file says itself of a checksum at the frames' ends; NaN for nothing. The
   * row is complete once `fill` was called, with the same bytes.
   */
  read(view: DataView, at: number, captured: number, length: number, linkType: number, fcs: number): void {
    const waiting = this.#waiting;
    if (length < captured)
      throw new RecordFault("length", `expected at least the ${captured} bytes that are captured, got ${length}`);
    const header = linkType === linkRadiotap ? this.#radiotap.read(view, at, captured, waiting) : 0;
    if (header === 0) this.#radiotap.skip(waiting);
    const { columns, count } = this.#rows;
    this.#radiotap.tell(count, fcs);
    columns.lengthBytes[count] = length - header;
    columns.capturedBytes[count] = captured - header;
    this.#frames[waiting] = at + header;
    this.#captured[waiting] = captured - header;
    if (waiting === 0) this.#first = count;
    this.#waiting = waiting + 1;
    if (this.#waiting === most) this.fill(view);
  }

  /** Fills what the rows read so far take from their frames' headers. */
  fill(view: DataView): void {
    const count = this.#waiting;
    if (count === 0) return;
    const first = this.#first;
    this.#waiting = 0;
    this.#radiotap.fill(view, first, count);
    this.#fillControl(view, first, count);
    this.#fillParts(view, first, count);
    this.#receivers.fill(view, this.#receiverPlaces, count, first);
    this.#transmitters.fill(view, this.#transmitterPlaces, count, first);
    this.#bssids.fill(view, this.#bssidPlaces, count, first);
  }

  #fillControl(view: DataView, first: number, count: number): void {
    const {
      type,
      toDs,
      fromDs,
      moreFragments,
      retry,
      powerManagement,
      moreData,
      protected: secret,
    } = this.#rows.columns;
    const frames = this.#frames;
    const controls = this.#controls;
    const sizes = this.#captured;
    for (let index = 0, row = first; index < count; index += 1, row += 1) {
      // Nothing is known of a frame that was cut before these bits.
      const both = sizes[index]! < 2 ? 3 : view.getUint16(frames[index]!, true);
      const isKnown = (both & 3) === 0;
      const bits = isKnown ? both : 0;
      controls[index] = bits;
      if (!isKnown) sizes[index] = 0;
      type[row] = isKnown ? ((bits << 2) & 0x30) | ((bits >> 4) & 15) : unknownType;
      toDs[row] = (bits >> 8) & 1;
      fromDs[row] = (bits >> 9) & 1;
      moreFragments[row] = (bits >> 10) & 1;
      retry[row] = (bits >> 11) & 1;
      powerManagement[row] = (bits >> 12) & 1;
      moreData[row] = (bits >> 13) & 1;
      secret[row] = (bits >> 14) & 1;
    }
  }

  /** Reads what is there of frames whose control bits are known. */
  #fillParts(view: DataView, first: number, count: number): void {
    const { durationUs, sequence, fragment } = this.#rows.columns;
    const noDuration = this.#noDuration;
    const noSequence = this.#noSequence;
    const noFragment = this.#noFragment;
    const frames = this.#frames;
    const controls = this.#controls;
    const sizes = this.#captured;
    const receivers = this.#receiverPlaces;
    const transmitters = this.#transmitterPlaces;
    const bssids = this.#bssidPlaces;
    for (let index = 0, row = first; index < count; index += 1, row += 1) {
      const at = frames[index]!;
      const captured = sizes[index]!;
      const kind = (controls[index]! >> 2) & 255;

      const duration = captured >= 4 ? view.getUint16(at + 2, true) : 0x8000;
      // Otherwise it is an association's number, or a time without contention.
      if ((duration & 0x8000) === 0) durationUs[row] = duration;
      else noDuration[row] = 1;

      const receiver = receiverAt[kind]!;
      receivers[index] = receiver !== 0 && captured >= receiver + 6 ? at + receiver : -1;
      const transmitter = transmitterAt[kind]!;
      transmitters[index] = transmitter !== 0 && captured >= transmitter + 6 ? at + transmitter : -1;
      const bssid = bssidAt[kind]!;
      bssids[index] = bssid !== 0 && captured >= bssid + 6 ? at + bssid : -1;

      const numbers = sequenceAt[kind]!;
      if (numbers !== 0 && captured >= numbers + 2) {
        const both = view.getUint16(at + numbers, true);
        sequence[row] = both >> 4;
        fragment[row] = both & 15;
      } else {
        noSequence[row] = 1;
        noFragment[row] = 1;
      }
    }
  }
}
