import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../run/input-error.ts";
import { differencesOf } from "../run/differences.ts";
import { executeFile } from "../run/execute-file.ts";
import type { Notebook } from "../run/notebook.ts";
import { failureSentence } from "../run/report/paper.ts";
import type { Stop } from "../run/stop-signals.ts";
import { type Reads, recordReads } from "./reads.ts";

/** A notebook that was run for a bundle. */
export interface Ran {
  readonly notebook: Notebook;
  readonly reads: Reads;
  /** Why it did not run to its end; undefined where it did. */
  readonly failure?: string;
  /** Why it did not give the outputs that are in its file, a sentence and its details; undefined where it did. */
  readonly complaint: string | undefined;
}

/**
 * Runs a notebook in its folder, and tells what it read and whether its outputs are those in the file. Its sweeps keep their points in a folder of the run: earlier ones would hide reads.
 *
 * @throws InputError when it cannot be run at all, or was interrupted
 */
export async function runOnce(file: string, timeout: number | undefined, stop: Stop): Promise<Ran> {
  const store = await mkdtemp(join(tmpdir(), "veelab-bundle-store-"));
  const { result: executed, reads } = await recordReads((env) =>
    executeFile(file, { timeout, env: { ...env, VEELAB_STORE: store } }, stop),
  ).finally(() => rm(store, { recursive: true, force: true }));
  if ("unusable" in executed) throw new InputError(executed.unusable);
  const { notebook, failure, source } = executed;
  if (failure?.kind === "interrupted") throw new InputError(`${file}: interrupted, no bundle is written`);
  if (failure !== undefined) {
    const sentence = failureSentence(failure);
    return { notebook: source, reads, failure: sentence, complaint: `${file}: ${sentence}` };
  }
  const { differences } = differencesOf(source, notebook);
  if (differences.length === 0) return { notebook: source, reads, complaint: undefined };
  const details = differences.map(
    ({ cell, line, lines }) => `${file}: cell ${cell} (${line}):\n${lines.map((each) => `  ${each}\n`).join("")}`,
  );
  const count = `${differences.length} ${differences.length === 1 ? "cell gives" : "cells give"}`;
  return {
    notebook: source,
    reads,
    complaint: `${details.join("")}${file}: ${count} other outputs than those in the file`,
  };
}
