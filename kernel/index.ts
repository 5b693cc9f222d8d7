/**
 * The kernel, for the code that runs in it and for programs that start it, and the runner, for programs that execute
 * notebooks.
 *
 * @module
 */
export { kernelArgv } from "./argv.ts";
export type { Json, JsonObject } from "./protocol/json.ts";
export { exportHtml, type ExportOptions } from "./run/html/export-html.ts";
export type { FileLink } from "./run/html/sanitize.ts";
export { InputError } from "./run/input-error.ts";
export type {
  Cell,
  CodeCell,
  DisplayOutput,
  ErrorOutput,
  MimeBundle,
  Notebook,
  Output,
  ResultOutput,
  StreamOutput,
  TextCell,
} from "./run/notebook.ts";
export type { Parameters } from "./run/parameters.ts";
export { parseNotebook } from "./run/read-notebook.ts";
export { type Failure, type Progress, runNotebook, type RunOptions, type RunResult } from "./run/run-notebook.ts";
export type { CellProblem } from "./run/type-problems.ts";
export { formatNotebook } from "./run/write-notebook.ts";
export { clearOutput, display, updateDisplay } from "./session/display-functions.ts";
export type { ShowOptions } from "./session/display-api.ts";
export type { ProgressBar, ProgressOptions } from "./session/progress-api.ts";
export { progress, progressBar } from "./session/progress-functions.ts";
