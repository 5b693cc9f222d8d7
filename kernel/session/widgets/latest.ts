import { currentCell, type CellContext } from "../context.ts";

/**
 * Calls a function with the newest arguments: while a call goes on, of those that come only the last are kept, for one call after it.
 *
 * @param call - gives a promise where it does not end at once
 * @param merge - the arguments to keep, of those that wait and those that come
 */
export function latest<A extends readonly unknown[]>(
  call: (...args: A) => Promise<unknown> | undefined,
  merge: (waiting: A, coming: A) => A,
): (...args: A) => Promise<void> | undefined {
  let running: CellContext | undefined;
  let waiting: A | undefined;
  const follow = async (result: Promise<unknown>): Promise<void> => {
    try {
      await result;
    } finally {
      running = undefined;
      const next = waiting;
      waiting = undefined;
      if (next !== undefined) await start(...next);
    }
  };
  const start = (...args: A): Promise<void> | undefined => {
    // Of an interrupted call, nothing tells the end.
    if (running !== undefined && !running.interrupted) {
      waiting = waiting === undefined ? args : merge(waiting, args);
      return undefined;
    }
    running = undefined;
    const result = call(...args);
    if (result === undefined) return undefined;
    running = currentCell();
    return follow(result);
  };
  return start;
}
