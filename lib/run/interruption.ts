// As with progress bars, the name is the whole agreement: veelab's kernel puts a function there, and another host may.
const WHEN_INTERRUPTED = Symbol.for("veelab.when-interrupted");

type WhenInterrupted = (tell: () => void) => () => void;

/** What follows the host's interrupts of the code that runs now. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** To be called when nothing is left to interrupt. */
  readonly release: () => void;
}

/** A signal that aborts when the running cell of a notebook is interrupted; elsewhere it never does. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const register = Reflect.get(globalThis, WHEN_INTERRUPTED) as WhenInterrupted | undefined;
  const release = register?.(() => {
    controller.abort(new Error("the cell was interrupted"));
  });
  return { signal: controller.signal, release: release ?? (() => undefined) };
}
