// The kernel beside its peers, over the real protocol, in the same run: start, cells, completion, interrupts, output, memory.
import { setTimeout } from "node:timers/promises";
import { isJsonObject } from "../protocol/json.ts";
import { type BenchKernel, startBenchKernel } from "./bench-kernel.ts";
import type { KernelSpec } from "../run/kernel-spec.ts";
import { busyRow, completionRow, completionSteps, complete, completeWhileBusy, firstRow } from "./completion.ts";
import { figure, missing } from "./figure.ts";
import { displayed, kernels, loops, printed, type Peer, type Phrases } from "./peers.ts";

const rounds = 3;
const cells = Math.max(...completionSteps);
/** What takes longer (ms) never ends, as far as anybody waits. */
const endlessMs = 20_000;

/** Figures of one run by the row's name; what did not come is not there. */
type Figures = Map<string, number[]>;

/** The rows: what was asked of this kernel, in the row's unit. */
const rows: readonly (readonly [name: string, unit: "ms" | "MB" | "messages", asked?: number])[] = [
  ["start to kernel_info reply", "ms", 300],
  ["first cell", "ms"],
  ["trivial cell, from the 1st", "ms", 1.2],
  ["trivial cell, from the 1st, 95th percentile", "ms", 2.5],
  ["trivial cell, from the 100th", "ms", 1.2],
  ["trivial cell, from the 300th", "ms", 1.2],
  ["trivial cell, from the 300th, 95th percentile", "ms", 2.5],
  ["cell of a chain, at its start", "ms"],
  [`cell of a chain, at the ${cells}th`, "ms"],
  [firstRow, "ms"],
  ...completionSteps.map((step) => [completionRow(step), "ms", 30] as const),
  [busyRow(cells), "ms", 30],
  ...loops.map((loop) => [`interrupt ${loop}`, "ms", 50] as const),
  ["100,000 lines printed", "ms", 400],
  ["100,000 lines printed, in", "messages", 100],
  ["10 MB of HTML displayed", "ms", 140],
  ["memory when idle, before the first cell", "MB", 120],
  ["memory when idle, after a cell", "MB"],
  [`memory after completions, ${cells} cells in scope`, "MB"],
  ["memory at the most", "MB"],
];

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * q) - 1] ?? NaN;
const median = (values: readonly number[]): number => quantile(values, 0.5);

async function measure({ name, spec, phrases }: Peer, figures: Figures): Promise<void> {
  const add = (row: string, value: number | undefined): void => {
    if (value !== undefined) figures.set(row, [...(figures.get(row) ?? []), value]);
  };
  let kernel = await startBenchKernel(spec);
  /** NaN for a cell that is never answered: tslab loses one in some hundreds. */
  const run = async (code: string): Promise<number> => {
    const ran = await kernel.execute(code, endlessMs);
    if (ran !== undefined && ran.status !== "ok")
      throw new Error(`${name}: ${code} gave ${JSON.stringify(ran.status)}`);
    return ran?.ms ?? NaN;
  };
  const runAll = async (count: number, code: (at: number) => string): Promise<number[]> => {
    const times: number[] = [];
    while (times.length < count && !Number.isNaN(times.at(-1))) times.push(await run(code(times.length + 1)));
    return times.filter((ms) => !Number.isNaN(ms));
  };
  try {
    add("start to kernel_info reply", kernel.startMs);
    add("first cell", await run(phrases.trivial));
    const times = await runAll(cells + 20, () => phrases.trivial);
    for (const [place, from, isSlowToo] of [
      ["from the 1st", 0, true],
      ["from the 100th", 100, false],
      ["from the 300th", cells, true],
    ] as const) {
      const some = times.slice(from, from + 20);
      if (some.length < 20) break;
      add(`trivial cell, ${place}`, median(some));
      if (isSlowToo) add(`trivial cell, ${place}, 95th percentile`, quantile(some, 0.95));
    }
    if (times.length < cells + 20) kernel = await again(kernel, spec);
    await output(kernel, phrases, add);
    add("memory at the most", kernel.peakMb());

    kernel = await again(kernel, spec);
    await setTimeout(5000);
    add("memory when idle, before the first cell", kernel.memoryMb());
    await run(phrases.trivial);
    await setTimeout(5000);
    add("memory when idle, after a cell", kernel.memoryMb());

    for (const step of completionSteps.filter((step) => step < cells)) {
      kernel = await again(kernel, spec);
      await runAll(step, phrases.link);
      await complete(kernel, phrases, step, add);
    }
    kernel = await again(kernel, spec);
    const chain = await runAll(cells, phrases.link);
    if (chain.length === cells) {
      add("cell of a chain, at its start", median(chain.slice(1, 21)));
      add(`cell of a chain, at the ${cells}th`, median(chain.slice(-20)));
      await complete(kernel, phrases, cells, add);
      await completeWhileBusy(kernel, phrases, cells, add);
      add(`memory after completions, ${cells} cells in scope`, kernel.memoryMb());
    }

    for (const loop of loops) {
      const endless = phrases.endless[loop];
      if (endless === undefined) continue;
      kernel = await again(kernel, spec);
      await run(phrases.keep);
      add(`interrupt ${loop}`, await interrupt(kernel, endless, phrases.kept));
    }
  } finally {
    await kernel.end();
  }
}

