import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { SimulationError } from "../../core/errors.ts";
import { pause } from "../pause.ts";
import { prefix } from "./registry.ts";

/** How long a coordinator's claim lives without being renewed, s. */
const CLAIM_S = 6;

const RENEW = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("expire", KEYS[1], ARGV[2]) else return 0 end`;
const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) else return 0 end`;

/** Gives a claim back, by a connection that works. */
export type Release = (connection: Redis) => Promise<void>;

/**
 * Claims a sweep for this coordinator, so that no other one cleans up under its hands; waits for the claim of one that died. Gives what
 * releases it.
 *
 * @throws SimulationError when another process holds it and lives
 */
export async function claim(redis: Redis, queue: string, signal: AbortSignal): Promise<Release> {
  const key = `${prefix}-owner:${queue}`;
  const holder = `process ${process.pid} on ${hostname()} ${randomUUID()}`;
  let leftMs = Infinity;
  while ((await redis.set(key, holder, "EX", CLAIM_S, "NX")) !== "OK") {
    const nowMs = await redis.pttl(key);
    // It was renewed: who holds it lives.
    if (nowMs > leftMs) {
      const [other] = /^process \d+ on \S+/.exec((await redis.get(key)) ?? "") ?? ["another process"];
      throw new SimulationError("redis", `expected a sweep that nobody runs now, got one of ${other}`);
    }
    leftMs = nowMs;
    await pause(0.25, signal);
  }
  const renewal = setInterval(
    () => {
      redis.eval(RENEW, 1, key, holder, CLAIM_S).catch(() => undefined);
    },
    (1000 * CLAIM_S) / 3,
  );
  renewal.unref();
  return async (connection) => {
    clearInterval(renewal);
    await connection.eval(RELEASE, 1, key, holder);
  };
}
