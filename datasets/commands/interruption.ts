import { constants } from "node:os";
import { VeelabError } from "../errors.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A command was ended by a signal. */
export class Interruption extends VeelabError {
  override readonly name = "AbortError";
  /** The exit status that shells give to a command that the signal ended: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP. */
  readonly status: number;

  constructor(signal: (typeof signals)[number], message: string) {
    super(message);
    this.status = 128 + constants.signals[signal];
  }
}

/**
 * Does work that Ctrl-C or a reader that went away (`| head`) ends by a signal, so that it can clean up; the second Ctrl-C ends the process.
 * Throws Interruption, with the message, where a signal ended it.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  message = "interrupted, nothing is written",
): Promise<T> {
  const stop = new AbortController();
  const onSignal = (signal: (typeof signals)[number]) => {
    stop.abort(new Interruption(signal, message));
  };
  const onClosed = () => {
    stop.abort();
  };
  for (const signal of signals) process.once(signal, onSignal);
  process.stdout.once("error", onClosed);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    process.stdout.off("error", onClosed);
  }
}
