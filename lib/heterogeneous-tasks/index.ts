/**
 * Task graphs for heterogeneous machines (Bacon, VEE 2011; IBM's Lime): isolated tasks with static rates and immutable values, whose checked code devices make their
 * programs from.
 *
 * @module
 */
export { pipelineRate, queueElements, repetitions } from "./analytic.ts";
export { copies } from "./copies.ts";
export type { Device } from "./device.ts";
export { exponential } from "./exponential.ts";
export { fpga, fpgaDesign, type FpgaDesign, type FpgaPart, lfe3150, lfe5u85 } from "./fpga.ts";
export type { FpgaArea } from "./fpga/area.ts";
export { graph, type Graph, type GraphEdge, type GraphNode } from "./graph.ts";
export { coulombicPotential } from "./programs/coulombic-potential.ts";
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
export { run, type Running, type RunOptions, start } from "./run.ts";
export { cosine, sine } from "./sine.ts";
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
export { type Elements, type ElementType, value, type Value } from "./value.ts";
export { webAssembly, type WebAssemblyOptions } from "./webassembly.ts";
