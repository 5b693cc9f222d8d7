import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { libcachesimCsv } from "../block/libcachesim-csv.ts";
import { oracleGeneral } from "../block/oracle-general.ts";
import { vscsi } from "../block/vscsi.ts";
import { openRows, rowsOf } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";

type Fields = readonly (readonly [bits: 16 | 32 | 64, value: bigint | number])[];

/** Records of little-endian numbers. */
function records(list: readonly Fields[]): Uint8Array {
  const bytes = list.flat().flatMap(([bits, value]) => {
    const of = new Uint8Array(8);
    new DataView(of.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
    return [...of.subarray(0, bits / 8)];
  });
  return Uint8Array.from(bytes);
}

const first = (
  serial: number,
  bytes: number,
  segments: number,
  command: number,
  block: bigint,
  micros: bigint,
): Fields => [
  [32, serial],
  [32, bytes],
  [32, segments],
  [16, command],
  [16, 0x0100],
  [64, block],
  [64, micros],
];

const second = (
  command: number,
  serial: number,
  bytes: number,
  block: bigint,
  micros: bigint,
  response: bigint,
): Fields => [
  [16, command],
  [16, 0x0203],
  [32, serial],
  [32, bytes],
  [32, 1],
  [64, block],
  [64, micros],
  [64, response],
];

const vscsiFirst = records([
  first(0x800000f4, 512, 1, 0x2a, 42932745n, 5633898991394n),
  first(0x80000061, 4096, 2, 0x28, 42932746n, 5633898988273n),
  first(7, 0, 0, 0x35, 0n, 5633899000000n),
  first(8, 24, 1, 0x42, 0n, 5633899000001n),
  first(9, 36, 1, 0x12, 0n, 5633899000002n),
]);

const vscsiSecond = records([
  second(0x88, 1, 65536, 1n << 33n, 1_000_000n, 250n),
  second(0x8a, 2, 512, 0n, 1_000_001n, 0xffffffffffn),
]);

conforms(vscsi, {
  "version 1": { content: vscsiFirst, rows: 5 },
  "version 2": { content: vscsiSecond, rows: 2 },
});

const object = (seconds: number, id: bigint, bytes: number, next: bigint): Fields => [
  [32, seconds],
  [64, id],
  [32, bytes],
  [64, next],
];

const oracle = records([
  object(5633898, 42932745n, 512, 3n),
  object(5633898, 0xfedcba9876543210n, 4096, -1n),
  object(5633900, 42932745n, 512, -1n),
]);

const noNext = (1n << 63n) - 1n;
const newer = records([
  object(5633898, 42932745n, 512, 3n),
  object(5633898, 0xfedcba9876543210n, 4096, noNext),
  object(5633900, 42932745n, 512, noNext),
]);
const mixed = records([
  object(5633898, 42932745n, 512, -1n),
  object(5633898, 7n, 4096, noNext),
  object(5633900, 8n, 512, noNext),
]);

conforms(oracleGeneral, {
  "a few objects": { content: oracle, rows: 3 },
  "with 2^63-1 for no next access": { content: newer, rows: 3 },
  "with both": { content: mixed, rows: 3, lossless: false },
});

describe("binary block traces", () => {
  const folder = temporaryFolder();

  it("have these values: vscsi", async () => {
    const rows = await openRows(folder.write("one.vscsi", vscsiFirst));
    expect(rows[0]).toEqual({
      timeNs: 0,
      op: "write",
      offsetBytes: 42932745 * 512,
      sizeBytes: 512,
      command: 0x2a,
      serial: 0x800000f4,
      scatterSegments: 1,
      version: 0x100,
    });
    // Requests are traced in the order of their ends: the second began 3121 us before the first.
    expect(rows[1]).toMatchObject({ timeNs: -3_121_000, op: "read", sizeBytes: 4096, scatterSegments: 2 });
    expect(rows.slice(2).map(({ op }) => op)).toEqual(["flush", "discard", "other"]);
    expect(await openRows(folder.write("two.vscsi", vscsiSecond))).toMatchObject([
      { timeNs: 0, op: "read", offsetBytes: 2 ** 42, sizeBytes: 65536, responseTime: 250n, version: 0x203 },
      { timeNs: 1000, op: "write", offsetBytes: 0, serial: 2, responseTime: 0xffffffffffn },
    ]);
  });

  it("have these values: oracleGeneral", async () => {
    expect(await openRows(folder.write("trace.oracleGeneral", oracle))).toEqual([
      { timeNs: 0, op: "other", offsetBytes: 42932745 * 512, sizeBytes: 512, object: 42932745n, nextAccess: 3 },
      { timeNs: 0, op: "other", offsetBytes: null, sizeBytes: 4096, object: 0xfedcba9876543210n, nextAccess: null },
      { timeNs: 2e9, op: "other", offsetBytes: 42932745 * 512, sizeBytes: 512, object: 42932745n, nextAccess: null },
    ]);
  });

  it("say what stands for no next access: oracleGeneral", async () => {
    const noneOf = async (content: Uint8Array) => {
      const { schema } = await open(folder.write("trace.oracleGeneral", content));
      return schema.metadata.get("veelab.noNextAccess");
    };
    expect(await noneOf(oracle)).toBeUndefined();
    expect(await noneOf(newer)).toBe(String(noNext));
    expect(await noneOf(mixed)).toBeUndefined();
  });

  it("say what they expected", async () => {
    const damaged = vscsiFirst.slice();
    damaged[32 + 15] = 3;
    await expect(open(folder.write("damaged", damaged), { as: "vscsi" })).rejects.toThrow(
      'damaged, offset 32, field "version": expected 1 in the upper byte, got 0x300',
    );
    expect(await openRows(folder.write("damaged", damaged), { as: "vscsi", skipBad: 1 })).toHaveLength(4);
    await expect(open(folder.write("cut", vscsiFirst.subarray(0, 150)), { as: "vscsi" })).rejects.toThrow(
      "cut, offset 128",
    );
  });
});

// Two hours of one virtual machine's requests in three formats.
const [real, realOracle, realCsv] = [
  "cloudphysics.vscsi",
  "cloudphysics.oracleGeneral.bin",
  "cloudphysics-head.csv",
].map(realSample);

describe.skipIf(real === undefined || realOracle === undefined || realCsv === undefined)("CloudPhysics' trace", () => {
  it("has the requests that are known of it", async () => {
    const table = await open(real!);
    expect(table.schema.metadata.get("veelab.format")).toBe(vscsi.name);
    expect(table.numRows).toBe(113_872);
    const sums: Record<string, [count: number, bytes: number]> = {};
    for (const { op, sizeBytes } of rowsOf(table) as { op: string; sizeBytes: number }[]) {
      const sum = (sums[op] ??= [0, 0]);
      sum[0] += 1;
      sum[1] += sizeBytes;
    }
    expect(
      Object.fromEntries(Object.entries(sums).map(([op, [count, bytes]]) => [op, [count, (bytes / 1e9).toFixed(2)]])),
    ).toEqual({
      write: [66_898, "2.41"],
      read: [46_974, "1.80"],
    });
  });

  it("is the same in all of its formats", async () => {
    const [requests, objects, lines] = await Promise.all([openRows(real!), openRows(realOracle!), openRows(realCsv!)]);
    const place = ({ offsetBytes, sizeBytes }: Record<string, unknown>) => [offsetBytes, sizeBytes];
    // libCacheSim gave each object one size, whatever its requests' are.
    expect(objects.map(({ offsetBytes }) => offsetBytes)).toEqual(requests.map(({ offsetBytes }) => offsetBytes));
    expect(lines.map(place)).toEqual(requests.slice(0, lines.length).map(place));
    expect(lines).toHaveLength(19_999);
    expect(lines.map(({ op }) => op)).toEqual(requests.slice(0, lines.length).map(({ op }) => op));
    expect((await open(realCsv!)).schema.metadata.get("veelab.format")).toBe(libcachesimCsv.name);
    // Each object's next access is the row, counted from 1, where it comes again.
    const next = objects.filter(({ nextAccess }) => nextAccess !== null);
    expect(next).toHaveLength(64_898);
    expect(next.every(({ object: id, nextAccess }) => objects[Number(nextAccess) - 1]!["object"] === id)).toBe(true);
  });
});
