import type { HistoryEntry, HistoryRequest } from "../protocol/messages.ts";
import { glob } from "./glob.ts";
import type { HistoryLine, HistoryStore } from "./history-store.ts";

type Added = Omit<HistoryLine, "output"> & { output: string | null };

interface Found extends HistoryLine {
  readonly session: number;
}

/** On disk so much of a result's text is kept, in UTF-16 code units; in this session all of it. */
const maxKeptOutput = 4096;

/** What was run, for the history requests of consoles: in this session and, with a store, in others. */
export class History {
  readonly #store: HistoryStore | undefined;
  readonly #lines: Added[] = [];

  constructor(store?: HistoryStore) {
    this.#store = store;
  }

  /** Adds an input; the function that it returns adds the result's text. */
  add(number: number, input: string): (output: string | null) => void {
    const line: Added = { number, input, output: null };
    this.#lines.push(line);
    this.#store?.keep({ number, input });
    return (output) => {
      line.output = output;
      if (output !== null) this.#store?.keep({ number, output: output.slice(0, maxKeptOutput) });
    };
  }

  /** Answers a request of any of the three kinds. Linear in what is kept, for "tail" in what is found. */
  async find(request: HistoryRequest): Promise<HistoryEntry[]> {
    const found = request.hist_access_type === "range" ? await this.#range(request) : await this.#last(request);
    return found.map(({ session, number, input, output }) => [
      session,
      number,
      request.output ? [input, output] : input,
    ]);
  }

  /** A session's lines: 0 is this session, -1 the one before it, a number above 0 that session. The end is left out. */
  async #range({ session, start, stop }: HistoryRequest): Promise<Found[]> {
    const own = await this.#store?.session();
    const wanted = session < 0 && own !== undefined ? own + session : session;
    const lines = wanted === 0 || wanted === own ? this.#lines : ((await this.#store?.read(wanted)) ?? []);
    const within = lines.filter(({ number }) => number >= start && (stop === undefined || number < stop));
    return within.map((line) => ({ ...line, session: session === 0 ? 0 : wanted }));
  }

  /** The last lines of all sessions, or of those of them that fit. */
  async #last({ hist_access_type: kind, n = Infinity, pattern, unique }: HistoryRequest): Promise<Found[]> {
    const fits = kind === "search" ? glob(pattern) : undefined;
    const seen = new Set<string>();
    const found: Found[] = [];
    // First: before it has its number, its own file would be one of the others.
    const own = (await this.#store?.session()) ?? 0;
    const others = (await this.#store?.others()) ?? [];
    for (const session of [...others, undefined].reverse()) {
      if (found.length >= n) break;
      const lines = session === undefined ? this.#lines : ((await this.#store?.read(session)) ?? []);
      // From the last one back: of equal inputs the last one stays.
      for (const line of lines.toReversed()) {
        if (found.length >= n) break;
        if (fits?.(line.input) === false || (kind === "search" && unique && seen.has(line.input))) continue;
        seen.add(line.input);
        found.push({ ...line, session: session ?? own });
      }
    }
    return found.reverse();
  }
}
