import { OptionError } from "../../core/errors.ts";
import { integer, onlyOptions, positive } from "../../core/options.ts";

/** How a sweep runs through Redis. */
export interface RedisOptions {
  /** Where Redis is: `redis://user:password@host:6379/0`, `rediss://` with TLS. */
  readonly url: string;
  /** Workers that this machine starts for the sweep, each with one point at a time; 0 unless given: `veelab work --redis URL` is run elsewhere. */
  readonly workers?: number;
  /** A worker that has given no sign of life for this long is lost, s; 30 unless given. */
  readonly lostAfterS?: number;
  /** How often a point is run again whose worker was lost; 2 unless given. */
  readonly retries?: number;
}

/** Options with everything that has a default. */
export type CheckedRedis = Required<RedisOptions>;

/** The options, each checked, or an OptionError. */
export function checkRedis(options: RedisOptions): CheckedRedis {
  onlyOptions(options, ["url", "workers", "lostAfterS", "retries"], "redis");
  const { url, workers = 0, lostAfterS = 30, retries = 2 } = options;
  return {
    url: checkUrl(url),
    workers: integer("redis.workers", workers, { min: 0, max: 1024 }),
    lostAfterS: positive("redis.lostAfterS", lostAfterS),
    retries: integer("redis.retries", retries, { min: 0 }),
  };
}

/** An address of Redis, or an OptionError. */
export function checkUrl(url: unknown): string {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["redis:", "rediss:"].includes(parsed.protocol) || parsed.hostname === "")
    throw new OptionError("redis.url", "an address like redis://host:6379", url);
  return parsed.href;
}
