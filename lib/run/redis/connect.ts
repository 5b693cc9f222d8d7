import { Redis } from "ioredis";
import { SimulationError } from "../../core/errors.ts";

/** An address without its password, for messages. */
export function shownUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== "") parsed.password = "…";
  return decodeURI(parsed.href);
}

/**
 * Connects to Redis; a connection that is lost later is made again, and what was asked meanwhile is asked then; `onAway` is told
 * in one line, once each time.
 *
 * @throws SimulationError in one sentence where there is none now, or it refuses
 */
export async function connect(url: string, onAway: (line: string) => void = () => undefined): Promise<Redis> {
  let isReady = false;
  let isAway = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 10_000,
    // BullMQ's workers wait on their connection for as long as it takes.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isReady ? Math.min(50 * times, 2000) : null),
  });
  redis.on("reconnecting", () => {
    if (!isAway) onAway(`Redis at ${shownUrl(url)} is away, trying again`);
    isAway = true;
  });
  redis.on("ready", () => {
    isAway = false;
  });
  let problem: Error | undefined;
  redis.on("error", (error) => {
    problem = error;
  });
  try {
    await redis.connect();
    await redis.ping();
    isReady = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    const why = problem ?? (error as Error);
    // Of an address with several numbers, each has an error of its own and the whole has no text.
    const { code = why.name } = why as NodeJS.ErrnoException;
    const text = why.message === "" ? code : why.message;
    throw new SimulationError("redis", `expected Redis at ${shownUrl(url)}, got ${text}`, { cause: why });
  }
}
