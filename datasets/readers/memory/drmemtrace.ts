import type { TraceFormat } from "../../formats/format.ts";
import { references } from "../../formats/kinds.ts";
import { codes, type Layout, optional, seldom } from "../../formats/layout.ts";
import { readRecords, RecordFault } from "../../formats/read-records.ts";
import type { Rows } from "../../formats/rows.ts";
import { type Zero, zero } from "../../formats/zero.ts";

const recordBytes = 12;

/** Types of records in the order of their numbers, as DynamoRIO's trace_entry.h names them. */
const types =
  `read write prefetch prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetch_read prefetch_write prefetch_instr
  instr instr_direct_jump instr_indirect_jump instr_conditional_jump instr_direct_call instr_indirect_call instr_return instr_bundle
  instr_flush instr_flush_end data_flush data_flush_end thread thread_exit pid header footer hardware_prefetch marker
  instr_no_fetch instr_maybe_fetch instr_sysenter
  prefetch_read_l1_nt prefetch_read_l2_nt prefetch_read_l3_nt
  prefetch_instr_l1 prefetch_instr_l1_nt prefetch_instr_l2 prefetch_instr_l2_nt prefetch_instr_l3 prefetch_instr_l3_nt
  prefetch_write_l1 prefetch_write_l1_nt prefetch_write_l2 prefetch_write_l2_nt prefetch_write_l3 prefetch_write_l3_nt
  encoding instr_taken_jump instr_untaken_jump`.split(/\s+/);
const type = (name: string): number => types.indexOf(name);

const [fetch, read, write] = ["fetch", "read", "write"].map((kind) => references.indexOf(kind)) as [
  number,
  number,
  number,
];

// What a record is, beyond the places of `references`.
const noFetch = 3;
const maybeFetch = 4;
const flush = 5;
const other = 6;
const roles = Uint8Array.from(types, (name) => {
  if (name === "read" || name === "write") return name === "read" ? read : write;
  if (name.startsWith("prefetch_instr")) return fetch;
  if (name.includes("prefetch")) return read;
  if (name === "instr_no_fetch") return noFetch;
  if (name === "instr_maybe_fetch") return maybeFetch;
  if (name.includes("flush")) return flush;
  return name.startsWith("instr") && name !== "instr_bundle" ? fetch : other;
});
const isInstruction = Uint8Array.from(types, (name) => Number(name.startsWith("instr")));

const [bundle, thread, threadExit, pid, header, footer, marker, encoding] = (
  ["instr_bundle", "thread", "thread_exit", "pid", "header", "footer", "marker", "encoding"] as const
).map(type) as [number, number, number, number, number, number, number, number];
const instruction = type("instr");
const flushEnds = [type("instr_flush_end"), type("data_flush_end")];

/** The markers that are read; the others say nothing of a reference's place or time. */
const timestampMarker = 2;
const cpuMarker = 3;
const described: Readonly<Record<number, string>> = {
  9: "drmemtrace.fileType",
  10: "drmemtrace.cacheLineBytes",
  12: "drmemtrace.version",
  18: "drmemtrace.pageBytes",
};

const mostThreads = 1_000_000;
const latestVersion = 99;
const part = 1_000_000_000n;

/** A signed number of 64 bits, which stands in the place of the address: the idle thread is -1. */
function signed(view: DataView, at: number, field: string): number {
  const value = view.getInt32(at + 8, true) * 0x1_0000_0000 + view.getUint32(at + 4, true);
  if (!Number.isSafeInteger(value)) throw new RecordFault(field, `expected a number below 2^53, got ${value}`, at);
  return value;
}

/** A time stamp in microseconds since 1601, which does not fit a double, in nanoseconds since the trace's zero. */
function timeOf(view: DataView, at: number, epoch: Zero, rows: Rows<Layout>): number {
  const stamp = view.getBigUint64(at + 4, true);
  const ns = 1000 * epoch.sum(Number(stamp / part), Number(stamp % part), rows);
  if (!Number.isSafeInteger(ns))
    throw new RecordFault("timestamp", "expected a time stamp within 104 days of the first one", at);
  return ns;
}

