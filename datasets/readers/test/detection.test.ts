import { describe, expect, it } from "vitest";
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
