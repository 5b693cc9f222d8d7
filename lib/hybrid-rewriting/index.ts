/**
 * Hybrid binary rewriting for memory access instrumentation, after Roy, Hand and Harris (VEE 2011).
 *
 * @module
 */
export { activeRun, type ActiveOptions, type ActiveRow } from "./active-run.ts";
export { bytesOf } from "./bytes-of.ts";
export { type Costs, costs2011, costsToday } from "./costs.ts";
export { type AccessCount, countExecution, type PassiveCounts, readCounts } from "./counts.ts";
export { decodeProgram, type DecodeOptions } from "./decode.ts";
export { disassembly } from "./disassembly.ts";
export { executedBlocks } from "./executed-blocks.ts";
export { type Execution, type ExecutionBatch, executionBatches, executionEvents } from "./execution.ts";
export { type CodeSegment, type ProgramImage, readImage } from "./image.ts";
export type { CachedAccess, CachedBlock, CachedExit, CachedExitKind, Privacy } from "./instrument.ts";
export type { Mode, PrivacyPolicy } from "./modes.ts";
export { patchProgram, type Patched, type PatchOptions } from "./patch.ts";
export type { PicHead } from "./pic.ts";
export { withoutLockCode } from "./lock-code.ts";
export { openPic, type Pic } from "./pic-file.ts";
export type { Access, Block, Exit, Program, ProgramFunction } from "./program.ts";
export type { Section } from "./section-check.ts";
export { sharing, type Sharing } from "./sharing.ts";
export { simulate, type SimulateOptions, type Simulation, type SimulationRow } from "./simulate.ts";
export { syntheticExecution, type SyntheticExecution, type SyntheticOptions } from "./synthetic.ts";
export { stackInstructions, threadsExecution } from "./threads-execution.ts";
export {
  conflictProbability,
  elisionSpeedup,
  executionsOfShare,
  expectedCoverage,
  expectedMisses,
  passiveCycles,
  type PassiveEvents,
  translatedCycles,
  translationShare,
  unseenBlocks,
} from "./analytic.ts";
export { coverageOverRuns, sectionBlocks } from "./coverage.ts";
export { type PublishedNumber, publishedNumbers } from "./published.ts";
