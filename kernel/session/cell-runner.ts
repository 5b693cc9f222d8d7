import type { ErrorContent, UserExpression } from "../protocol/messages.ts";
import { cellName } from "./cell-name.ts";
import { compileCell, declareNames } from "./compile.ts";
import { cellStorage, enterCell, leaveCell, runningCells, type CellContext } from "./context.ts";
import { isPromise } from "./display/promise.ts";
import { render, type Rendering } from "./display/render.ts";
import { describeError, type SourceIndex } from "./errors.ts";
import type { Evaluation, Evaluator } from "./evaluate.ts";
import type { CellOutcome, RunCell } from "./link.ts";
import type { Importer } from "./modules.ts";
import type { Outlet } from "./outlet.ts";
import { browserNotice, readTslabCell } from "./tslab-cell.ts";

/** The error of what was interrupted. */
export const interruption: ErrorContent = {
  ename: "Interrupted",
  evalue: "the cell was interrupted",
  traceback: ["\x1b[31mInterrupted\x1b[39m: the cell was interrupted"],
};

/** Code that was not evaluated: it could not be compiled. */
interface Refusal {
  readonly end: "refused";
  readonly value: unknown;
}

/** What a cell runner is made of. */
export interface CellRunnerParts {
  readonly outlet: Outlet;
  readonly evaluator: Evaluator;
  readonly sources: SourceIndex;
  readonly importer: Pick<Importer, "write">;
  /** The notebook's folder. */
  readonly directory: string;
}

/**
 * Runs cells: those of one shell come one after another, those of several go on in turns, at their awaits. Made of
 * callbacks, not of promises: a termination drops what waits in the microtask queue, and a cell must be answered all the
 * same.
 */
export class CellRunner {
  readonly #outlet: Outlet;
  readonly #evaluator: Evaluator;
  readonly #sources: SourceIndex;
  readonly #importer: CellRunnerParts["importer"];
  readonly #directory: string;
  readonly #constants = new Set<string>();
  readonly #names = new Set<string>();

  constructor({ outlet, evaluator, sources, importer, directory }: CellRunnerParts) {
    this.#outlet = outlet;
    this.#evaluator = evaluator;
    this.#sources = sources;
    this.#importer = importer;
    this.#directory = directory;
  }

