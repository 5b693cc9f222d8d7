import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { addToCatalogue } from "../../../datasets/index.ts";
import { packageRoot } from "../../../datasets/package-root.ts";
import { redis, sweep, toRows } from "../../core/index.ts";
import { axes, bytesOf, simulate, simulateWithVictim, victim, withFolder } from "./cluster-sweep.ts";
import { until } from "../../../kernel/test/daemon.ts";
import { freePorts } from "../../../kernel/test/free-port.ts";
import { installOtherVersion } from "./other-version.ts";
import { announce, announced, runBytes } from "../redis/registry.ts";
import { runCoordinator, tables, timesRun } from "./run-coordinator.ts";
import { hasRedis, type RedisServer, startRedis } from "../../../kernel/test/start-redis.ts";

/** `veelab work --redis` as a process. */
interface WorkerProcess {
  readonly process: ChildProcess;
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

const started: WorkerProcess[] = [];

function startWorker(url: string, root = packageRoot(), env: NodeJS.ProcessEnv = {}): WorkerProcess {
  const worker = spawn(process.execPath, [join(root, "dist", "kernel", "cli.js"), "work", "--redis", url], {
    env: { ...process.env, ...env },
  });
  let said = "";
  worker.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const own: WorkerProcess = {
    process: worker,
    said: () => said,
    async stop() {
      if (worker.exitCode !== null || worker.signalCode !== null) return;
      const exit = once(worker, "exit");
      worker.kill("SIGTERM");
      await exit;
    },
  };
  started.push(own);
  return own;
}

describe.skipIf(!hasRedis)("a sweep on Redis", () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  /** Workers look at the end of a sweep from time to time. */
  const nothingIsLeft = async (): Promise<void> => {
    let keys: string[] = [];
    await until(
      async () => (keys = await client.keys("veelab*")).length === 0,
      () => `left in Redis: ${keys.join(", ")}`,
    );
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((worker) => worker.stop()));
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it("gives the local table, byte for byte, though a worker is killed in the middle of a point", async () => {
    const local = await sweep(axes, simulate, { seed: 7, onError: "row" });
    await withFolder(async (folder) => {
      const workers = [startWorker(server.url), startWorker(server.url)];
      const running = sweep(axes, simulateWithVictim, {
        seed: 7,
        on: redis({ url: server.url, lostAfterS: 2, retries: 5 }),
        share: { simulate, folder },
      });
      process.kill(await victim(folder), "SIGKILL");
      expect(bytesOf(await running)).toBe(bytesOf(local));
      const ends = await Promise.all(
        workers.map(async (worker) => {
          await worker.stop();
          return worker.process.signalCode ?? worker.process.exitCode;
        }),
      );
      expect(ends.sort()).toEqual([0, "SIGKILL"]);
    });
    await nothingIsLeft();
  });

  it("is resumed where its coordinator was killed: workers go on meanwhile, and no point runs twice", async () => {
    const worker = startWorker(server.url);
    await withFolder(async (folder) => {
      const run = { backEnd: "redis", options: { url: server.url }, folder } as const;
      expect(await runCoordinator({ ...run, killAt: 30 })).toMatchObject({ end: "SIGKILL" });
      expect(await runCoordinator(run)).toEqual({ done: 200, end: 0, errors: "" });
      const { got, expected } = await tables(folder);
      expect(got).toBe(expected);
      expect(await timesRun(folder)).toEqual(Array.from({ length: 200 }, () => 1));
    });
    await worker.stop();
  });

  it("refuses the second of two coordinators of one sweep, and says that no worker is there", async () => {
    const stop = new AbortController();
    const first = sweep({ n: [1] }, ({ n }) => ({ n }), { on: redis({ url: server.url }), signal: stop.signal });
    const reason = expect(first).rejects.toThrow("enough");
    const warned = once(process, "warning");
    while ((await client.keys("veelab-owner*")).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(sweep({ n: [1] }, ({ n }) => ({ n }), { on: redis({ url: server.url }) })).rejects.toThrow(
      `redis: expected a sweep that nobody runs now, got one of process ${process.pid} on `,
    );
    expect(await warned).toMatchObject([
      { name: "sweep", message: "no worker asks for points: start one by veelab work --redis URL" },
    ]);
    stop.abort(new Error("enough"));
    await reason;
  });

  it("is removed where nobody has worked at it for long", async () => {
    await announce(client, "abandoned", Buffer.from("run"), { version: "1", lostAfterS: 30, retries: 2 });
    expect(await client.ttl("veelab-run:abandoned")).toBeGreaterThan(6 * 86_400);
    const queue = new Queue("abandoned", { connection: client, prefix: "veelab" });
    await queue.add("point", null, { jobId: "p0-1" });
    await queue.close();
    // As when its time is over.
    await client.del("veelab-run:abandoned");
    const worker = startWorker(server.url);
    await nothingIsLeft();
    await worker.stop();
    expect(worker.said()).toBe(`${server.url}: 1 worker, waiting for sweeps; Ctrl-C ends\n`);
  });

  it("is cancelled by its signal: nothing is left in Redis, and the worker gives up its point", async () => {
    const worker = startWorker(server.url);
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const running = sweep(axes, simulateWithVictim, {
        on: redis({ url: server.url }),
        share: { simulate, folder },
        signal: stop.signal,
      });
      const rejected = expect(running).rejects.toThrow("enough of it");
      await victim(folder);
      stop.abort(new Error("enough of it"));
      await rejected;
      await nothingIsLeft();
    });
    // The same worker serves the next one.
    const table = await sweep({ n: [3] }, ({ n }) => ({ square: n * n }), { on: redis({ url: server.url }) });
    expect(String(table.getChild("square"))).toBe("[9]");
    await worker.stop();
    expect(worker.said()).toMatch(/: ended\n/);
  });

