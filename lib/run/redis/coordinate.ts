import { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { setTimeout as delay } from "node:timers/promises";
import { SimulationError } from "../../core/errors.ts";
import type { PendingPoint, PointsContext } from "../back-end.ts";
import { decodeOutcome } from "../encode-outcome.ts";
import type { PortableRun } from "../portable.ts";
import { connect } from "./connect.ts";
import type { CheckedRedis } from "./options.ts";
import { claim } from "./claim.ts";
import { announce, prefix, queueOf, refusals, withdraw } from "./registry.ts";
import { serve } from "./serve.ts";

/** Runs points through a queue in Redis until each has its outcome. */
export async function coordinate(
  options: CheckedRedis,
  portable: PortableRun,
  points: readonly PendingPoint[],
  context: PointsContext,
): Promise<void> {
  const redis = await connect(options.url);
  const events = await connect(options.url);
  try {
    const { queue: name, bytes } = queueOf(portable);
    const release = await claim(redis, name, context.signal);
    try {
      const { lostAfterS, retries } = options;
      await announce(redis, name, bytes, { version: portable.version, lostAfterS, retries });
      const queue = new Queue<null, string>(name, { connection: redis, prefix });
      const ended = new QueueEvents(name, { connection: events, prefix });
      const stop = new AbortController();
      const { url, workers } = options;
      const own = workers === 0 ? [] : [serve({ url, threads: workers, only: name, signal: stop.signal })];
      try {
        await Promise.race([run(redis, queue, ended, points, context), ...own]);
      } finally {
        stop.abort();
        await Promise.allSettled(own);
        await ended.close();
        // Workers first: they take no further point of what is taken away.
        await withdraw(redis, name);
        await queue.obliterate({ force: true });
        await queue.close();
      }
    } finally {
      await release();
    }
  } finally {
    redis.disconnect();
    events.disconnect();
  }
}

/** The queue is looked at as a whole so often, s: events are lost where the connection is. */
const LOOK_S = 2;

async function run(
  redis: Redis,
  queue: Queue<null, string>,
  events: QueueEvents,
  points: readonly PendingPoint[],
  { signal, onOutcome }: PointsContext,
): Promise<void> {
  const open = new Set(points.map(({ index }) => index));
  const done = new AbortController();
  const take = (jobId: string, outcome: () => ReturnType<typeof decodeOutcome>): void => {
    const index = Number(jobId.slice(1));
    if (!open.delete(index)) return;
    onOutcome(index, outcome());
    if (open.size === 0) done.abort();
  };
  const finished = (jobId: string, text: string): void => {
    take(jobId, () => decodeOutcome(text));
  };
  const failed = (jobId: string, reason: string): void => {
    const message = `redis: expected a worker that ends the point, got: ${reason}`;
    take(jobId, () => ({ error: { name: "SimulationError", message, stack: "" } }));
  };
  events.on("completed", ({ jobId, returnvalue }) => {
    finished(jobId, returnvalue as string);
  });
  events.on("failed", ({ jobId, failedReason }) => {
    failed(jobId, failedReason);
  });
  await events.waitUntilReady();
  // A point that an earlier coordinator has added is there already: a job of its name is not added again.
  await queue.addBulk(points.map(({ index }) => ({ name: "point", data: null, opts: { jobId: jobOf(index) } })));
  while (open.size > 0) {
    signal.throwIfAborted();
    for (const job of await queue.getJobs(["completed"])) if (job.id !== undefined) finished(job.id, job.returnvalue);
    for (const job of await queue.getJobs(["failed"])) if (job.id !== undefined) failed(job.id, job.failedReason);
    if (open.size === 0) return;
    if ((await queue.getWorkersCount()) === 0) {
      const [refused] = await refusals(redis, queue.name);
      if (refused !== undefined) throw new SimulationError("redis", refused);
    }
    await delay(1000 * LOOK_S, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined);
  }
}

/** BullMQ takes no number for a name. */
const jobOf = (index: number): string => `p${index}`;
