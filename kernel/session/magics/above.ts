import { mentions } from "./commands.ts";
import type { ParseBudget } from "./parse-budget.ts";

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Tells of lines, from the first to the last, whether what stands above them is whole. The statements before the last one stay as they
 * are, whatever follows, so that they are parsed once.
 */
export class Above {
  /** The names that the whole statements mention. */
  readonly names: Set<string> = new Set<string>();
  readonly #budget: ParseBudget;
  /** What stands above it no longer matters. */
  #base = 0;
  /** What is known of the lines to come: statements and comments that go on over them. */
  #known: readonly Span[] = [];
  #lookedFrom = -1;

  constructor(budget: ParseBudget) {
    this.#budget = budget;
  }

  /** @param text - the cell, with the magics above the line blank */
  isWholeBefore(text: string, line: number): boolean {
    // No line within a statement that begins with `!` goes on with what is whole: it would be an operator.
    const within = this.#known.find(({ start, end }) => start < line && line < end);
    if (within !== undefined && /^\s*!/.test(text.slice(line, text.indexOf("!", line) + 1))) return false;
    const above = this.#budget.parse(text.slice(this.#base, line));
    if (above === undefined) return false;
    if (above.failures.length > 0) {
      if (this.#lookedFrom !== this.#base) this.#lookAhead(text);
      return false;
    }
    const { body } = above.program;
    for (const name of body.flatMap(mentions)) this.names.add(name);
    this.#base += body.at(-1)?.start ?? 0;
    return true;
  }

  /** A magic ends what stands above it. */
  endedBy(magic: number): void {
    this.#base = magic;
  }

  /** Reads as far as it is TypeScript, so that not each line of a long text asks for itself. */
  #lookAhead(text: string): void {
    this.#lookedFrom = this.#base;
    const rest = text.slice(this.#base);
    const failure = this.#budget.parse(rest)?.failures[0]?.start;
    const lines = [...rest.matchAll(/^[^\S\n]*[%!]/gm)].map(({ index }) => index);
    const end = failure === undefined ? rest.length : (lines.findLast((line) => line <= failure) ?? 0);
    const parsed = this.#budget.parse(rest.slice(0, end));
    if (parsed === undefined || parsed.failures.length > 0) return;
    this.#known = [...parsed.program.body, ...parsed.comments].map(({ start, end }) => ({
      start: start + this.#base,
      end: end + this.#base,
    }));
  }
}