  it("is cancelled by Ctrl-C, which then ends the program", async () => {
    await withFolder(async (folder) => {
      const run = { backEnd: "redis", options: { url: server.url, workers: 1 }, folder } as const;
      expect(await runCoordinator({ ...run, killAt: 1, killBy: "SIGINT" })).toMatchObject({
        end: "SIGINT",
        errors: "",
      });
    });
    await nothingIsLeft();
  });

  it("runs a straggler a second time", async () => {
    await withFolder(async (folder) => {
      const some = { ...axes, entries: axes.entries.slice(0, 5) };
      const table = await sweep(some, simulateWithVictim, {
        on: redis({ url: server.url, workers: 2, lostAfterS: 2 }),
        share: { simulate, folder },
      });
      expect(bytesOf(table)).toBe(bytesOf(await sweep(some, simulate)));
    });
    await nothingIsLeft();
  });

  it("opens a dataset by its content from where the workers have it", async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, "disk.csv"), "time_s,bytes\n0,4096\n1,8192\n");
      const { hash } = await addToCatalogue(join(folder, "disk.csv"), { name: "lab/disk" }, folder);
      startWorker(server.url, packageRoot(), { VEELAB_DATASETS: folder });
      // Made from text: the tests' own compiler would rewrite the import.
      const run = (0, eval)(
        `async ({ dataset }) => ({ rows: (await (await import("veelab/datasets")).open(dataset)).numRows })`,
      ) as (point: { readonly dataset: string }) => Promise<{ rows: number }>;
      const table = await sweep({ dataset: [hash, "lab/disk", "lab/tape"] }, run, { on: redis({ url: server.url }) });
      expect(toRows(table)).toEqual([
        { dataset: hash, rows: 2, error: null },
        { dataset: "lab/disk", rows: 2, error: null },
        {
          dataset: "lab/tape",
          rows: null,
          error: expect.stringContaining("expected a file that exists or a name") as string,
        },
      ]);
    });
  });

  it("goes on where Redis is started anew and remembers nothing", async () => {
    await withFolder(async (folder) => {
      let own = await startRedis();
      startWorker(own.url);
      const running = sweep(axes, simulateWithVictim, {
        seed: 7,
        on: redis({ url: own.url }),
        share: { simulate, folder },
      });
      await victim(folder);
      const warned = once(process, "warning");
      await own.stop();
      expect(await warned).toMatchObject([{ name: "sweep", message: `Redis at ${own.url} is away, trying again` }]);
      own = await startRedis(own.port);
      expect(bytesOf(await running)).toBe(bytesOf(await sweep(axes, simulate, { seed: 7, onError: "row" })));
      await Promise.all(started.splice(0).map((worker) => worker.stop()));
      await own.stop();
    });
  });

  it("goes on where its worker has not seen that Redis had forgotten it, and is at a point without an end", async () => {
    await withFolder(async (folder) => {
      const worker = startWorker(server.url);
      const running = sweep(axes, simulateWithVictim, {
        seed: 7,
        on: redis({ url: server.url }),
        share: { simulate, folder },
      });
      await victim(folder);
      const [[queue, needs] = ["", undefined]] = await announced(client);
      const bytes = (await runBytes(client, queue))!;
      await client.flushall();
      await announce(client, queue, bytes, needs!);
      expect(bytesOf(await running)).toBe(bytesOf(await sweep(axes, simulate, { seed: 7, onError: "row" })));
      await worker.stop();
    });
    await nothingIsLeft();
  });

  it("is refused by a worker of another version, in one sentence on both sides", async () => {
    await withFolder(async (folder) => {
      await installOtherVersion(folder);
      const worker = startWorker(server.url, folder);
      const sentence =
        /worker: expected a sweep of this worker's veelab 0\.0\.1-other\+\w+ \(V8 \S+, \w+\), got one of \d\S+ \(V8 \S+, \w+\): give each machine the same build of veelab and the same files; the worker's veelab is in \S+$/m;
      await expect(sweep({ n: [1] }, ({ n }) => ({ n }), { on: redis({ url: server.url }) })).rejects.toThrow(
        new RegExp(`^redis: process ${worker.process.pid} on \\S+: ${sentence.source}`),
      );
      await worker.stop();
      expect(worker.said()).toMatch(sentence);
    });
  });

  it("says in one sentence that no Redis is there, or who is not let in", async () => {
    const [port = 0] = await freePorts(1);
    const sent = (url: string) => sweep({ n: [1] }, ({ n }) => ({ n }), { on: redis({ url }) });
    await expect(sent(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      `redis: expected Redis at redis://127.0.0.1:${port}, got connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    await expect(sent(server.url.replace("//", "//nobody:secret@"))).rejects.toThrow(
      /^redis: expected Redis at redis:\/\/nobody:…@127\.0\.0\.1:\d+, got WRONGPASS [^\n]+$/,
    );
    const cli = join(packageRoot(), "dist", "kernel", "cli.js");
    const worker = spawn(process.execPath, [cli, "work", "--redis", `redis://127.0.0.1:${port}`]);
    let said = "";
    worker.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(worker, "close")).toEqual([2, null]);
    expect(said).toMatch(/^veelab work: redis: expected Redis at \S+, got connect ECONNREFUSED \S+\n$/);
  });

  it("refuses what cannot be sent before it adds a point", async () => {
    const outside = 3;
    await expect(
      sweep({ n: [1] }, ({ n }) => ({ product: n * outside }), { on: redis({ url: server.url }) }),
    ).rejects.toThrow(/outside/);
    await nothingIsLeft();
  });
});

describe("the options of redis", () => {
  it.each([
    [{ url: "http://host" }, "redis.url: expected an address like redis://host:6379, got "],
    [{ url: "redis://host", workers: -1 }, "redis.workers: expected a whole number from 0 to 1024, got -1"],
    [{ url: "redis://host", lostAfterS: 0 }, "redis.lostAfterS: expected a finite number > 0, got 0"],
    [{ url: "redis://host", retries: 1.5 }, "redis.retries: expected a whole number >= 0, got 1.5"],
    [{ url: "redis://host", retry: 1 }, 'redis: expected only url, workers, lostAfterS, retries, got "retry"'],
  ])("are checked: %j", (options, sentence) => {
    expect(() => redis(options)).toThrow(sentence);
  });
});
