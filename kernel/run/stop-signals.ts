/** How a person stops a run: once to interrupt, twice to kill. */
export interface Stop {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupt: AbortSignal;
  /** Aborted by the second. */
  readonly kill: AbortSignal;
  /** Gives the signals back their default effect. */
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Takes over the signals that end a program. The third ends this process at once (its exit ends the kernel).
 *
 * @param onFirst Called at the first, to tell the person what happens
 */
export function catchStopSignals(onFirst: () => void): Stop {
  const interrupt = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (kill.signal.aborted) process.exit(130);
    else if (interrupt.signal.aborted) kill.abort();
    else {
      interrupt.abort();
      onFirst();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    interrupt: interrupt.signal,
    kill: kill.signal,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
