import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLog, readLogs } from "../slurm/outcome-log.ts";
import { readRecord, type TaskRecord, writeRecord } from "../slurm/records.ts";
import { withFolder } from "./cluster-sweep.ts";

describe("the log of a task", () => {
  it("gives each record once, in order, as soon as it is wholly there", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "0-0.log");
      const next = readLogs(folder);
      const log = await createLog(path);
      await log.append("one");
      expect(await next()).toEqual([{ log: "0-0", record: "one" }]);
      expect(await next()).toEqual([]);
      await Promise.all(["two", "three ü", "four"].map((record) => log.append(record)));
      await log.close();
      const whole = await readFile(path);
      // The last line is cut off, as another machine may see it.
      await truncate(path, whole.length - 2);
      expect((await next()).map(({ record }) => record)).toEqual(["two", "three ü"]);
      await writeFile(path, whole);
      expect((await next()).map(({ record }) => record)).toEqual(["four"]);
    });
  });

  it("is one process's own, and a damaged line is no record", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "0-0.log");
      const log = await createLog(path);
      await log.append("good");
      await log.close();
      await expect(createLog(path)).rejects.toThrow("EEXIST");
      const [line = ""] = (await readFile(path, "utf8")).split("\n");
      await appendFile(path, `${line.replace("good", "bad!")}\n${line}\n`);
      expect((await readLogs(folder)()).map(({ record }) => record)).toEqual(["good", "good"]);
    });
  });

  it("keeps what JSON would lose", () => {
    const value = {
      missRatio: NaN,
      worst: -Infinity,
      zero: -0,
      text: "a\nb",
      when: new Date(0),
      bytes: Uint8Array.of(1),
    };
    const records: readonly TaskRecord[] = [
      { kind: "began" },
      { kind: "refused", sentence: 'two\nlines "quoted"' },
      { kind: "outcome", index: 7, seconds: 0.125, isCold: true, outcome: { value } },
      {
        kind: "outcome",
        index: 8,
        seconds: 1e-7,
        isCold: false,
        outcome: { error: { name: "E", message: "m", stack: "" } },
      },
    ];
    for (const record of records) {
      expect(writeRecord(record)).not.toContain("\n");
      expect(readRecord(writeRecord(record))).toEqual(record);
    }
  });
});
