export {
  boundEventsPerS,
  expectedPages,
  expectedPagesWithoutReplacement,
  identifiedAfter,
  identifiedWithoutReplacement,
  refreshOverheadPct,
} from "./analytic.ts";
export { audit, type AuditOptions, type AuditResult, type AuditRow } from "./audit.ts";
export type { Module } from "./candidates.ts";
export { audit2011, type AuditCosts, auditToday } from "./costs.ts";
export {
  type Binary,
  type CodeFile,
  database,
  type Database,
  type DatabaseOptions,
  type DataFile,
} from "./database.ts";
export { type EventBatch, eventKinds, type Events, none } from "./events.ts";
export { type AuditVerdict, verdictOf } from "./findings.ts";
export { generateEvents, type GenerateOptions } from "./generate.ts";
export { groundTruth, type OutdatedRun, outdatedRuns, score, type Score } from "./score.ts";
export { type PagePattern, patternOf } from "./masked-pages.ts";
export { pagesNeeded, type PagesNeeded } from "./pages-needed.ts";
export type { FileUse } from "./uses.ts";
export { publishedClaims, type PublishedClaim, type PublishedClaims } from "./published.ts";
export { readDatabase, type TableBatches } from "./read-database.ts";
export { type Resident, residents } from "./residents.ts";
export { survey, type SurveyRow, type UpdatedFile, updatedFiles } from "./survey.ts";
export { allChanged, type SurveyRule, withoutDocumentation, withoutManuals } from "./survey-rules.ts";
