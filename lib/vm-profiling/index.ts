/**
 * Profiling virtual machines with performance counters, after Du, Sehrawat and Zwaenepoel (VEE 2011).
 *
 * @module
 */
export { profileDistance, rankAgreement } from "./agreement.ts";
export {
  aliasedShares,
  chiSquare,
  chiSquareQuantile,
  exchangeCycles,
  guestOverhead,
  inflation,
  shareError,
} from "./analytic.ts";
export { binaryTranslation, type TranslationOptions } from "./binary-translation.ts";
export { type CodeCache, codeCache } from "./code-cache.ts";
export type { Code, Guest, SegmentBatch, Segments } from "./code.ts";
export { codeOf, type ProfiledCode } from "./code-of-profile.ts";
export { costs2011, costsToday, free, type ProfilingCosts } from "./costs.ts";
export type { Counter } from "./counters.ts";
export { type ExitReason, measuredExits } from "./exit-reasons.ts";
export { type CountedExit, exitsOf } from "./exits-of.ts";
export { guestWide, type GuestWideOptions } from "./guest-wide.ts";
export { hostOnly } from "./host-only.ts";
export { native } from "./native.ts";
export { type PprofOptions, toPprof } from "./pprof.ts";
export { profile, type ProfileOptions } from "./profile.ts";
export type { Profiler } from "./profiler.ts";
export { program, type ProgramExits, type ProgramOptions } from "./program.ts";
export { entrySharePct, kvmComparison, type KvmOverhead, kvmOverheads } from "./published.ts";
export { repeat, type Segment } from "./repeat.ts";
export type { ProfileResult, ProfileRow } from "./result.ts";
export { type SpeedscopeFile, toSpeedscope } from "./speedscope.ts";
export { systemWide, type SystemWideOptions } from "./system-wide.ts";
