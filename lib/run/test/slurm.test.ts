import { tableFromIPC } from "apache-arrow";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../datasets/package-root.ts";
import { slurm, sweep, toRows } from "../../core/index.ts";
import { cacheMisses } from "../../traces/index.ts";
import { axes, bytesOf, simulate, simulateWithVictim, victim, withFolder } from "./cluster-sweep.ts";
import { until } from "../../../kernel/test/daemon.ts";
import { installOtherVersion } from "./other-version.ts";
import { runCoordinator, tables, timesRun } from "./run-coordinator.ts";
import { hasSlurm, type SlurmCluster, startSlurm } from "../../../kernel/test/start-slurm.ts";

describe.skipIf(!hasSlurm)("a sweep on Slurm", () => {
  const { SLURM_CONF } = process.env;
  let cluster: SlurmCluster;
  beforeAll(async () => {
    cluster = await startSlurm(4);
    Object.assign(process.env, cluster.env);
  });
  afterAll(async () => {
    if (SLURM_CONF === undefined) delete process.env["SLURM_CONF"];
    else process.env["SLURM_CONF"] = SLURM_CONF;
    await cluster.stop();
  });
  const liveJobs = async (): Promise<string> =>
    (await cluster.command("squeue", "--noheader", "--states=PENDING,RUNNING")).trim();

  it("gives the local table, byte for byte, though a task is killed in the middle of a point", async () => {
    const local = await sweep(axes, simulate, { seed: 7, onError: "row" });
    await withFolder(async (folder) => {
      const running = sweep(axes, simulateWithVictim, {
        seed: 7,
        on: slurm({ folder, pollS: 0.2, pointsPerTask: 70 }),
        share: { simulate, folder },
      });
      process.kill(await victim(folder), "SIGKILL");
      expect(bytesOf(await running)).toBe(bytesOf(local));
      // What the test itself has written there is all that is left.
      expect((await readdir(folder)).sort()).toEqual(["lock", "victim"]);
    });
  });

  it("is resumed where its coordinator was killed: jobs go on meanwhile, and no point runs twice", async () => {
    await withFolder(async (folder) => {
      const options = { folder: join(folder, "sweeps"), pollS: 0.2, pointsPerTask: 100 };
      const run = { backEnd: "slurm", options, folder } as const;
      expect(await runCoordinator({ ...run, killAt: 30 })).toMatchObject({ end: "SIGKILL" });
      expect(await runCoordinator(run)).toEqual({ done: 200, end: 0, errors: "" });
      const { got, expected } = await tables(folder);
      expect(got).toBe(expected);
      expect(await timesRun(folder)).toEqual(Array.from({ length: 200 }, () => 1));
    });
  });

  it("is cancelled by its signal, and then resumed: what was done is not run again", async () => {
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const options = { on: slurm({ folder, pollS: 0.2, pointsPerTask: 1, cpus: 2 }), share: { folder } };
      const run = ({ n }: { readonly n: number }) => {
        const { existsSync, appendFileSync } = process.getBuiltinModule("node:fs");
        if (n === 2 && !existsSync(`${folder}/go-on`)) return new Promise<never>(() => undefined);
        appendFileSync(`${folder}/ran`, String(n));
        return { square: n * n };
      };
      const first = sweep({ n: [1, 2] }, run, {
        ...options,
        signal: stop.signal,
        onProgress: () => {
          stop.abort(new Error("enough of it"));
        },
      });
      await expect(first).rejects.toThrow("enough of it");
      await until(
        async () => (await liveJobs()) === "",
        () => "jobs are left",
      );
      await mkdir(join(folder, "go-on"));
      const table = await sweep({ n: [1, 2] }, run, options);
      expect(String(table.getChild("square"))).toBe("[1,4]");
      expect((await readdir(folder)).sort()).toEqual(["go-on", "ran"]);
    });
  });

  it("runs once more while Slurm knows the first one, whatever the user sees of the queue, where scancel fails once", async () => {
    await withFolder(async (folder) => {
      const run = async ({ n }: { readonly n: number }) => {
        process.getBuiltinModule("node:fs").appendFileSync(`${folder}/ran`, String(n));
        // Some looks at the queue.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return { square: n * n };
      };
      const again = (): Promise<unknown> =>
        sweep({ n: [3] }, run, {
          on: slurm({ folder: join(folder, "sweeps"), pollS: 0.2, pointsPerTask: 1 }),
          share: { folder },
        });
      const { PATH } = process.env;
      const fails = `#!/bin/sh\nmkdir ${folder}/failed 2>/dev/null && exit 1\nPATH='${PATH}' exec scancel "$@"\n`;
      await writeFile(join(folder, "scancel"), fails, { mode: 0o755 });
      const wishes = { SQUEUE_SORT: "-i", SQUEUE_PARTITION: "none", PATH: `${folder}:${PATH}` };
      Object.assign(process.env, wishes);
      try {
        await again();
        process.env["SQUEUE_SORT"] = "i";
        await again();
      } finally {
        delete process.env["SQUEUE_SORT"];
        delete process.env["SQUEUE_PARTITION"];
        process.env["PATH"] = PATH;
      }
      expect(await readFile(join(folder, "ran"), "utf8")).toBe("33");
      expect(await readdir(join(folder, "sweeps"))).toEqual([]);
      await until(
        async () => (await liveJobs()) === "",
        () => "jobs are left",
      );
    });
  });

  it("is cancelled by Ctrl-C, which then ends the program", async () => {
    await withFolder(async (folder) => {
      const options = { folder: join(folder, "sweeps"), pollS: 0.2, pointsPerTask: 100 };
      const run = { backEnd: "slurm", options, folder, killAt: 1, killBy: "SIGINT" } as const;
      expect(await runCoordinator(run)).toMatchObject({ end: "SIGINT", errors: "" });
      await until(
        async () => (await liveJobs()) === "",
        () => "jobs are left",
      );
    });
  });

  it("keeps a point whose outcome cannot be written as a row that says why", async () => {
    await withFolder(async (folder) => {
      const node = join(folder, "node");
      // Files of 1 KiB at most, as on a disk that is full.
      await writeFile(node, `#!/bin/sh\nulimit -f 2\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
      const table = await sweep({ n: [1, 2] }, ({ n }) => ({ text: "x".repeat(n === 2 ? 5000 : 5) }), {
        on: slurm({ folder, pollS: 0.2, pointsPerTask: 2, retries: 0, node }),
      });
      expect(toRows(table)).toEqual([
        { n: 1, text: "xxxxx", error: null },
        {
          n: 2,
          text: null,
          error:
            "slurm: expected a task that ends the point, lost 1; the last one: FAILED (veelab work: EFBIG: file too large, write)",
        },
      ]);
    });
  });

  it("goes on where Slurm's controller is away, and refuses a second coordinator meanwhile", async () => {
    await withFolder(async (folder) => {
      const options = { on: slurm({ folder, pollS: 0.2, pointsPerTask: 1 }), share: { folder } };
      const run = async ({ n }: { readonly n: number }) => {
        const { existsSync, writeFileSync } = process.getBuiltinModule("node:fs");
        writeFileSync(`${folder}/begun`, "");
        while (!existsSync(`${folder}/go-on`)) await new Promise((resolve) => setTimeout(resolve, 100));
        return { square: n * n };
      };
      const running = sweep({ n: [1, 2] }, run, options);
      const isThere = (name: string) => readdir(folder).then((names) => names.includes(name));
      await until(
        () => isThere("begun"),
        () => "no task has begun",
      );
      await expect(sweep({ n: [1, 2] }, run, options)).rejects.toThrow(
        `slurm: expected a sweep that nobody runs now, got one of process ${process.pid} on `,
      );
      const startAgain = await cluster.stopController();
      // The queue does not answer now.
      await expect(cluster.command("squeue")).rejects.toThrow();
      await mkdir(join(folder, "go-on"));
      startAgain();
      expect(String((await running).getChild("square"))).toBe("[1,4]");
      await until(
        async () => (await cluster.command("sinfo", "--noheader", "--format=%T").catch(String)).trim() === "idle",
        () => "the node is not idle again",
      );
    });
  });

  it("runs the example of CLUSTER.md", async () => {
    const text = await readFile(join(packageRoot(), "lib", "run", "CLUSTER.md"), "utf8");
    const [, example = ""] = /```ts\n(.*?)```/s.exec(text) ?? [];
    await withFolder(async (folder) => {
      // In the package's own folder, where it finds veelab.
      const script = await mkdtemp(join(packageRoot(), "dist", "example-"));
      try {
        const print = 'import { tableToIPC } from "apache-arrow";\nprocess.stdout.write(tableToIPC(table));\n';
        await writeFile(join(script, "example.mjs"), example.replace("/shared/sweeps", folder) + print);
        const env = { ...process.env, VEELAB_STORE: join(folder, "kept") };
        const { stdout } = await promisify(execFile)(process.execPath, [join(script, "example.mjs")], {
          env,
          encoding: "buffer",
        });
        const rows = toRows(tableFromIPC(stdout));
        expect(rows.length).toBe(8);
        const { uses, misses } = await cacheMisses("guest/blkio-sqlite", { entries: 256, policy: "FIFO" });
        expect(rows).toContainEqual({
          ...{ trace: "guest/blkio-sqlite", entries: 256, policy: "FIFO" },
          ...{ uses, missRatio: misses[0]! / uses },
        });
      } finally {
        await rm(script, { recursive: true, force: true });
      }
    });
  });

  it("gives up a point that ends its task again and again, and runs the others", async () => {
    await withFolder(async (folder) => {
      const run = ({ n }: { readonly n: number }) => {
        if (n === 2) process.kill(process.pid, "SIGKILL");
        return { square: n * n };
      };
      const table = await sweep({ n: [1, 2, 3] }, run, {
        on: slurm({ folder, pollS: 0.2, pointsPerTask: 3, retries: 1 }),
      });
      expect(toRows(table)).toMatchObject([
        { n: 1, square: 1, error: null },
        { n: 2, square: null, error: "slurm: expected a task that ends the point, lost 2; the last one: FAILED" },
        { n: 3, square: 9, error: null },
      ]);
    });
  });

  it("measures how long a point takes, and runs those of a straggler a second time", async () => {
    await withFolder(async (folder) => {
      const some = { ...axes, entries: axes.entries.slice(0, 5) };
      const table = await sweep(some, simulateWithVictim, {
        on: slurm({ folder, pollS: 0.2, taskS: 3 }),
        share: { simulate, folder },
      });
      expect(bytesOf(table)).toBe(bytesOf(await sweep(some, simulate)));
    });
    await until(
      async () => (await liveJobs()) === "",
      () => "the straggler is left",
    );
  });

  it("is refused by another version on the node, in one sentence", async () => {
    await withFolder(async (folder) => {
      await installOtherVersion(folder);
      await expect(
        sweep({ n: [1] }, ({ n }) => ({ n }), {
          on: slurm({ folder: join(folder, "sweeps"), pollS: 0.2, package: folder }),
        }),
      ).rejects.toThrow(
        /^slurm: task 0-0 refused: worker: expected a sweep of this worker's veelab 0\.0\.1-other\+\w+ \(V8 \S+, \w+\), got one of \d\S+ \(V8 \S+, \w+\): give each machine the same build of veelab and the same files; the worker's veelab is in \S+$/,
      );
    });
  });

  it("says in one sentence that tasks do not begin, what Slurm refuses, and that no Slurm is there", async () => {
    await withFolder(async (folder) => {
      const sent = (options: object) =>
        sweep({ n: [1] }, ({ n }) => ({ n }), { on: slurm({ folder, pollS: 0.2, ...options }) });
      await expect(sent({ node: "/nowhere/node", retries: 0 })).rejects.toThrow(
        /^slurm: expected tasks that begin, got 1 that did not; the last one: FAILED \([^\n]*\/nowhere\/node[^\n]*\)$/,
      );
      await expect(sent({ partition: "none" })).rejects.toThrow(
        /^slurm: sbatch refused: [^\n]*invalid partition specified: none[^\n]*$/,
      );
      const { PATH } = process.env;
      process.env["PATH"] = folder;
      try {
        await expect(sent({})).rejects.toThrow("slurm: expected Slurm's command squeue on this machine, found none");
      } finally {
        process.env["PATH"] = PATH;
      }
    });
  });

  it("refuses what cannot be sent before it submits a job", async () => {
    const outside = 3;
    await withFolder(async (folder) => {
      await expect(sweep({ n: [1] }, ({ n }) => ({ product: n * outside }), { on: slurm({ folder }) })).rejects.toThrow(
        /outside/,
      );
      expect(await readdir(folder)).toEqual([]);
    });
  });
});

describe("the options of slurm", () => {
  it.each([
    [{ partion: "short" }, /^slurm: expected only folder, partition, .*, got "partion"$/],
    [{ partition: "" }, /^slurm\.partition: expected a text of one line, got ""$/],
    [{ timeLimitMin: 0 }, /^slurm\.timeLimitMin: expected a whole number >= 1, got 0$/],
    [{ memoryMiB: 0.5 }, /^slurm\.memoryMiB: expected a whole number >= 1, got 0\.5$/],
    [{ cpus: 0 }, /^slurm\.cpus: expected a whole number >= 1, got 0$/],
    [{ pointS: -1 }, /^slurm\.pointS: expected a finite number > 0, got -1$/],
    [{ taskS: NaN }, /^slurm\.taskS: expected a finite number >= 0, got NaN$/],
    [{ pointsPerTask: 0 }, /^slurm\.pointsPerTask: expected a whole number >= 1, got 0$/],
    [{ retries: -1 }, /^slurm\.retries: expected a whole number >= 0, got -1$/],
    [{ pollS: 0 }, /^slurm\.pollS: expected a finite number > 0, got 0$/],
    [{ args: "--qos=long" }, /^slurm\.args: expected a list of texts like --qos=long, got "--qos=long"$/],
    [{ args: ["qos=long"] }, /^slurm\.args\[0\]: expected an option of sbatch as --name=value, got "qos=long"$/],
    [{ args: ["--array=0-3"] }, /^slurm\.args\[0\]: expected an option that the sweep does not give itself, got /],
    [
      { args: ["--qos=a", "--mem=1G"] },
      /^slurm\.args\[1\]: expected the option memoryMiB in its place, got "--mem=1G"$/,
    ],
  ])("are checked: %j", (options, sentence) => {
    expect(() => slurm(options as object)).toThrow(sentence);
  });
});
