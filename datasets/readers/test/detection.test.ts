import { describe, expect, it } from "vitest";
import { formatOf } from "../../format.ts";
import { headBytes, makeHead } from "../../formats/head.ts";
import { traceFormats } from "../../formats/index.ts";
import { memorySource } from "../../formats/test/conformance.ts";

/** Lines that a search with backtracking would take long for, were it not bounded: minutes, which the test does not have. */
const hostile = [
  `a${" ".repeat(headBytes - 2)}\n`,
  "a ".repeat(headBytes / 2 - 1) + "\n",
  "/*".repeat(headBytes / 2 - 1) + "\n",
  `# device type (${"a".repeat(headBytes - 20)})\n`,
  ";a".repeat(headBytes / 2 - 1) + "\n",
  "1,".repeat(headBytes / 2 - 1) + "\n",
  "1 ".repeat(headBytes / 2 - 1) + "\n",
  "a-1 [0] ".repeat(headBytes / 8 - 1) + "\n",
];

describe("every format", () => {
  it(
    "looks at hostile lines, and reads or refuses them, without a search that backtracks long",
    { timeout: 60_000 },
    async () => {
      for (const text of hostile) {
        const bytes = new Uint8Array(Buffer.from(text));
        for (const format of traceFormats) {
          format.detect(makeHead("trace", bytes, true));
          try {
            const source = memorySource({ content: text, rows: 0 }, bytes, 1 << 20);
            const fault = (error: Error) => {
              throw error;
            };
            for await (const batch of format.read(source, { batchRows: 10, fault }))
              expect(batch.numCols).toBeGreaterThan(0);
          } catch (error) {
            expect((error as Error).name).toBe("TraceFormatError");
          }
        }
      }
    },
  );
});

describe("a header without commas", () => {
  const of = (text: string) => formatOf("own.csv", makeHead("own.csv", new Uint8Array(Buffer.from(text)), true));

  it.each([["time_s;user\n1;a\n"], ["a\tb\n1\t2\n"], ['{\n  "name": 1\n}\n'], ["<html>\n"]])(
    "that has another separator or is no table is refused: %j",
    (text) => {
      const header = JSON.stringify(text.split("\n")[0]);

      expect(() => of(text)).toThrow(
        `own.csv, line 1: expected a trace of a known format or a header with commas between the columns' names, got ${header} (the option "as" names the format: "csv" where that is one name)`,
      );
    },
  );

  it("that is one name is one", () => {
    expect(of("time s\nx\n")).toBe("csv");
  });
});
