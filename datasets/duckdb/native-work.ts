// As with progress bars, the name is the whole agreement: veelab's kernel and the workers of sweeps put a function there.
const WHEN_INTERRUPTED = Symbol.for("veelab.when-interrupted");

type WhenInterrupted = (tell: () => void) => () => void;

/**
 * Awaits work outside of JavaScript that an interrupt of this thread's code cannot reach: where the host is asked to end that code, it has the work
 * ended first. A thread that is ended while such work runs would take the process with it.
 */
export async function nativeWork<T>(end: () => void, work: () => Promise<T>): Promise<T> {
  const register = Reflect.get(globalThis, WHEN_INTERRUPTED) as WhenInterrupted | undefined;
  const release = register?.(end);
  try {
    return await work();
  } finally {
    release?.();
  }
}
