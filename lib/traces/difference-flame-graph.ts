import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { flameChart } from "./flame-chart.ts";
import { flameLayout } from "./flame-layout.ts";
import { type Characteristic, characteristic, type Trace } from "./source.ts";
import { readStackWeights } from "./stack-weights.ts";

/** What {@link differenceFlameGraph} finds. */
export interface DifferenceFlameGraph extends Characteristic {
  /** The stacks whose own share differs most, at most ten: share after − share before, largest change first. */
  readonly changes: readonly {
    /** Root first, joined by `;`. */
    readonly stack: string;
    /** As a share of all samples, not in percent. */
    readonly change: number;
  }[];
}

/**
 * A difference flame graph (B. Gregg, CACM 59(6), 2016) of two profiles: frames as wide as in the second one, blue where their share on the
 * stack is smaller than in the first, red where it is larger. Frames of the first alone have no width: exchange the two to see them. The table
 * has a row for each frame of either: `name`, `depth`, `start` (null where it has no width), `total` (share after), `before`, `change`.
 * One pass over each; memory for the different stacks.
 *
 * @param before - a profile, see {@link Trace}
 * @param after - another; weights may have another unit
 * @throws OptionError for a trace without weight
 *
 * @example
 * ```ts
 * import { differenceFlameGraph, profileSamples } from "veelab/traces";
 *
 * const before = profileSamples({ samples: 1000, stacks: { "main;solve": 3, "main;parse": 1 } });
 * const after = profileSamples({ samples: 1000, stacks: { "main;solve": 1, "main;parse": 1 } });
 * console.log((await differenceFlameGraph(before, after)).changes[0]?.stack); // main;parse or main;solve
 * ```
 */
export async function differenceFlameGraph(before: Trace, after: Trace): Promise<DifferenceFlameGraph> {
  const { weights: old } = await readStackWeights("before", before);
  const { weights: recent } = await readStackWeights("after", after);
  const [oldFrames, frames] = [flameLayout(old), flameLayout(recent)];
  const [oldWeight, weight] = [oldFrames[0]!.total, frames[0]!.total];
  const oldShares = new Map(oldFrames.map(({ path, total }) => [path, total / oldWeight]));
  const share = (path: string): number => oldShares.get(path) ?? 0;
  const paths = new Set(frames.map(({ path }) => path));
  const gone = oldFrames.filter(({ path }) => !paths.has(path));
  const rows = [
    ...frames.map(({ name, depth, path, start, total }) => ({
      ...{ name, depth, start: start / weight, total: total / weight, before: share(path) },
    })),
    ...gone.map(({ name, depth, path }) => ({ name, depth, start: null, total: 0, before: share(path) })),
  ];
  const numbers = (of: (row: (typeof rows)[number]) => number) => makeVector(Float64Array.from(rows, of));
  const table = new Table({
    name: vectorFromArray(
      rows.map(({ name }) => name),
      new Utf8(),
    ),
    depth: numbers(({ depth }) => depth),
    start: vectorFromArray(rows.map(({ start }) => start)),
    total: numbers(({ total }) => total),
    before: numbers((row) => row.before),
    change: numbers(({ total, before: first }) => total - first),
  });
  const changes = [...new Set([...old.keys(), ...recent.keys()])]
    .map((stack) => ({ stack, change: (recent.get(stack) ?? 0) / weight - (old.get(stack) ?? 0) / oldWeight }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.stack < b.stack ? -1 : 1))
    .slice(0, 10);
  const change = (path: string, total: number): number => 100 * (total / weight - share(path));
  const most = frames.reduce((largest, { path, total }) => Math.max(largest, Math.abs(change(path, total))), 0) || 1;
  const chart = flameChart(frames, {
    title: "Difference flame graph",
    subtitle: "widths of the second profile; colour: change of the share on the stack",
    description: "Difference flame graph of two profiles, by function and caller.",
    shade: ({ path, total }) => change(path, total),
    color: {
      scale: { domain: [-most, 0, most], range: ["#6BAED6", "#F2F2F2", "#E8875B"] },
      legend: { title: "change (percentage points)", format: "+.2~f", gradientLength: 160 },
    },
    tooltip: { field: "shade", type: "quantitative", title: "change (points)", format: "+.3~g" },
  });
  return characteristic(table, chart, { changes });
}
