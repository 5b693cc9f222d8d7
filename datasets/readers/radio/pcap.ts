import { TraceFormatError } from "../../errors.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { RecordFault } from "../../formats/read-records.ts";
import { readSizedRecords } from "../../formats/read-sized-records.ts";
import { zero } from "../../formats/zero.ts";
import { FrameReader, linkTypeProblem } from "./frame.ts";
import { radioColumns } from "./radio-columns.ts";

const headerBytes = 24;
const recordBytes = 16;

/** More than a frame can have, or a capture keeps; a size beyond it is damage. */
const mostCaptured = 256 * 1024;

const microseconds = 0xa1b2c3d4;
const nanoseconds = 0xa1b23c4d;

/** The byte order and unit that a file begins with; undefined when it is none. */
function orderOf(view: DataView): { little: boolean; unitNs: number } | undefined {
  if (view.byteLength < 4) return undefined;
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === microseconds) return { little, unitNs: 1000 };
    if (magic === nanoseconds) return { little, unitNs: 1 };
  }
  return undefined;
}

/**
 * Captures of 802.11 frames in pcap files, as tcpdump writes them: of link type 127 (radiotap headers) or 105 (bare frames), time
 * stamps in micro- or nanoseconds, in either byte order. Other link types are refused by name.
 *
 * `lengthBytes` is the frame's length on the air without its radiotap header, with its checksum of four bytes where `fcs` is true;
 * `capturedBytes` what the file has of it. `type` is named as in Wireshark. An address that the frame's type does not have (an acknowledgement's
 * transmitter), or that was not captured, is null; `durationUs` is null where the field is an association's number. What the radiotap header
 * does not say is null; MCS, VHT (of its first user) and HE fields give `modulation`, `mcs`, `streams`, `bandwidthMhz` and `guardNs`. The
 * frames' bodies are not kept, so nothing is written back.
 * Described in https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcap.html and https://www.radiotap.org
 */
export const pcap: TraceFormat = {
  name: "pcap",
  title: "802.11 capture (pcap)",
  kind: "radio",
  detect: ({ view }) => orderOf(view) !== undefined,
  read(source, options) {
    const clock = zero(1);
    let frames: FrameReader | undefined;
    let order: ReturnType<typeof orderOf>;
    let little = true;
    let linkType = 0;
    let fcs = Number.NaN;
    return readSizedRecords(source, options, {
      layout: { timeNs: "float64", ...radioColumns },
      sizeOf(view, at, left) {
        if (order === undefined) return headerBytes;
        if (left < recordBytes) return 0;
        const captured = view.getUint32(at + 8, little);
        if (captured > mostCaptured)
          throw new RecordFault("captured length", `expected at most ${mostCaptured} bytes, got ${captured}`);
        return recordBytes + captured;
      },
      read(view, at, size, rows) {
        if (order === undefined) {
          order = orderOf(view);
          if (order === undefined)
            throw new TraceFormatError({ file: source.file, offset: 0, field: "magic" }, "expected a pcap file");
          little = order.little;
          const network = view.getUint32(at + 20, little);
          linkType = network & 0xffff;
          // Bit 26 says that the upper four bits count the checksum's 16-bit words.
          if (((network >>> 26) & 1) === 1) fcs = network >>> 28 > 0 ? 1 : 0;
          const problem = linkTypeProblem(linkType);
          if (problem !== undefined)
            throw new TraceFormatError({ file: source.file, offset: 20, field: "link type" }, problem);
          return;
        }
        const fraction = view.getUint32(at + 4, little) * order.unitNs;
        if (fraction >= 1e9)
          throw new RecordFault("time", `expected a fraction below one second, got ${fraction} nanoseconds`);
        const timeNs = clock.sum(view.getUint32(at, little), fraction, rows);
        if (Math.abs(timeNs) > Number.MAX_SAFE_INTEGER)
          throw new RecordFault("time", "expected a time within 104 days of the first frame's");
        rows.columns.timeNs[rows.count] = timeNs;
        rows.columns.interface[rows.count] = 0;
        const length = view.getUint32(at + 12, little);
        frames ??= new FrameReader(rows);
        frames.read(view, at + recordBytes, size - recordBytes, length, linkType, fcs);
        rows.count += 1;
      },
      fill(view) {
        frames?.fill(view);
      },
    });
  },
};
