import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { fromRows } from "../../core/table.ts";
import { codeOf, exitsOf, toPprof, toSpeedscope } from "../index.ts";

const folded = fromRows([
  { stack: "app;main;solve", weight: 300 },
  { stack: "app;main", weight: 100 },
]);

/** Fields of a protocol buffers message, as numbers or bytes. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const length = varint();
    if (tag % 8 === 0) fields.push([tag >> 3, length]);
    else {
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}
const all = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(bytes).flatMap(([number, value]) => (number === field && typeof value !== "number" ? [value] : []));
const packed = (bytes: Uint8Array): number[] => {
  const values: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    values.push(value);
    [value, scale] = [0, 1];
  }
  return values;
};

describe("exports", () => {
  it("pprof: stacks leaf first, counts and weights, texts by number", async () => {
    const file = gunzipSync(await toPprof(folded, { event: "cycles", unit: "count", period: 100 }));
    const texts = all(file, 6).map((text) => Buffer.from(text).toString());
    expect(texts).toEqual(["", "samples", "count", "cycles", "count", "app", "main", "solve"]);
    const samples = all(file, 2).map((sample) => [packed(all(sample, 1)[0]!), packed(all(sample, 2)[0]!)]);
    expect(samples).toEqual([
      [
        [3, 2, 1],
        [3, 300],
      ],
      [
        [2, 1],
        [1, 100],
      ],
    ]);
    expect(all(file, 5).map(fieldsOf)).toEqual(
      [1, 2, 3].map((id) => [
        [1, id],
        [2, 4 + id],
      ]),
    );
    const lines = all(file, 4).map((location) => fieldsOf(all(location, 4)[0]!));
    expect(lines).toEqual([1, 2, 3].map((id) => [[1, id]]));
    expect(fieldsOf(file).filter(([field]) => field === 12)).toEqual([[12, 100]]);
  });

  it("pprof: weights beyond 2^32 keep their value", async () => {
    const weight = 2 ** 52 + 12_345;
    const file = gunzipSync(
      await toPprof(fromRows([{ stack: "f", weight }]), { event: "cpu", unit: "nanoseconds", period: 1 }),
    );
    expect(packed(all(all(file, 2)[0]!, 2)[0]!)).toEqual([weight, weight]);
  });

  it("speedscope: frames once, stacks root first", async () => {
    const file = await toSpeedscope(folded, { name: "run" });
    expect(file.shared.frames).toEqual([{ name: "app" }, { name: "main" }, { name: "solve" }]);
    expect(file.profiles[0]).toMatchObject({
      samples: [
        [0, 1, 2],
        [0, 1],
      ],
      weights: [300, 100],
      endValue: 400,
    });
  });

  it("both keep a real profile's weight", async () => {
    const table = await open("profile/qemu");
    let weight = 0;
    for (const value of table.getChild("weight")!) weight += Number(value);
    const file = gunzipSync(await toPprof(table, { event: "cpu", unit: "nanoseconds", period: 5_025_125 }));
    const values = all(file, 2).map((sample) => packed(all(sample, 2)[0]!));
    expect(values.reduce((sum, [, of]) => sum + of!, 0)).toBe(weight);
    expect(values.reduce((sum, [count]) => sum + count!, 0)).toBe(2218);
    expect((await toSpeedscope(table, { name: "q" })).profiles[0]!.endValue).toBe(weight);
  });
});

describe("real inputs", () => {
  it("a real profile as code", async () => {
    const { code, shares, samples } = await codeOf("profile/qemu");
    expect(samples).toBe(2218);
    expect(code).toHaveLength(260);
    expect(code[0]!.stack).toBe("[unknown];[generated code]");
    expect(shares[0]! / 5_025_125).toBe(916);
  });

  it("exit statistics one by one and summed up", async () => {
    const trace = fromRows([
      { timeNs: 0, reason: "EPT_VIOLATION", durationNs: 2000 },
      { timeNs: 5000, reason: "EPT_VIOLATION", durationNs: 4000 },
      { timeNs: 9000, reason: "HLT", durationNs: 900_000 },
      { timeNs: 9500, reason: "CPUID", durationNs: null },
    ]);
    expect(
      (await exitsOf(trace)).map(({ reason, exits }) => [reason.label, exits, reason.handlingNs, reason.blockNs]),
    ).toEqual([
      ["EPT_VIOLATION", 2, 3000, undefined],
      ["HLT", 1, 0, 900_000],
    ]);
    const summed = fromRows([{ event: "IO_INSTRUCTION", value: 40, meanNs: 14_900 }]);
    expect((await exitsOf(summed))[0]).toMatchObject({ exits: 40, reason: { handlingNs: 14_900 } });
  });
});
