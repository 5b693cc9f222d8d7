import { tableFromIPC, tableToIPC } from "apache-arrow";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { fromRows, type Row, toRows } from "../../core/table.ts";
import { batchFrom, type Run } from "../../hardware/test/arbitrary-trace.ts";
import { dsp, hardware2011, hardwareToday, hardwareTodayZen4, page, rpms, type Translation } from "../index.ts";

const golden = new URL("golden/structural.arrow", import.meta.url);

/** Two phases: first touches of ever new pages, then loads scattered over what was touched. */
function program(): Run[] {
  const stream = random("structural golden");
  const rows: Run[] = [];
  for (let step = 0; step < 30_000; step++) {
    rows.push({ page: 1024 + ((step >> 6) % 40), count: 1 + stream.int(8), kind: 0 });
    const touched = Math.min(3000, step >> 2);
    rows.push({ page: 8192 + (step < 12_000 ? touched : stream.int(3000)), count: 1, kind: 1 + stream.int(2) });
  }
  return rows;
}

it("summaries of two phases on three machines, translated in six ways, are the golden table's, column by column", async () => {
  const trace = [batchFrom(program())];
  const ways = (): Translation[] => [
    "native",
    "HAP",
    "SP",
    "oracle",
    dsp(),
    rpms({ skipS: 0, states: 1, intervalS: 1 }),
  ];
  const rows: Row[] = [];
  for (const hardware of [hardware2011, hardwareToday, hardwareTodayZen4])
    for (const sync of ["trap", "out of sync"] as const)
      for (const paging of ways()) {
        const { row } = await page(trace, { paging, hardware, sync, intervalInstructions: 5000 });
        rows.push({ sync, ...row });
      }
  const table = fromRows(rows);
  if (process.env["GOLDEN"] === "write") writeFileSync(golden, tableToIPC(table, "file"));
  const expected = tableFromIPC(readFileSync(golden));
  expect(table.schema.names).toEqual(expected.schema.names);
  expect(toRows(table)).toEqual(toRows(expected));
});
