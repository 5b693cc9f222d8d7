import { resolve } from "node:path";

import { isJsonObject, type Json, type JsonObject } from "../protocol/json.ts";
import { checkVariable, type StartMode } from "../session/check-line.ts";
import { historyVariable } from "../session/history-store.ts";
import { InputError } from "./input-error.ts";
import { describeExit, type Exit } from "./kernel-process.ts";
import { aborted, elapsed, startKernel, type KernelSession } from "./kernel-session.ts";
import { findKernel, OWN_NAMES, ownKernel, type KernelSpec } from "./kernel-spec.ts";
import { firstLine, tagsOf, type CodeCell, type Notebook } from "./notebook.ts";
import { createOutputStore } from "./outputs.ts";
import { withParameters, type Parameters } from "./parameters.ts";
import { takeProblems, type CellProblem } from "./type-problems.ts";
import { WidgetStates } from "./widget-states.ts";

/** How a notebook is run. */
export interface RunOptions {
  /** The notebook's name in error messages; by default `notebook`. */
  readonly name?: string;
  /** An installed kernel's name instead of this package's own; then the notebook's own kernelspec does not matter. */
  readonly kernel?: string;
  /** The kernel's working directory; by default this process's. */
  readonly cwd?: string;
  /** Values for the variables of the cell tagged `parameters`. */
  readonly parameters?: Parameters;
  /** How long a cell may run, in seconds; without it, for ever. */
  readonly timeout?: number;
  /** Go on after a cell that throws. */
  readonly allowErrors?: boolean;
  /** Check each cell's types as it is run; a cell that begins with `%check off` is left out, and those after it. */
  readonly checkTypes?: boolean;
  /** Variables of the kernel's environment, beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Interrupts the running cell and ends the run; the outputs so far are kept. */
  readonly interrupt?: AbortSignal;
  /** Ends the kernel without asking it. */
  readonly kill?: AbortSignal;
  /** Called when a cell starts, and once at the end with `done` equal to `count`. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far a run is. */
export interface Progress {
  /** Code cells that are done. */
  readonly done: number;
  /** Code cells to run. */
  readonly count: number;
  /** The place in the notebook of the cell that starts, from 1. */
  readonly cell: number;
  /** Its first line. */
  readonly line: string;
}

/** Why a run ended before its last cell. */
export interface Failure {
  /** The cell threw, took too long, ended its kernel, or was interrupted. */
  readonly kind: "error" | "timeout" | "died" | "interrupted";
  /** The cell's place in the notebook, from 1. */
  readonly cell: number;
  /** The cell's first line. */
  readonly line: string;
  /** What happened, as half a sentence: `threw TypeError: x is not a function`. */
  readonly message: string;
}

/** A notebook after its run. */
export interface RunResult {
  /** The notebook with its new outputs. After a failure the cells that did not run have none. */
  readonly notebook: Notebook;
  /** Why the run ended early; undefined when every cell ran. */
  readonly failure: Failure | undefined;
  /** What is wrong with the types of the cells that ran, where that was to be checked. */
  readonly problems: readonly CellProblem[];
  /** The places of the cells whose types could not be checked though that was asked for, from 1. */
  readonly unchecked: readonly number[];
}

/**
 * Runs every code cell of a notebook, in order, in a kernel process of its own, over the Jupyter protocol.
 *
 * @returns the notebook with its outputs, and what stopped it if something did
 * @throws InputError when it cannot be run at all: no cells, another kernel, unknown parameters
 *
 * @example
 * ```ts
 * import { parseNotebook, runNotebook } from "veelab/kernel";
 *
 * const cell = { cell_type: "code", id: "a", metadata: {}, execution_count: null, outputs: [], source: "1 + 1" };
 * const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
 * const { notebook, failure } = await runNotebook(parseNotebook(text, "sum.ipynb"));
 * console.log(failure, notebook.cells[0]);
 * ```
 */
export async function runNotebook(notebook: Notebook, options: RunOptions = {}): Promise<RunResult> {
  const name = options.name ?? "notebook";
  const { timeout } = options;
  if (timeout !== undefined && !(timeout > 0))
    throw new InputError(`timeout: expected a number of seconds > 0, got ${timeout}`);
  const spec = await kernelFor(notebook, options.kernel, name);
  if (options.checkTypes === true && spec.name !== "veelab")
    throw new InputError(`${name}: expected the kernel veelab, which checks types, got ${spec.name}`);
  if (notebook.cells.length === 0) throw new InputError(`${name}: expected a notebook with cells, got none`);
  const run = new Run(withParameters(notebook, options.parameters ?? {}, name), options);
  return run.with(spec);
}

async function kernelFor(notebook: Notebook, wanted: string | undefined, name: string): Promise<KernelSpec> {
  if (wanted !== undefined) return findKernel(wanted);
  const spec = notebook.metadata["kernelspec"];
  const kernel = isJsonObject(spec) ? spec["name"] : undefined;
  if (kernel !== undefined && !OWN_NAMES.some((own) => own === kernel)) {
    const other = typeof kernel === "string" ? kernel : JSON.stringify(kernel);
    throw new InputError(
      `${name}: expected a notebook of the kernel veelab, got one of ${other} (--kernel ${other} runs it there)`,
    );
  }
  return ownKernel();
}

/** How long a kernel has to answer an interrupt, and the output channel to catch up with a reply. */
const GRACE_MS = 5000;

class Run {
  readonly #notebook: Notebook;
  readonly #options: RunOptions;
  readonly #outputs = createOutputStore();
  readonly #widgets = new WidgetStates();
  readonly #counts = new Map<number, number>();
  /** The cell of each execute request, so that late output finds the cell that it came from. */
  readonly #cellOf = new Map<string, number>();
  readonly #idle = new Map<string, () => void>();
  readonly #interrupt: AbortSignal;
  readonly #interrupted: Promise<undefined>;
  readonly #killed: Promise<undefined>;