async function again(kernel: BenchKernel, spec: KernelSpec): Promise<BenchKernel> {
  await kernel.end();
  return startBenchKernel(spec);
}

type Add = (row: string, value: number | undefined) => void;

async function output(kernel: BenchKernel, phrases: Phrases, add: Add): Promise<void> {
  const shown = await kernel.execute(phrases.display, endlessMs);
  const html = shown?.outputs.find(({ type }) => type === "display_data")?.content["data"];
  const isWhole = isJsonObject(html) && (html["text/html"] as string).length === displayed;
  add("10 MB of HTML displayed", isWhole ? shown?.ms : undefined);
  const print = await kernel.execute(phrases.print, endlessMs);
  const streams = (print?.outputs ?? []).filter(({ type }) => type === "stream");
  const text = streams.map(({ content }) => content["text"] as string).join("");
  if (text.split("\n").length - 1 !== printed) return;
  add("100,000 lines printed", print?.ms);
  add("100,000 lines printed, in", streams.length);
}

/** ms from the interrupt to the end of the cell; undefined where it does not end, ended before, or the variables are gone. */
async function interrupt(kernel: BenchKernel, endless: string, kept: string): Promise<number | undefined> {
  const cell = kernel.execute(endless, 3000).then((ran) => ran && performance.now());
  await setTimeout(300);
  const begun = performance.now();
  kernel.interrupt();
  const ended = await cell;
  if (ended === undefined || ended < begun) return undefined;
  const after = await kernel.execute(kept, 3000);
  return after?.status === "ok" && JSON.stringify(after.outputs).includes("42") ? ended - begun : undefined;
}

const { all, absent } = kernels();
const measured = all.map(() => new Map() as Figures);
// In turns, so that a busy moment of the machine meets all.
for (let round = 0; round < rounds; round += 1)
  for (const [at, peer] of all.entries()) await measure(peer, measured[at]!);

console.log(`medians of ${rounds} runs; a peer that is not named beside a figure does not get there`);
for (const [name, unit, asked] of rows) {
  const own = measured[0]!.get(name);
  if (own === undefined) {
    console.error(`${name}: this kernel did not get there`);
    process.exitCode = 1;
    continue;
  }
  const others = all.slice(1).map((peer, at) => {
    const values = measured[at + 1]!.get(name);
    if (values !== undefined && values.length < rounds)
      console.log(`${name}: ${peer.name} got there in ${values.length} of ${rounds} runs`);
    return [peer.name, values && median(values)] as const;
  });
  const beside = { peers: Object.fromEntries(others) };
  figure(name, median(own), unit, asked === undefined ? beside : { ...beside, asked });
}
for (const [name, needs] of absent) missing(name, needs);
