import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { figure, figuresVariable, missing } from "../figure.ts";
import { summarize } from "../summary.ts";

describe("figures of benchmarks", () => {
  let folder: string;
  let printed: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "veelab-figures-"));
    printed = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const told = (tell: () => void): string => {
    const file = join(folder, "figures");
    writeFileSync(file, "");
    vi.stubEnv(figuresVariable, file);
    tell();
    return file;
  };

  it("have ratios above 1 where ours is better: more of a rate, less of anything else", () => {
    const file = told(() => {
      figure("queue", 30, "M events/s", { peers: { heap: 10, list: undefined } });
      figure("start", 200, "ms", { peers: { tslab: 1000 }, asked: 300 });
    });
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { what: "queue", value: 30, unit: "M events/s", peers: { heap: 10 }, ratios: { heap: 3 } },
      { what: "start", value: 200, unit: "ms", peers: { tslab: 1000 }, ratios: { tslab: 5 }, asked: 300 },
    ]);
    expect(printed.map((line) => line.replace(/\s+/g, " "))).toEqual([
      "queue 30.0 M events/s; 3.00 × heap (10.0)",
      "start 200 ms; 5.00 × tslab (1000), asked: 300",
    ]);
  });

  it("become one file and one chart, with what is missing and what failed", async () => {
    const figuresFile = told(() => {
      figure("queue", 30, "M events/s", { peers: { heap: 10 } });
      missing("SimPy", "python3 with simpy");
    });
    const [json, png] = await summarize([{ bench: "lib/bench/events", figuresFile, status: 1 }], folder);
    const { benches, machine } = JSON.parse(readFileSync(json!, "utf8")) as { benches: object[]; machine: object };
    expect(benches).toEqual([
      {
        bench: "lib/bench/events",
        failed: true,
        figures: [{ what: "queue", value: 30, unit: "M events/s", peers: { heap: 10 }, ratios: { heap: 3 } }],
        missing: [{ missing: "SimPy", needs: "python3 with simpy" }],
      },
    ]);
    expect(machine).toMatchObject({ node: process.versions.node });
    expect(readFileSync(png!).subarray(1, 4).toString()).toBe("PNG");
  });
});
