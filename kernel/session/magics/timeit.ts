import { formatDuration } from "./format-duration.ts";
import { MagicError } from "./magic.ts";

/** Runs what is measured so many times, and keeps its last value where V8 cannot leave it out. */
export type Loop = (turns: number, sink: { value: unknown }) => void | Promise<void>;

/** As long (s) a run takes at least, so that the clock's grain does not count. */
const leastS = 0.2;

/**
 * Measures a loop as Python's `%timeit` does: finds a number of turns that takes 0.2 s (1, 2, 5, 10, 20, …), then runs it seven
 * times. With `-n` nothing is tried before, so that it runs exactly as often as it is told. Promises are waited for, in the loop itself or
 * of its value.
 *
 * @param options - `-n` turns, `-r` runs
 * @returns the line that tells the result
 * @throws MagicError for an option that is out of range
 */
export async function timeit(options: string, loop: Loop): Promise<string> {
  const runs = option(options, "r") ?? 7;
  const sink: { value: unknown } = { value: undefined };
  /** Whether the value is a promise; the first turn tells. */
  let waits: boolean | undefined;
  const seconds = async (turns: number): Promise<number> => {
    const before = process.hrtime.bigint();
    for (let left = turns; left > 0;) {
      const count = waits === false ? left : 1;
      const running = loop(count, sink);
      if (running !== undefined) await running;
      waits ??= isThenable(sink.value);
      if (waits) await sink.value;
      left -= count;
    }
    return Number(process.hrtime.bigint() - before) / 1e9;
  };
  const turns = option(options, "n") ?? (await calibrated(seconds));
  const perTurn: number[] = [];
  for (let run = 0; run < runs; run++) perTurn.push((await seconds(turns)) / turns);
  return `${report(perTurn, turns)}\n`;
}

async function calibrated(seconds: (turns: number) => Promise<number>): Promise<number> {
  for (let decade = 1; ; decade *= 10)
    for (const turns of [decade, 2 * decade, 5 * decade]) if ((await seconds(turns)) >= leastS) return turns;
}

function report(perTurn: readonly number[], turns: number): string {
  const mean = perTurn.reduce((sum, each) => sum + each, 0) / perTurn.length;
  const variance = perTurn.reduce((sum, each) => sum + (each - mean) ** 2, 0) / perTurn.length;
  const [average, deviation, best] = [mean, Math.sqrt(variance), Math.min(...perTurn)].map(formatDuration);
  const times = `${perTurn.length} run${perTurn.length === 1 ? "" : "s"}`;
  const loops = `${turns.toLocaleString("en-US")} loop${turns === 1 ? "" : "s"}`;
  return `${average} ± ${deviation} per loop (mean ± std. dev. of ${times}, ${loops} each; best ${best})`;
}

function option(options: string, name: string): number | undefined {
  const [, given] = new RegExp(`-${name}\\s*(\\d+)`).exec(options) ?? [];
  if (given === undefined) return undefined;
  const count = Number(given);
  if (!(count >= 1 && Number.isSafeInteger(count)))
    throw new MagicError(`%timeit -${name}: expected a whole number > 0, got ${given}`);
  return count;
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
