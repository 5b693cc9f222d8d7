import { tableToIPC } from "apache-arrow";
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweep } from "../../core/sweep.ts";
import { toRows } from "../../core/table.ts";
import { cache } from "../cache-command.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "veelab-store-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const points = (): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(".point"));

describe("the store of a sweep's points", () => {
  /** How many points are kept then, and the table. */
  const ran = async (ns: readonly number[], scale = 2): Promise<readonly [number, string]> => {
    const table = await sweep({ n: ns }, ({ n }, { random }) => ({ y: n * scale, r: random.float() }), {
      workers: 1,
      store: folder,
      share: { scale },
    });
    return [points().length, Buffer.from(tableToIPC(table)).toString("base64")];
  };

  it("computes only what changed", async () => {
    writeFileSync(
      join(folder, "log.mjs"),
      `import { appendFileSync } from "node:fs"; export const log = (n) => appendFileSync(${JSON.stringify(join(folder, "runs"))}, n + "\\n");`,
    );
    const run = (0, eval)(
      `async ({ n }) => { (await import(${JSON.stringify(join(folder, "log.mjs"))})).log(n); return { y: n * scale }; }`,
    ) as (point: { readonly n: number }) => Promise<{ y: number }>;
    const runsOf = async (ns: readonly number[], scale: number, seed = 0): Promise<string> => {
      writeFileSync(join(folder, "runs"), "");
      const table = await sweep({ n: ns }, run, { workers: 1, store: folder, share: { scale }, seed });
      expect(toRows(table)).toEqual(ns.map((n) => ({ n, y: n * scale })));
      return readFileSync(join(folder, "runs"), "utf8").trim().split("\n").join();
    };
    expect(await runsOf([1, 2], 2)).toBe("1,2");
    expect(await runsOf([1, 2], 2)).toBe("");
    expect(await runsOf([3, 2, 1], 2)).toBe("3");
    expect(await runsOf([1, 2], 3)).toBe("1,2");
    expect(await runsOf([1, 2], 2, 1)).toBe("1,2");
    expect(await runsOf([1, 2], 2)).toBe("");
    writeFileSync(join(folder, "log.mjs"), `${readFileSync(join(folder, "log.mjs"), "utf8")}\n// changed`);
    expect(await runsOf([1], 2)).toBe("1");
  });

  it("gives the same table from the store, and computes again what is damaged", async () => {
    const [count, first] = await ran([1, 2, 3]);
    expect(count).toBe(3);
    const [cut, changed] = points();
    truncateSync(cut!, 20);
    const bytes = readFileSync(changed!);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(changed!, bytes);
    expect((await ran([1, 2, 3]))[1]).toBe(first);
    expect(readFileSync(cut!).length).toBeGreaterThan(20);
  });

  it("does not keep points that threw", async () => {
    const run = ({ n }: { readonly n: number }) => {
      if (n === 2) throw new Error("no");
      return { n };
    };
    await sweep({ n: [1, 2, 3] }, run, { workers: 1, store: folder });
    expect(points()).toHaveLength(2);
  });

  it("knows a point by its place where the function looks at it", async () => {
    const run = ({ n }: { readonly n: number }, { index }: { readonly index: number }) => ({ at: index, n });
    await sweep({ n: [1, 2] }, run, { workers: 1, store: folder });
    const table = await sweep({ n: [2, 1] }, run, { workers: 1, store: folder });
    expect(toRows(table)).toEqual([
      { n: 2, at: 0 },
      { n: 1, at: 1 },
    ]);
  });

  it("knows a point by its place where the function gives it to another", async () => {
    const file = join(folder, "place.mjs");
    writeFileSync(file, "export const place = (context) => context.index;");
    const run = (0, eval)(
      `async ({ n }, c) => ({ at: (await import(${JSON.stringify(file)})).place(c) })`,
    ) as () => Promise<{ at: number }>;
    await sweep({ n: [5, 6] }, run, { workers: 1, store: folder });
    const table = await sweep({ n: [4, 5, 6] }, run, { workers: 1, store: folder });
    expect(toRows(table).map(({ at }) => at)).toEqual([0, 1, 2]);
  });

  it("knows a zero by its sign, and a policy by all that it holds", async () => {
    const inverse = async (n: number): Promise<unknown> => {
      const table = await sweep({ n: [n] }, (point) => ({ y: 1 / point.n }), { workers: 1, store: folder });
      return toRows(table)[0]?.["y"];
    };
    expect([await inverse(0), await inverse(-0)]).toEqual([Infinity, -Infinity]);
    const costs = async (...bits: readonly number[]): Promise<unknown> => {
      const policy = bits.map((bit) => ({ label: `p${bit}`, params: {}, latencies: [bit, 2], create: () => 1 }));
      const table = await sweep({ policy }, (point) => ({ y: point.policy.latencies[1]! + scale }), {
        workers: 1,
        store: folder,
        share: { scale: 0 },
      });
      return toRows(table).map(({ y }) => y);
    };
    const kept = points().length;
    await costs(1, 2);
    await costs(2, 3, 1);
    expect(points().length - kept).toBe(3);
    const costOf = async (cost: number): Promise<unknown> => {
      const policy = [{ label: "lru", params: {}, cost, create: () => 1 }];
      const table = await sweep({ policy }, (point) => ({ y: point.policy.cost }), { workers: 1, store: folder });
      return toRows(table)[0]?.["y"];
    };
    expect([await costOf(1), await costOf(2)]).toEqual([1, 2]);
  });

  it("refuses a function that computes what it imports", async () => {
    const file = join(folder, "m");
    writeFileSync(`${file}1.mjs`, "export const y = 7;");
    const run = (0, eval)(`async ({ n }) => ({ y: (await import("${file}" + n + ".mjs")).y })`) as () => { y: number };
    const refused = sweep({ n: [1] }, run, { workers: 1, store: folder });
    await expect(refused).rejects.toThrow("store: expected imports whose modules are written out");
    expect(toRows(await sweep({ n: [1] }, run, { workers: 1 }))).toEqual([{ n: 1, y: 7 }]);
  });

  it("keeps what was finished when a sweep is interrupted", async () => {
    const controller = new AbortController();
    const endless = sweep(
      { n: [1, 2, 3] },
      ({ n }) => {
        while (n === 3);
        return { n };
      },
      {
        workers: 1,
        store: folder,
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 2) controller.abort(new Error("interrupted"));
        },
      },
    );
    await expect(endless).rejects.toThrow("interrupted");
    expect(points()).toHaveLength(2);
  });

  it("says once that it cannot keep more, and the sweep goes on: no folder", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const warned: string[] = [];
    const listen = (warning: Error): number => warned.push(`${warning.name}: ${warning.message}`);
    process.on("warning", listen);
    const table = await sweep({ n: [1, 2] }, ({ n }) => ({ n }), { workers: 1, store: join(file, "store") });
    await new Promise(setImmediate);
    process.off("warning", listen);
    expect(table.numRows).toBe(2);
    expect(warned).toEqual([
      expect.stringMatching(/^sweep: the results of this sweep are no longer kept in .*: ENOTDIR/),
    ]);
  });

  it("says once that it cannot keep more, and the sweep goes on: a full disk", async ({ skip }) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=32k", "tmpfs", disk]).status !== 0) skip();
    const warned: string[] = [];
    const listen = (warning: Error): number => warned.push(warning.message);
    process.on("warning", listen);
    try {
      const n = Array.from({ length: 40 }, (_, index) => index);
      const run = ({ n }: { readonly n: number }) => ({ n, text: "x".repeat(3000) });
      const table = await sweep({ n }, run, { workers: 1, store: disk });
      await new Promise(setImmediate);
      expect(table.numRows).toBe(40);
      expect(warned).toEqual([expect.stringContaining("ENOSPC: no space left on device")]);
      expect(readdirSync(disk, { recursive: true }).filter((name) => String(name).endsWith(".tmp"))).toEqual([]);
    } finally {
      process.off("warning", listen);
      spawnSync("umount", [disk]);
    }
  });

  it("refuses a store that is none", async () => {
    const refused = sweep({ n: [1] }, ({ n }) => ({ n }), { workers: 1, store: 3 as never });
    await expect(refused).rejects.toThrow("store: expected true, false or a folder, got 3");
    const here = sweep({ n: [1] }, ({ n }) => ({ n }), { store: true });
    await expect(here).rejects.toThrow(
      "store: expected nothing where the points run here (it goes with workers or on), got true",
    );
  });
});