/**
 * DynamoRIO's drmemtrace: offline traces after raw2trace (`drmemtrace.*.trace.zip`, `.gz` or plain), one thread or core a file. Records of 12
 * bytes, little endian: type (16 bits), size (16 bits), address (64 bits); the types and markers are those of
 * clients/drcachesim/common/trace_entry.h (https://dynamorio.org/sec_drcachesim_format.html), which `type` names.
 *
 * A row is a reference: `fetch` of an instruction (`sizeBytes` its length), `read` or `write`, in program order; addresses are virtual. Prefetches
 * and cache flushes count as DynamoRIO counts them, as reads, those of instructions in advance as fetches. `pc` is the address of the instruction that refers,
 * null before the first one is known. `thread`, `pid`, `cpu` and `timeNs` are what the last header or marker says; a time stamp stands at the
 * beginning of a buffer and around system calls, in microseconds since 1601. An instruction that is not fetched again (each further turn of an
 * x86 `rep`) is no row. Left out: encodings, other markers. The file's version, type and page size are kept as metadata.
 * Limits: traces of 32-bit programs (records of 8 bytes) and DynamoRIO's raw files are not recognised.
 */
export const drmemtrace: TraceFormat = {
  name: "drmemtrace",
  title: "DynamoRIO drmemtrace (memory references)",
  kind: "memory",
  detect: ({ bytes, view }) =>
    bytes.length >= 2 * recordBytes &&
    view.getUint16(0, true) === header &&
    view.getUint16(2, true) === 0 &&
    view.getUint32(4, true) >= 1 &&
    view.getUint32(4, true) <= latestVersion &&
    view.getUint32(8, true) === 0 &&
    [marker, thread].includes(view.getUint16(recordBytes, true)),
  read(source, options) {
    const epoch = zero(1000);
    const pids = new Map<number, number>();
    let tid = NaN;
    let hasPc = false;
    let started = false;
    // Arrays, as a number of 32 bits in a variable of its own would be an object each time it is set.
    const pc = new Uint32Array(2);
    const flushed = new Uint32Array(2);
    let length = 0;
    const layout = {
      kind: codes(references),
      address: "uint64",
      sizeBytes: "uint32",
      type: codes(types),
      pc: optional("uint64"),
      thread: seldom("float64"),
      pid: seldom("float64"),
      cpu: seldom("uint32"),
      timeNs: seldom("float64"),
    } as const;
    type References = Rows<typeof layout>;
    const row = (rows: References, kind: number, sizeBytes: number, low: number, high: number, as: number): void => {
      const { columns, count } = rows;
      columns.kind[count] = kind;
      columns.address[2 * count] = low;
      columns.address[2 * count + 1] = high;
      columns.sizeBytes[count] = sizeBytes;
      columns.type[count] = as;
      columns.pc[2 * count] = pc[0]!;
      columns.pc[2 * count + 1] = pc[1]!;
      if (!hasPc) rows.setNull("pc");
      rows.count = count + 1;
    };
    const readRecord = (view: DataView, at: number, rows: References): void => {
      const { columns, count } = rows;
      const of = view.getUint16(at, true);
      const size = view.getUint16(at + 2, true);
      const low = view.getUint32(at + 4, true);
      const high = view.getUint32(at + 8, true);
      let role = of < roles.length ? roles[of]! : other;
      if (isInstruction[of] === 1 && role < flush) {
        if (role === maybeFetch) role = hasPc && low === pc[0] && high === pc[1] ? noFetch : fetch;
        pc[0] = low;
        pc[1] = high;
        hasPc = true;
        length = size;
        // An instruction of no length only says where the references that follow come from.
        if (role === noFetch || size === 0) return;
      }
      if (role <= write) row(rows, role, size, low, high, of);
      else if (role === flush) {
        if (flushEnds.includes(of)) {
          const bytes = (high - flushed[1]!) * 0x1_0000_0000 + (low - flushed[0]!);
          if (!(bytes >= 0 && bytes <= 0xffffffff))
            throw new RecordFault("addr", "expected the end of a flush of less than 4 GiB behind its beginning", at);
          row(rows, read, bytes, flushed[0]!, flushed[1]!, of - 1);
        } else if (size > 0) row(rows, read, size, low, high, of);
        else {
          flushed[0] = low;
          flushed[1] = high;
        }
      } else if (of === bundle) {
        if (size > 8 || !hasPc)
          throw new RecordFault("size", `expected a bundle of at most 8 instructions behind one, got ${size}`, at);
        for (let i = 0; i < size; i += 1) {
          const next = pc[0]! + length;
          if (next > 0xffffffff) pc[1]! += 1;
          pc[0] = next;
          length = view.getUint8(at + 4 + i);
          row(rows, fetch, length, pc[0], pc[1]!, instruction);
        }
      } else if (of === thread || of === threadExit) {
        tid = signed(view, at, "tid");
        columns.thread.set(count, tid);
        columns.pid.set(count, pids.get(tid) ?? NaN);
      } else if (of === pid) {
        const process = signed(view, at, "pid");
        if (pids.size >= mostThreads) throw new RecordFault("pid", `expected at most ${mostThreads} threads`, at);
        columns.pid.set(count, process);
        if (!Number.isNaN(tid)) pids.set(tid, process);
      } else if (of === marker) {
        if (size === timestampMarker) columns.timeNs.set(count, timeOf(view, at, epoch, rows));
        else if (size === cpuMarker) columns.cpu.set(count, high === 0 && low !== 0xffffffff ? low : NaN);
        else if (!started && described[size] !== undefined)
          rows.metadata.set(described[size], String(signed(view, at, "marker")));
      } else if (of !== header && of !== footer && of !== encoding)
        throw new RecordFault("type", `expected a record's type from 0 to ${types.length - 1}, got ${of}`, at);
    };
    return readRecords(source, options, {
      layout,
      recordBytes,
      mostRows: 8,
      read(view, from, end, rows) {
        const { kind: kinds, address: addresses, sizeBytes: sizes, type: typesRead, pc: pcs } = rows.columns;
        let count = rows.count;
        let pcLow = pc[0]!;
        let pcHigh = pc[1]!;
        let lengthNow = length;
        let isKnown = hasPc;
        for (let at = from; at < end; at += recordBytes) {
          // The usual records, without a branch on which of them it is, as that cannot be foreseen: an instruction's address is kept. In a
          // loop of their own without calls, V8 looks at the arrays once and not for each record.
          for (; at < end; at += recordBytes) {
            const typeAndSize = view.getUint32(at, true);
            const of = typeAndSize & 0xffff;
            const size = typeAndSize >>> 16;
            const role = of < roles.length ? roles[of]! : other;
            if (role > write || size === 0 || !isKnown) break;
            const low = view.getUint32(at + 4, true);
            const high = view.getUint32(at + 8, true);
            const kept = isInstruction[of]! - 1;
            pcLow = (low & ~kept) | (pcLow & kept);
            pcHigh = (high & ~kept) | (pcHigh & kept);
            lengthNow = (size & ~kept) | (lengthNow & kept);
            kinds[count] = role;
            addresses[2 * count] = low;
            addresses[2 * count + 1] = high;
            sizes[count] = size;
            typesRead[count] = of;
            pcs[2 * count] = pcLow;
            pcs[2 * count + 1] = pcHigh;
            count += 1;
          }
          if (at >= end) break;
          pc[0] = pcLow;
          pc[1] = pcHigh;
          length = lengthNow;
          rows.count = count;
          started ||= count > 0;
          readRecord(view, at, rows);
          count = rows.count;
          pcLow = pc[0]!;
          pcHigh = pc[1]!;
          lengthNow = length;
          isKnown = hasPc;
        }
        pc[0] = pcLow;
        pc[1] = pcHigh;
        length = lengthNow;
        rows.count = count;
        started ||= rows.count > 0;
      },
    });
  },
};
