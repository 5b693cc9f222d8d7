import { interruption } from "./cell-runner.ts";
import { CommSpace } from "./comm-space.ts";
import { cellStorage, currentCell, latestCell, openContext, type CellContext } from "./context.ts";
import { isPromise } from "./display/promise.ts";
import { describeError, type SourceIndex } from "./errors.ts";
import type { Evaluator } from "./evaluate.ts";
import type { CommArrival } from "./link.ts";
import type { Outlet } from "./outlet.ts";

/** What the comms of this thread are made of. */
export interface CellCommsParts {
  readonly outlet: Pick<Outlet, "publish" | "handled">;
  readonly evaluator: Pick<Evaluator, "call">;
  readonly sources: SourceIndex;
}

/** Gives cells the global `comms`. */
export function installComms(parts: CellCommsParts): CellComms {
  const comms = new CellComms(parts);
  Object.defineProperty(globalThis, "comms", { value: comms.space, writable: true, configurable: true });
  return comms;
}

/** The messages of comms on the thread of user code. Made of callbacks, as the cell runner is and for the same reason. */
export class CellComms {
  readonly space: CommSpace;
  readonly #outlet: CellCommsParts["outlet"];
  readonly #evaluator: CellCommsParts["evaluator"];
  readonly #sources: SourceIndex;
  readonly #handling = new Set<CellContext>();
  readonly #shown = new WeakMap<CellContext, Set<unknown>>();

  constructor({ outlet, evaluator, sources }: CellCommsParts) {
    this.#outlet = outlet;
    this.#evaluator = evaluator;
    this.#sources = sources;
    this.space = new CommSpace((type, content, buffers, metadata) => {
      outlet.publish({ type, content } as Parameters<Outlet["publish"]>[0], buffers, undefined, metadata);
    });
  }

  /** What is being handled. */
  get handling(): ReadonlySet<CellContext> {
    return this.#handling;
  }

  deliver(arrival: CommArrival): void {
    const context = openContext(arrival.cell, latestCell().executionCount, false);
    this.#handling.add(context);
    const waiting: unknown[] = [];
    const run = (): void => {
      for (const call of this.space.calls(arrival)) this.#call(context, call, waiting);
    };
    // Around the call, whose termination leaves its context as it is: it would stay that of this thread's next messages.
    cellStorage.run(context, () => {
      this.#evaluator.call(run, (terminated) => {
        if (terminated) this.#interrupt(context);
        else this.#whenSettled(context, [...waiting, ...context.displays]);
      });
    });
  }

  /**
   * Calls a function that a cell has registered. While a comm's message is handled, what it shows and throws stands under that cell, where
   * people look: front ends show nothing of what belongs to a comm's message. Gives a promise where it does not end at once.
   */
  underCell(cell: number, call: () => unknown): Promise<void> | undefined {
    const current = currentCell();
    const outer = current.origin ?? current;
    if (!this.#handling.has(outer)) {
      const result = call();
      return isPromise(result) ? (result as Promise<void>) : undefined;
    }
    const context = openContext(cell, outer.executionCount, false);
    this.#handling.add(context);
    const waiting: unknown[] = [];
    cellStorage.run(context, () => {
      this.#call(context, call, waiting);
    });
    waiting.push(...context.displays);
    if (waiting.length > 0)
      return new Promise((resolve) => {
        this.#whenSettled(context, waiting, resolve);
      });
    this.#end(context);
    return undefined;
  }

  /** What is handled was terminated; where it never ends, it is ended here. */
  interrupted(): void {
    for (const context of this.#handling) if (context.interrupted) this.#interrupt(context);
  }

  #call(context: CellContext, call: () => unknown, waiting: unknown[]): void {
    try {
      const result = call();
      if (isPromise(result)) waiting.push(result);
    } catch (error) {
      this.#fail(context, error);
    }
  }

  #whenSettled(context: CellContext, waiting: readonly unknown[], then?: () => void): void {
    let left = waiting.length;
    const settled = (): void => {
      left -= 1;
      if (left > 0) return;
      const later = [...context.displays].filter((display) => !waiting.includes(display));
      if (later.length > 0) this.#whenSettled(context, later, then);
      else {
        this.#end(context);
        then?.();
      }
    };
    if (left === 0) this.#end(context);
    for (const each of waiting) void this.#settle(context, each, settled);
  }

  /** By `await` alone: a cell may have replaced every method of promises. */
  async #settle(context: CellContext, waiting: unknown, settled: () => void): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      this.#fail(context, error);
    }
    settled();
  }

  /** An error of a handler is shown like a cell's, under the message that it handles; once, though many may have waited for it. */
  #fail(context: CellContext, error: unknown): void {
    const shown = this.#shown.get(context) ?? new Set();
    if (context.finished || shown.has(error)) return;
    this.#shown.set(context, shown.add(error));
    this.#outlet.publish({ type: "error", content: describeError(error, this.#sources) }, [], context);
  }

  #interrupt(context: CellContext): void {
    if (context.finished) return;
    context.interrupted = true;
    this.#outlet.publish({ type: "error", content: interruption }, [], context);
    this.#end(context);
  }

  #end(context: CellContext): void {
    if (context.finished) return;
    for (const tell of context.whenEnded) cellStorage.run(context, tell);
    // First: where a termination strikes behind it, an interrupt still finds the message.
    if (context.cell < 0) this.#outlet.handled(context);
    context.finished = true;
    this.#handling.delete(context);
  }
}
