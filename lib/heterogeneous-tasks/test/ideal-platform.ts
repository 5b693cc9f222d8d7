import {
  graph,
  type Graph,
  type Link,
  linearTime,
  map,
  type Place,
  type PlacedGraph,
  type Platform,
  relocatable,
  simulate,
  type SimulateOptions,
  sink,
  source,
  type Stream,
  type TaskTime,
} from "../index.ts";

/** A link. */
export const link = (latencyS: number, bytesPerS: number): Link => ({ latencyS, bytesPerS });
/** A link that takes no time. */
export const free: Link = link(0, Infinity);

/** A machine on which moving data takes no time, with a device of each kind. */
export const ideal: Platform = {
  label: "ideal",
  cores: 64,
  hostOperationsPerS: 1e9,
  marshalBytesPerS: Infinity,
  nativeBytesPerS: Infinity,
  devices: [
    { kind: "kernels", label: "gpu", launchS: 0, lanes: 1, laneOperationsPerS: 1e9 },
    { kind: "circuits", label: "fpga", launchS: 0, clockHz: 1e9, operators: 100, reconfigureS: 0 },
  ],
  links: [
    [free, free, free],
    [free, free, free],
    [free, free, free],
  ],
  direct: false,
};

/** A task of one operation. */
export const step = (at: number): Stream => map({ label: `step ${at}`, input: "f32" }, (x) => x + 1);

/** A pipeline of so many tasks, all in brackets. */
export const pipeline = (length: number): Graph => {
  const tasks = Array.from({ length }, (_, at) => step(at));
  return graph(
    source("f32")
      .to(relocatable(tasks.slice(1).reduce((all, next) => all.to(next), tasks[0]!)))
      .to(sink("f32")),
  );
};

/** A pipeline whose stages take so long an iteration on each device; source and sink are nodes, too. */
export const placed = (stageS: readonly number[], places: readonly Place[] = []): PlacedGraph => {
  const times: readonly (TaskTime | undefined)[] = [undefined, ...stageS.map((one) => linearTime(0, one)), undefined];
  return {
    label: "pipeline",
    graph: pipeline(stageS.length),
    places,
    times: { javascript: times, gpu: times, fpga: times },
  };
};

/** Runs a program alone, by default forty batches of one iteration on the ideal machine. */
export const run = (program: PlacedGraph, options: Partial<SimulateOptions> = {}): ReturnType<typeof simulate> =>
  simulate([program], { platform: ideal, batch: 1, batches: 40, ...options });

/** Batches a second when the pipeline is full: how much longer forty more batches take. */
export const rate = (program: PlacedGraph, options: Partial<SimulateOptions> = {}): number =>
  40 / (run(program, { ...options, batches: 100 }).row.seconds - run(program, { ...options, batches: 60 }).row.seconds);
