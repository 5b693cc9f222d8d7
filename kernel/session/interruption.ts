import { createHook, executionAsyncResource } from "node:async_hooks";
import { openAsyncScopes, protectImmediates } from "./async-scopes.ts";
import { cellStorage, latestCell, type CellContext } from "./context.ts";
import type { Evaluator } from "./evaluate.ts";

/** What the thread of the sockets evaluates on the thread of user code to interrupt a cell. */
export function interruptExpression(cell: number): string {
  return `globalThis[Symbol.for("veelab.kernel.interrupt")]?.(${cell})`;
}

/** The answer to {@link interruptExpression}: done, too late (the cell has ended), or to be asked again. */
export type InterruptAnswer = "done" | "ended" | "later";

/** So often an interrupt steps back from Node's own code before it strikes there, too. */
const patience = 50;

/** The interrupts of this thread. */
export interface Interruption {
  /** Repairs, in a callback of the event loop, what a termination has left. */
  recover(): void;
}

/**
 * Opens the door for interrupts. The function behind it is evaluated on this thread by the inspector session of the
 * other thread, at any point of the code that runs here, also inside a loop that never ends: it terminates just that
 * code. Asked for from there, a termination would strike whatever runs next, which may be another cell, or this kernel.
 */
export function openInterruption(evaluator: Evaluator): Interruption {
  const scopes = openAsyncScopes();
  protectImmediates();
  const stop = (): void => {
    scopes.forgive();
    evaluator.terminate();
  };
  // What an interrupted cell has started (timers, awaits, reads) ends where it would go on. Node's own immediates are
  // left to their end: they run no code of a cell themselves.
  const hook = createHook({
    before() {
      if (cellStorage.getStore()?.interrupted === true && !("_onImmediate" in executionAsyncResource())) stop();
    },
  });
  let refused = 0;
  let target: CellContext | undefined;
  const interrupt = (cell: number): InterruptAnswer => {
    const context = latestCell();
    if (context.cell < cell) return "later"; // on its way to this thread
    if (context.cell > cell || context.finished) return "ended";
    refused = context === target ? refused + 1 : 0;
    target = context;
    if (refused < patience && insideNode(interrupt)) return "later";
    context.interrupted = true;
    hook.enable();
    stop();
    return "done";
  };
  Object.defineProperty(globalThis, Symbol.for("veelab.kernel.interrupt"), { value: interrupt });
  return {
    recover() {
      scopes.empty();
    },
  };
}

/** Whether the code that was running when `caller` was called is Node's own, whose lists are better left whole. */
function insideNode(caller: (cell: number) => unknown): boolean {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  try {
    Error.stackTraceLimit = 2;
    Error.prepareStackTrace = (_, frames) => frames;
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, caller);
    // The first frame is the inspector's evaluation, the second what it came between.
    return holder.stack?.[1]?.getFileName()?.startsWith("node:") ?? false;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
  }
}
