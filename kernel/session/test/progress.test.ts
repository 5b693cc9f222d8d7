import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { startKernel, type LiveKernel, type Published, type SentCell } from "./live-kernel.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-progress-"));
const flag = join(folder, "flag");
const built = (path: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url)));
let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel(folder);
  const setUp = await kernel.execute(`
    import { existsSync } from "node:fs";
    import { progress, progressBar } from ${built("kernel/index.js")};
    import { sweep } from ${built("lib/core/index.js")};
    const flag = ${JSON.stringify(flag)};
    const spin = (ms: number) => { for (const end = Date.now() + ms; Date.now() < end; ); };
    const flagged = () => existsSync(flag);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const steps = Array.from({ length: 1_000_000 }, (_, at) => at);
    let points = 0;
    const kept = "from before";
  `);
  expect(setUp.reply).toMatchObject({ status: "ok" });
});
afterEach(() => {
  rmSync(flag, { force: true });
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The displays of a cell: what was shown and what replaced it. */
const displays = (published: readonly Published[]): Published[] =>
  published.filter(({ type }) => type === "display_data" || type === "update_display_data");
const data = (output: Published | undefined): JsonObject => {
  const found = output?.content["data"];
  return isJsonObject(found) ? found : {};
};
const text = (output: Published | undefined): string => {
  const plain = data(output)["text/plain"];
  return typeof plain === "string" ? plain : "";
};
const ids = (outputs: readonly Published[]): Set<unknown> =>
  new Set(
    outputs.map(({ content }) => (isJsonObject(content["transient"]) ? content["transient"]["display_id"] : undefined)),
  );

/** Resolves once a cell's bar has moved so often. */
const moved = (cell: SentCell, times: number): Promise<void> =>
  cell.seen((published) => displays(published).length > times);

/** Ends the cells that wait for the flag. */
const raiseFlag = (): void => {
  writeFileSync(flag, "");
};

describe("a progress bar", () => {
  it("moves in place while the cell is inside a synchronous loop, and leaves a display without a form", async () => {
    // The loop ends by a file that is written when the bar was seen to move: what it shows arrives while it spins.
    const cell = kernel.send(
      'for (const step of progress(steps, { label: "steps" })) { spin(1); if (flagged()) break; } points = 7',
    );
    await moved(cell, 3);
    raiseFlag();
    const { reply, all } = await cell.ended;
    expect(reply["status"]).toBe("ok");
    const shown = displays(all);
    expect(shown.map(({ type }) => type)).toEqual(["display_data", ...shown.slice(1).map(() => "update_display_data")]);
    expect(ids(shown).size).toBe(1);
    const bars = shown.slice(0, -1);
    for (const bar of bars)
      expect(text(bar)).toMatch(/^steps {2}\[[#-]{20}\] {2}\d+ of 1000000 {2}\d+:\d\d, about .* left$/);
    const counts = bars.map((bar) => Number(/(\d+) of/.exec(text(bar))?.[1]));
    counts.forEach((count, index) => {
      expect(count).toBeGreaterThan(counts[index - 1] ?? 0);
    });
    expect(data(bars[0])["text/html"]).toContain("<progress ");
    expect(data(shown.at(-1))).toEqual({});
  });

  it("moves while the cell waits, and goes when all steps are done", async () => {
    const cell = kernel.send(
      'const bar = progressBar({ total: 2 }); while (!flagged()) await pause(5); bar.advance(1, "second"); bar.advance(); bar.advance()',
    );
    await moved(cell, 0);
    raiseFlag();
    const shown = displays((await cell.ended).all);
    expect(text(shown[0])).toMatch(/^\[-{20}\] {2}0 of 2 {2}0:0\d$/);
    expect(data(shown.at(-1))).toEqual({});
  });

  it("says how far it came where the cell ends before it, by an error or without an end", async () => {
    for (const end of ['throw new Error("early")', "1"]) {
      const { all } = await kernel.execute(
        `const bar${end.length} = progressBar({ total: 9 }); await pause(1200); ${end}`,
      );
      expect(text(displays(all).at(-1))).toBe("stopped after 0 of 9");
    }
  });

  it("goes through what comes one after the other, whose total is given or unknown", async () => {
    const run = await kernel.execute(`
      async function* later() { yield 1; yield 2; }
      const seen: number[] = [];
      for await (const item of progress(later())) seen.push(item);
      for (const item of progress(new Set([3, 4]), { total: 2 })) seen.push(item);
      seen.join()`);
    expect(run.result()).toBe("'1,2,3,4'");
    expect((await kernel.execute("progressBar({ total: -1 })")).reply["evalue"]).toBe(
      "total: expected a number >= 0, got -1",
    );
  });

  it("is not shown for what is done soon", async () => {
    const run = await kernel.execute("for (const step of progress([1, 2, 3])) spin(1)");
    expect(displays(run.all)).toEqual([]);
  });

  it("is not shown where nobody watches, so that what is saved does not depend on the machine's speed", async () => {
    const run = await kernel.execute("await sweep({ a: [1, 2] }, ({ a }) => { spin(400); return { b: a }; })", {
      allow_stdin: false,
    });
    expect(run.outputs.map(({ type }) => type).filter((type) => type !== "status")).toEqual([
      "execute_input",
      "execute_result",
    ]);
  });
});

describe("a sweep", () => {
  it("shows its points, and its table where the bar is gone", async () => {
    const cell = kernel.send(
      'await sweep({ ways: [1, 2, 4], slow: [true] }, ({ ways }) => { if (ways === 1) console.log("in"); while (!flagged()); return { sets: 8 / ways }; })',
    );
    // The first point alone would show no bar: nothing comes back to the sweep before it is done.
    await cell.seen((published) => published.some(({ type }) => type === "stream"));
    await kernel.client.quiet(600);
    raiseFlag();
    const { all } = await cell.ended;
    const shown = displays(all);
    expect(text(shown[0])).toMatch(
      /^sweep {2}\[######-{14}\] {2}1 of 3 {2}0:0\d, about 0:0\d left {2}ways=2, slow=true$/,
    );
    expect(data(shown.at(-1))).toEqual({});
    expect(all.filter(({ type }) => type !== "status").at(-1)?.type).toBe("execute_result");
  });

  it("ends at an interrupt, says how far it came and leaves the variables", async () => {
    const cell = kernel.send(
      "points = 0; const table = await sweep({ a: steps.slice(0, 2000) }, ({ a }) => { points++; spin(5); return { b: a }; })",
    );
    await moved(cell, 2);
    await kernel.interrupt();
    const { reply, all } = await cell.ended;
    expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    const outputs = all.filter(({ type }) => type !== "status").slice(-2);
    expect(outputs.map(({ type }) => type)).toEqual(["update_display_data", "error"]);
    expect(text(outputs[0])).toMatch(/^sweep: stopped after \d+ of 2000$/);
    expect(data(outputs[0])["text/html"]).toBeUndefined();
    // Not one point more is run, and what there was is there.
    const after = (await kernel.execute("[points, kept].join()")).result();
    expect(after).toMatch(/^'\d+,from before'$/);
    await kernel.execute("await pause(50)");
    expect((await kernel.execute("[points, kept].join()")).result()).toBe(after);
    const again = await kernel.execute(
      "const table = await sweep({ a: [1, 2] }, ({ a }) => ({ b: a })); table.numRows",
    );
    expect(again.result()).toBe("2");
  });
});
