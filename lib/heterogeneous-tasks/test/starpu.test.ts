import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { toRows } from "../../core/table.ts";
import { busLinks, measuredTime, type MeasuredTime, platform2011 } from "../index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-starpu-"));
});
afterAll(async () => rm(folder, { recursive: true }));

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

describe("a bus that StarPU measured", () => {
  // Microseconds, and megabytes a second: 0 is the main memory, 1 and 2 are devices.
  const head = "# to 0\t\tto 1\t\tto 2\t\t\n";
  const latency = `${head}0.000000\t10.000000\t12.000000\n11.000000\t0.000000\tnan\n13.000000\t24.000000\t0.000000\n`;
  const bandwidth = `${head}0.000000\t6000.000000\t5000.000000\n6500.000000\t0.000000\tnan\n5500.000000\t3000.000000\t0.000000\n`;

  it("gives the links of a platform", async () => {
    const tables = [
      await open(await file("host.latency", latency)),
      await open(await file("host.bandwidth", bandwidth)),
    ] as const;
    const links = busLinks(...tables, [0, 2]);
    expect(links[0]![1]!.latencyS).toBeCloseTo(12e-6, 12);
    expect(links[0]![1]!.bytesPerS / 5e9).toBeCloseTo(1, 9);
    expect(links[1]![0]!.latencyS).toBeCloseTo(13e-6, 12);
    expect(links[1]![0]!.bytesPerS / 5.5e9).toBeCloseTo(1, 9);
    expect(() => busLinks(...tables, [0, 1, 2])).toThrow(
      'bandwidth: expected a row from memory 1 to memory 2, got "5 others"',
    );
  });
});

const samples = join(process.env["VEELAB_SAMPLES"] ?? "", "starpu");

describe.skipIf(!existsSync(join(samples, "mirage.bandwidth")))("StarPU's own files (VEELAB_SAMPLES)", () => {
  it("mirage's bus is the one of 2011's platform", async () => {
    const links = busLinks(
      await open(join(samples, "mirage.latency")),
      await open(join(samples, "mirage.bandwidth")),
      [0, 1, 2],
    );
    for (const [from, row] of links.entries())
      for (const [to, link] of row.entries()) {
        if (from === to) continue;
        const ours = platform2011.links[from]![to]!;
        expect(link.latencyS).toBeCloseTo(ours.latencyS, 12);
        expect(link.bytesPerS / ours.bytesPerS).toBeCloseTo(1, 9);
      }
  });

  it("a codelet's table is a time by size: the smallest matrix and the largest, exactly", async () => {
    const rows = toRows(await open(join(samples, "chol_model_gemm.mirage")));
    const of = (device: string) =>
      measuredTime(rows.filter((row) => row["device"] === device) as unknown as MeasuredTime[], 4);
    expect(of("cpu0")(12_288 / 4)).toBeCloseTo(3.262643e-6, 12);
    expect(of("cuda0")(11_059_200 / 4)).toBeCloseTo(2.805491e-3, 9);
    // Between two sizes.
    expect(of("cuda0")(3e6 / 4)).toBeGreaterThan(2.011248e-4);
    expect(of("cuda0")(3e6 / 4)).toBeLessThan(8.944354e-4);
  });
});
