import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeParquet } from "../../../datasets/write/parquet.ts";
import { hasRedis, startRedis } from "../../../kernel/test/start-redis.ts";
import { hasSlurm, startSlurm } from "../../../kernel/test/start-slurm.ts";
import { blockWorkload } from "../../traces/generate/block-workload.ts";
import { mapTrace, type MapTraceOptions } from "../map-trace.ts";
import type { Partition } from "../partition.ts";
import { redis } from "../redis/redis.ts";
import { slurm } from "../slurm/slurm.ts";

let folder = "";
let fleet = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "veelab-fleet-"));
  fleet = join(folder, "fleet");
  for (const vm of [1, 2, 10]) {
    mkdirSync(join(fleet, `vm=${vm}`), { recursive: true });
    const requests = { requests: 2000 + vm, diskBytes: 2 ** 24, seed: vm };
    await writeParquet(join(fleet, `vm=${vm}`, "0.parquet"), blockWorkload(requests));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The miss ratios of each machine's caches, and its requests as DuckDB counts them, under its name. */
async function reuse(options: MapTraceOptions): Promise<string> {
  // As a notebook's cell has it: the tests' own compiler would rewrite its import.
  const perVm = (0, eval)(`async ({ name, stream, query }) => {
    const { reuseDistances } = await import("veelab/traces");
    const { table } = await reuseDistances(stream());
    const requests = (await query("select count(*)::double as n from trace")).getChild("n").get(0);
    return [[name, requests, Array.from(table.getChild("missRatio"))]];
  }`) as (partition: Partition) => Promise<readonly unknown[]>;
  return JSON.stringify(await mapTrace(fleet, perVm, (a, b) => [...a, ...b], options));
}

/** Clusters give what threads give, in the order of the partitions. */
describe("mapTrace on a cluster", () => {
  it.skipIf(!hasRedis)("runs partitions from Redis", async () => {
    const server = await startRedis();
    try {
      expect(await reuse({ on: redis({ url: server.url, workers: 2 }) })).toBe(await reuse({ workers: 2 }));
    } finally {
      await server.stop();
    }
  });

  it.skipIf(!hasSlurm)("runs partitions as tasks of Slurm", async () => {
    const { SLURM_CONF } = process.env;
    const cluster = await startSlurm();
    Object.assign(process.env, cluster.env);
    try {
      const on = slurm({ folder: join(folder, "sweeps"), pollS: 0.2, pointsPerTask: 1 });
      const found = await reuse({ on });
      expect(found).toBe(await reuse({ workers: 2 }));
      expect(found).toMatch(/^\[\["vm=1",2001,.*\["vm=2",2002,.*\["vm=10",2010,/);
    } finally {
      if (SLURM_CONF === undefined) delete process.env["SLURM_CONF"];
      else process.env["SLURM_CONF"] = SLURM_CONF;
      await cluster.stop();
    }
  });
});
