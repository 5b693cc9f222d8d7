/**
 * Datasets: open Arrow, Parquet and CSV files and the package's own catalogue as Arrow tables or streams of record
 * batches, query them, write them, capture traces.
 *
 * @module
 */
export { captureLackey, type CaptureOptions, type Provenance } from "./capture/capture.ts";
export { capture, type CommandOutput, type TextSink } from "./capture/capture-command.ts";
export { buildKernels, captureExecution, type ExecutionOptions } from "./capture/executions/capture-execution.ts";
export { captureGuest } from "./capture/guest/capture-guest.ts";
export { type GuestCaptureOptions, type GuestTable, guestTables } from "./capture/guest/guest-options.ts";
export type { Accelerator } from "./capture/guest/machine.ts";
export { captureMirror, type MirrorOptions } from "./capture/mirror/capture-mirror.ts";
export { captureNoise, type NoiseOptions } from "./capture/noise/capture-noise.ts";
export { capturePerf, type PerfOptions } from "./capture/perf/capture-perf.ts";
export type { ProgramOptions } from "./capture/program-options.ts";
export { captureRadio, type RadioOptions } from "./capture/radio/capture-radio.ts";
export { captureSwap, type SwapCaptureOptions } from "./capture/swap/capture-swap.ts";
export { captureTasks, type CaptureTasksOptions } from "./capture/tasks/task-costs.ts";
export { captureThreads, type ThreadsOptions } from "./capture/threads/capture-threads.ts";
export { threadEvents } from "./capture/threads/thread-records.ts";
export { lackeyPages, type LackeyOptions, type LackeyTotals } from "./capture/lackey-text.ts";
export {
  pageRuns,
  type PageRuns,
  type PageRunColumns,
  pageRunSchema,
  type PageRunTotals,
} from "./capture/page-runs.ts";
export { catalogue, type Catalogue, type Verification, verifyCatalogue } from "./catalogue.ts";
export type {
  CatalogueEntry,
  CatalogueField,
  CatalogueLicense,
  CatalogueSchema,
  CatalogueSource,
} from "./catalogue-type.ts";
export { addToCatalogue, type CatalogueAddition } from "./catalogue-update.ts";
export type { ColumnSchema, ColumnType } from "./column-type.ts";
export { isVeelabError, OptionError, TraceFormatError, type TracePlace, VeelabError } from "./errors.ts";
export type { FormatOptions, TraceFormat } from "./formats/format.ts";
export type { Head } from "./formats/head.ts";
export { traceFormats } from "./formats/index.ts";
export { blockOperations, kindColumns, pageClasses, references, type TraceKind } from "./formats/kinds.ts";
export { convert } from "./convert.ts";
export { head, importTrace, type ImportOptions, type ImportReport } from "./import.ts";
export { open, stream } from "./open.ts";
export { toPageRuns } from "./to-page-runs.ts";
export type { ReadOptions, StreamOptions } from "./options.ts";
export { query, queryStream, type QueryOptions, type QueryTable } from "./query.ts";
export type { EngineOptions } from "./duckdb/engine.ts";
export type { ReadProgress, Source } from "./source/source.ts";
export type { Compression } from "./source/compression.ts";
export { type Batches, writeArrow, type WriteArrowOptions } from "./write/arrow.ts";
export { writeCsv } from "./write/csv.ts";
export { write, type WriteOptions } from "./write/write.ts";
export { writeParquet, type WriteParquetOptions } from "./write/parquet.ts";
export { writeAtomically } from "./write/atomic.ts";
