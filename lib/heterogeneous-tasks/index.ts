/**
 * Task graphs for heterogeneous machines (Bacon, VEE 2011; IBM's Lime): isolated tasks with static rates and immutable values, whose checked code devices make their
 * programs from.
 *
 * @example
 * ```ts
 * import { graph, map, reduce, relocatable, run, runOn, sink, source, split, task, value, webAssembly } from "veelab/heterogeneous-tasks";
 *
 * // Tasks: a function is read as text, so it may name its own numbers and values only. Here the size of each four samples, and their largest step.
 * const square = map({ label: "square", input: "f32" }, (x) => x * x);
 * const mean = task({ label: "mean", input: "f32", takes: 4, values: { share: value("f32", 0.25) } }, (x, y, { share }) => {
 *   let sum = Math.fround(0);
 *   for (let i = 0; i < x.length; i++) sum += x[i]!;
 *   y[0] = share * sum;
 * });
 * const root = map({ label: "root", input: "f32" }, (x) => Math.sqrt(x));
 * // The sample before the one that is taken is its history.
 * const step = task({ label: "step", input: "f32", history: 1 }, (x, y) => {
 *   y[0] = Math.abs(x[1]! - x[0]!);
 * });
 * const largest = reduce({ label: "largest", input: "f32", of: 4 }, (a, b) => Math.max(a, b));
 *
 * // A graph: streams, side by side between a splitter and a joiner, from a source to a sink. Brackets are around what may go to a device.
 * const both = split([square.to(mean).to(root), step.to(largest)], { share: "duplicate", join: [1, 1] });
 * const measures = graph(source("f32").to(relocatable(both)).to(sink("f32")));
 * console.log(run(measures, [3, 3, 3, 3, 0, 4, 0, 4])); // Float32Array [ 3, 3, 2.8284270763397217, 4 ]: size and step of each four
 *
 * // Any device gives the same.
 * console.log(await runOn(measures, [3, 3, 3, 3, 0, 4, 0, 4], { device: webAssembly() }));
 * ```
 *
 * @module
 */
export { copies } from "./copies.ts";
export type { Device } from "./device.ts";
export { exponential } from "./exponential.ts";
export { fpga, fpgaDesign, type FpgaDesign, type FpgaPart, lfe3150, lfe5u85 } from "./fpga.ts";
export type { FpgaArea } from "./fpga/area.ts";
export { graph, type Graph, type GraphEdge, type GraphNode } from "./graph.ts";
export { coulombicPotential } from "./programs/coulombic-potential.ts";
export type { PlacedGraph } from "./actors.ts";
export {
  blockingRate,
  breakEvenElements,
  type Offload,
  offloadSpeedUp,
  pipelineRate,
  queueElements,
  repetitions,
  tenancyShare,
} from "./analytic.ts";
export { busLinks } from "./bus-links.ts";
export { type Candidate, greedyCover, optimalCover, type Place } from "./cover.ts";
export { type Operations, operations } from "./operations.ts";
export { measure, type MeasureOptions } from "./measure.ts";
export { type PlacedOptions, type RunningPlaced, startPlaced } from "./placed.ts";
export { type DeviceModel, type Link, type Platform, platform2011, platformToday } from "./platform.ts";
export { idea, ideaDecryption } from "./programs/crypt.ts";
export { des, desDecryption } from "./programs/des.ts";
export { fft } from "./programs/fft.ts";
export { fir, fmRadio, type FmRadioOptions } from "./programs/fm-radio.ts";
export { logarithm } from "./logarithm.ts";
export { mosaic, type MosaicOptions } from "./programs/mosaic.ts";
export { mriQ } from "./programs/mri-q.ts";
export { nBody } from "./programs/n-body.ts";
export { javascript } from "./javascript.ts";
export { series } from "./programs/series.ts";
export { publishedNativeShare, type PublishedRange } from "./published.ts";
export { runOn, type RunOnOptions } from "./run-on.ts";
export { type Region, regions } from "./regions.ts";
export { run, type Running, type RunOptions, start } from "./run.ts";
export { type ResourceRow, simulate, type SimulatedRow, type SimulateOptions } from "./simulate.ts";
export { cosine, sine } from "./sine.ts";
export { fillStore, type Manifest, openStore, type Store } from "./store.ts";
export { type Candidates, candidatesOf, type Exclusion, substitute, type Times } from "./substitute.ts";
export {
  feedback,
  type FeedbackOptions,
  relocatable,
  sink,
  source,
  split,
  type SplitOptions,
  type Stream,
} from "./stream.ts";
export { map, reduce, task, type TaskOptions } from "./task.ts";
export { linearTime, type MeasuredTime, measuredTime, type TaskTime } from "./task-time.ts";
export { type Elements, type ElementType, value, type Value } from "./value.ts";
export { webAssembly, type WebAssemblyOptions } from "./webassembly.ts";
export { webGpu } from "./webgpu.ts";
