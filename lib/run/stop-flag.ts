// How the threads of a pool are ended: one that is ended while native code of its runs (a query of DuckDB) would take the process with it.

const STOP = 0;
const BUSY = 1;

/** So long a pool waits for native code to end. */
const patienceMs = 5000;

/** What the threads of a pool and who ends them share. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

/** The flag of a pool that runs. */
export const stopFlag = (): StopFlag => new Int32Array(new SharedArrayBuffer(8));

/** Asks the threads to end their native code, and waits until none runs: after it they can be ended. It does not wait for JavaScript. */
export function stopNativeWork(flag: StopFlag): void {
  Atomics.store(flag, STOP, 1);
  Atomics.notify(flag, STOP);
  const until = performance.now() + patienceMs;
  for (let busy = Atomics.load(flag, BUSY); busy > 0 && performance.now() < until; busy = Atomics.load(flag, BUSY))
    Atomics.wait(flag, BUSY, busy, 10);
}

/** In a thread: has native code under the key by which libraries ask for it ended when the pool is. */
export function endNativeWorkWith(flag: StopFlag): void {
  const ends = new Set<() => void>();
  const whenInterrupted = (end: () => void): (() => void) => {
    Atomics.add(flag, BUSY, 1);
    if (Atomics.load(flag, STOP) === 1) {
      // The pool may have seen nothing: the thread's end is near, and nothing must begin.
      leave();
      for (;;) Atomics.wait(flag, STOP, 1);
    }
    ends.add(end);
    return () => {
      if (ends.delete(end)) leave();
    };
  };
  const leave = (): void => {
    Atomics.sub(flag, BUSY, 1);
    Atomics.notify(flag, BUSY);
  };
  Object.defineProperty(globalThis, Symbol.for("veelab.when-interrupted"), { value: whenInterrupted });
  void stopped(flag).then(() => {
    // Again and again: an engine forgets an interruption that comes between two statements.
    setInterval(() => {
      for (const end of ends) end();
    }, 2);
  });
}

interface WaitAsync {
  waitAsync(flag: StopFlag, index: number, value: number): { readonly value: Promise<string> | string };
}

async function stopped(flag: StopFlag): Promise<void> {
  await (Atomics as unknown as WaitAsync).waitAsync(flag, STOP, 0).value;
}
