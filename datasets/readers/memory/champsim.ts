import type * as arrow from "apache-arrow";
import { columnReader } from "../../formats/batch-rows.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { references } from "../../formats/kinds.ts";
import { codes, seldom } from "../../formats/layout.ts";
import { readRecords, RecordFault } from "../../formats/read-records.ts";

const recordBytes = 64;
const writesAt = 16;
const writeSlots = 2;
const readsAt = 32;
const readSlots = 4;

const [fetch, read, write] = ["fetch", "read", "write"].map((kind) => references.indexOf(kind)) as [
  number,
  number,
  number,
];

/** By twice `is_branch` and `branch_taken`. */
const branches = ["no", "not taken", "taken"];

/** Whether the upper half of a 64-bit address is one that a 57-bit processor has. */
const isCanonical = (high: number): boolean => high >>> 24 === 0 || high >>> 24 === 0xff;

/** The most that an instruction of x86 is long. */
const longest = 15;

/** Whether the whole records of a file's first bytes may be instructions, and follow each other as those of a program do. */
function isProgram(view: DataView, length: number): boolean {
  const count = Math.floor(length / recordBytes);
  let straight = 0;
  let follow = 0;
  for (let record = 0; record < count; record += 1) {
    const at = record * recordBytes;
    const isBranch = view.getUint8(at + 8);
    const taken = view.getUint8(at + 9);
    if (isBranch > 1 || taken > isBranch || view.getBigUint64(at, true) === 0n) return false;
    if (!isCanonical(view.getUint32(at + 4, true))) return false;
    for (let slot = writesAt; slot < recordBytes; slot += 8)
      if (!isCanonical(view.getUint32(at + slot + 4, true))) return false;
    if (taken === 1 || record + 1 === count) continue;
    straight += 1;
    const step = view.getBigUint64(at + recordBytes, true) - view.getBigUint64(at, true);
    if (step >= 0n && step <= longest) follow += 1;
  }
  return straight > 0 && 2 * follow > straight;
}

/**
 * ChampSim's traces (`*.champsimtrace.xz`, `.gz`; inc/trace_instruction.h and the Pin tracer of https://github.com/ChampSim/ChampSim): records of 64
 * bytes, little endian, one an instruction: ip (64 bits), is_branch, branch_taken (8 bits each), 2 destination and 4 source registers (8 bits each), 2
 * destination and 4 source addresses (64 bits each, 0 where there is none).
 *
 * An instruction is several rows: its fetch, then what it reads, then what it writes. `pc`, `branch` and the registers (the first in the lowest 8
 * bits) are the instruction's; `slot` is the address's place among the record's. Addresses are virtual. The format has neither sizes nor threads:
 * `sizeBytes` is null. The file has no header: it is recognised when its first instructions follow each other as a program's do. CloudSuite's traces (96 bytes, with
 * other register counts) are another format.
 */
export const champsim: TraceFormat = {
  name: "champsim",
  title: "ChampSim instruction trace",
  kind: "memory",
  detect: ({ bytes, view, whole }) =>
    (!whole || bytes.length % recordBytes === 0) && bytes.length >= 2 * recordBytes && isProgram(view, bytes.length),
  read: (source, options) =>
    readRecords(source, options, {
      layout: {
        kind: codes(references),
        address: "uint64",
        sizeBytes: seldom("uint32"),
        pc: "uint64",
        branch: codes(branches),
        destinationRegisters: "uint16",
        sourceRegisters: "uint32",
        slot: "uint8",
      },
      recordBytes,
      mostRows: 1 + writeSlots + readSlots,
      read(view, from, end, rows) {
        const {
          kind: kinds,
          address: addresses,
          pc: pcs,
          branch,
          destinationRegisters,
          sourceRegisters,
          slot: slots,
        } = rows.columns;
        for (let at = from; at < end; at += recordBytes) {
          const low = view.getUint32(at, true);
          const high = view.getUint32(at + 4, true);
          const isBranch = view.getUint8(at + 8);
          const taken = view.getUint8(at + 9);
          if (isBranch > 1 || taken > isBranch)
            throw new RecordFault(
              "branch_taken",
              `expected 0 or 1 as is_branch, and as branch_taken of a branch, got ${isBranch} and ${taken}`,
              at,
            );
          const destination = view.getUint16(at + 10, true);
          const sources = view.getUint32(at + 12, true);
          for (let place = -1; place < readSlots + writeSlots; place += 1) {
            let addressLow = low;
            let addressHigh = high;
            let kind = fetch;
            let slot = 0;
            if (place >= 0) {
              kind = place < readSlots ? read : write;
              slot = place < readSlots ? place : place - readSlots;
              const stands = at + 8 * slot + (kind === read ? readsAt : writesAt);
              addressLow = view.getUint32(stands, true);
              addressHigh = view.getUint32(stands + 4, true);
              if (addressLow === 0 && addressHigh === 0) continue;
            }
            const { count } = rows;
            kinds[count] = kind;
            addresses[2 * count] = addressLow;
            addresses[2 * count + 1] = addressHigh;
            pcs[2 * count] = low;
            pcs[2 * count + 1] = high;
            branch[count] = isBranch + taken;
            destinationRegisters[count] = destination;
            sourceRegisters[count] = sources;
            slots[count] = slot;
            rows.count = count + 1;
          }
        }
      },
    }),
  write: instructions,
};

/** Where in a record the addresses of each kind of reference begin. */
const starts = { fetch: 0, read: readsAt, write: writesAt };

/** Each fetch starts a record; the reads and writes that follow go into it, also from the next batch. */
async function* instructions(batches: AsyncIterable<arrow.RecordBatch>): AsyncGenerator<Uint8Array, void> {
  let record = new Uint8Array(recordBytes);
  let view = new DataView(record.buffer);
  let open = false;
  let rows = 0;
  for await (const batch of batches) {
    const [kind, address, branch, destination, sources, slot] = [
      "kind",
      "address",
      "branch",
      "destinationRegisters",
      "sourceRegisters",
      "slot",
    ].map((name) => columnReader(batch, name, { format: "champsim", rows }));
    const done: Uint8Array[] = [];
    for (let row = 0; row < batch.numRows; row += 1) {
      const start = kind!.one(row, starts);
      if (start === 0) {
        if (open) done.push(record);
        record = new Uint8Array(recordBytes);
        view = new DataView(record.buffer);
        open = true;
        view.setBigUint64(0, address!.bigint(row), true);
        const code = branches.indexOf(branch!.text(row));
        if (code < 0) branch!.fail(row, `one of ${branches.join(", ")}`);
        record[8] = Math.min(code, 1);
        record[9] = code >> 1;
        view.setUint16(10, destination!.whole(row, 1, 0xffff), true);
        view.setUint32(12, sources!.whole(row, 1, 0xffffffff), true);
      } else {
        if (!open) kind!.fail(row, "a fetch before its reads and writes");
        const place = start + 8 * slot!.whole(row, 1, (start === readsAt ? readSlots : writeSlots) - 1);
        view.setBigUint64(place, address!.bigint(row), true);
      }
    }
    rows += batch.numRows;
    if (done.length > 0) yield Buffer.concat(done);
  }
  if (open) yield record;
}
