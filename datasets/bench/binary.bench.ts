// Binary traces to record batches of 65,536 rows that lie where the last but one lay (reuse): megabytes a second of processor time, medians
// of five rounds after one that warms up, against numpy making the same columns of the same file, as many records at a time, in the same run, where python3 has it (Debian:
// python3-numpy). numpy checks nothing. drmemtrace has no peer: an address of an instruction there holds for the records that follow;
// nor has pcap, whose frames have 31 columns.
import { spawnSync } from "node:child_process";
import { mkdtemp, open as openFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "./processor-seconds.ts";
import { stream } from "../open.ts";

const records = 5_000_000;

interface Trace {
  readonly format: string;
  readonly recordBytes: number;
  /** What stands before the records. */
  readonly beginning?: Uint8Array;
  /** Records that are no row. */
  readonly headers?: number;
  /** Writes record `index`, whose bytes are 0; `below` is pseudorandom. */
  readonly write: (bytes: Buffer, at: number, index: number, below: (bound: number) => number) => void;
  readonly numpy?: string;
}

const traces: readonly Trace[] = [
  {
    format: "oracle-general",
    recordBytes: 24,
    write(bytes, at, index, below) {
      bytes.writeUInt32LE(Math.floor(index / 5000), at);
      bytes.writeUInt32LE(below(2e8), at + 4);
      bytes.writeUInt32LE(512 * (1 + below(64)), at + 12);
      bytes.writeBigInt64LE(below(5) === 0 ? -1n : BigInt(index + 2 + below(1e6)), at + 16);
    },
    numpy: `
dtype = [("time", "<u4"), ("object", "<u8"), ("size", "<u4"), ("next", "<i8")]
def columns(r):
  none = r["next"] == -1
  object = numpy.ascontiguousarray(r["object"])
  place = object * 512.0
  noplace = place > 2**53
  return (r["time"] * 1e9, numpy.zeros(len(r), "u1"), place, numpy.packbits(noplace), r["size"].astype("f8"), object,
    numpy.where(none, 0, r["next"]).astype("f8"), numpy.packbits(none))`,
  },
  {
    format: "vscsi",
    recordBytes: 40,
    write(bytes, at, index, below) {
      bytes.writeUInt16LE(below(3) === 0 ? 0x2a : 0x28, at);
      bytes.writeUInt16LE(0x200, at + 2);
      bytes.writeUInt32LE(index, at + 4);
      bytes.writeUInt32LE(4096 * (1 + below(16)), at + 8);
      bytes.writeUInt32LE(1, at + 12);
      bytes.writeBigUInt64LE(BigInt(below(1e8)), at + 16);
      bytes.writeBigUInt64LE(BigInt(1e9 + 100 * index), at + 24);
      bytes.writeUInt32LE(below(1000), at + 32);
    },
    numpy: `
dtype = [("command", "<u2"), ("version", "<u2"), ("serial", "<u4"), ("length", "<u4"), ("segments", "<u4"), ("block", "<u8"),
  ("time", "<u8"), ("response", "<u8")]
def columns(r):
  return (r["time"] * 1e3, (r["command"] == 0x2a).astype("u1"), r["block"] * 512.0, r["length"].astype("f8"),
    *[numpy.ascontiguousarray(r[name]) for name in ("command", "version", "serial", "segments", "response")])`,
  },
  {
    format: "drmemtrace",
    recordBytes: 12,
    headers: 4,
    write(bytes, at, index, below) {
      const beginning = [
        [25, 0, 4],
        [28, 12, 4],
        [22, 4, 77],
        [24, 4, 77],
      ][index];
      const of = beginning?.[0] ?? [10, 10, 10, 13, 0, 0, 1][below(7)]!;
      bytes.writeUInt16LE(of, at);
      bytes.writeUInt16LE(beginning?.[1] ?? (of > 1 ? 4 : 8), at + 2);
      bytes.writeUInt32LE(beginning?.[2] ?? 0x40_0000 + below(1e6), at + 4);
      bytes.writeUInt32LE(beginning === undefined && of <= 1 ? 0x7f : 0, at + 8);
    },
  },
  {
    format: "pcap",
    // 16 of the file, 16 of radiotap, and 112 of 1500 bytes of a frame from an access point to one of 16 stations.
    recordBytes: 144,
    beginning: new Uint8Array(Uint32Array.of(0xa1b2c3d4, 0x0004_0002, 0, 0, 128, 127).buffer),
    write(bytes, at, index, below) {
      bytes.writeUInt32LE(Math.floor(index / 4000), at);
      bytes.writeUInt32LE((250 * index) % 1_000_000, at + 4);
      bytes.writeUInt32LE(128, at + 8);
      bytes.writeUInt32LE(1516, at + 12);
      // Flags, rate, channel, signal and antenna.
      bytes.writeUInt32LE(16 << 16, at + 16);
      bytes.writeUInt32LE(0x82e, at + 20);
      bytes[at + 25] = [12, 24, 48, 108][below(4)]!;
      bytes.writeUInt16LE(2437, at + 26);
      bytes.writeInt8(-30 - below(50), at + 30);
      bytes.writeUInt16LE(0x0208 | (below(10) === 0 ? 0x0800 : 0), at + 32);
      bytes.writeUInt16LE(44, at + 34);
      for (const [address, station] of [below(16), 255, 254].entries())
        bytes.writeUIntBE(0x0200_0000_0000 + station, at + 36 + 6 * address, 6);
      bytes.writeUInt16LE((index & 0xfff) << 4, at + 54);
    },
  },
];

async function writeTrace(path: string, { recordBytes, beginning, write }: Trace): Promise<void> {
  let state = 12_345;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const file = await openFile(path, "w");
  if (beginning !== undefined) await file.write(beginning);
  const most = 100_000;
  for (let first = 0; first < records; first += most) {
    const bytes = Buffer.alloc(most * recordBytes);
    for (let index = 0; index < most; index += 1) write(bytes, index * recordBytes, first + index, below);
    await file.write(bytes);
  }
  await file.close();
}

/** Median processor time of numpy, s; undefined where it is not installed. */
function numpySeconds(program: string, path: string): number | undefined {
  const script = `
import numpy, statistics, sys, time
${program}
def run(path):
  with open(path, "rb") as file:
    while True:
      r = numpy.fromfile(file, dtype=dtype, count=65536)
      if len(r) == 0: return
      columns(r)
used = []
for round in range(6):
  start = time.process_time()
  run(sys.argv[1])
  used.append(time.process_time() - start)
print(statistics.median(used[1:]))`;
  const { status, stdout } = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

const folder = await mkdtemp(join(tmpdir(), "veelab-bench-"));
try {
  for (const trace of traces) {
    const path = join(folder, trace.format);
    await writeTrace(path, trace);
    const megabytes = (records * trace.recordBytes) / 1e6;
    const seconds = await processorSeconds(async () => {
      let rows = 0;
      for await (const { numRows } of stream(path, { reuse: true })) rows += numRows;
      const expected = records - (trace.headers ?? 0);
      if (rows !== expected) throw new Error(`${trace.format}: expected ${expected} rows, got ${rows}`);
    });
    const peer = trace.numpy === undefined ? undefined : numpySeconds(trace.numpy, path);
    if (trace.numpy !== undefined && peer === undefined) missing("numpy", "python3 with numpy (Debian: python3-numpy)");
    figure(trace.format, megabytes / seconds, "MB/s", {
      ...{ asked: 400, peers: { numpy: peer && megabytes / peer } },
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
