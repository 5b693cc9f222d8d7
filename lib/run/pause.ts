import { setTimeout as delay } from "node:timers/promises";

/** Waits for a time; throws the signal's reason as soon as it aborts. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(1000 * seconds, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}
