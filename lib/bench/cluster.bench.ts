// What a point costs on a cluster beside its own work: many points that do nothing, less what one costs, on the same two workers that
// threads have here. Slurm's tasks cost about a second each, which packing spreads over their points.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../../datasets/bench/processor-seconds.ts";
import { packageRoot } from "../../datasets/package-root.ts";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { hasRedis, startRedis } from "../../kernel/test/start-redis.ts";
import { hasSlurm, startSlurm } from "../../kernel/test/start-slurm.ts";
import { sweep, type SweepOptions } from "../core/sweep.ts";
import { redis } from "../run/redis/redis.ts";
import { slurm } from "../run/slurm/slurm.ts";

const ROUNDS = 3;

async function seconds(points: number, options: SweepOptions): Promise<number> {
  const start = performance.now();
  await sweep({ n: Array.from({ length: points }, (_, n) => n) }, ({ n }) => ({ n }), options);
  return (performance.now() - start) / 1000;
}

/** What each further point adds, s: the median of some rounds. */
async function perPoint(points: number, few: number, options: SweepOptions): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    costs.push((await seconds(points, options)) - (await seconds(few, options)));
  return median(costs) / (points - few);
}

const threads = await perPoint(2000, 1, { workers: 2 });

if (hasRedis) {
  const server = await startRedis();
  const worker = spawn(
    process.execPath,
    [join(packageRoot(), "dist/kernel/cli.js"), "work", "--redis", server.url, "--workers", "2"],
    { stdio: "ignore" },
  );
  try {
    const on = redis({ url: server.url });
    await seconds(2, { on });
    const peers = { "two threads": 1000 * threads };
    figure("an empty point through Redis, two workers", 1000 * (await perPoint(1000, 1, { on })), "ms", { peers });
  } finally {
    worker.kill();
    await server.stop();
  }
} else missing("Redis", "redis-server");

if (hasSlurm) {
  const cluster = await startSlurm();
  Object.assign(process.env, cluster.env);
  const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
  try {
    const on = (pointsPerTask: number): SweepOptions => ({ on: slurm({ folder, pollS: 0.1, pointsPerTask }) });
    figure("a task of Slurm with one empty point, two at a time", await perPoint(12, 2, on(1)), "s");
    const peers = { "two threads": 1000 * threads };
    figure("an empty point in tasks of 500", 1000 * (await perPoint(2000, 1000, on(500))), "ms", { peers });
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
} else missing("Slurm", "slurm-wlm");