  constructor(notebook: Notebook, options: RunOptions) {
    this.#notebook = notebook;
    this.#options = options;
    const never = new AbortController().signal;
    const kill = options.kill ?? never;
    this.#interrupt = AbortSignal.any([options.interrupt ?? never, kill]);
    this.#interrupted = aborted(this.#interrupt);
    // A signal of its own, as the listeners of many runs would stay with the given one.
    this.#killed = aborted(AbortSignal.any([kill]));
  }

  async with(spec: KernelSpec): Promise<RunResult> {
    const cwd = resolve(this.#options.cwd ?? ".");
    const start: StartMode = this.#options.checkTypes === true ? "report" : "off";
    // What nobody has typed is not to be found by who looks for what they have typed.
    const env = { ...spec.env, ...this.#options.env, [checkVariable]: start, [historyVariable]: "off" };
    const session = await startKernel({ ...spec, env }, cwd, this.#take.bind(this), this.#interrupt);
    let failure: Failure | undefined;
    try {
      if (start === "report") await this.#checkerReady(session);
      failure = await this.#cells(session);
    } finally {
      await session.close();
    }
    return { ...takeProblems(this.#widgets.savedIn(this.#result(spec, session.info))), failure };
  }

  /** The checker's start is no cell's time. It answers a question when TypeScript is loaded; one without an answer is no fault. */
  async #checkerReady(session: KernelSession): Promise<void> {
    const { reply } = session.client.request("shell", "complete_request", { code: "", cursor_pos: 0 });
    await Promise.race([reply, session.exited, this.#interrupted]);
  }

  async #cells(session: KernelSession): Promise<Failure | undefined> {
    const { onProgress } = this.#options;
    const runs = this.#notebook.cells.flatMap((cell, index) =>
      cell.cell_type === "code" && cell.source.trim() !== "" ? [{ cell, index }] : [],
    );
    for (const [done, { cell, index }] of runs.entries()) {
      const place = { cell: index + 1, line: firstLine(cell.source) };
      onProgress?.({ done, count: runs.length, ...place });
      const problem = await this.#cell(session, cell, index);
      if (problem !== undefined) return { ...problem, ...place };
    }
    onProgress?.({ done: runs.length, count: runs.length, cell: this.#notebook.cells.length, line: "" });
    return undefined;
  }

  async #cell(session: KernelSession, cell: CodeCell, index: number): Promise<Problem | undefined> {
    const mayThrow = this.#options.allowErrors === true || tagsOf(cell).includes("raises-exception");
    const { id, reply } = session.client.request("shell", "execute_request", {
      code: cell.source,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: !mayThrow,
    });
    this.#cellOf.set(id, index);
    const idle = new Promise<void>((done) => this.#idle.set(id, done));
    const { timeout } = this.#options;
    const timer = new AbortController();
    const handle =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            timer.abort();
          }, timeout * 1000);
    try {
      const first = await Promise.race([reply, session.exited, this.#interrupted, aborted(timer.signal)]);
      const stopped = first === undefined ? (timer.signal.aborted ? "timeout" : "interrupted") : undefined;
      const answer = first ?? (await this.#stopped(session, reply));
      if (answer !== undefined && isExit(answer)) {
        await session.client.quiet(100);
        return this.#died(answer, index, stopped);
      }
      if (answer === undefined) {
        await session.destroy();
        return { kind: stopped ?? "interrupted", message: `${this.#why(stopped)} and did not answer an interrupt` };
      }
      await Promise.race([idle, session.exited, elapsed(GRACE_MS)]);
      const count = answer["execution_count"];
      if (typeof count === "number") this.#counts.set(index, count);
      if (stopped !== undefined) return { kind: stopped, message: this.#why(stopped) };
      if (answer["status"] === "ok" || mayThrow) return undefined;
      return { kind: "error", message: `threw ${text(answer["ename"])}: ${text(answer["evalue"])}` };
    } finally {
      clearTimeout(handle);
    }
  }

  /** Interrupts the running cell: its reply, the kernel's end, or nothing when neither comes in time. */
  async #stopped(session: KernelSession, reply: Promise<JsonObject>): Promise<JsonObject | Exit | undefined> {
    session.interrupt();
    return Promise.race([reply, session.exited, elapsed(GRACE_MS), this.#killed]);
  }

  #died(exit: Exit, index: number, stopped: "timeout" | "interrupted" | undefined): Problem {
    const message = `the kernel ${describeExit(exit)}`;
    // Whoever opens the saved notebook sees why there is no more.
    this.#outputs.add(index, { output_type: "error", ename: "KernelDied", evalue: message, traceback: [message] });
    return { kind: stopped ?? "died", message: stopped === undefined ? message : `${this.#why(stopped)}; ${message}` };
  }

  #why(stopped: "timeout" | "interrupted" | undefined): string {
    return stopped === "timeout" ? `did not end within ${this.#options.timeout ?? 0} s` : "was interrupted";
  }

  #take(parent: string, type: string, content: JsonObject, buffers: readonly Uint8Array[]): void {
    this.#widgets.take(type, content, buffers);
    const cell = this.#cellOf.get(parent);
    if (cell === undefined) return;
    if (type === "status") {
      if (content["execution_state"] === "idle") this.#idle.get(parent)?.();
      return;
    }
    const count = content["execution_count"];
    if (type === "execute_input" && typeof count === "number") this.#counts.set(cell, count);
    this.#outputs.take(cell, type, content);
  }

  #result(spec: KernelSpec, info: JsonObject): Notebook {
    const { metadata } = this.#notebook;
    const language = info["language_info"];
    return {
      ...this.#notebook,
      cells: this.#notebook.cells.map((cell, index) =>
        cell.cell_type === "code"
          ? { ...cell, execution_count: this.#counts.get(index) ?? null, outputs: this.#outputs.of(index) }
          : cell,
      ),
      metadata: {
        ...metadata,
        kernelspec: metadata["kernelspec"] ?? {
          display_name: spec.displayName,
          language: spec.language,
          name: spec.name,
        },
        ...(isJsonObject(language) ? { language_info: language } : {}),
        // By this, --check knows whether to expect the same bytes or the same numbers.
        ...(spec.name === "veelab" ? { veelab: { ...object(metadata["veelab"]), node: nodeMajor() } } : {}),
      },
    };
  }
}

/** The major version of the Node that runs this, and so this package's kernel. */
export function nodeMajor(): number {
  return Number(process.versions.node.split(".")[0]);
}

type Problem = Pick<Failure, "kind" | "message">;

function isExit(answer: JsonObject | Exit): answer is Exit {
  return "stderr" in answer && "signal" in answer;
}

const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
