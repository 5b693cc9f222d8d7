import { describe, expect, it } from "vitest";
import { sweep, type SweepProgress } from "../sweep.ts";
import { toRows } from "../table.ts";

const lru = (entries: number) => ({ label: "lru", params: { entries }, create: () => ({ entries }) });

describe("sweep", () => {
  it("gives a row a point, every parameter a column, the last parameter fastest", async () => {
    const table = await sweep(
      { policy: [lru(16), lru(64)], bandwidthMbps: [10, 100] },
      ({ policy, bandwidthMbps }) => ({
        product: policy.create().entries * bandwidthMbps,
      }),
    );
    expect(toRows(table)).toEqual([
      { policy: "lru", policyEntries: 16, bandwidthMbps: 10, product: 160 },
      { policy: "lru", policyEntries: 16, bandwidthMbps: 100, product: 1600 },
      { policy: "lru", policyEntries: 64, bandwidthMbps: 10, product: 640 },
      { policy: "lru", policyEntries: 64, bandwidthMbps: 100, product: 6400 },
    ]);
    expect(table.schema.fields.map((field) => String(field.type))).toEqual(["Utf8", "Float64", "Float64", "Float64"]);
  });

  it("takes several rows a point, and policies with different parameters (null where a policy has none)", async () => {
    const fifo = { label: "fifo", params: {}, create: () => 0 };
    const table = await sweep({ policy: [lru(4), fifo] }, () => [{ t: 0 }, { t: 1 }]);
    expect(toRows(table)).toEqual([
      { policy: "lru", policyEntries: 4, t: 0 },
      { policy: "lru", policyEntries: 4, t: 1 },
      { policy: "fifo", policyEntries: null, t: 0 },
      { policy: "fifo", policyEntries: null, t: 1 },
    ]);
  });

  it("gives each point its own stream, whatever points run besides and in whatever order", async () => {
    const draw = async (axes: { readonly a: readonly number[]; readonly b: readonly string[] }, seed: number) => {
      const table = await sweep(axes, (_, { random }) => ({ draw: random.bits() }), { seed });
      return new Map(toRows(table).map((row) => [`${String(row["a"])}${String(row["b"])}`, row["draw"]]));
    };
    const all = await draw({ a: [1, 2, 3], b: ["x", "y"] }, 5);
    expect(new Set(all.values()).size).toBe(6);
    const some = await draw({ a: [3, 1], b: ["y"] }, 5);
    for (const [point, value] of some) expect(value).toBe(all.get(point));
    const turned = await sweep({ b: ["y"], a: [3] }, (_, { random }) => ({ draw: random.bits() }), { seed: 5 });
    expect(toRows(turned)[0]?.["draw"]).toBe(all.get("3y"));
    expect((await draw({ a: [1], b: ["x"] }, 6)).get("1x")).not.toBe(all.get("1x"));
  });

  it("tells infinite and missing values apart in its streams", async () => {
    const table = await sweep({ limit: [Infinity, -Infinity, null] }, (_, { random }) => ({ draw: random.bits() }));
    expect(new Set(toRows(table).map((row) => row["draw"])).size).toBe(3);
  });

  it("reports progress after each point and lets the event loop turn between points", async () => {
    const progress: SweepProgress[] = [];
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await sweep({ a: [1, 2, 3] }, ({ a }) => ({ square: a * a }), { onProgress: (step) => progress.push(step) });
    running = false;
    expect(progress).toEqual([
      { done: 1, total: 3, point: { a: 1 } },
      { done: 2, total: 3, point: { a: 2 } },
      { done: 3, total: 3, point: { a: 3 } },
    ]);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it("moves the progress bar of its host, and takes it away however it ends", async () => {
    const told: string[] = [];
    const key = Symbol.for("veelab.progress");
    const open = ({ total, label }: { total: number; label: string }) => {
      told.push(`${label}: ${total}`);
      return {
        update: (done: number, note: string) => told.push(`${done} ${note}`),
        end: () => told.push("end"),
      };
    };
    Reflect.set(globalThis, key, open);
    try {
      await sweep({ policy: [lru(4)], b: [true, false] }, () => ({ c: 1 }));
      const notes = ["0 policy=lru, policyEntries=4, b=true", "1 policy=lru, policyEntries=4, b=false"];
      expect(told.splice(0)).toEqual(["sweep: 2", ...notes, "end"]);
      const failing = sweep({ a: [1, 2] }, ({ a }) => {
        if (a === 2) throw new Error("no");
        return { b: a };
      });
      await expect(failing).rejects.toThrow("no");
      expect(told.splice(0)).toEqual(["sweep: 2", "0 a=1", "1 a=2", "end"]);
      await expect(sweep({ a: [1] }, () => ({ b: 1 }), { signal: AbortSignal.abort() })).rejects.toThrow();
      expect(told).toEqual(["sweep: 1", "end"]);
    } finally {
      Reflect.deleteProperty(globalThis, key);
    }
  });

  it("stops before the next point when its signal aborts", async () => {
    const controller = new AbortController();
    let ran = 0;
    const running = sweep(
      { a: [1, 2, 3, 4] },
      ({ a }) => {
        ran += 1;
        if (a === 2) controller.abort(new Error("enough"));
        return { a };
      },
      { signal: controller.signal },
    );
    await expect(running).rejects.toThrow("enough");
    expect(ran).toBe(2);
    await expect(
      sweep({ a: [1] }, () => ({ b: 1 }), { signal: AbortSignal.abort(new Error("before")) }),
    ).rejects.toThrow("before");
  });

  it("passes an abort through that a point's own wait met", async () => {
    const controller = new AbortController();
    const running = sweep(
      { a: [1] },
      (_, { signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(new Error("inner"));
          });
          setImmediate(() => {
            controller.abort(new Error("outer"));
          });
        }),
      { signal: controller.signal },
    );
    await expect(running).rejects.toThrow("outer");
  });

  it("names the point that throws and keeps the cause", async () => {
    const cause = new Error("page table too deep");
    const failing = sweep({ policy: [lru(8)], levels: [4, 6] }, ({ levels }) => {
      if (levels > 5) throw cause;
      return { levels };
    });
    await expect(failing).rejects.toMatchObject({
      name: "SimulationError",
      message: "sweep: point 2 of 2 (policy=lru, policyEntries=8, levels=6): page table too deep",
      cause,
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      "equal values",
      () => sweep({ a: [1, 2, 1] }, () => ({ b: 1 })),
      "a[2]: expected a value that a tell from a[0], got 1",
    ],
    [
      "policies that show alike",
      () => sweep({ policy: [lru(4), lru(4)] }, () => ({ b: 1 })),
      "policy[1]: expected a value that policy, policyEntries tell from policy[0]",
    ],
    ["no value", () => sweep({ a: [] }, () => ({ b: 1 })), "a: expected at least one value, got []"],
    [
      "a name with a dot",
      () => sweep({ "a.b": [1] }, () => ({ b: 1 })),
      'axes: expected parameter names in camelCase without dots, got "a.b"',
    ],
    [
      "kinds mixed in a parameter",
      () => sweep({ a: [1, "x"] }, () => ({ b: 1 })),
      "expected a number like the values before it",
    ],
    [
      "kinds mixed in a result",
      () => sweep({ a: [1, 2] }, ({ a }) => ({ b: a === 1 ? 1 : "one" })),
      'sweep: point 2 of 2 (a=2): expected a number in column b, got "one"',
    ],
    ["no rows", () => sweep({ a: [1] }, () => []), "sweep: point 1 of 1 (a=1): expected a row or rows, got none"],
    [
      "a result that contradicts its parameter",
      () => sweep({ a: [1] }, () => ({ a: 2 })),
      "sweep: point 1 of 1 (a=1): the result's column a says otherwise: 2",
    ],
    [
      "two parameters of one column",
      () => sweep({ policy: [lru(4)], policyEntries: [1] }, () => ({ b: 1 })),
      'axes: expected parameters whose columns differ, got "policyEntries"',
    ],
    [
      "an unknown option",
      () => sweep({ a: [1] }, () => ({ b: 1 }), { sed: 1 } as object),
      "options: expected only seed",
    ],
  ])("refuses %s", async (_, run, sentence) => {
    await expect(run()).rejects.toThrow(sentence);
  });
});