  run(request: RunCell): void {
    const context = enterCell(request.cell, request.executionCount, request.attended);
    this.#evaluate(context, request.code, cellName(request), (evaluation) => {
      if (evaluation.end === "terminated") this.#interrupt(context);
      else if (evaluation.end !== "value") this.#fail(context, evaluation.value, evaluation.end === "refused");
      else {
        const { value } = evaluation;
        this.#show(context, context.displays.has(value) ? undefined : value, (rendering) => {
          this.#afterDisplays(context, () => {
            this.#result(context, request, rendering);
          });
        });
      }
    });
  }

  /** Runs in what every cell goes through, in short steps between which a cell may come. */
  warm(): void {
    this.#warm(8);
  }

  #warm(rounds: number): void {
    if (rounds === 0 || runningCells().length > 0) return;
    compileCell("const { a = 1 }: { a?: number } = {};\na + 1", "warm-up");
    this.#evaluator.evaluate("0", () => {
      void render({ warm: [1, "text"] }, { directory: this.#directory });
      this.#evaluator.release();
      setImmediate(() => {
        this.#warm(rounds - 1);
      });
    });
  }

  /** Cells were terminated; where an evaluation never answers, this does. */
  interrupted(): void {
    for (const context of runningCells()) if (context.interrupted) this.#interrupt(context);
  }

  #evaluate(context: CellContext, code: string, name: string, done: (evaluation: Evaluation | Refusal) => void): void {
    let script: string;
    try {
      const tags = readTslabCell(code);
      if (tags?.browser === true) this.#outlet.print("stderr", browserNotice, context);
      if (tags?.module !== undefined) this.#importer.write(tags.module, code, tags.jsx);
      if (tags?.browser === true || tags?.module !== undefined) code = "";
      const compiled = compileCell(code, name, this.#constants, this.#names);
      this.#sources.set(compiled.url, compiled);
      declareNames(this.#constants, compiled);
      for (const declared of compiled.declares.keys()) this.#names.add(declared);
      script = compiled.code;
    } catch (error) {
      this.#guarded(context, () => {
        done({ end: "refused", value: error });
      });
      return;
    }
    // Nothing catches around it: a debugger that stops at uncaught exceptions would take them for caught ones.
    cellStorage.run(context, () => {
      this.#evaluator.evaluate(script, (evaluation) => {
        this.#guarded(context, () => {
          done(evaluation);
        });
      });
    });
  }

  /** Goes on with a cell that has no answer yet. A step that fails fails its cell: every cell is answered. */
  #guarded(context: CellContext, step: () => void): void {
    if (context.finished) return;
    try {
      step();
    } catch (error) {
      this.#fail(context, error);
    }
  }

  /** Renders a value, at once where it needs no waiting; a display that fails fails its cell. */
  #show(context: CellContext, value: unknown, done: (rendering: Rendering | undefined) => void): void {
    cellStorage.run(context, () => {
      this.#guarded(context, () => {
        const rendering = render(value, { directory: this.#directory });
        if (isPromise(rendering)) void this.#showLater(context, rendering, done);
        else done(rendering);
      });
    });
  }

  async #showLater(
    context: CellContext,
    rendering: Promise<Rendering>,
    done: (rendering: Rendering) => void,
  ): Promise<void> {
    let rendered: Rendering;
    try {
      rendered = await rendering;
    } catch (error) {
      this.#fail(context, error);
      return;
    }
    this.#guarded(context, () => {
      done(rendered);
    });
  }

  #result(context: CellContext, request: RunCell, rendering: Rendering | undefined): void {
    if (rendering !== undefined && !request.silent) {
      const { data, metadata } = rendering;
      const content = { data, metadata, execution_count: context.executionCount };
      this.#outlet.publish({ type: "execute_result", content }, [], context);
    }
    if (context.failures.length > 0) {
      this.#fail(context, context.failures[0]);
      return;
    }
    const text = rendering?.data["text/plain"];
    this.#expressions(context, Object.entries(request.userExpressions), {}, (userExpressions) => {
      if (context.finished) return;
      const output = typeof text === "string" ? text : null;
      this.#answer(context, { status: "ok", payload: context.payload, userExpressions, output });
    });
  }

  /** The user expressions of a request, one after the other; one that fails does not fail the cell. */
  #expressions(
    context: CellContext,
    [first, ...rest]: readonly (readonly [string, string])[],
    values: Record<string, UserExpression>,
    done: (values: Record<string, UserExpression>) => void,
  ): void {
    if (first === undefined) {
      done(values);
      return;
    }
    const [name, code] = first;
    const next = (value: UserExpression): void => {
      this.#expressions(context, rest, { ...values, [name]: value }, done);
    };
    const place = `expression ${JSON.stringify(name)} of cell [${context.executionCount}] (${context.cell})`;
    this.#evaluate(context, code, place, (evaluation) => {
      if (evaluation.end === "terminated") this.#interrupt(context);
      else if (evaluation.end !== "value") next({ status: "error", ...describeError(evaluation.value, this.#sources) });
      else
        this.#show(context, evaluation.value, (rendering) => {
          // As JSON here, where what has none is the expression's own fault.
          const { data, metadata } = rendering ?? { data: { "text/plain": "undefined" }, metadata: {} };
          next({ status: "ok", data: JSON.parse(JSON.stringify(data)) as typeof data, metadata });
        });
    });
  }

  /** Waits for what the cell still shows, as charts are while they are drawn. */
  #afterDisplays(context: CellContext, next: () => void): void {
    if (context.displays.size === 0) next();
    else void this.#afterAll(context, next);
  }

  /** By `await` alone: a cell may have replaced every method of promises. */
  async #afterAll(context: CellContext, next: () => void): Promise<void> {
    for (const display of context.displays) {
      try {
        await display;
      } catch {
        // It is the display's own promise that tells.
      }
    }
    context.displays.clear();
    this.#guarded(context, next);
  }

  #fail(context: CellContext, error: unknown, refused = false): void {
    if (context.finished) return;
    const description = describeError(error, this.#sources);
    this.#afterDisplays(context, () => {
      this.#answer(context, { status: "error", refused, ...description });
    });
  }

  #interrupt(context: CellContext): void {
    if (context.finished) return;
    context.interrupted = true;
    this.#answer(context, { status: "error", ...interruption });
  }

  /** In this order: where a termination strikes in between, an interrupt still finds the cell. Only its first answer counts. */
  #answer(context: CellContext, outcome: CellOutcome): void {
    for (const tell of context.whenEnded) cellStorage.run(context, tell);
    this.#outlet.done(context, outcome);
    leaveCell(context);
    this.#evaluator.release();
    if (!context.interrupted) return;
    cellStorage.exit(() =>
      setImmediate(() => {
        if (runningCells().length === 0) this.#evaluator.renew();
      }),
    );
  }
}
