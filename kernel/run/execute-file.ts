import { dirname } from "node:path";

import { InputError } from "./input-error.ts";
import type { Notebook } from "./notebook.ts";
import type { Parameters } from "./parameters.ts";
import { createProgressLine } from "./progress.ts";
import { readNotebook } from "./read-notebook.ts";
import { runNotebook, type RunResult } from "./run-notebook.ts";
import type { Stop } from "./stop-signals.ts";

/** What the commands that run notebooks have in common. */
export interface ExecuteSettings {
  readonly parameters?: Parameters;
  readonly timeout?: number | undefined;
  readonly allowErrors?: boolean;
  readonly kernel?: string | undefined;
  readonly checkTypes?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A notebook file that was run, or the sentence that says why it could not be. */
export type Executed =
  | (RunResult & { readonly source: Notebook; readonly seconds: number })
  | { readonly unusable: string; readonly interrupted: boolean };

/** Runs a notebook file in its own folder, with progress on standard error. Writes nothing to disk. */
export async function executeFile(file: string, settings: ExecuteSettings, stop: Stop): Promise<Executed> {
  const progress = createProgressLine(file, process.stderr);
  const start = performance.now();
  try {
    const source = await readNotebook(file);
    const result = await runNotebook(source, {
      name: file,
      cwd: dirname(file),
      parameters: settings.parameters ?? {},
      allowErrors: settings.allowErrors ?? false,
      checkTypes: settings.checkTypes ?? false,
      env: settings.env ?? {},
      interrupt: stop.interrupt,
      kill: stop.kill,
      onProgress: (at) => {
        progress.update(at);
      },
      ...(settings.timeout === undefined ? {} : { timeout: settings.timeout }),
      ...(settings.kernel === undefined ? {} : { kernel: settings.kernel }),
    });
    return { ...result, source, seconds: (performance.now() - start) / 1000 };
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    return { unusable: cause.message, interrupted: stop.interrupt.aborted };
  } finally {
    progress.end();
  }
}
