/** What the thread of the sockets and the thread of the language service say to each other. */

/** A problem that the type checker found in a cell. Lines and columns from 1, columns in UTF-16 code units. */
export interface TypeProblem {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** TypeScript's number of the message: 2322. */
  readonly code: number;
  readonly message: string;
}

/** A cell that is about to run. */
export interface RanCell {
  /** Unique in the kernel's life. */
  readonly cell: number;
  /** As a person reads it: `[3]`. */
  readonly shown: string;
  readonly code: string;
}

/** One thing that could stand at the cursor. */
export interface CompletionItem {
  readonly text: string;
  /** What it is: `method`, `module`, `keyword`. */
  readonly type: string;
  readonly signature: string;
}

/** What could stand between two places of the text, the best first. Places count UTF-16 code units. */
export interface Completion {
  readonly start: number;
  readonly end: number;
  readonly items: readonly CompletionItem[];
}

/** What is known of the name at a place, in both forms that front ends show. */
export interface Inspection {
  readonly plain: string;
  readonly markdown: string;
}

/** A question, answered by what its kind maps to here. */
export interface Answers {
  readonly complete: Completion;
  readonly inspect: Inspection | undefined;
}

/** A question that somebody waits for. `at` counts UTF-16 code units. */
export type Question = { readonly id: number; readonly code: string; readonly at: number } & (
  | { readonly kind: "complete"; /** The how-manieth: a later one makes it void. */ readonly turn: number }
  | { readonly kind: "inspect"; readonly detail: 0 | 1 }
);

/** To the thread of the language service. */
export type ToLanguage =
  | ({ readonly type: "ran" } & RanCell)
  /** The cell did not run: it was refused as no TypeScript. */
  | { readonly type: "refused"; readonly cell: number }
  /** Check the cell: now, or when there is nothing else to do. */
  | { readonly type: "check"; readonly cell: number; readonly now: boolean }
  | ({ readonly type: "ask" } & Question);

/** To the thread of the sockets. */
export type ToClient =
  | { readonly type: "answer"; readonly id: number; readonly value: Answers[keyof Answers] }
  /**
   * The cell's problems: once for each check that was asked for, and again when what follows has changed them. Undefined where the
   * checker failed: that is no word for the cell.
   */
  | { readonly type: "problems"; readonly cell: number; readonly problems: readonly TypeProblem[] | undefined };

/** What the language thread is given at its start. */
export interface LanguageData {
  /** The notebook's folder. */
  readonly directory: string;
  /** Two counters: questions asked, and completions among them. By these the thread knows what is no longer urgent. */
  readonly asked: SharedArrayBuffer;
}
