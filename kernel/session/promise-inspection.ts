import { inspect } from "node:util";

/**
 * Keeps Node's bookkeeping out of sight where a promise is printed: with contexts switched on, every promise carries
 * the numbers of its asynchronous scope, which differ from run to run.
 *
 * `inspect` looks for its hook before it lists the properties; the look hides them, and there is no hook.
 */
export function tidyPromises(): void {
  Reflect.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    get(this: object) {
      for (const key of Object.getOwnPropertySymbols(this))
        if (bookkeeping.has(key.description)) Object.defineProperty(this, key, { enumerable: false });
      return undefined;
    },
  });
}

const bookkeeping: ReadonlySet<string | undefined> = new Set([
  "async_id_symbol",
  "trigger_async_id_symbol",
  "kResourceStore",
]);
