/** A signal that also aborts at Ctrl-C. */
export interface CtrlC {
  readonly signal: AbortSignal;
  /** To be called when everything is cancelled: where nobody else listens, Ctrl-C then ends the process as it does by default. */
  readonly release: () => void;
}

/** What runs on other machines is cancelled before Ctrl-C ends this process; a second Ctrl-C ends it at once. */
export function catchCtrlC(signal: AbortSignal): CtrlC {
  const stop = new AbortController();
  const onInterrupt = (): void => {
    stop.abort(new Error("the sweep was interrupted by Ctrl-C"));
  };
  process.once("SIGINT", onInterrupt);
  return {
    signal: AbortSignal.any([signal, stop.signal]),
    release() {
      process.off("SIGINT", onInterrupt);
      if (stop.signal.aborted && process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
    },
  };
}
