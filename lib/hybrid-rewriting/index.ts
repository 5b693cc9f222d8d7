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
