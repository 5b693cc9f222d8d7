import { statSync, utimesSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { openSource } from "../../source/source.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { csvScan } from "../csv-scan.ts";

const folder = temporaryFolder();
const lines = "1,x\n".repeat(400_000);
const write = (last: string) => folder.write("t.csv", `a,b\n${lines}${last}\n`);
const scan = async () => csvScan(await openSource(folder.path("t.csv")));

it("a file is looked at once while it stays as it is, and again when it changed, however alike it looks", async () => {
  const path = write("100,x");
  const justChanged = await scan();
  await justChanged!.checked;
  expect(await scan()).not.toBe(justChanged);
  // A file that has just changed may do so again within the same tick of the file system's clock.
  await setTimeout(2100);
  await expect.poll(async () => (await scan()) === (await scan())).toBe(true);
  const kept = await scan();
  expect(await kept!.areRowsWhole()).toBe(true);

  const { size, mtime } = statSync(path);
  write("1_0,x");
  utimesSync(path, mtime, mtime);
  expect(statSync(path).size).toBe(size);
  const changed = await scan();
  expect(changed).not.toBe(kept);
  expect(await changed!.checked).not.toBe(await kept!.checked);
}, 60_000);

it("what was found late is what is begun with the next time, also that DuckDB never reads the file", async () => {
  for (const last of ["1_0,x", 'y ""z"",x']) {
    write(last);
    await setTimeout(2100);
    const first = await scan();
    const checked = await first!.checked;
    expect(checked).not.toBe(first!.sql);
    await expect.poll(async () => (await scan())?.sql).toBe(checked);
  }
}, 60_000);
