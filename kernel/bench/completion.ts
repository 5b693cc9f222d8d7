import { setTimeout } from "node:timers/promises";
import type { BenchKernel } from "./bench-kernel.ts";
import type { Phrases } from "./peers.ts";

/** So many cells of a chain are in scope. */
export const completionSteps: readonly number[] = [1, 50, 300];
export const firstRow = "first completion, right after the first cell";
export const completionRow = (cells: number): string =>
  `completion, ${cells} ${cells === 1 ? "cell" : "cells"} in scope`;
export const busyRow = (cells: number): string => `${completionRow(cells)}, while a cell runs`;

const completions = 20;
/** How long somebody looks at a notebook that has just run before they type (ms). */
const readingMs = 5000;

type Add = (row: string, value: number | undefined) => void;

/** Times completions of a member after so many cells of the chain. */
export async function complete(kernel: BenchKernel, phrases: Phrases, cells: number, add: Add): Promise<void> {
  // The first loads what completions need, and whoever reads what many cells gave takes some seconds.
  const first = await kernel.complete(phrases.member(cells, 0));
  if (cells === completionSteps[0]) add(firstRow, first?.ms);
  await setTimeout(readingMs);
  add(completionRow(cells), await answers(kernel, phrases, cells));
}

/** The same while a cell runs without end: nothing can be asked of the kernel after it. */
export async function completeWhileBusy(kernel: BenchKernel, phrases: Phrases, cells: number, add: Add): Promise<void> {
  const [loop] = Object.values(phrases.endless);
  void kernel.execute(loop!);
  await setTimeout(300);
  add(busyRow(cells), await answers(kernel, phrases, cells));
}

/** The median, in ms; undefined where one does not come, or has no matches. */
async function answers(kernel: BenchKernel, phrases: Phrases, cells: number): Promise<number | undefined> {
  const times: number[] = [];
  for (let at = 0; at < completions; at += 1) {
    const found = await kernel.complete(phrases.member(Math.max(1, cells - at), at + 1), 5000);
    if (found === undefined || found.matches === 0) return undefined;
    times.push(found.ms);
  }
  times.sort((a, b) => a - b);
  return times[completions >> 1];
}
