import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { framed } from "../core/chart/theme.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { type FunctionShare, stackWeights, topOf } from "./stack-weights.ts";

/** What {@link flameGraph} finds. */
export interface FlameGraph extends Characteristic {
  /** The samples' weights in all. */
  readonly weight: number;
  /** Samples. */
  readonly samples: number;
  /** Functions by the weight of samples in themselves, the ten largest. */
  readonly top: readonly FunctionShare[];
}

interface Node {
  readonly name: string;
  readonly depth: number;
  start: number;
  total: number;
  self: number;
  readonly children: Map<string, Node>;
}

/** Narrower frames than this share are not drawn. */
const narrowest = 0.002;

/**
 * A flame graph (B. Gregg, CACM 59(6), 2016) of a profile: each frame as wide as the weight of the samples that have
 * it on their stack, callers below, siblings in alphabetical order. The table has a row for each frame, also those
 * too narrow to draw: `name`, `depth`, `start`, `total` and `self` (as shares). One pass; memory for the different
 * stacks.
 *
 * @example
 * ```ts
 * import { flameGraph, profileSamples } from "veelab/traces";
 *
 * const graph = await flameGraph(profileSamples({ samples: 1000, stacks: { "main;solve": 3, "main;parse": 1 } }));
 * console.log(graph.top[0]?.name); // solve
 * ```
 */
export function flameGraph(trace: Trace): Promise<FlameGraph> {
  return characterise(trace, "a profile", flameGraphs());
}

/** The accumulator of {@link flameGraph}. */
export function flameGraphs(): Accumulator<FlameGraph> {
  const stacks = stackWeights();
  return {
    add: stacks.add,
    result() {
      const { weights, samples } = stacks;
      if (samples === 0) return undefined;
      const root: Node = { name: "all", depth: 0, start: 0, total: 0, self: 0, children: new Map() };
      for (const [stack, weight] of weights) {
        const names = stack === "" ? [] : stack.split(";");
        let node = root;
        root.total += weight;
        for (const name of names) {
          const child: Node = node.children.get(name) ?? {
            ...{ name, depth: node.depth + 1, start: 0, total: 0, self: 0, children: new Map<string, Node>() },
          };
          node.children.set(name, child);
          child.total += weight;
          node = child;
        }
        node.self += weight;
      }
      const weight = root.total;
      if (weight === 0) return undefined;
      const nodes: Node[] = [];
      const place = (node: Node, start: number) => {
        node.start = start;
        nodes.push(node);
        let at = start;
        for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
          place(child, at);
          at += child.total;
        }
      };
      place(root, 0);
      const table = new Table({
        name: vectorFromArray(
          nodes.map(({ name }) => name),
          new Utf8(),
        ),
        depth: makeVector(Float64Array.from(nodes, ({ depth }) => depth)),
        start: makeVector(Float64Array.from(nodes, ({ start }) => start / weight)),
        total: makeVector(Float64Array.from(nodes, ({ total }) => total / weight)),
        self: makeVector(Float64Array.from(nodes, ({ self }) => self / weight)),
      });
      return characteristic(table, drawn(nodes, weight, samples), {
        weight,
        samples,
        top: topOf(weights).slice(0, 10),
      });
    },
  };
}

const width = 760;
const rowHeight = 16;
/** Of Inter at 10 px, on average. */
const letterWidth = 5.6;

function drawn(nodes: readonly Node[], weight: number, samples: number) {
  const wide = nodes.filter(({ total }) => total / weight >= narrowest);
  const depth = wide.reduce((most, node) => Math.max(most, node.depth), 0) + 1;
  const values = wide.map(({ name, depth: row, start, total, self }) => {
    const room = Math.floor(((total / weight) * width - 6) / letterWidth);
    return {
      name,
      from: (100 * start) / weight,
      to: (100 * (start + total)) / weight,
      low: row + 0.04,
      high: row + 0.96,
      label: room < 3 ? "" : name.length > room ? `${name.slice(0, room - 1)}…` : name,
      total: (100 * total) / weight,
      self: (100 * self) / weight,
      shade: hue(name),
    };
  });
  const x = {
    field: "from",
    type: "quantitative",
    scale: { domain: [0, 100], nice: false },
    axis: { title: "samples by weight (%)", grid: false },
  };
  const y = { field: "low", type: "quantitative", scale: { domain: [0, depth], nice: false }, axis: null };
  const tooltip = [
    { field: "name", type: "nominal", title: "function" },
    { field: "total", type: "quantitative", title: "on the stack (%)", format: ".3~g" },
    { field: "self", type: "quantitative", title: "itself (%)", format: ".3~g" },
  ];
  const options = {
    title: "Flame graph",
    subtitle: `${samples.toLocaleString("en")} samples; callers below; frames below ${100 * narrowest} % are left out`,
  };
  return framed(options, [], `Flame graph of ${samples} samples, by function and caller.`, {
    width,
    height: depth * rowHeight,
    data: { values },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          x,
          x2: { field: "to" },
          y,
          y2: { field: "high" },
          color: {
            field: "shade",
            type: "quantitative",
            scale: { domain: [0, 1], range: ["#F7D08A", "#E8875B"] },
            legend: null,
          },
          tooltip,
        },
      },
      {
        mark: {
          type: "text",
          align: "left",
          baseline: "middle",
          dx: 3,
          dy: -rowHeight / 2,
          fontSize: 10,
          color: "#1A1A1A",
        },
        encoding: { x, y, text: { field: "label", type: "nominal" } },
      },
    ],
  });
}

/** A function has the same colour in every graph. */
function hue(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at += 1) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
  return ((hash >>> 0) % 1000) / 1000;
}
