import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Line } from "../../formats/line.ts";

const lineOf = (text: string): Line => {
  const line = new Line("trace");
  line.bytes = new Uint8Array(Buffer.from(`${text}\n`));
  return line;
};

describe("a line's numbers", () => {
  it("are those that JavaScript reads", () => {
    const digits = fc.stringMatching(/^-?\d{1,18}(\.\d{0,18})?$/);
    fc.assert(
      fc.property(fc.oneof(digits, fc.double({ noDefaultInfinity: true, noNaN: true }).map(String)), (text) => {
        const line = lineOf(text);
        expect(line.number64("value")).toBe(Number(text));
        expect(line.isAtEnd).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("that are none are refused", () => {
    for (const text of ["", "-", ".", "-.", "1.2.3", "0x10", "1e", "nan", "1_0", "Infinity"])
      expect(() => lineOf(text).number64("value"), text).toThrow('field "value": expected a number');
  });
});
