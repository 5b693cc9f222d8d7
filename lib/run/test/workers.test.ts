import { tableFromArrays, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../datasets/package-root.ts";
import { sweep, type SweepOptions } from "../../core/sweep.ts";
import { toRows } from "../../core/table.ts";
import { portableRun } from "../portable.ts";
import { workers } from "../workers.ts";

const lru = (entries: number) => ({ label: "lru", params: { entries }, create: () => ({ ways: 2 }) });

describe("a sweep on workers", () => {
  it("gives the same bytes as one that runs here, however many there are", async () => {
    const offset = 3;
    const spread = (x: number): number => x * offset;
    const trace = tableFromArrays({ page: Float64Array.of(1, 2, 4) });
    const run = async (
      { n, kind }: { readonly n: number; readonly kind: string },
      { random, index }: { readonly random: { readonly float: () => number }; readonly index: number },
    ) => {
      await new Promise((resolve) => setTimeout(resolve, (7 * n) % 5));
      const pages = trace.getChild("page")!.toArray().length;
      const row = { spread: spread(n) + pages, draw: random.float(), index };
      return kind === "many" ? [row, { ...row, spread: -1 }] : row;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        async (n, count, seed) => {
          const axes = { n, kind: ["one", "many"] };
          const here = await sweep(axes, run, { seed });
          const there = await sweep(axes, run, { seed, workers: count, share: { offset, spread, trace } });
          expect(Buffer.compare(tableToIPC(there), tableToIPC(here))).toBe(0);
        },
      ),
      { numRuns: 3 },
    );
  });

  it("sends policies whose functions take nothing from outside, and imports packages", async () => {
    const fifo = { label: "fifo", params: {}, create: () => ({ ways: 4 }) };
    const lru = { label: "lru", params: { entries: 16 }, create: () => ({ ways: 2 }) };
    // Made from text: the tests' own compiler would rewrite the import.
    const run = (0, eval)(
      `async ({ policy }) => ({ ways: policy.create().ways * (await import("veelab")).GIB / 2 ** 30 })`,
    ) as (point: { readonly policy: { create: () => { ways: number } } }) => Promise<{ ways: number }>;
    const table = await sweep({ policy: [lru, fifo] }, run, { workers: 1 });
    expect(toRows(table)).toEqual([
      { policy: "lru", policyEntries: 16, ways: 2 },
      { policy: "fifo", policyEntries: null, ways: 4 },
    ]);
  });

  it("keeps a point that throws, ends its thread or fills its memory as a row with its error", async () => {
    const table = await sweep(
      { fate: ["well", "throws", "exits", "fills", "nothing"] },
      ({ fate }) => {
        if (fate === "throws") throw new RangeError("too deep");
        if (fate === "exits") process.exit(3);
        const kept: number[][] = [];
        while (fate === "fills") kept.push(new Array<number>(1000).fill(1));
        return fate === "nothing" ? (undefined as unknown as { ok: boolean }) : { ok: true };
      },
      { on: workers({ count: 2, heapMb: 32 }) },
    );
    const no = (error: string) => expect.objectContaining({ ok: null, error }) as unknown;
    expect(toRows(table)).toEqual([
      { fate: "well", ok: true, error: null },
      no("too deep"),
      no("worker exited with code: 3"),
      expect.objectContaining({ error: expect.stringContaining("memory limit") as unknown }),
      no(
        "sweep: point 5 of 5 (fate=nothing): expected a row or rows of numbers, texts, truth values and nulls, got nothing",
      ),
    ]);
  });

  it("ends at the first point in its order that throws, when it is asked to", async () => {
    const failing = sweep(
      { n: [1, 2, 3, 4] },
      async ({ n }) => {
        if (n === 2) await new Promise((resolve) => setTimeout(resolve, 50));
        if (n === 2 || n === 4) throw new TypeError(`no ${n}`);
        return { n };
      },
      { workers: 2, onError: "stop" },
    );
    await expect(failing).rejects.toMatchObject({
      name: "SimulationError",
      message: "sweep: point 2 of 4 (n=2): no 2",
      cause: { name: "TypeError", stack: expect.stringContaining("the sweep's function") as unknown },
    });
  });

  it("ends its threads at once when it is interrupted, also in a loop that never ends", async () => {
    const flag = new Int32Array(new SharedArrayBuffer(8));
    const controller = new AbortController();
    const running = sweep(
      { n: [0, 1] },
      ({ n }) => {
        Atomics.store(flag, n, 1);
        for (;;) Atomics.add(flag, n, 1);
      },
      { workers: 2, share: { flag }, signal: controller.signal },
    );
    const waits = async (place: number): Promise<void> => {
      while (Atomics.load(flag, place) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await Promise.all([waits(0), waits(1)]);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    // The threads write no more: they have ended.
    let before: string;
    do {
      before = flag.join();
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (before !== flag.join());
    expect(Atomics.load(flag, 0)).toBeGreaterThan(1);
  });

  it("ends its threads where a back end's caller fails, too", async () => {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const run = ({ n }: { readonly n: number }) => {
      if (n === 0) while (Atomics.load(flag, 0) === 0);
      while (n === 1) Atomics.add(flag, 0, 1);
      return { n };
    };
    const { portable } = await portableRun({ n: [0, 1] }, run, { share: { flag }, seed: 0, directory: packageRoot() });
    const points = [0, 1].map((index) => ({ index, name: String(index) }));
    const running = workers({ count: 2 }).run(portable, points, {
      signal: new AbortController().signal,
      onOutcome: () => {
        throw new Error("no more");
      },
    });
    await expect(running).rejects.toThrow("no more");
    const before = Atomics.load(flag, 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(Atomics.load(flag, 0)).toBe(before);
  });

  it("refuses a result's column that is that of errors", async () => {
    const run = ({ n }: { readonly n: number }) => ({ error: n / 10 });
    await expect(sweep({ n: [1, 2] }, run, { workers: 1 })).rejects.toThrow(
      'sweep: point 1 of 2 (n=1): expected results without a column error, which has the messages of points that throw (onError: "row"), got one',
    );
    const table = await sweep({ n: [1, 2] }, run, { workers: 1, onError: "stop" });
    expect(toRows(table)).toEqual([
      { n: 1, error: 0.1 },
      { n: 2, error: 0.2 },
    ]);
    await expect(sweep({ error: [1] }, () => ({ y: 1 }), { workers: 1 })).rejects.toThrow(
      'axes: expected parameters that are not called error, which is the column of onError: "row", got "error"',
    );
  });

  it("tells progress as points are done", async () => {
    const told: unknown[] = [];
    const onProgress: SweepOptions["onProgress"] = ({ done, total, point }) => told.push([done / total, point["n"]]);
    await sweep({ n: [1, 2, 3, 4] }, ({ n }) => ({ n }), { workers: 1, onProgress });
    expect(told).toEqual([0.25, 0.5, 0.75, 1].map((share) => [share, 4 * share]));
    const failing = sweep({ n: [1, 2] }, ({ n }) => ({ n }), {
      workers: 1,
      onProgress: () => {
        throw new Error("no more");
      },
    });
    await expect(failing).rejects.toThrow("no more");
  });

  it.each<[string, SweepOptions, string]>([
    [
      "a variable that is not shared",
      { workers: 2, share: { penalty: 1 } },
      "share: expected every variable that the run function takes from outside: share: { scale }, or what a module has by await import(…) inside the function, got only penalty for scale",
    ],
    [
      "a shared function that is not whole",
      { workers: 2, share: { penalty: 1, scale: () => factor } },
      "every variable that a function that it is sent with takes from outside: share: { factor }",
    ],
    [
      "a value that loses its methods",
      { workers: 2, share: { penalty: once, scale: new Date(), x: new URL("file:/") } },
      "share.x: expected what can be sent to a worker",
    ],
    [
      "a name that no variable has",
      { workers: 2, share: { "a-b": 1 } },
      'share: expected names as variables have them, not beginning with __, got "a-b"',
    ],
    ["a word of the language", { workers: 2, share: { class: 1 } }, "share: expected names as variables have them"],
    ["no worker", { workers: 0 }, "workers: expected a whole number from 1 to 1024, got 0"],
    ["two places", { workers: 2, on: workers({ count: 1 }) }, "workers: expected either workers or on, got 2"],
    [
      "a place that is none",
      { on: {} as never },
      "on: expected workers({ count }) or another back end, got an object with no keys",
    ],
    ["share without workers", { share: { penalty: 1 } }, "share: expected nothing where the points run here"],
    ["an unknown fate of errors", { onError: "skip" as never }, 'onError: expected one of stop, row, got "skip"'],
  ])("refuses %s before anything runs", async (_, options, sentence) => {
    const run = ({ n }: { readonly n: number }) => ({ b: n * penalty * scale(n) });
    await expect(sweep({ n: [1] }, run, options)).rejects.toThrow(sentence);
  });

  it.each<[string, string]>([
    [
      "({ n }) => ({ y: (total += n) })",
      "share: expected no variable from outside that the run function assigns, as each thread would have one of its own, got total",
    ],
    ["({ n }) => ({ y: n + total++ })", "got total"],
    [
      "({ n }) => ({ y: n + this.total })",
      "share: expected no this or new.target from outside in the run function, as they cannot be sent, got this",
    ],
    ["({ n }) => ({ y: typeof scale === 'function' ? n : 0 })", "share: { scale }"],
  ])("refuses %s before anything runs", async (text, sentence) => {
    const run = (0, eval)(text) as () => { y: number };
    await expect(sweep({ n: [1, 2] }, run, { workers: 2, share: { total: 0 } })).rejects.toThrow(sentence);
  });

  it("imports JSON", async () => {
    const file = join(packageRoot(), "package.json");
    const run = (0, eval)(
      `async () => ({ name: (await import(${JSON.stringify(file)}, { with: { type: "json" } })).default.name })`,
    ) as () => Promise<{ name: string }>;
    expect(toRows(await sweep({ n: [1] }, run, { workers: 1 }))).toEqual([{ n: 1, name: "veelab" }]);
  });

  it("refuses a policy that takes names from outside", async () => {
    await expect(sweep({ policy: [lru(4)] }, () => ({ a: 1 }), { workers: 1 })).resolves.toBeDefined();
    const entries = 4;
    const policy = { label: "lru", params: { entries }, create: () => entries };
    await expect(sweep({ policy: [policy] }, () => ({ a: 1 }), { workers: 1 })).rejects.toThrow("share: { entries }");
  });
});

declare const penalty: number;
declare const factor: number;
declare const scale: (n: number) => number;
