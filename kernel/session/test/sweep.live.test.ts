import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

/** Sweeps on workers from cells, whose text the kernel rewrites before they run. */
describe("a sweep on workers in a notebook", () => {
  let folder: string;
  let kernel: LiveKernel;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "veelab-sweep-"));
    writeFileSync(
      join(folder, "model.ts"),
      'import { half } from "./half.js";\nexport enum Mode { Nested = 7 }\nexport const cost = (n: number): number => half(n) * Mode.Nested;\n',
    );
    writeFileSync(join(folder, "half.ts"), "export const half = (n: number): number => n / 2;\n");
    kernel = await startKernel(folder, { VEELAB_STORE: join(folder, "store") });
    await kernel.execute(
      'import { sweep, toRows } from "veelab";\nconst scale = 10;\nfunction twice(n: number) { return 2 * n * scale; }',
    );
  });
  afterAll(async () => {
    await kernel.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const resultOf = async (code: string): Promise<string> => {
    const run = await kernel.execute(code);
    return run.result() ?? (run.reply["evalue"] as string);
  };

  it("sees what it shares, packages, and the notebook's own TypeScript", async () => {
    const result = await resultOf(`
      const run = async ({ n }: { n: number }) => {
        const { GIB } = await import("veelab");
        const { cost } = await import("./model.ts");
        const { basename } = await import("node:path");
        return { y: twice(n) + cost(n), gib: GIB / 2 ** 30, folder: basename(import.meta.dirname) };
      };
      JSON.stringify(toRows(await sweep({ n: [1, 2] }, run, { workers: 2, share: { scale, twice } })))`);
    expect(JSON.parse(result.slice(1, -1))).toEqual([
      { n: 1, y: 23.5, gib: 1, folder: folder.split("/").at(-1) },
      { n: 2, y: 47, gib: 1, folder: folder.split("/").at(-1) },
    ]);
  });

  it("names what it misses", async () => {
    expect(await resultOf("await sweep({ n: [1] }, ({ n }) => ({ y: twice(n) }), { workers: 2 })")).toBe(
      "share: expected every variable that the run function takes from outside: share: { twice }, or what a module has by await import(…) inside the function, got nothing for twice",
    );
    expect(await resultOf("await sweep({ n: [1] }, () => { display(1); return { y: 1 }; }, { workers: 2 })")).toContain(
      "share: { display }",
    );
  });

  it("ends with its cell at an interrupt, keeps what is finished, and goes on from there", async () => {
    const points = (): number =>
      readdirSync(join(folder, "store"), { recursive: true }).filter((name) => String(name).endsWith(".point")).length;
    const cell = kernel.send(`
      const endless = ({ n }: { n: number }) => {
        if (n > 2) for (;;) globalThis.process.env.VEELAB_STORE ??= "";
        return { n };
      };
      await sweep({ n: [1, 2, 3, 4] }, endless, {
        workers: 2, store: true, onProgress: ({ done }) => { if (done === 2) console.log("two are done"); } });`);
    await cell.seen((published) => published.some(({ content }) => content["text"] === "two are done\n"));
    await kernel.interrupt();
    expect((await cell.ended).reply["ename"]).toBe("Interrupted");
    expect(points()).toBe(2);
    // No thread is left that would run on.
    expect(
      await resultOf(`

        const { cpuUsage } = process;
        let busy = Infinity;
        do {
          const before = cpuUsage();
          await new Promise((resolve) => setTimeout(resolve, 100));
          busy = cpuUsage(before).user / 1e5;
        } while (busy > 0.5);
        busy <= 0.5`),
    ).toBe("true");
    const again = await resultOf(
      "String((await sweep({ n: [1, 2] }, endless, { workers: 2, store: true })).getChild('n'))",
    );
    expect(again).toBe("'[1,2]'");
    expect(points()).toBe(2);
  });

  it("leaves no query of an interrupted cell running", async () => {
    await kernel.execute('import { query } from "veelab/datasets";');
    expect(await resultOf('(await query("select 41 + 1 as n")).getChild("n")?.get(0)')).toBe("42");
    const cell = kernel.send(
      'console.log("runs"); await query("select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 7");',
    );
    await cell.seen((published) => published.some(({ content }) => content["text"] === "runs\n"));
    // Where DuckDB has it by then, and where it has not.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await kernel.interrupt();
    expect((await cell.ended).reply["ename"]).toBe("Interrupted");
    expect(
      await resultOf(`
        let ratio = 1;
        while (ratio > 0.5) {
          const before = process.cpuUsage();
          await new Promise((resolve) => setTimeout(resolve, 100));
          ratio = process.cpuUsage(before).user / 1e5;
        }
        (await query("select 41 + 1 as n")).getChild("n")?.get(0)`),
    ).toBe("42");
  });
});
