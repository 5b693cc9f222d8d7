import { Queue } from "bullmq";
import { createHash, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { PortableRun } from "../portable.ts";
import { toBytes } from "../portable.ts";

/** Before every name that a sweep has in Redis. */
export const prefix = "veelab";

/** What a coordinator says of its sweep. */
export interface SweepNeeds {
  /** The version of the code that it needs. */
  readonly version: string;
  readonly lostAfterS: number;
  readonly retries: number;
}

/** What workers must know of a sweep before they take a point of it. */
export interface SweepEntry extends SweepNeeds {
  /** Another one where Redis has lost the sweep and was told of it again: what a worker runs of the first is nobody's any more. */
  readonly epoch: string;
}

/** A sweep as bytes and the name of its queue: the hash of these, which include the code's version. Linear. */
export function queueOf(portable: PortableRun): { readonly queue: string; readonly bytes: Uint8Array } {
  const bytes = toBytes(portable);
  return { queue: createHash("sha256").update(bytes).digest("hex").slice(0, 32), bytes };
}

const sweeps = `${prefix}-sweeps`;
const runKey = (queue: string): string => `${prefix}-run:${queue}`;
const refusalsKey = (queue: string): string => `${prefix}-refusals:${queue}`;

/** What is run stays so long after anybody has last worked at it, s: seven days. */
const KEPT_S = 7 * 86_400;

/** Makes a sweep known to the workers: first what is run, then its name. */
export async function announce(redis: Redis, queue: string, bytes: Uint8Array, needs: SweepNeeds): Promise<void> {
  const known = await redis.hget(sweeps, queue);
  const epoch = known === null ? randomUUID() : (JSON.parse(known) as SweepEntry).epoch;
  await redis.set(runKey(queue), Buffer.from(bytes), "EX", KEPT_S);
  await redis.del(refusalsKey(queue));
  const entry: SweepEntry = { ...needs, epoch };
  await redis.hset(sweeps, queue, JSON.stringify(entry));
}

/** Somebody works at it: it is kept. */
export async function renew(redis: Redis, queue: string): Promise<void> {
  await redis.expire(runKey(queue), KEPT_S);
}

/** The workers give up what they run of it. */
export async function withdraw(redis: Redis, queue: string): Promise<void> {
  await redis.hdel(sweeps, queue);
  await redis.del(runKey(queue), refusalsKey(queue));
}

/** The sweeps that have points to run, by their queues. Those that nobody has worked at for long are removed. */
export async function announced(redis: Redis): Promise<Map<string, SweepEntry>> {
  const found = new Map<string, SweepEntry>();
  for (const [queue, text] of Object.entries(await redis.hgetall(sweeps))) {
    if ((await redis.exists(runKey(queue))) === 1) found.set(queue, JSON.parse(text) as SweepEntry);
    else await removeAbandoned(redis, queue);
  }
  return found;
}

/** Forgets a sweep whose run is not there; whoever announces it meanwhile finds an empty queue and fills it. */
const FORGET = `if redis.call("exists", KEYS[2]) == 0 then return redis.call("hdel", KEYS[1], ARGV[1]) else return 0 end`;

async function removeAbandoned(redis: Redis, queue: string): Promise<void> {
  await removeQueue(redis, queue);
  await redis.del(refusalsKey(queue));
  await redis.eval(FORGET, 2, sweeps, runKey(queue), queue);
}

/** Removes a queue with all its jobs and outcomes. */
export async function removeQueue(redis: Redis, name: string): Promise<void> {
  const queue = new Queue<null, string>(name, { connection: redis, prefix });
  queue.on("error", () => undefined);
  await queue.obliterate({ force: true });
  await queue.close();
}

/** What is run, as bytes; undefined where the sweep has ended meanwhile. */
export async function runBytes(redis: Redis, queue: string): Promise<Uint8Array | undefined> {
  return (await redis.getBuffer(runKey(queue))) ?? undefined;
}

/** A worker says why it takes no point of a sweep. */
export async function refuse(redis: Redis, queue: string, worker: string, sentence: string): Promise<void> {
  await redis.hset(refusalsKey(queue), worker, sentence);
}

/** Why workers take no point of a sweep, one sentence each. */
export async function refusals(redis: Redis, queue: string): Promise<string[]> {
  return Object.entries(await redis.hgetall(refusalsKey(queue))).map(([worker, sentence]) => `${worker}: ${sentence}`);
}

/** Where a sweep has ended: removes what a worker that was looking after lost points has written of its queue since then. */
export async function dropRests(redis: Redis, queue: string): Promise<void> {
  if ((await redis.hexists(sweeps, queue)) === 1) return;
  await redis.del(...["meta", "events", "stalled-check"].map((name) => `${prefix}:${queue}:${name}`));
}
