import type { TraceFormat } from "../../formats/format.ts";
import { optional } from "../../formats/layout.ts";
import { RecordFault } from "../../formats/read-records.ts";
import { readSizedRecords } from "../../formats/read-sized-records.ts";
import { zero } from "../../formats/zero.ts";
import { FrameReader, linkTypeProblem } from "./frame.ts";
import { radioColumns } from "./radio-columns.ts";

const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const oldPacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;

const byteOrder = 0x1a2b3c4d;
const mostBlockBytes = 16 * 1024 * 1024;
const mostInterfaces = 65536;

const optionTimeResolution = 9;
const optionFcsLength = 13;
const optionTimeOffset = 14;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Units of time in a second. */
  readonly perSecond: number;
  readonly offsetSeconds: number;
  readonly fcs: number;
}

/** The byte order of the section that begins at `at`; undefined when none does. */
function orderAt(view: DataView, at: number): boolean | undefined {
  if (view.getUint32(at + 8, true) === byteOrder) return true;
  return view.getUint32(at + 8, false) === byteOrder ? false : undefined;
}

/**
 * Captures of 802.11 frames in pcapng files, as Wireshark writes them: sections in either byte order, interfaces of link type 127
 * (radiotap) or 105 (bare frames) with time stamps of at most nanoseconds, enhanced, simple and obsolete packet blocks. Columns and
 * units as of `pcap`; `interface` is the interface's number in its section, and a simple packet has no time (null). Blocks of
 * other types (names, statistics, secrets, comments) are passed over, as the format asks of readers.
 * Described in https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html
 */
export const pcapng: TraceFormat = {
  name: "pcapng",
  title: "802.11 capture (pcapng)",
  kind: "radio",
  detect: ({ view }) => view.byteLength >= 12 && view.getUint32(0) === sectionHeader && orderAt(view, 0) !== undefined,
  read(source, options) {
    const clock = zero(1);
    let frames: FrameReader | undefined;
    let little = true;
    let interfaces: Interface[] = [];
    let isStarted = false;
    return readSizedRecords(source, options, {
      layout: { timeNs: optional("float64"), ...radioColumns },
      sizeOf(view, at, left) {
        if (left < 12) return 0;
        if (view.getUint32(at) === sectionHeader) {
          const order = orderAt(view, at);
          if (order === undefined) throw new RecordFault("byte order", "expected the magic number 0x1a2b3c4d");
          little = order;
          isStarted = true;
        } else if (!isStarted) throw new RecordFault("block type", "expected a section header");
        const size = view.getUint32(at + 4, little);
        if (size < 12 || size % 4 !== 0 || size > mostBlockBytes)
          throw new RecordFault("block length", `expected a multiple of 4 from 12 to ${mostBlockBytes}, got ${size}`);
        return size;
      },
      read(view, at, size, rows) {
        const again = view.getUint32(at + size - 4, little);
        if (again !== size)
          throw new RecordFault("block length", `expected ${size} at the block's end, too, got ${again}`);
        const type = view.getUint32(at, little);
        const bytes = size - 12;
        const body = at + 8;
        if (type === sectionHeader) {
          interfaces = [];
          return;
        }
        if (type === interfaceDescription) {
          need(bytes, 8);
          if (interfaces.length === mostInterfaces)
            throw new RecordFault("interface", `expected at most ${mostInterfaces} interfaces in a section`);
          interfaces.push(interfaceAt(view, body, bytes, little));
          return;
        }
        if (type !== enhancedPacket && type !== simplePacket && type !== oldPacket) return;
        const isSimple = type === simplePacket;
        const header = isSimple ? 4 : 20;
        need(bytes, header);
        const number = isSimple ? 0 : type === oldPacket ? view.getUint16(body, little) : view.getUint32(body, little);
        const from = interfaces[number];
        if (from === undefined)
          throw new RecordFault("interface", `expected one of ${interfaces.length} interfaces, got number ${number}`);
        const problem = linkTypeProblem(from.linkType);
        if (problem !== undefined) throw new RecordFault("link type", problem);
        const length = view.getUint32(body + (isSimple ? 0 : 16), little);
        const limit = from.snapLength === 0 ? length : Math.min(length, from.snapLength);
        const captured = isSimple ? limit : view.getUint32(body + 12, little);
        if (captured > bytes - header)
          throw new RecordFault("captured length", `expected at most ${bytes - header} bytes, got ${captured}`);
        if (isSimple) rows.setNull("timeNs");
        else {
          const { perSecond, offsetSeconds } = from;
          const high = view.getUint32(body + 4, little);
          const low = view.getUint32(body + 8, little);
          // 64 bits by hand, in digits of 16 bits, so that no part is beyond 2^53.
          let seconds = 0;
          let left = 0;
          for (let digit = 0; digit < 4; digit += 1) {
            const half = digit < 2 ? high : low;
            left = left * 65536 + ((digit & 1) === 0 ? half >>> 16 : half & 0xffff);
            const quotient = Math.floor(left / perSecond);
            seconds = seconds * 65536 + quotient;
            left -= quotient * perSecond;
          }
          const timeNs = clock.sum(seconds + offsetSeconds, Math.floor((left * 1e9) / perSecond), rows);
          if (!(Math.abs(timeNs) <= Number.MAX_SAFE_INTEGER))
            throw new RecordFault("time", "expected a time within 104 days of the first frame's");
          rows.columns.timeNs[rows.count] = timeNs;
        }
        rows.columns.interface[rows.count] = number;
        frames ??= new FrameReader(rows);
        frames.read(view, body + header, captured, length, from.linkType, from.fcs);
        rows.count += 1;
      },
      fill(view) {
        frames?.fill(view);
      },
    });
  },
};

function need(bytes: number, least: number): void {
  if (bytes < least) throw new RecordFault("block length", `expected at least ${least + 12} bytes, got ${bytes + 12}`);
}

function interfaceAt(view: DataView, body: number, bytes: number, little: boolean): Interface {
  let perSecond = 1e6;
  let offsetSeconds = 0;
  let fcs = Number.NaN;
  for (let option = 8; option + 4 <= bytes;) {
    const code = view.getUint16(body + option, little);
    const length = view.getUint16(body + option + 2, little);
    const value = body + option + 4;
    if (code === 0) break;
    if (option + 4 + length > bytes) throw new RecordFault("option", "expected an option inside its block");
    if (code === optionTimeResolution && length >= 1) perSecond = perSecondOf(view.getUint8(value));
    if (code === optionFcsLength && length >= 1) fcs = view.getUint8(value) > 0 ? 1 : 0;
    if (code === optionTimeOffset && length >= 8) offsetSeconds = Number(view.getBigInt64(value, little));
    option += 4 + ((length + 3) & ~3);
  }
  return {
    linkType: view.getUint16(body, little),
    snapLength: view.getUint32(body + 4, little),
    perSecond,
    offsetSeconds,
    fcs,
  };
}

/** A power of ten, or with the upper bit of two. */
function perSecondOf(resolution: number): number {
  const exponent = resolution & 0x7f;
  if ((resolution & 0x80) === 0 ? exponent > 9 : exponent > 30)
    throw new RecordFault("time resolution", "expected units of a nanosecond or more");
  return (resolution & 0x80) === 0 ? 10 ** exponent : 2 ** exponent;
}
