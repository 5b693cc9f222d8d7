import { OptionError } from "../core/errors.ts";
import type { Place } from "./cover.ts";
import { flatOf, type Flat, type Graph } from "./graph.ts";
import { loopsOf } from "./loops.ts";
import { operations } from "./operations.ts";
import { type DeviceModel, type Platform, timeByOperations } from "./platform.ts";
import { regions } from "./regions.ts";
import type { TaskTime } from "./task-time.ts";

/** What time is spent for, in the order of the breakdown. */
export const KINDS = ["marshal", "transfer", "launch", "compute", "reconfigure"] as const;

/** A part of a batch's work: it holds one resource for so many picoseconds, by kind. */
export interface Phase {
  /** 0 is the host's cores; then the links by 1 + from × memories + to; then the devices. */
  readonly resource: number;
  readonly ps: readonly number[];
  readonly totalPs: number;
}

/** What works batch after batch: a node on the host, a loop there as a whole, or a region on a device. */
export interface Actor {
  /** The actors that give it batches, and those that it gives batches; several edges between two count once. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly isRegion: boolean;
  /** After the first its input is no longer needed: on a device it was copied. */
  readonly phases: readonly Phase[];
  /** Of a region on circuits: in which configuration it is, counted from 0 in its program. */
  readonly configuration: number;
  /** Whether it takes from the source, whether it gives to the sink. */
  readonly first: boolean;
  readonly last: boolean;
}

/**
 * A program in the simulator: a graph and where its regions are.
 *
 * @example
 * ```ts
 * import { graph, map, type PlacedGraph, relocatable, sink, source } from "veelab/heterogeneous-tasks";
 * const root = relocatable(map({ label: "root", input: "f32" }, (x) => Math.sqrt(x)));
 * const placed: PlacedGraph = {
 *   label: "roots", graph: graph(source("f32").to(root).to(sink("f32"))), places: [{ from: 1, to: 1, device: "gpu" }],
 * };
 * console.log(placed.label);
 * ```
 */
export interface PlacedGraph {
  /** Name in tables. */
  readonly label: string;
  /** The graph. */
  readonly graph: Graph;
  /** Where regions are; the rest is on the host. As a cover gives them. */
  readonly places: readonly Place[];
  /** Times of nodes by device (`javascript`: the host), in the order of the nodes; where there is none, it follows from the node's operations. */
  readonly times?: Readonly<Record<string, readonly (TaskTime | undefined)[]>>;
}

/** The name of the host among devices. */
const HOST = "javascript";

const BYTES = 4;

/** Whole picoseconds: sums of them are exact up to 2^53, two and a half hours. */
const ps = (seconds: number): number => Math.round(seconds * 1e12);

/** The time of a node, s. */
export function nodeTime(
  { graph, times }: PlacedGraph,
  platform: Platform,
): (node: number, device: DeviceModel | undefined, firings: number) => number {
  const counted = operations(graph);
  return (node, device, firings) => {
    if (firings === 0) return 0;
    const given = times?.[device?.label ?? HOST]?.[node];
    return (given ?? timeByOperations(platform, device, counted[node]!))(firings);
  };
}

