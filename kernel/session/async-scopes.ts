import timers from "node:timers";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { nextTick } from "node:process";
import { promisify } from "node:util";

/**
 * Makes Node bear that the code it calls is terminated midway.
 *
 * Node keeps a stack of asynchronous scopes, and aborts the process when it finds a scope on it that was entered and
 * never left: what a terminated continuation is. It looks only while async hooks are counted and checks are on.
 */
export interface AsyncScopes {
  /** To be called right before a termination: no check until the stack is emptied. */
  forgive(): void;
  /** To be called from a callback of the event loop after it: empties the stack. */
  empty(): void;
}

interface AsyncWrap {
  readonly async_hook_fields: Uint32Array;
  readonly constants: { readonly kCheck: number; readonly kTotals: number };
  clearAsyncIdStack(): void;
}

/** Reaches Node's async scopes; where that is not possible, nothing is done. */
export function openAsyncScopes(): AsyncScopes {
  const wrap = asyncWrap();
  if (wrap === undefined) return { forgive: () => undefined, empty: () => undefined };
  const { async_hook_fields: fields, constants } = wrap;
  return {
    forgive() {
      fields[constants.kCheck] = 0;
      fields[constants.kTotals] = 0;
      wrap.clearAsyncIdStack();
    },
    empty() {
      wrap.clearAsyncIdStack();
    },
  };
}

function asyncWrap(): AsyncWrap | undefined {
  return exposed() ?? deprecated();
}

/** The way from Node 24 on, where the kernel was started with its flag. */
function exposed(): AsyncWrap | undefined {
  if (!process.execArgv.includes("--expose-internals")) return undefined;
  const { internalBinding } = createRequire(import.meta.url)("internal/test/binding") as {
    internalBinding: (name: string) => AsyncWrap;
  };
  return internalBinding("async_wrap");
}

/** The way before; it warns of its deprecation, which is no business of the notebook's reader. */
function deprecated(): AsyncWrap | undefined {
  const node = process as unknown as { binding?(name: string): Partial<AsyncWrap> };
  const silenced = Reflect.get(process, "noDeprecation") as unknown;
  Reflect.set(process, "noDeprecation", true);
  try {
    const wrap = node.binding?.("async_wrap");
    return wrap?.async_hook_fields === undefined || wrap.constants === undefined ? undefined : (wrap as AsyncWrap);
  } catch {
    return undefined;
  } finally {
    Reflect.set(process, "noDeprecation", silenced);
  }
}

/**
 * Lets `setImmediate` run its callback as the tick that follows. An immediate that is terminated itself leaves Node's
 * list of immediates so that it fails on it again and again; a tick does not. The order of callbacks stays.
 */
export function protectImmediates(): void {
  const native = timers.setImmediate;
  const protectedImmediate = (callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate =>
    // What is no function is for Node to complain about.
    typeof callback === "function"
      ? native(() => {
          nextTick(callback, ...args);
        })
      : native(callback);
  Object.defineProperty(protectedImmediate, "name", { value: "setImmediate" });
  Object.defineProperty(protectedImmediate, promisify.custom, {
    value: Reflect.get(native, promisify.custom) as unknown,
  });
  Reflect.set(globalThis, "setImmediate", protectedImmediate);
  Reflect.set(timers, "setImmediate", protectedImmediate);
  syncBuiltinESMExports();
}
