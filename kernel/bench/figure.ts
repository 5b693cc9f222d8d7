// What a benchmark measures, printed as it comes and, where `npm run bench` runs it, kept for the file and the chart of all.
import { appendFileSync } from "node:fs";

/** The variable that names the file which takes figures, a JSON object a line. */
export const figuresVariable = "VEELAB_BENCH_FIGURES";

/** One measurement beside what it is compared with. */
export interface Figure {
  readonly what: string;
  /** Ours, a median. */
  readonly value: number;
  /** Of a rate, as "M events/s", more is better; of anything else ("ms", "MB") less is. */
  readonly unit: string;
  /** What peers have, in the same unit, on the same input in the same run. */
  readonly peers: Readonly<Record<string, number>>;
  /** How many times as good as each peer. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What it was to reach. */
  readonly asked?: number;
}

/** What a figure is compared with. */
export interface Beside {
  /** Undefined: this peer does not have it. */
  readonly peers?: Readonly<Record<string, number | undefined>>;
  readonly asked?: number;
}

const short = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : value >= 0.01 ? value.toPrecision(3) : value.toExponential(1);

/** Tells a figure. */
export function figure(what: string, value: number, unit: string, { peers = {}, asked }: Beside = {}): void {
  const there = Object.entries(peers).filter((peer): peer is [string, number] => peer[1] !== undefined);
  const ratios = there.map(([name, other]) => [name, unit.endsWith("/s") ? value / other : other / value] as const);
  const told: Figure = {
    ...{ what, value, unit, peers: Object.fromEntries(there), ratios: Object.fromEntries(ratios) },
    ...(asked === undefined ? {} : { asked }),
  };
  const beside = ratios.map(([name, ratio], at) => `${ratio.toFixed(2)} × ${name} (${short(there[at]![1])})`);
  const notes = asked === undefined ? beside : [...beside, `asked: ${short(asked)}`];
  console.log(
    `${what.padEnd(64)}${short(value).padStart(8)} ${unit}${notes.length > 0 ? `; ${notes.join(", ")}` : ""}`,
  );
  keep(told);
}

/** Says that a peer is not compared with, and what it would need. */
export function missing(peer: string, needs: string): void {
  console.log(`not compared with ${peer}: ${needs}`);
  keep({ missing: peer, needs });
}

function keep(line: object): void {
  const file = process.env[figuresVariable];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
