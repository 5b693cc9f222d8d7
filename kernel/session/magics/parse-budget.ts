import { parseSync, type Comment, type Program } from "oxc-parser";

/** A text as the parser sees it. */
export interface Parsed {
  readonly program: Program;
  readonly comments: readonly Comment[];
  /** Where it cannot be read, first place first; none where it is TypeScript. */
  readonly failures: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Parses pieces of a cell, and bounds their length: a cell that is no TypeScript can have thousands of lines that begin with `!`, each
 * of which may ask what stands above it.
 */
export class ParseBudget {
  #left: number;

  constructor(source: string) {
    this.#left = 500_000 + 20 * source.length;
  }

  /** @returns nothing once too much was parsed */
  parse(text: string): Parsed | undefined {
    this.#left -= text.length + 100;
    return this.#left < 0 ? undefined : parse(text);
  }

  isWhole(text: string): boolean {
    return this.parse(text)?.failures.length === 0;
  }
}

/** Parses a cell. */
export function parse(text: string): Parsed {
  const parsed = parseSync("cell.ts", text, { lang: "ts", sourceType: "module" });
  const failures = parsed.errors.map(({ labels }) => ({
    start: labels[0]?.start ?? text.length,
    end: Math.max(...labels.map(({ end }) => end)),
  }));
  return {
    failures: failures.sort((a, b) => a.start - b.start),
    // Made when they are asked for: they take longer than the parser.
    get program() {
      return parsed.program;
    },
    get comments() {
      return parsed.comments;
    },
  };
}
