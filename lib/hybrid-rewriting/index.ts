/**
 * Hybrid binary rewriting for memory access instrumentation, after Roy, Hand and Harris (VEE 2011).
 *
 * @module
 */
export { bytesOf } from "./bytes-of.ts";
export { decodeProgram, type DecodeOptions } from "./decode.ts";
export { executedBlocks } from "./executed-blocks.ts";
export { type Execution, type ExecutionBatch, executionBatches, executionEvents } from "./execution.ts";
export { type CodeSegment, type ProgramImage, readImage } from "./image.ts";
export type { Access, Block, Exit, Program, ProgramFunction } from "./program.ts";
export { type Costs, costs2011, costsToday } from "./costs.ts";
export type { Mode, PrivacyPolicy } from "./modes.ts";
export { sharing, type Sharing } from "./sharing.ts";
export { simulate, type SimulateOptions, type Simulation, type SimulationRow } from "./simulate.ts";
export { syntheticExecution, type SyntheticExecution, type SyntheticOptions } from "./synthetic.ts";
export { stackInstructions, threadsExecution } from "./threads-execution.ts";
