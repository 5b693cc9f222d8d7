import * as arrow from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codes, optional, seldom } from "../layout.ts";
import { traceRows } from "../rows.ts";

const room = 21;
const words = ["a", "b"];

/** The rows' values of some batches, each with its length. */
const batches = fc.array(
  fc.array(
    fc.record({ value: fc.option(fc.integer({ min: 1, max: 9 })), change: fc.option(fc.constantFrom(1, 2, NaN)) }),
    {
      maxLength: room,
    },
  ),
  { minLength: 1, maxLength: 4 },
);

describe("a trace's rows", () => {
  it("come back with their nulls, in batches of any length; a column that changes seldom holds its value", () => {
    fc.assert(
      fc.property(batches, fc.boolean(), (lists, atOnce) => {
        const rows = traceRows(
          {
            double: optional("float64"),
            byte: optional("uint8"),
            long: optional("uint64"),
            bit: optional("bool"),
            code: optional(codes(words)),
            text: optional("text"),
            held: seldom("float64"),
            heldWhole: seldom("uint32"),
          },
          room,
        );
        let held: number | null = null;
        for (const list of lists) {
          const expected: unknown[] = [];
          for (const { value, change } of list) {
            const { columns, count } = rows;
            if (change !== null) {
              held = Number.isNaN(change) ? null : change;
              columns.held.set(count, change);
              columns.heldWhole.set(count, change);
            }
            // What stands where a value is left out must not show.
            const written = value ?? 7;
            columns.double[count] = written;
            columns.byte[count] = written;
            columns.long[2 * count] = written;
            columns.long[2 * count + 1] = 0;
            columns.bit[count] = 1;
            columns.code[count] = written % 2;
            columns.text.setText(count, String(written));
            if (value === null)
              for (const name of ["double", "byte", "long", "bit", "code", "text"] as const)
                if (atOnce && name !== "text") rows.nulls(name)[count] = 1;
                else rows.setNull(name);
            rows.count += 1;
            const kept =
              value === null
                ? Array<null>(6).fill(null)
                : [value, value, BigInt(value), true, words[value % 2], String(value)];
            expected.push([...kept, held, held]);
          }
          const batch = rows.take();
          expect(new arrow.Table([batch]).toArray().map((row: object) => Object.values({ ...row }))).toEqual(expected);
          for (const [column, { nullCount, values, length }] of batch.data.children.entries()) {
            const nulls = (expected as unknown[][]).filter((row) => row[column] === null);
            expect(nullCount).toBe(nulls.length);
            // A number that is left out is 0, so that equal tables are equal files.
            if (column === 0 || column > 5)
              expect([...(values as Float64Array)].slice(0, length)).toEqual(
                (expected as unknown[][]).map((row) => row[column] ?? 0),
              );
          }
        }
      }),
    );
  });

  it("share the memory of what does not change between batches", () => {
    const rows = traceRows({ held: seldom("uint32") }, 8);
    const take = (count: number) => {
      rows.count = count;
      return rows.take().data.children[0]!.values as Uint32Array;
    };
    rows.columns.held.set(0, 5);
    const [first, second] = [take(8), take(3)];
    rows.columns.held.set(1, 6);
    const third = take(4);

    expect(second.buffer).toBe(first.buffer);
    expect([...second]).toEqual([5, 5, 5]);
    expect([...third]).toEqual([5, 6, 6, 6]);
  });
});
