import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { noise } from "../hpc/noise.ts";
import { openRows, rowsOf } from "./open-rows.ts";

const folder = temporaryFolder();

const relative = "# noise of one core\n1000\t250\n2000000\t99999\n10000000000\t7\n";
const absolute = "1700000000123456789\t250\n1700000001123456790\t99999\n";

conforms(noise, {
  "since the measurement began": { content: relative, rows: 3 },
  "absolute times": { content: absolute, rows: 2 },
  "with points": { content: "1000.000000\t250.0\n", rows: 1, lossless: false },
});

describe("noise logs", () => {
  it("have these times", async () => {
    const [first] = await openRows(folder.write("noise.txt", relative));
    expect(first).toEqual({ startNs: 1000, durationNs: 250 });
    const table = await open(folder.write("absolute.txt", absolute));
    expect(rowsOf(table)[1]).toEqual({ startNs: 1_000_000_001, durationNs: 99_999 });
    expect(table.schema.metadata.get("veelab.origin")).toBe("1700000000123456789");
  });
});
