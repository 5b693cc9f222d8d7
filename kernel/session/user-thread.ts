import { inspect } from "node:util";
import type { ErrorContent, UserExpression } from "../protocol/messages.ts";
import { capturePrinting } from "./capture.ts";
import { CellSyntaxError, compileCell, declareNames, type CompiledCell } from "./compile.ts";
import { cellStorage, enterCell, latestCell, type CellContext } from "./context.ts";
import { Evaluator } from "./evaluate.ts";
import { openInterruptDoor } from "./interruption.ts";
import type { CellOutcome, RunCell, ToSockets, ToUser } from "./link.ts";
import { Outlet } from "./outlet.ts";
import { RingWriter } from "./ring.ts";

/** The port to the thread of the sockets. */
export interface UserPort {
  postMessage(message: ToSockets): void;
  on(event: "message", listener: (message: ToUser) => void): unknown;
}

const interrupted: ErrorContent = {
  ename: "Interrupted",
  evalue: "the cell was interrupted",
  traceback: ["Interrupted: the cell was interrupted"],
};

/**
 * Makes this thread the one that runs the notebook's code. Everything here is made of callbacks, not of promises: a
 * termination drops what waits in the microtask queue.
 */
export function startUserThread(port: UserPort, memory: SharedArrayBuffer, exit: (code: number) => never): void {
  const ring = new RingWriter(memory, (urgent) => {
    port.postMessage({ type: "bell", urgent });
  });
  const outlet = new Outlet(port, ring);
  const evaluator = new Evaluator();
  const runner = new CellRunner(outlet, evaluator);
  capturePrinting(outlet);
  openInterruptDoor(evaluator);
  port.on("message", (message) => {
    if (message.type === "run") runner.run(message);
    else if (message.type === "interrupted") runner.interrupted(message.cell);
    else exit(message.code);
  });
  port.postMessage({ type: "ready" });
}

/** Runs cells one after another. */
class CellRunner {
  readonly #outlet: Outlet;
  readonly #evaluator: Evaluator;
  readonly #constants = new Set<string>();

  constructor(outlet: Outlet, evaluator: Evaluator) {
    this.#outlet = outlet;
    this.#evaluator = evaluator;
  }

  run(request: RunCell): void {
    const context = enterCell(request.cell, request.executionCount);
    let compiled: CompiledCell;
    try {
      compiled = compileCell(request.code, cellName(request), this.#constants);
    } catch (error) {
      this.#finish(context, this.#failure(error));
      return;
    }
    declareNames(this.#constants, compiled);
    cellStorage.run(context, () => {
      this.#evaluator.evaluate(compiled.code, (evaluation) => {
        if (context.finished) return;
        if (evaluation.end === "terminated") this.#finish(context, { status: "error", ...interrupted });
        else if (evaluation.end === "thrown") this.#finish(context, this.#failure(evaluation.value));
        else this.#result(context, request, evaluation.value);
      });
    });
  }

  /** The cell was terminated; where its evaluation never answers, this does. */
  interrupted(cell: number): void {
    const context = latestCell();
    if (context.cell === cell && !context.finished) this.#finish(context, { status: "error", ...interrupted });
  }

  #result(context: CellContext, request: RunCell, value: unknown): void {
    const text = value === undefined ? null : inspect(value);
    if (text !== null && !request.silent)
      this.#outlet.publish(
        {
          type: "execute_result",
          content: { data: { "text/plain": text }, metadata: {}, execution_count: context.executionCount },
        },
        [],
        context,
      );
    const userExpressions: Record<string, UserExpression> = {};
    this.#finish(context, { status: "ok", payload: [], userExpressions, output: text });
  }

  #failure(error: unknown): CellOutcome {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const traceback = error instanceof CellSyntaxError ? `${name}: ${message}\n${error.frame}` : (stack ?? message);
    return { status: "error", ename: name, evalue: message, traceback: traceback.split("\n") };
  }

  #finish(context: CellContext, outcome: CellOutcome): void {
    if (context.finished) return;
    context.finished = true;
    this.#evaluator.release();
    this.#outlet.done(context, outcome);
  }
}

/** Unique in the session: stack frames are found by it. */
function cellName({ cell, executionCount, stored }: RunCell): string {
  return stored ? `cell [${executionCount}]` : `cell [*${cell}]`;
}
