import { createHook } from "node:async_hooks";
import { cellStorage, latestCell } from "./context.ts";
import type { Evaluator } from "./evaluate.ts";

const door = Symbol.for("veelab.kernel.interrupt");

/** What the thread of the sockets evaluates on the thread of user code to interrupt a cell. */
export function interruptExpression(cell: number): string {
  return `globalThis[Symbol.for("veelab.kernel.interrupt")]?.(${cell})`;
}

/** The answer to {@link interruptExpression}: done, too late (the cell has ended), or to be asked again. */
export type InterruptAnswer = "done" | "ended" | "later";

/**
 * Opens the door for interrupts. The function behind it is evaluated on this thread by the inspector session of the
 * other thread, at any point of the code that runs here, also inside a loop that never ends.
 *
 * Why the termination is not simply asked for from there: Node keeps a stack of asynchronous scopes, and aborts the
 * process when a scope is left that was never entered, or entered and never left. A terminated continuation is never
 * left. So the stack is emptied in the same moment, and never in the middle of Node's own work on it.
 */
export function openInterruptDoor(evaluator: Evaluator): void {
  const clear = asyncStackCleaner();
  const stop = (): void => {
    clear();
    evaluator.terminate();
  };
  // What an interrupted cell has started (timers, awaits, reads) ends where it would go on.
  const hook = createHook({
    before() {
      if (cellStorage.getStore()?.interrupted === true) stop();
    },
  });
  const interrupt = (cell: number): InterruptAnswer => {
    const context = latestCell();
    if (context.cell !== cell || context.finished) return "ended";
    if (insideNode(interrupt)) return "later";
    context.interrupted = true;
    hook.enable();
    stop();
    return "done";
  };
  Object.defineProperty(globalThis, door, { value: interrupt });
}

/** Whether the code that was running when `caller` was called is Node's own. */
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

/** Node's own function, with which it recovers from uncaught exceptions; without it (in later Nodes) there is no stack. */
function asyncStackCleaner(): () => void {
  const node = process as unknown as { binding?(name: string): { readonly clearAsyncIdStack?: () => void } };
  const { noDeprecation } = process;
  try {
    process.noDeprecation = true;
    return node.binding?.("async_wrap").clearAsyncIdStack ?? (() => undefined);
  } catch {
    return () => undefined;
  } finally {
    if (noDeprecation === undefined) Reflect.deleteProperty(process, "noDeprecation");
    else process.noDeprecation = noDeprecation;
  }
}
