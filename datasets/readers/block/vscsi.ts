import type { TraceFormat } from "../../formats/format.ts";
import { headOf } from "../../formats/head.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { readRecords, RecordFault } from "../../formats/read-records.ts";
import type { Rows } from "../../formats/rows.ts";
import { writeRecords } from "../../formats/write-records.ts";
import { type Zero, zero } from "../../formats/zero.ts";
import { sectorBytes } from "./operations.ts";
import { scsiOperation } from "./scsi.ts";

/** The file's time stamps are in microseconds. */
const tickNs = 1000;
const mostMicros = 2n ** 64n - 1n;

const layout = {
  timeNs: "float64",
  op: codes(blockOperations),
  offsetBytes: "float64",
  sizeBytes: "float64",
  command: "uint16",
  serial: "uint32",
  scatterSegments: "uint32",
  version: "uint16",
} as const;

/** Where a version's fields stand in its record. */
interface Version {
  readonly number: number;
  readonly bytes: number;
  readonly serial: number;
  readonly length: number;
  readonly segments: number;
  readonly command: number;
  readonly version: number;
}

/** The block's number and the time stamp stand in the same place in both; a response time follows in the second. */
const blockAt = 16;
const timeAt = 24;
const responseAt = 32;

const versions: readonly [Version, Version] = [
  { number: 1, bytes: 32, serial: 0, length: 4, segments: 8, command: 12, version: 14 },
  { number: 2, bytes: 40, serial: 4, length: 8, segments: 12, command: 0, version: 2 },
];

/** How many records are looked at. */
const looked = 64;

/** Of the first records, those that are of a version, and all. */
function count(view: DataView, { number, bytes, command, version }: Version): { like: number; all: number } {
  const all = Math.min(looked, Math.floor(view.byteLength / bytes));
  let like = 0;
  for (let at = 0; at < all * bytes; at += bytes)
    if (
      view.getUint16(at + version, true) >> 8 === number &&
      view.getUint16(at + command, true) < 0x100 &&
      view.getUint32(at + blockAt + 4, true) < 0x1000 &&
      view.getUint32(at + timeAt + 4, true) < 0x1000000
    )
      like += 1;
  return { like, all };
}

/** A whole number of 64 bits; NaN from 2^53 on. */
function whole64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 0x100000000 + view.getUint32(at, true);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

/** Reads what both versions have. */
function fill(view: DataView, at: number, rows: Rows<typeof layout>, version: Version, epoch: Zero): void {
  const { columns, count: row } = rows;
  const number = view.getUint16(at + version.version, true);
  if (number >> 8 !== version.number)
    throw new RecordFault("version", `expected ${version.number} in the upper byte, got 0x${number.toString(16)}`, at);
  const offsetBytes = whole64(view, at + blockAt) * sectorBytes;
  if (!(offsetBytes <= Number.MAX_SAFE_INTEGER)) throw new RecordFault("lbn", "expected a block below 2^53 bytes", at);
  const ticks = whole64(view, at + timeAt);
  const timeNs = Number.isNaN(ticks) ? ticks : epoch.since(ticks, rows);
  if (!(Math.abs(timeNs) <= Number.MAX_SAFE_INTEGER))
    throw new RecordFault("ts", "expected a time stamp within 104 days of the first one", at);
  const command = view.getUint16(at + version.command, true);
  columns.timeNs[row] = timeNs;
  columns.op[row] = scsiOperation(command);
  columns.offsetBytes[row] = offsetBytes;
  columns.sizeBytes[row] = view.getUint32(at + version.length, true);
  columns.command[row] = command;
  columns.serial[row] = view.getUint32(at + version.serial, true);
  columns.scatterSegments[row] = view.getUint32(at + version.segments, true);
  columns.version[row] = number;
}

/**
 * Traces of VMware's virtual disks as CloudPhysics took them with vscsiStats, versions 1 (32 bytes a record) and 2 (40 bytes): serial number, length in bytes, scatter
 * and gather segments, SCSI command, version, logical block number (512 bytes each), time stamp in microseconds, little endian. `version` is the
 * field as it stands, the format's version in its upper byte. Version 2 has a response time, whose unit its descriptions do not say: `responseTime` is the
 * field as it stands. The command decides the operation (READ, WRITE, SYNCHRONIZE CACHE and UNMAP; other ones are `other`). Records need not be in
 * the order of time, so a time may be negative.
 *
 * Described by libCacheSim's reader, https://github.com/1a1a11a/libCacheSim, and in C. Waldspurger et al.: Efficient MRC construction with SHARDS, FAST 2015.
 */
export const vscsi: TraceFormat = {
  name: "vscsi",
  title: "VMware vscsi trace of CloudPhysics (binary)",
  kind: "block",
  detect: ({ view, bytes, whole }) =>
    versions.some((version) => {
      const { like, all } = count(view, version);
      return all > 0 && like === all && (!whole || bytes.length % version.bytes === 0);
    }),
  async *read(source, options) {
    const { view: head } = await headOf(source);
    const [first, second] = versions;
    const epoch = zero(tickNs);
    if (count(head, second).like > count(head, first).like)
      yield* readRecords(source, options, {
        layout: { ...layout, responseTime: "uint64" },
        recordBytes: second.bytes,
        read(view, from, end, rows) {
          const { responseTime } = rows.columns;
          for (let at = from; at < end; at += second.bytes) {
            fill(view, at, rows, second, epoch);
            responseTime[2 * rows.count] = view.getUint32(at + responseAt, true);
            responseTime[2 * rows.count + 1] = view.getUint32(at + responseAt + 4, true);
            rows.count += 1;
          }
        },
      });
    else
      yield* readRecords(source, options, {
        layout,
        recordBytes: first.bytes,
        read(view, from, end, rows) {
          for (let at = from; at < end; at += first.bytes) {
            fill(view, at, rows, first, epoch);
            rows.count += 1;
          }
        },
      });
  },
  write: (batches) =>
    writeRecords("vscsi", tickNs, batches, ({ column, has, timeStamp }) => {
      const version = versions[has("responseTime") ? 1 : 0];
      const [time, offset, size, command] = ["timeNs", "offsetBytes", "sizeBytes", "command"].map(column);
      const [serial, segments, number] = ["serial", "scatterSegments", "version"].map(column);
      const response = version.number === 2 ? column("responseTime") : undefined;
      return {
        recordBytes: version.bytes,
        write(row, view, at) {
          const of = number!.whole(row, 1, 0xffff);
          if (of >> 8 !== version.number) number!.fail(row, `${version.number} in the upper byte`);
          const micros = timeStamp(time!.number(row));
          if (micros > mostMicros) time!.fail(row, "a time stamp below 2^64 microseconds");
          view.setUint32(at + version.serial, serial!.whole(row, 1, 0xffffffff), true);
          view.setUint32(at + version.length, size!.whole(row, 1, 0xffffffff), true);
          view.setUint32(at + version.segments, segments!.whole(row, 1, 0xffffffff), true);
          view.setUint16(at + version.command, command!.whole(row, 1, 0xffff), true);
          view.setUint16(at + version.version, of, true);
          view.setBigUint64(at + blockAt, BigInt(offset!.whole(row, sectorBytes)), true);
          view.setBigUint64(at + timeAt, micros, true);
          if (response !== undefined) view.setBigUint64(at + responseAt, response.bigint(row), true);
        },
      };
    }),
};
