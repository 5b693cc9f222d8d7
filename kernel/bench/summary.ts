// All figures of a run of `npm run bench` as one file and one chart.
import { cpus, release, totalmem } from "node:os";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderPng } from "../session/display/render-png.ts";
import { renderSvg } from "../session/display/render-svg.ts";
import type { Figure } from "./figure.ts";

/** What one benchmark told. */
export interface BenchRun {
  /** Its path below `dist`, without its ending. */
  readonly bench: string;
  /** The file that took its figures. */
  readonly figuresFile: string;
  /** Its process's exit status. */
  readonly status: number;
}

interface Missing {
  readonly missing: string;
  readonly needs: string;
}

interface Told {
  readonly bench: string;
  readonly failed: boolean;
  readonly figures: readonly Figure[];
  readonly missing: readonly Missing[];
}

/**
 * Writes `bench.json` (the machine, every figure and ratio, the peers that were missing, what failed) and `bench.png` (the ratios)
 * into a folder, and gives their paths.
 */
export async function summarize(runs: readonly BenchRun[], folder: string): Promise<readonly string[]> {
  const benches = runs.map(read);
  const machine = {
    ...{
      processor: cpus()[0]?.model ?? "unknown",
      processors: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    ...{ node: process.versions.node, system: `${process.platform} ${release()}` },
  };
  mkdirSync(folder, { recursive: true });
  const [json, png] = [join(folder, "bench.json"), join(folder, "bench.png")];
  writeFileSync(json, `${JSON.stringify({ machine, benches }, undefined, 2)}\n`);
  const points = benches.flatMap(({ bench, figures }) =>
    figures.flatMap(({ what, ratios }) =>
      Object.entries(ratios).map(([peer, ratio]) => ({ bench, what: `${what}, to ${peer}`, ratio })),
    ),
  );
  if (points.length === 0) return [json];
  const where = `${machine.processor}, ${machine.processors} processors, Node ${machine.node}`;
  writeFileSync(png, (await renderPng(await renderSvg(chart(points, where)))).png);
  return [json, png];
}

function read({ bench, figuresFile, status }: BenchRun): Told {
  const lines = readFileSync(figuresFile, "utf8").split("\n").filter(Boolean);
  const told = lines.map((line) => JSON.parse(line) as Figure | Missing);
  return {
    ...{ bench, failed: status !== 0 },
    figures: told.filter((line) => "what" in line),
    missing: told.filter((line) => "missing" in line),
  };
}

interface Point {
  readonly bench: string;
  readonly what: string;
  readonly ratio: number;
}

/** A row a ratio, one group a benchmark; the rule is where both are equal. */
function chart(points: readonly Point[], machine: string): object {
  const groups = [...new Set(points.map(({ bench }) => bench))];
  const ratios = points.map(({ ratio }) => ratio);
  const domain = [Math.min(0.1, ...ratios), Math.max(100, ...ratios)];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: "How many times as good as the peer (right of the line, blue: veelab is ahead)", subtitle: machine },
    spacing: 12,
    vconcat: groups.map((bench) => {
      const values = points.filter((point) => point.bench === bench);
      return {
        title: { text: bench, anchor: "start", frame: "group", fontSize: 11 },
        data: { values },
        width: 420,
        height: { step: 16 },
        layer: [
          {
            mark: { type: "rule", color: "#888" },
            encoding: { x: { datum: 1 } },
          },
          {
            mark: { type: "point", filled: true, size: 50 },
            encoding: {
              x: {
                field: "ratio",
                type: "quantitative",
                scale: { type: "log", domain },
                title: bench === groups.at(-1) ? "ratio to the peer" : null,
              },
              y: { field: "what", type: "nominal", sort: null, title: null, axis: { labelLimit: 600 } },
              color: { condition: { test: "datum.ratio < 1", value: "#d55e00" }, value: "#0072b2" },
            },
          },
          {
            mark: { type: "text", align: "left", x: 426, fontSize: 10 },
            encoding: { y: { field: "what", type: "nominal", sort: null }, text: { field: "ratio", format: ".2f" } },
          },
        ],
      };
    }),
  };
}