describe("veelab cache", () => {
  const outputOf = async (args: readonly string[]): Promise<readonly [number, string]> => {
    const written: string[] = [];
    const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));
    for (const { stream } of streams) stream.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      return [await cache([...args, "--folder", folder]), written.join("")];
    } finally {
      for (const { stream, write } of streams) stream.write = write;
    }
  };

  it("lists what is kept, and removes what is old, of another version, or everything", async () => {
    expect(await outputOf(["ls"])).toEqual([0, `nothing is kept in ${folder}\n`]);
    await sweep({ n: [1, 2, 3], kind: ["a"] }, ({ n }) => ({ y: n }), { workers: 1, store: folder });
    const [status, listed] = await outputOf(["ls"]);
    expect(status).toBe(0);
    expect(listed).toMatch(/points.*bytes.*daysUnused.*veelab.*sweep/);
    expect(listed).toMatch(/ 3 .* 0 {2}current {2}n, kind: \(\{ n \}\)/);
    expect((await outputOf(["prune"]))[1]).toMatch(/^removed 0 points/);
    const [old] = points();
    const month = new Date(Date.now() - 31 * 86_400_000);
    utimesSync(old!, month, month);
    expect((await outputOf(["prune", "--older", "30d"]))[1]).toMatch(/^removed 1 points, \d+ bytes/);
    expect(points()).toHaveLength(2);
    const [run] = readdirSync(folder);
    writeFileSync(join(folder, run!, "run.json"), JSON.stringify({ version: "0.0.0+0", title: "old" }));
    expect((await outputOf(["ls"]))[1]).toContain("0.0.0+0");
    expect((await outputOf(["prune"]))[1]).toMatch(/^removed 2 points/);
    expect(readdirSync(folder)).toEqual([]);
    await sweep({ n: [1] }, ({ n }) => ({ y: n }), { workers: 1, store: folder });
    writeFileSync(join(folder, "mine.txt"), "");
    expect((await outputOf(["prune", "--all"]))[1]).toMatch(/^removed 1 points/);
    expect(readdirSync(folder)).toEqual(["mine.txt"]);
  });

  it.each([
    [[], "expected ls or prune"],
    [["prune", "--older", "x"], '--older: expected an age as 30d or 12h, got "x"'],
    [["prune", "--older", "1d", "--all"], "expected --older or --all, got both"],
    [["ls", "--all"], "expected ls or prune"],
  ])("refuses %j", async (args, sentence) => {
    const [status, said] = await outputOf(args);
    expect(status).toBe(2);
    expect(said).toContain(sentence);
  });
});

declare const scale: number;
