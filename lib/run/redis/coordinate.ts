import { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { SimulationError } from "../../core/errors.ts";
import type { PendingPoint, PointsContext } from "../back-end.ts";
import { cleanup } from "../cleanup.ts";
import { catchCtrlC } from "../ctrl-c.ts";
import type { PortableRun } from "../portable.ts";
import { claim, type Release } from "./claim.ts";
import { connect } from "./connect.ts";
import { indexOf, jobName, openOutcomes } from "./outcomes.ts";
import type { CheckedRedis } from "./options.ts";
import { announce, prefix, queueOf, refusals, removeQueue, renew, withdraw } from "./registry.ts";
import { serve } from "./serve.ts";
import { stragglers } from "./stragglers.ts";

/** Runs points through a queue in Redis until each has its outcome. */
export async function coordinate(
  options: CheckedRedis,
  portable: PortableRun,
  points: readonly PendingPoint[],
  context: PointsContext,
): Promise<void> {
  const { signal, release: letCtrlC } = catchCtrlC(context.signal);
  const ends = cleanup(signal);
  ends.add(letCtrlC);
  const connected = async (onAway?: (line: string) => void): Promise<Redis> => {
    const connection = await connect(options.url, onAway);
    ends.add(() => {
      connection.disconnect();
    });
    return connection;
  };
  try {
    const redis = await connected((line) => {
      process.emitWarning(line, "sweep");
    });
    const events = await connected();
    const { queue, bytes } = queueOf(portable);
    const { lostAfterS, retries } = options;
    const { version } = portable;
    const tell = (): Promise<void> => announce(redis, queue, bytes, { version, lostAfterS, retries });
    const release = await claim(redis, queue, signal);
    const closing: (() => Promise<unknown>)[] = [];
    ends.add(() => removeSweep(options.url, queue, release, closing));
    await tell();
    await runAnnounced(options, { redis, events, queue, tell, points, context: { ...context, signal } }, closing);
  } finally {
    await ends.run();
  }
}

/** A sweep that workers know of. */
interface Announced {
  readonly redis: Redis;
  /** A connection that waits for events. */
  readonly events: Redis;
  readonly queue: string;
  /** Makes it known to the workers. */
  readonly tell: () => Promise<void>;
  readonly points: readonly PendingPoint[];
  readonly context: PointsContext;
}

async function runAnnounced(
  { url, workers, lostAfterS }: CheckedRedis,
  announced: Announced,
  closing: (() => Promise<unknown>)[],
): Promise<void> {
  const { redis, events, queue: name } = announced;
  const queue = new Queue<null, string>(name, { connection: redis, prefix });
  const ended = new QueueEvents(name, { connection: events, prefix });
  // Who has no listener prints each. The connection tells once.
  queue.on("error", () => undefined);
  ended.on("error", () => undefined);
  const stop = new AbortController();
  const own = workers === 0 ? [] : [serve({ url, threads: workers, only: name, signal: stop.signal })];
  closing.push(
    () => {
      stop.abort();
      return Promise.allSettled(own);
    },
    () => ended.close(),
    () => queue.close(),
  );
  const { context } = announced;
  const signal = AbortSignal.any([context.signal, stop.signal]);
  try {
    await Promise.race([run({ ...announced, context: { ...context, signal } }, queue, ended, lostAfterS), ...own]);
  } finally {
    // Where a worker of its own has failed, nothing is announced again.
    stop.abort();
  }
}

/**
 * Removes what a sweep has in Redis. By a connection of its own: where a notebook's cell was interrupted, the others, which the cell has
 * opened, hear nothing any more.
 */
async function removeSweep(
  url: string,
  name: string,
  release: Release,
  closing: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const redis = await connect(url);
  try {
    // Workers first: they take no further point of what is taken away.
    await withdraw(redis, name);
    await Promise.race([
      // Each in a turn of its own, which may end with what it wakes of an interrupted cell.
      Promise.allSettled(closing.map((close) => nextTurn().then(close))),
      delay(1000 * CLOSE_S, undefined, { ref: false }),
    ]);
    await removeQueue(redis, name);
    await release(redis);
  } finally {
    redis.disconnect();
  }
}

/** What hears nothing any more is waited for so long, s. */
const CLOSE_S = 2;

/** The queue is looked at as a whole so often, s: events are lost where the connection is. */
const LOOK_S = 2;
/** After so many looks without a worker, somebody is told to start one. */
const LONELY = 5;
/** So many points say how long one takes. */
const SAMPLE = 200;

async function run(
  { redis, tell, points, context: { signal, onOutcome } }: Announced,
  queue: Queue<null, string>,
  events: QueueEvents,
  lostAfterS: number,
): Promise<void> {
  const done = new AbortController();
  const outcomes = openOutcomes(points, onOutcome, () => {
    done.abort();
  });
  events.on("completed", ({ jobId, returnvalue }) => {
    outcomes.completed(jobId, returnvalue as string);
  });
  events.on("failed", ({ jobId, failedReason }) => {
    outcomes.failed(jobId, failedReason);
  });
  await events.waitUntilReady();
  // A point that an earlier coordinator has added is there already: a job of its name is not added again.
  const add = async (indices: readonly number[], copy: number): Promise<void> => {
    // What is added while a sweep is removed would stay.
    signal.throwIfAborted();
    await queue.addBulk(indices.map((index) => ({ name: "point", data: null, opts: { jobId: jobName(index, copy) } })));
  };
  await add(
    points.map(({ index }) => index),
    1,
  );
  const runAgain = async (): Promise<void> => {
    const sample = await queue.getJobs(["completed"], 0, SAMPLE - 1);
    const late = stragglers(sample, await queue.getJobs(["active", "waiting"]), { nowMs: Date.now(), lostAfterS });
    const second = late.map(indexOf).filter((index) => outcomes.doubled(index));
    if (second.length > 0) await add(second, 2);
  };
  let told = 0;
  let lonely = 0;
  for (let isFirst = true; outcomes.open.size > 0; isFirst = false) {
    signal.throwIfAborted();
    await renew(redis, queue.name);
    const counts = await queue.getJobCounts();
    signal.throwIfAborted();
    const ended = (counts["completed"] ?? 0) + (counts["failed"] ?? 0);
    // What an earlier coordinator has left, or an event that was lost: none comes, though more jobs have ended than were told.
    if (isFirst || (ended > outcomes.told() && told === outcomes.told())) {
      for (const { id = "", returnvalue } of await queue.getJobs(["completed"])) outcomes.completed(id, returnvalue);
      for (const { id = "", failedReason } of await queue.getJobs(["failed"])) outcomes.failed(id, failedReason);
    }
    told = outcomes.told();
    if (outcomes.open.size === 0) return;
    if (Object.values(counts).every((count) => count === 0)) {
      // Redis was started anew and remembers nothing.
      await tell();
      await add([...outcomes.open], 1);
    }
    if ((await queue.getWorkersCount()) > 0) lonely = 0;
    else {
      lonely += 1;
      if (lonely === LONELY)
        process.emitWarning("no worker asks for points: start one by veelab work --redis URL", "sweep");
      // At the first look a good one may still be starting.
      const [refused] = lonely > 1 ? await refusals(redis, queue.name) : [];
      if (refused !== undefined) throw new SimulationError("redis", refused);
    }
    if (counts["waiting"] === 0) await runAgain();
    await delay(1000 * LOOK_S, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined);
  }
}
