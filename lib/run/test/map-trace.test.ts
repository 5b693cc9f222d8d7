import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stream } from "../../../datasets/open.ts";
import { query } from "../../../datasets/query.ts";
import { writeParquet } from "../../../datasets/write/parquet.ts";
import { disk2011 } from "../../hardware/disk.ts";
import { wan2011 } from "../../hardware/link.ts";
import { migrate } from "../../storage-migration/migrate.ts";
import { blockWorkload } from "../../traces/generate/block-workload.ts";
import { reuseDistances } from "../../traces/reuse-distances.ts";
import { mapTrace, type MapTraceOptions } from "../map-trace.ts";
import type { Partition } from "../partition.ts";

let folder = "";
let fleet = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "veelab-fleet-"));
  fleet = join(folder, "fleet");
  // Virtual machine 2 has two files; 10 comes after 2 by its number.
  for (const [vm, file] of [
    [10, 0],
    [2, 1],
    [2, 0],
    [1, 0],
  ] as const) {
    const place = join(fleet, `vm=${vm}`);
    mkdirSync(place, { recursive: true });
    const requests = { requests: 3000 + vm, diskBytes: 2 ** 24, ratePerS: 50, readShare: 0.8, seed: 10 * vm + file };
    await writeParquet(join(place, `${file}.parquet`), blockWorkload(requests));
  }
  writeFileSync(join(fleet, "_SUCCESS"), "");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A function as a notebook's cell has it: the tests' own compiler would rewrite its imports. */
const written = (text: string): unknown => (0, eval)(`(${text})`);

const files: Readonly<Record<string, readonly string[]>> = { 1: ["0"], 2: ["0", "1"], 10: ["0"] };
async function* requestsOf(vm: string) {
  for (const file of files[vm] ?? []) yield* stream(join(fleet, `vm=${vm}`, `${file}.parquet`));
}

