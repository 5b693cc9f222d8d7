import fc from "fast-check";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TraceFormatError } from "../../errors.ts";
import { openRows } from "./open-rows.ts";

/** A second reader of a line, field by field as texts; undefined where it must be refused. */
function naive(line: string, origin: bigint | undefined) {
  const fields = line.replace(/\r$/, "").split(",");
  const [device, op, offset, size, time] = fields;
  if (fields.length !== 5 || !/^[RW]$/.test(op!)) return undefined;
  if (![device, offset, size, time].every((text) => /^\d+$/.test(text!)) || time!.length > 20) return undefined;
  if (BigInt(device!) > 0xffffffffn || [offset, size].some((text) => BigInt(text!) >= 2n ** 53n)) return undefined;
  const timeNs = (BigInt(time!) - (origin ?? BigInt(time!))) * 1000n;
  if (timeNs > 2n ** 53n - 1n || timeNs < 1n - 2n ** 53n) return undefined;
  return {
    timeNs: Number(timeNs),
    op: op === "R" ? "read" : "write",
    offsetBytes: Number(offset),
    sizeBytes: Number(size),
    device: Number(device),
  };
}

const often = fc.nat({ max: 2 ** 30 }).map(String);
const digits = fc.oneof(
  { arbitrary: often, weight: 12 },
  fc.constantFrom("", "0", "007", "-1", "+1", "1.5", " 1", "1 ", "4294967295", "4294967296", "9007199254740991"),
  fc.constantFrom("9007199254740992", "18446744073709551615", "99999999999999999999999", "0".repeat(30), "R"),
);
const stamps = fc.oneof(
  { arbitrary: fc.nat({ max: 10 ** 9 }).map((after) => String(1_577_808_000_000_000 + after)), weight: 12 },
  digits,
);
const op = fc.oneof({ arbitrary: fc.constantFrom("R", "W"), weight: 12 }, fc.constantFrom("", "r", "RW", "\u00e9"));
const end = fc.oneof({ arbitrary: fc.constant(""), weight: 12 }, fc.constantFrom("\r", ",", ",1", " ", "\r\r"));
const lines = fc.array(
  fc.tuple(digits, op, digits, digits, stamps, end).map(([d, o, at, s, t, e]) => `${d},${o},${at},${s},${t}${e}`),
  { minLength: 1, maxLength: 40 },
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("alibaba", () => {
  test("a naive reader finds the same rows and faults, whatever form the lines have", async () => {
    const path = join(folder, "trace.csv");
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 7 }), async (text, batchRows) => {
        await writeFile(path, text.map((line) => `${line}\n`).join(""));
        const rows: object[] = [];
        const faults: number[] = [];
        let origin: bigint | undefined;
        for (const [at, line] of text.entries()) {
          // A time stamp that can be read is the zero, also where the line's end cannot.
          const started = /^\d+,[RW],\d+,\d+,(\d{1,20})(?!\d)/.exec(line);
          if (started !== null && naive(started[0], origin) !== undefined) origin ??= BigInt(started[1]!);
          const row = naive(line, origin);
          if (row === undefined) faults.push(at + 1);
          else rows.push(row);
        }
        const found: (number | undefined)[] = [];
        const onSkip = ({ place }: TraceFormatError) => void found.push(place.line);
        const options = { as: "alibaba", batchRows, skipBad: 100, onSkip };
        expect(await openRows(path, options)).toEqual(rows);
        expect(found).toEqual(faults);
      }),
      { numRuns: 400 },
    );
  });
});
