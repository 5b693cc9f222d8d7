import type { TraceFormat } from "../../formats/format.ts";
import { type Head, headOf } from "../../formats/head.ts";
import { blockOperations } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { readRecords, RecordFault, type RecordFormat } from "../../formats/read-records.ts";
import { writeRecords } from "../../formats/write-records.ts";
import { zero } from "../../formats/zero.ts";
import { placeOf } from "./object-id.ts";
import { other } from "./operations.ts";

const recordBytes = 24;
const idAt = 4;
const sizeAt = 12;
const nextAt = 16;

/** The file's time stamps are in whole seconds. */
const tickNs = 1e9;

/** How many records are looked at. */
const looked = 64;

/** The metadata's name of the number that stands for no next access, where it is not -1. */
const noneKey = "veelab.noNextAccess";
const largest = "9223372036854775807";

/** Whether the first of these records that has no next access says so by 2^63-1. */
function isNoneLargest({ view, bytes }: Head): boolean {
  for (let at = nextAt; at + 8 <= bytes.length; at += recordBytes) {
    const high = view.getInt32(at + 4, true);
    if (view.getUint32(at, true) === 0xffffffff && (high === -1 || high === 0x7fffffff)) return high > 0;
  }
  return false;
}

/** Whether the next access of record `row` is a later one, or none. */
function isLater(view: DataView, at: number, row: number): boolean {
  const high = view.getInt32(at + nextAt + 4, true);
  const low = view.getUint32(at + nextAt, true);
  if (low === 0xffffffff) return high === -1 || high === 0x7fffffff;
  return high >= 0 && high < 0x100 && high * 0x100000000 + low > row;
}

/** The objects alone: five times as fast, and all that a simulation of a cache needs. */
const objects: RecordFormat<{ object: "uint64" }> = {
  layout: { object: "uint64" },
  recordBytes,
  read(view, from, end, rows) {
    const { object } = rows.columns;
    // Read as words, which are aligned but in what comes out of a compressed file.
    const bytes = new Uint8Array(view.buffer, view.byteOffset + from, end - from);
    const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const words = new Uint32Array(buffer, byteOffset, length / 4);
    let at = 2 * rows.count;
    rows.count += length / recordBytes;
    for (let id = idAt / 4; id < words.length; id += recordBytes / 4) {
      object[at++] = words[id]!;
      object[at++] = words[id + 1]!;
    }
  },
};

/**
 * libCacheSim's binary traces "oracleGeneral": records of 24 bytes, little endian: the time in seconds (uint32), an object's number (uint64), its size in bytes
 * (uint32), and which request is the object's next one (int64, counted from 1; -1 or 2^63-1 for none).
 *
 * `object` is the number. Of block traces it is the sector's (512 bytes): `offsetBytes` is the object's number times 512, and null where that is 2^53 or more, as a
 * hash is no place. An object has one size in traces that libCacheSim converted, whatever its requests' are. `nextAccess` is null where there is none; the metadata `veelab.noNextAccess` is 2^63-1 where the first such record of the
 * first 64 KiB has this number, and all of them are written with that record's: a file that has both is not written byte for byte. The format does not say what a request did: `op` is `other`. Times are those of the
 * file since its first one, exact, as they are whole seconds.
 *
 * Described in https://github.com/1a1a11a/libCacheSim (`traceReader/customizedReader/oracle`).
 */
export const oracleGeneral: TraceFormat = {
  name: "oracle-general",
  title: "libCacheSim oracleGeneral trace (binary)",
  kind: "block",
  detect({ view, bytes, whole }) {
    const all = Math.min(looked, Math.floor(bytes.length / recordBytes));
    let last = 0;
    for (let row = 0; row < all; row += 1) {
      const time = view.getUint32(row * recordBytes, true);
      if (time < last || !isLater(view, row * recordBytes, row)) return false;
      last = time;
    }
    return all > 0 && (!whole || bytes.length % recordBytes === 0);
  },
  async *read(source, options) {
    if (options.columns?.join() === "object") {
      yield* readRecords(source, options, objects);
      return;
    }
    const epoch = zero(tickNs);
    let isNoted = !isNoneLargest(await headOf(source));
    yield* readRecords(source, options, {
      layout: {
        timeNs: "float64",
        op: codes(blockOperations),
        offsetBytes: optional("float64"),
        sizeBytes: "float64",
        object: "uint64",
        nextAccess: optional("float64"),
      },
      recordBytes,
      read(view, from, end, rows) {
        if (!isNoted) {
          rows.metadata.set(noneKey, largest);
          isNoted = true;
        }
        const { timeNs, op, offsetBytes, sizeBytes, object, nextAccess } = rows.columns;
        const noPlace = rows.nulls("offsetBytes");
        const noNext = rows.nulls("nextAccess");
        const first = view.getUint32(from, true);
        const firstNs = epoch.since(first, rows);
        let row = rows.count;
        for (let at = from; at < end; at += recordBytes, row += 1) {
          timeNs[row] = firstNs + (view.getUint32(at, true) - first) * tickNs;
          op[row] = other;
          const low = view.getUint32(at + idAt, true);
          const high = view.getUint32(at + idAt + 4, true);
          object[2 * row] = low;
          object[2 * row + 1] = high;
          const offset = placeOf(low, high);
          offsetBytes[row] = offset;
          if (Number.isNaN(offset)) noPlace[row] = 1;
          sizeBytes[row] = view.getUint32(at + sizeAt, true);
          const nextLow = view.getUint32(at + nextAt, true);
          const nextHigh = view.getInt32(at + nextAt + 4, true);
          const next = nextHigh * 0x100000000 + nextLow;
          nextAccess[row] = next;
          if (nextLow === 0xffffffff && (nextHigh === -1 || nextHigh === 0x7fffffff)) noNext[row] = 1;
          else if (!(next >= 0 && next <= Number.MAX_SAFE_INTEGER)) {
            rows.count = row;
            throw new RecordFault("next_access_vtime", `expected a request's number or -1, got ${next}`, at);
          }
        }
        rows.count = row;
      },
    });
  },
  write: (batches) =>
    writeRecords("oracle-general", tickNs, batches, ({ column, timeStamp, metadata }) => {
      const none = BigInt(metadata.get(noneKey) ?? -1);
      const [time, object, size, next] = ["timeNs", "object", "sizeBytes", "nextAccess"].map(column);
      return {
        recordBytes,
        write(row, view, at) {
          const seconds = timeStamp(time!.number(row));
          if (seconds > 0xffffffffn) time!.fail(row, "a time stamp of at most 4294967295 s");
          view.setUint32(at, Number(seconds), true);
          view.setBigUint64(at + idAt, object!.bigint(row), true);
          view.setUint32(at + sizeAt, size!.whole(row, 1, 0xffffffff), true);
          view.setBigInt64(at + nextAt, next!.isNull(row) ? none : BigInt(next!.whole(row)), true);
        },
      };
    }),
};
