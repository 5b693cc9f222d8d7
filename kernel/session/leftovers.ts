import { createHook, executionAsyncResource } from "node:async_hooks";
import { framesBelow } from "./call-sites.ts";
import { cellStorage } from "./context.ts";

/** Watches over what interrupted cells have left behind. */
export interface Leftovers {
  /** From now on, what an interrupted cell has started ends where it would go on. */
  watch(): void;
}

const nothing = (): void => undefined;

/** The places where Node's own queues hold the function that they are about to call: ticks, timers, immediates. */
const callbackNames = ["callback", "_onTimeout", "_onImmediate"] as const;

/**
 * Ends timers, ticks, awaits and reads of interrupted cells. Where a queue of Node's calls a function, it calls none; a
 * promise's continuation and the callback of an operation are terminated by `stop`.
 *
 * A termination takes with it whatever waits in the same turn of the microtask queue. That is the interrupted cell's
 * own, unless another cell awaits the very same promise: such a cell has to be interrupted, too, and run again.
 */
export function openLeftovers(stop: () => void): Leftovers {
  const hook = createHook({
    before: function before() {
      if (cellStorage.getStore()?.interrupted !== true) return;
      const resource = executionAsyncResource();
      const name = callbackNames.find((name) => typeof Reflect.get(resource, name) === "function");
      if (name !== undefined) {
        Reflect.set(resource, name, nothing);
        if (name === "_onTimeout") Reflect.set(resource, "_repeat", null);
      } else if (resource instanceof Promise || calledFromScript(before)) {
        stop();
        meetTermination();
      }
    },
  });
  return {
    watch() {
      hook.enable();
    },
  };
}

/**
 * A termination is carried out where a loop turns. It has to be here: were it carried out in a hook that Node's C++
 * calls, which is next where an operation begins, it would be the end of the process.
 */
function meetTermination(): number {
  let turns = 0;
  while (turns < 1_000_000) turns++;
  return turns;
}

/** Whether it is JavaScript of Node's that has called the hook: what its C++ calls must not fail, or the process ends. */
function calledFromScript(hook: () => void): boolean {
  return framesBelow(hook, 10).some(
    (frame) => frame.getFunctionName() === "callbackTrampoline" || !frame.getFileName()?.endsWith("async_hooks"),
  );
}
