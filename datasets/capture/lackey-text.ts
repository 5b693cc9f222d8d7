import type * as arrow from "apache-arrow";
import { emptyBatch } from "../empty-batch.ts";
import { TraceFormatError } from "../errors.ts";
import { pageBytes } from "../formats/page.ts";
import { type PageRuns, pageRuns, pageRunSchema, type PageRunTotals } from "./page-runs.ts";

/** How lackey's text is reduced. */
export interface LackeyOptions {
  /** What errors call the text. */
  readonly name?: string;
  /** Rows in a batch; 65,536 when not given. */
  readonly batchRows?: number;
  /** Stop after this many references. */
  readonly limit?: number;
  /** Is called with the totals after each batch, and at the end with `done`. */
  readonly progress?: (totals: LackeyTotals, done: boolean) => void;
}

/** Totals of a lackey trace. */
export interface LackeyTotals extends PageRunTotals {
  /** Instructions executed: lackey's `I` lines. */
  readonly instructions: number;
}

const newline = 10;
const comma = 44;
const longestLine = 256;

/** The last page that a Uint32 holds: addresses below 2^44, which is all that valgrind gives a program. */
const lastPage = 0xffffffff;

/**
 * Reads what `valgrind --tool=lackey --trace-mem=yes` prints (`I  addr,size`, ` L addr,size`, ` S addr,size`,
 * ` M addr,size` for a load and a store; valgrind's own lines begin with `==` or `--`) and reduces it to runs of references to 4 KiB pages, see
 * {@link PageRuns}. An access that crosses a page boundary refers to both pages. Linear time, about 15 million
 * references a second; memory for a batch and the set of pages.
 *
 * Throws TraceFormatError with the line for text that lackey does not print, and for an address of 2^44 or more.
 *
 * @example
 * ```ts
 * import { lackeyPages } from "veelab/datasets";
 *
 * async function* text() {
 *   yield new TextEncoder().encode("I  04001000,3\n S 1ffeffe8,8\nI  04001003,5\n");
 * }
 * for await (const batch of lackeyPages(text())) console.log(batch.numRows); // 2: the fetches are one run
 * ```
 */
export async function* lackeyPages(
  chunks: AsyncIterable<Uint8Array>,
  options: LackeyOptions = {},
): AsyncGenerator<arrow.RecordBatch, LackeyTotals> {
  const runs = pageRuns(options.batchRows ?? 65_536);
  const state = { file: options.name ?? "lackey", line: 0, instructions: 0, left: options.limit ?? Infinity };
  const totals = (): LackeyTotals => ({ ...runs.totals(), instructions: state.instructions });
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    let bytes: Uint8Array = chunk;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
    }
    let at = 0;
    for (;;) {
      at = readLines(bytes, at, runs, state);
      if (!runs.full()) break;
      yield runs.take()!;
      options.progress?.(totals(), false);
    }
    rest = bytes.slice(at);
    if (rest.length > longestLine && !rest.includes(newline)) fault(state, rest, 0, rest.length);
    if (state.left <= 0) break;
  }
  if (rest.length > 0 && state.left > 0) fault(state, rest, 0, rest.length);
  const last = runs.take();
  // A trace without references is a table without rows.
  if (last !== undefined || totals().runs === 0) yield last ?? emptyBatch(pageRunSchema);
  options.progress?.(totals(), true);
  return totals();
}

interface State {
  readonly file: string;
  line: number;
  instructions: number;
  left: number;
}

/** Reads whole lines until the bytes end, the batch is full or the limit is reached; gives where it stopped. */
function readLines(bytes: Uint8Array, from: number, runs: PageRuns, state: State): number {
  let at = from;
  for (;;) {
    if (runs.full() || state.left <= 0) return at;
    const end = bytes.indexOf(newline, at);
    if (end < 0) return at;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (first === 61 || first === 45 || first === 42) {
      state.line += 1;
      at = end + 1;
      continue;
    }
    let address = 0;
    let place = at + 3;
    for (; place < end; place += 1) {
      const digit = hex[bytes[place]!]!;
      if (digit > 15) break;
      address = address * 16 + digit;
    }
    let size = 0;
    const sized = place > at + 3 && bytes[place] === comma && place + 1 < end;
    for (place += 1; place < end; place += 1) size = size * 10 + decimal[bytes[place]!]!;
    const page = Math.floor(address / pageBytes);
    const lastOf = Math.floor((address + size - 1) / pageBytes);
    const code = first === 73 ? 0 : first === 32 ? access[second]! : 9;
    if (!sized || code > 3 || !(size >= 1 && size <= pageBytes) || bytes[at + 2] !== 32 || lastOf > lastPage)
      fault(state, bytes, at, end);
    state.line += 1;
    at = end + 1;
    state.left -= 1;
    if (code === 0) state.instructions += 1;
    reference(runs, page, lastOf, code);
  }
}

/** 3 is a modify: all of it is read, then all of it is written. */
function reference(runs: PageRuns, page: number, lastOf: number, code: number): void {
  const crosses = lastOf !== page;
  const kind = code === 0 ? 0 : code === 2 ? 2 : 1;
  runs.reference(page, kind);
  if (crosses) runs.reference(lastOf, kind);
  if (code !== 3) return;
  runs.reference(page, 2);
  if (crosses) runs.reference(lastOf, 2);
}

const hex = new Uint8Array(256).fill(99);
for (let digit = 0; digit < 16; digit += 1) hex[digit.toString(16).charCodeAt(0)] = digit;
/** NaN makes a size that is none fail its range check. */
const decimal = new Float64Array(256).fill(NaN);
for (let digit = 0; digit < 10; digit += 1) decimal[48 + digit] = digit;
const access = new Uint8Array(256).fill(9);
access["L".charCodeAt(0)] = 1;
access["S".charCodeAt(0)] = 2;
access["M".charCodeAt(0)] = 3;

function fault(state: State, bytes: Uint8Array, at: number, end: number): never {
  const text = new TextDecoder("latin1").decode(bytes.subarray(at, Math.min(end, at + 60)));
  throw new TraceFormatError(
    { file: state.file, line: state.line + 1 },
    `expected a line of lackey such as " L 1ffeffe8,8" with an address below 2^44, got ${JSON.stringify(text)}`,
  );
}
