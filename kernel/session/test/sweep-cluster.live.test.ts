import { Redis } from "ioredis";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../test/daemon.ts";
import { hasRedis, startRedis } from "../../test/start-redis.ts";
import { hasSlurm, startSlurm } from "../../test/start-slurm.ts";
import { startKernel } from "./live-kernel.ts";

/** Sweeps on a cluster from cells: an interrupt ends the cell's code wherever it waits, and must still cancel what runs elsewhere. */
describe("a sweep on a cluster in a notebook", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "veelab-cluster-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Interrupts a sweep in its point, waits until nothing of it is left, and runs it again to its end. */
  async function interruptAndRunAgain(
    on: string,
    env: Readonly<Record<string, string>>,
    isCancelled: () => Promise<boolean>,
  ) {
    const kernel = await startKernel(folder, env);
    try {
      await kernel.execute(`
        import { redis, slurm, sweep } from "veelab";
        const run = async ({ n }: { n: number }) => {
          const { existsSync, writeFileSync } = await import("node:fs");
          writeFileSync(folder + "/begun", "");
          while (!existsSync(folder + "/go-on")) await new Promise((resolve) => setTimeout(resolve, 100));
          return { square: n * n };
        };
        const folder = ${JSON.stringify(folder)};
        const options = { on: ${on}, share: { folder } };`);
      const cell = kernel.send("await sweep({ n: [1, 2, 3] }, run, options)");
      await until(
        () => existsSync(join(folder, "begun")),
        () => "no point has begun",
      );
      await kernel.interrupt();
      expect((await cell.ended).reply["ename"]).toBe("Interrupted");
      await until(isCancelled, () => "something is left that is not cancelled");
      mkdirSync(join(folder, "go-on"));
      const again = await kernel.execute("String((await sweep({ n: [1, 2, 3] }, run, options)).getChild('square'))");
      expect(again.result() ?? again.reply["evalue"]).toBe("'[1,4,9]'");
    } finally {
      await kernel.stop();
    }
  }

  it.skipIf(!hasSlurm)("is cancelled on Slurm by an interrupt", async () => {
    const cluster = await startSlurm();
    const on = `slurm({ folder: ${JSON.stringify(join(folder, "sweeps"))}, pollS: 0.2, pointsPerTask: 3 })`;
    await interruptAndRunAgain(on, cluster.env, async () => {
      const [sweepFolder = ""] = readdirSync(join(folder, "sweeps"));
      const isLocked = existsSync(join(folder, "sweeps", sweepFolder, "coordinator"));
      return !isLocked && (await cluster.command("squeue", "--noheader")).trim() === "";
    });
    await cluster.stop();
  });

  it.skipIf(!hasRedis)("is cancelled in Redis by an interrupt", async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    const on = `redis({ url: ${JSON.stringify(server.url)}, workers: 1 })`;
    await interruptAndRunAgain(on, {}, async () => (await client.keys("veelab*")).length === 0);
    client.disconnect();
    await server.stop();
  });
});
