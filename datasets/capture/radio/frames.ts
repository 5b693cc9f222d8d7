import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../../errors.ts";
import { optional } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";

const layout = {
  timeNs: "float64",
  lengthBytes: "uint32",
  type: "words",
  transmitter: optional("words"),
  receiver: "words",
  rateMbps: optional("float64"),
  channelMHz: "uint32",
  retry: "bool",
} as const;

/** IEEE 802.11-2020, table 9-1: subtypes of management, control and data frames. */
const types: readonly (readonly string[])[] = [
  [
    ...["association request", "association response", "reassociation request", "reassociation response"],
    ...["probe request", "probe response", "timing advertisement", "management 7", "beacon", "ATIM", "disassociation"],
    ...["authentication", "deauthentication", "action", "action no ack", "management 15"],
  ],
  [
    ...["control 0", "control 1", "trigger", "TACK", "beamforming report poll", "NDP announcement", "extension"],
    ...["control wrapper", "block ack request", "block ack", "PS-poll", "RTS", "CTS", "ack", "CF-end", "control 15"],
  ],
  [
    ...["data", "data 1", "data 2", "data 3", "null", "data 5", "data 6", "data 7"],
    ...["QoS data", "QoS data 9", "QoS data 10", "QoS data 11", "QoS null", "data 13", "QoS CF-poll", "data 15"],
  ],
];

/** Control frames without a transmitter's address: CTS and ack. */
const receiverOnly = new Set([12, 13]);

const pcapHeader = 24;
const recordHeader = 16;

/**
 * Reads the sniffer's pcap file (nanoseconds, this machine's byte order, radiotap) as a trace of frames. Length
 * without radiotap's header; times since the second in which the first frame was on the air.
 */
export function framesOf(pcap: Buffer): arrow.RecordBatch {
  const file = "the sniffer's file";
  if (pcap.length < pcapHeader || pcap.readUInt32LE(0) !== 0xa1b23c4d || pcap.readUInt32LE(20) !== 127)
    throw new TraceFormatError({ file, offset: 0 }, "expected pcap in nanoseconds with radiotap, got something else");
  const rows = traceRows(layout, Math.max(1, Math.floor(pcap.length / recordHeader)));
  rows.metadata.set("veelab.format", "hwsim").set("veelab.kind", "radio");
  let zero: number | undefined;
  for (let at = pcapHeader; at < pcap.length;) {
    const length = at + recordHeader <= pcap.length ? pcap.readUInt32LE(at + 8) : Infinity;
    if (at + recordHeader + length > pcap.length)
      throw new TraceFormatError({ file, offset: at }, "expected a whole record, got the file's end");
    const seconds = pcap.readUInt32LE(at);
    zero ??= seconds;
    const timeNs = (seconds - zero) * 1e9 + pcap.readUInt32LE(at + 4);
    frame(pcap.subarray(at + recordHeader, at + recordHeader + length), timeNs, rows, at);
    at += recordHeader + length;
  }
  return rows.take();
}

function frame(bytes: Buffer, timeNs: number, rows: ReturnType<typeof traceRows<typeof layout>>, offset: number): void {
  const radiotap = bytes.length >= 8 ? bytes.readUInt16LE(2) : Infinity;
  // The shortest frames, ack and CTS, have ten bytes.
  if (bytes.length < radiotap + 10)
    throw new TraceFormatError(
      { file: "the sniffer's file", offset },
      "expected radiotap and a frame, got fewer bytes",
    );
  const { columns, count } = rows;
  const { rateMbps, channelMHz } = radio(bytes);
  const control = bytes.readUInt8(radiotap);
  const type = (control >> 2) & 3;
  const subtype = control >> 4;
  columns.timeNs[count] = timeNs;
  columns.lengthBytes[count] = bytes.length - radiotap;
  columns.type.setText(count, types[type]?.[subtype] ?? `extension ${subtype}`);
  columns.receiver.setText(count, address(bytes, radiotap + 4));
  if ((type === 1 && receiverOnly.has(subtype)) || bytes.length < radiotap + 16) rows.setNull("transmitter");
  else columns.transmitter.setText(count, address(bytes, radiotap + 10));
  if (rateMbps === undefined) rows.setNull("rateMbps");
  else columns.rateMbps[count] = rateMbps;
  columns.channelMHz[count] = channelMHz;
  columns.retry[count] = (bytes.readUInt8(radiotap + 1) >> 3) & 1;
  rows.count += 1;
}

const address = (bytes: Buffer, at: number): string =>
  bytes
    .toString("hex", at, at + 6)
    .match(/../g)!
    .join(":");

/** Radiotap's first fields, in the order of their bits: time (8 bytes), flags (1), rate (1, in 500 kb/s), channel (2 and 2, aligned). */
function radio(bytes: Buffer): { rateMbps: number | undefined; channelMHz: number } {
  const present = bytes.readUInt32LE(4);
  let at = 8;
  if ((present & 1) !== 0) at += 8;
  if ((present & 2) !== 0) at += 1;
  const rateMbps = (present & 4) === 0 ? undefined : bytes.readUInt8(at) / 2;
  if ((present & 4) !== 0) at += 1;
  at += at % 2;
  return { rateMbps, channelMHz: (present & 8) === 0 ? 0 : bytes.readUInt16LE(at) };
}
