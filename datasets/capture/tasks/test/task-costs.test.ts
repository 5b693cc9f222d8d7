import { describe, expect, it } from "vitest";
import { tool } from "../../../../kernel/test/tool.ts";
import { columnTypeOf } from "../../../column-type.ts";
import { kindColumns } from "../../../formats/kinds.ts";
import { open } from "../../../open.ts";
import { temporaryFolder } from "../../../test/temporary.ts";
import { captureTasks } from "../task-costs.ts";

const folder = temporaryFolder();

describe("the costs of tasks", () => {
  it.skipIf(!tool("cc", ["--version"], "gcc"))("are measured on three devices", { timeout: 120_000 }, async () => {
    const out = folder.path("tasks.arrow");
    await captureTasks({ out });
    const table = await open(out);
    const types = table.schema.fields.map(({ name, type }) => [name, columnTypeOf(type as never)]);
    expect(Object.fromEntries(types)).toMatchObject(kindColumns.tasks);
    const rows = table.toArray().map((row: { toJSON: () => Record<string, unknown> }) => row.toJSON());
    expect(new Set(rows.map(({ device }) => device))).toEqual(new Set(["core", "core, SIMD", "all cores, SIMD"]));
    // 5 tasks of 8 sizes (16² to 2048²), of which gemm leaves out two and mandelbrot one.
    expect(rows).toHaveLength(3 * (5 * 8 - 3));
    for (const { meanSeconds, runs } of rows) {
      expect(meanSeconds).toBeGreaterThan(0);
      expect(runs).toBeGreaterThan(0);
    }
    // Eight times the side is 512 times gemm's operations: no machine does that in less than 50 times the time.
    const gemm = rows.filter(({ task, device }) => task === "gemm" && device === "core");
    const cost = (side: number) => Number(gemm.find(({ sizeBytes }) => sizeBytes === 12 * side * side)!["meanSeconds"]);
    expect(cost(512) / cost(64)).toBeGreaterThan(50);
  });

  it("need a compiler, and say so", async () => {
    await expect(captureTasks({ out: folder.path("none.arrow"), compiler: "no-such-compiler" })).rejects.toThrow(
      'compiler: expected a C compiler that works (Debian: gcc, libc6-dev), got "no-such-compiler"',
    );
  });
});
