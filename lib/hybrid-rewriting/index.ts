/**
 * Hybrid binary rewriting for memory access instrumentation, after Roy, Hand and Harris (VEE 2011).
 *
 * @module
 */
export { type Execution, type ExecutionBatch, executionBatches, executionEvents } from "./execution.ts";
export type { Access, Block, Exit, Program, ProgramFunction } from "./program.ts";