describe("mapTrace", () => {
  it.each<[string, MapTraceOptions]>([
    ["one worker", {}],
    ["two workers", { workers: 2 }],
  ])("adds reuse distances of virtual machines up, as one program does: %s", async (_, options) => {
    interface Reuse {
      readonly vms: readonly string[];
      readonly misses: readonly number[];
    }
    const sizes = [16, 256, 2048];
    const perVm = written(`async ({ keys, stream, query }) => {
      const { reuseDistances } = await import("veelab/traces");
      const { table } = await reuseDistances(stream());
      const uses = Number((await query("select count(*) as uses from trace")).getChild("uses").get(0));
      const at = (size) => table.toArray().findLast(({ entries }) => entries <= size)?.missRatio ?? 1;
      return { vms: [keys.vm], misses: sizes.map((size) => at(size) * uses) };
    }`) as (partition: Partition) => Promise<Reuse>;
    const add = (a: Reuse, b: Reuse): Reuse => ({
      vms: [...a.vms, ...b.vms],
      misses: a.misses.map((misses, size) => misses + (b.misses[size] ?? NaN)),
    });
    const total = await mapTrace(fleet, perVm, add, { ...options, share: { sizes } });
    const direct: Reuse[] = [];
    for (const vm of ["1", "2", "10"]) {
      const { table } = await reuseDistances(requestsOf(vm));
      let uses = 0;
      for await (const batch of requestsOf(vm)) uses += batch.numRows;
      const rows = table.toArray() as readonly { readonly entries: number; readonly missRatio: number }[];
      const at = (size: number): number => rows.findLast(({ entries }) => entries <= size)?.missRatio ?? 1;
      direct.push({ vms: [vm], misses: sizes.map((size) => at(size) * uses) });
    }
    expect(total).toEqual(direct.reduce(add));
  });

  it("finds the fleet's working set by DuckDB in each partition", async () => {
    const blocks = (partition: Partition) =>
      partition
        .query('select distinct floor("offsetBytes" / 4096)::double as block from trace order by block')
        .then((table) => table.getChild("block")?.toArray() as Float64Array);
    const union = (a: Float64Array, b: Float64Array): Float64Array => Float64Array.from(new Set([...a, ...b])).sort();
    const all = await mapTrace(fleet, blocks, union, { workers: 2 });
    const direct = await query(
      `select count(distinct floor("offsetBytes" / 4096)) as n from read_parquet('${fleet}/*/*.parquet')`,
    );
    expect(all.length).toBe(Number(direct.getChild("n")?.get(0)));
  });

  it("migrates each machine's disk", async () => {
    const options = { model: "pre-copy", link: wan2011, disk: disk2011, diskBytes: 2 ** 24, startS: 5 } as const;
    const moved = written(`async ({ keys, files, stream }) => {
        const { migrate } = await import("veelab/storage-migration");
        const { row } = await migrate(stream(), options);
        return [{ vm: keys.vm, extraBytes: row.extraBytes }];
      }`) as (partition: Partition) => Promise<{ readonly vm: string; readonly extraBytes: number }[]>;
    const rows = await mapTrace(fleet, moved, (a, b) => [...a, ...b], { workers: 2, share: { options } });
    const direct = [];
    for (const vm of ["1", "2", "10"])
      direct.push({ vm, extraBytes: (await migrate(requestsOf(vm), options)).row.extraBytes });
    expect(rows).toEqual(direct);
    expect(rows.some(({ extraBytes }) => extraBytes > 0)).toBe(true);
  });

  it("reads only what has changed where it keeps what it found", async () => {
    const log = join(folder, "log");
    const count = written(`async ({ name, query }) => {
      (await import("node:fs")).appendFileSync(log, name + " ");
      return Number((await query("select count(*) as n from trace")).getChild("n").get(0));
    }`) as (partition: Partition) => Promise<number>;
    const counted = async (): Promise<string> => {
      writeFileSync(log, "");
      const options = { share: { log }, store: join(folder, "store") };
      const total = await mapTrace(fleet, count, (a, b) => a + b, options);
      return `${total}: ${(await import("node:fs")).readFileSync(log, "utf8").trim()}`;
    };
    expect(await counted()).toBe("12015: vm=1 vm=2 vm=10");
    expect(await counted()).toBe("12015: ");
    await writeParquet(
      join(fleet, "vm=2", "1.parquet"),
      blockWorkload({ requests: 3003, diskBytes: 2 ** 24, seed: 5 }),
    );
    expect(await counted()).toBe("12016: vm=2");
  });

  it("takes a file a partition where no folder says more", async () => {
    const days = join(folder, "days");
    mkdirSync(days);
    for (const day of [1, 2]) await writeParquet(join(days, `day-${day}.parquet`), blockWorkload({ requests: day }));
    const names = await mapTrace(
      days,
      ({ name, keys }) => [name, Object.keys(keys).length],
      (a, b) => [...a, ...b],
    );
    expect(names).toEqual(["day-1.parquet", 0, "day-2.parquet", 0]);
  });

  it("ends with the partition that fails, and leaves at an interrupt", async () => {
    const failing = mapTrace(
      fleet,
      ({ keys, query }) => {
        if (keys["vm"] !== "1") return query('select "nothing" from trace').then(() => 1);
        return 1;
      },
      (a, b) => a + b,
      { workers: 2 },
    );
    await expect(failing).rejects.toThrow(/^mapTrace: partition=vm=2: sql: expected a query that DuckDB can run, got/);
    const controller = new AbortController();
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const endless = mapTrace(
      fleet,
      async ({ keys, query }) => {
        if (keys["vm"] === "1") {
          while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          return 1;
        }
        await query("select count(*) from trace");
        Atomics.store(begun, 0, 1);
        await query("select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 7");
        return 1;
      },
      (a, b) => a + b,
      {
        workers: 2,
        share: { begun },
        signal: controller.signal,
        onProgress: () => {
          controller.abort(new Error("enough"));
        },
      },
    );
    await expect(endless).rejects.toThrow("enough");
  });

  it.each<[string, () => string, string]>([
    ["a folder that is not there", () => join(folder, "none"), "dataset: expected a folder of Parquet files, got"],
    ["a file", () => join(fleet, "_SUCCESS"), "dataset: expected a folder of Parquet files, got"],
    [
      "a folder without Parquet files",
      () => {
        mkdirSync(join(folder, "empty"));
        return join(folder, "empty");
      },
      "dataset: expected at least one .parquet file in the folder, got",
    ],
  ])("refuses %s", async (_, dataset, sentence) => {
    await expect(
      mapTrace(
        dataset(),
        () => 1,
        (a, b) => a + b,
      ),
    ).rejects.toThrow(sentence);
  });
});
