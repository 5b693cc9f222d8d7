import type { HistoryEntry, HistoryRequest } from "../protocol/messages.ts";

interface Line {
  readonly number: number;
  readonly input: string;
  output: string | null;
}

/** What was run in this session, for the history requests of consoles. Earlier sessions are not kept. */
export class History {
  readonly #lines: Line[] = [];

  /** Adds an input; the function that it returns adds the result's text. */
  add(number: number, input: string): (output: string | null) => void {
    const line: Line = { number, input, output: null };
    this.#lines.push(line);
    return (output) => {
      line.output = output;
    };
  }

  /** Answers a request of any of the three kinds. Linear in the session's length. */
  find(request: HistoryRequest): HistoryEntry[] {
    return this.#select(request).map(({ number, input, output }) => [
      0,
      number,
      request.output ? ([input, output] as const) : input,
    ]);
  }

  #select({ hist_access_type: kind, session, start, stop, n, pattern, unique }: HistoryRequest): readonly Line[] {
    if (kind === "range")
      // 0 is the current session, and there is no other; an end that is not given is the last line.
      return session === 0
        ? this.#lines.filter(({ number }) => number >= start && (stop === undefined || number < stop))
        : [];
    let found: readonly Line[] = this.#lines;
    if (kind === "search") {
      const expression = glob(pattern);
      found = found.filter(({ input }) => expression.test(input));
      // Of equal inputs the last one stays.
      if (unique) {
        const last = new Map(found.map((line) => [line.input, line]));
        found = found.filter((line) => last.get(line.input) === line);
      }
    }
    return n === undefined ? found : n <= 0 ? [] : found.slice(-n);
  }
}

/** `*` stands for any text, `?` for any one character, as in SQLite's GLOB. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+(){}[\]]/g, "\\$&")
    .replace(/\*/g, "[^]*")
    .replace(/\?/g, "[^]");
  return new RegExp(`^${source}$`, "u");
}
