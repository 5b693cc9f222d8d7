import * as arrow from "apache-arrow";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../commands/json-lines.ts";
import { textTable } from "../../commands/text-table.ts";
import { query } from "../../query.ts";
import { csvText } from "../csv.ts";

const outputs = {
  async csv(table: arrow.Table) {
    const parts: string[] = [];
    for await (const part of csvText(table)) parts.push(part);
    return parts.join("").split("\n").slice(1, -1);
  },
  async json(table: arrow.Table) {
    const batches = async function* () {
      await Promise.resolve();
      yield* table.batches;
    };
    const parts: string[] = [];
    for await (const part of jsonLines(batches())) parts.push(part);
    const lines = parts.join("").trimEnd().split("\n");
    return lines.map((line) => (JSON.parse(line) as { t: string | null }).t ?? "");
  },
  table: (table: arrow.Table) => Promise.resolve(textTable(table).split("\n").slice(2, -1)),
};

const columnOf = (type: arrow.DataType, values: readonly (number | bigint)[]) => {
  const array =
    typeof values[0] === "bigint" ? BigInt64Array.from(values as bigint[]) : Int32Array.from(values as number[]);
  const data = arrow.makeData({ type, data: array, length: array.length } as never) as arrow.Data;
  return new arrow.Table({ t: new arrow.Vector([data]) });
};

describe.each(Object.entries(outputs))("dates and times in %s", (_, textsOf) => {
  it.each([
    ["a day", new arrow.DateDay(), [0, -1, 15042], ["1970-01-01", "1969-12-31", "2011-03-09"]],
    ["a date in milliseconds", new arrow.DateMillisecond(), [86_400_000n], ["1970-01-02T00:00:00.000Z"]],
    ["seconds", new arrow.TimestampSecond(), [-1n], ["1969-12-31T23:59:59.000Z"]],
    ["milliseconds", new arrow.TimestampMillisecond("UTC"), [1n], ["1970-01-01T00:00:00.001Z"]],
    [
      "microseconds",
      new arrow.TimestampMicrosecond(),
      [1_000n, 1_234n, -1n],
      ["1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.001234Z", "1969-12-31T23:59:59.999999Z"],
    ],
    ["nanoseconds", new arrow.TimestampNanosecond(), [1_299_664_800_123_456_789n], ["2011-03-09T10:00:00.123456789Z"]],
    ["a time of day in seconds", new arrow.TimeSecond(), [3_661], ["01:01:01.000"]],
    [
      "a time of day",
      new arrow.TimeMicrosecond(),
      [36_000_500_000n, 86_400_000_000n],
      ["10:00:00.500", "24:00:00.000"],
    ],
  ] as const)("%s", async (_, type, values, texts) => {
    expect(await textsOf(columnOf(type, values))).toEqual(texts);
  });

  it("a null, also behind a first batch", async () => {
    const part = arrow.vectorFromArray([0, null], new arrow.TimestampMillisecond());
    const table = new arrow.Table({ t: part });
    const both = new arrow.Table([...table.batches, ...table.batches]);
    const texts = ["1970-01-01T00:00:00.000Z", "", "1970-01-01T00:00:00.000Z", ""];
    expect(await textsOf(both)).toEqual(texts);
  });

  it.each(["'infinity'::timestamp", "'-infinity'::timestamp", "'infinity'::date", "timestamp '10000-01-01'"])(
    "%s is refused in one sentence",
    async (value) => {
      const table = await query(`select ${value} as t`);
      await expect((async () => textsOf(table))()).rejects.toThrow(/^t: expected a time in the years 0 to 9999, got "/);
    },
  );
});