/** The actors of a program for batches of so many iterations, in the order of their nodes. */
export function actorsOf(program: PlacedGraph, platform: Platform, batch: number): readonly Actor[] {
  const flat = flatOf(program.graph);
  const known = regions(program.graph);
  for (const place of program.places)
    if (!known.some(({ from, to }) => from === place.from && to === place.to))
      throw new OptionError(
        "places",
        "regions of the graph, which lie within relocatable()",
        `nodes ${place.from} to ${place.to}`,
      );
  const loops = loopsOf(flat);
  const groups = groupsOf(flat, loops, program.places, platform);
  if (groups.length === 0) throw new OptionError("programs", "graphs with a task or more", program.label);
  const groupOf = flat.nodes.map((_, node) => groups.findIndex(({ from, to }) => from <= node && node <= to));
  const time = nodeTime(program, platform);
  const counted = operations(program.graph);
  const memories = platform.devices.length + 1;
  const link = (from: number, to: number): number => 1 + from * memories + to;
  const bytes = (edge: number): number =>
    BYTES * flat.edges[edge]!.gives * flat.firings[flat.edges[edge]!.from]! * batch;
  const configurations = configure(groups, counted, platform);

  return groups.map(({ from, to, memory }, at) => {
    const nodes = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
    const device = platform.devices[memory - 1];
    const inside = (node: number): boolean => groupOf[node] === at;
    const entering = nodes.flatMap((node) => flat.nodes[node]!.inputs).filter((e) => !inside(flat.edges[e]!.from));
    const leaving = nodes.flatMap((node) => flat.nodes[node]!.outputs).filter((e) => !inside(flat.edges[e]!.to));
    const before = [...new Set(entering.map((edge) => groupOf[flat.edges[edge]!.from]!))];
    const after = [...new Set(leaving.map((edge) => groupOf[flat.edges[edge]!.to]!))];
    const firings = (node: number): number => flat.firings[node]! * batch;
    // On a device a loop's nodes take turns, a firing at a time; elsewhere firings go on side by side, and circuits at once, as a pipeline that fills once a batch.
    const seconds = (node: number): number =>
      device !== undefined && loops.some((loop) => loop.from <= node && node <= loop.to)
        ? firings(node) * time(node, device, 1)
        : time(node, device, firings(node));
    const shape = {
      inputs: before.filter((group) => group >= 0),
      outputs: after.filter((group) => group >= 0),
      configuration: configurations[at]!,
      isRegion: device !== undefined,
      first: before.includes(-1),
      last: after.includes(-1),
    };
    const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
    if (device === undefined) return { ...shape, phases: [phase(0, { compute: sum(nodes.map(seconds)) })] };

    const phases: Phase[] = [];
    const marshal = (edge: number): number =>
      bytes(edge) * (1 / platform.marshalBytesPerS + 1 / platform.nativeBytesPerS);
    const transfer = (edge: number, source: number, target: number): Phase => {
      const { latencyS, bytesPerS } = platform.links[source]![target]!;
      return phase(link(source, target), { transfer: latencyS + bytes(edge) / bytesPerS });
    };
    const memoryOf = (group: number): number => (platform.direct && group >= 0 ? groups[group]!.memory : 0);
    // One edge in and one out: a place is a region.
    const [into, out] = [entering[0]!, leaving[0]!];
    const source = memoryOf(groupOf[flat.edges[into]!.from]!);
    if (source === 0) phases.push(phase(0, { marshal: marshal(into) }));
    if (source !== memory) phases.push(transfer(into, source, memory));
    const stages = stagesOf(nodes, loops);
    const stageS = stages.map((stage) => sum(stage.map(seconds)));
    const slowest = stageS.indexOf(Math.max(...stageS));
    const fillS = stages
      .filter((_, index) => index !== slowest)
      .flat()
      .map((node) => time(node, device, Math.min(1, firings(node))));
    const compute = device.kind === "kernels" ? sum(stageS) : stageS[slowest]! + sum(fillS);
    phases.push(phase(1 + memories * memories + memory - 1, { launch: device.launchS, compute }));
    if (memoryOf(groupOf[flat.edges[out]!.to]!) === 0)
      phases.push(transfer(out, memory, 0), phase(0, { marshal: marshal(out) }));
    return { ...shape, phases };
  });
}

/** Nodes that work at once: a loop, or one alone. */
function stagesOf(nodes: readonly number[], loops: ReturnType<typeof loopsOf>): readonly (readonly number[])[] {
  const heads = new Map<number, number[]>();
  for (const node of nodes) {
    const head = loops.find(({ from, to }) => from <= node && node <= to)?.from ?? node;
    heads.set(head, [...(heads.get(head) ?? []), node]);
  }
  return [...heads.values()];
}

function phase(resource: number, seconds: Readonly<Partial<Record<(typeof KINDS)[number], number>>>): Phase {
  const parts = KINDS.map((kind) => ps(seconds[kind] ?? 0));
  return { resource, ps: parts, totalPs: parts.reduce((sum, part) => sum + part, 0) };
}

interface Group {
  readonly from: number;
  readonly to: number;
  /** 0 is the host's. */
  readonly memory: number;
}

/** Regions, loops, and nodes alone; source and sink are not among them. */
function groupsOf(
  flat: Flat,
  loops: ReturnType<typeof loopsOf>,
  places: readonly Place[],
  platform: Platform,
): readonly Group[] {
  const groups: Group[] = [];
  const waiting = places.toSorted((a, b) => a.from - b.from);
  for (let node = 1; node < flat.nodes.length - 1;) {
    const place = waiting[0]?.from === node ? waiting.shift() : undefined;
    const loop = loops.find(({ from }) => from === node);
    const memory = place === undefined ? 0 : 1 + platform.devices.findIndex(({ label }) => label === place.device);
    if (place !== undefined && memory === 0)
      throw new OptionError("places", `one of ${platform.devices.map(({ label }) => label).join(", ")}`, place.device);
    const to = place?.to ?? loop?.to ?? node;
    groups.push({ from: node, to, memory });
    node = to + 1;
  }
  if (waiting[0] !== undefined)
    throw new OptionError("places", "regions of the graph, apart from each other", waiting[0]);
  return groups;
}

/** The configurations of circuits: in order, as many regions in one as fit in. */
function configure(
  groups: readonly Group[],
  counted: readonly { readonly written: number }[],
  platform: Platform,
): readonly number[] {
  const used = platform.devices.map(() => ({ configuration: 0, operators: 0 }));
  return groups.map(({ from, to, memory }) => {
    const device = platform.devices[memory - 1];
    if (device?.kind !== "circuits") return 0;
    const state = used[memory - 1]!;
    const operators = counted.slice(from, to + 1).reduce((sum, { written }) => sum + written, 0);
    if (operators > device.operators)
      throw new OptionError("places", `regions of at most ${device.operators} operators on ${device.label}`, operators);
    if (state.operators + operators > device.operators) {
      state.configuration++;
      state.operators = 0;
    }
    state.operators += operators;
    return state.configuration;
  });
}
