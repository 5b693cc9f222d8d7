export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  /** Tests; what failed beside them, as a hook, is in `failures` alone. */
  readonly failed: number;
  /** What failed and why, a sentence each. */
  readonly failures: readonly string[];
  readonly skipped: number;
}
export interface Outcome {
  readonly files: readonly FileOutcome[];
  /** Errors that no test is to blame for. */
  readonly outside: readonly string[];
}
export function filesToRunAgain(outcome: Outcome, read: (file: string) => string): string[];
export function withSecondRun(
  first: Outcome,
  second: Outcome,
): { readonly outcome: Outcome; readonly unsteady: readonly string[] } | undefined;
