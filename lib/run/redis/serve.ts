import { WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { encodeOutcome } from "../encode-outcome.ts";
import { checkVersion, fromBytes } from "../portable.ts";
import { whyRefused } from "../refused.ts";
import { threadPool } from "../thread-pool.ts";
import { connect, shownUrl } from "./connect.ts";
import { indexOf } from "./outcomes.ts";
import { announced, dropRests, prefix, refuse, renew, runBytes, type SweepEntry } from "./registry.ts";

/** What a worker does. */
export interface ServeOptions {
  readonly url: string;
  /** How many points it runs at a time. */
  readonly threads: number;
  /** Ends it: what it runs is given up, and is run again elsewhere. */
  readonly signal: AbortSignal;
  /** Serves this queue alone. */
  readonly only?: string;
  /** Told of each sweep that begins, ends or is refused. */
  readonly onLine?: (line: string) => void;
}

/** The list of sweeps is looked at so often, s. */
const LOOK_S = 0.5;

/** A queue that is served. */
interface Served {
  readonly epoch: string;
  /** Whether a point of it runs here. */
  readonly isBusy: () => boolean;
  readonly end: () => Promise<void>;
}

/** Serves the points of every sweep that Redis has, until the signal. */
export async function serve({ url, threads, signal, only, onLine = () => undefined }: ServeOptions): Promise<void> {
  const redis = await connect(url, onLine);
  onLine(`${shownUrl(url)}: ${threads} ${threads === 1 ? "worker" : "workers"}, waiting for sweeps; Ctrl-C ends`);
  const served = new Map<string, Served>();
  /** Refused queues, each with its epoch. */
  const refused = new Map<string, string>();
  const begin = async (queue: string, entry: SweepEntry): Promise<void> => {
    try {
      checkVersion(entry.version);
      const begun = await serveQueue(redis, queue, entry, { url, threads });
      if (begun === undefined) return;
      served.set(queue, begun);
      onLine(`sweep ${queue.slice(0, 8)}: begun`);
    } catch (error) {
      const sentence = whyRefused(error);
      refused.set(queue, entry.epoch);
      await refuse(redis, queue, `process ${process.pid} on ${hostname()}`, sentence);
      onLine(`sweep ${queue.slice(0, 8)}: ${sentence}`);
    }
  };
  const endAll = async (): Promise<void> => {
    await Promise.allSettled([...served.values()].map(({ end }) => end()));
  };
  // At the signal's own turn, since an interrupt of a notebook's cell may end this loop where it waits.
  signal.addEventListener("abort", () => void endAll(), { once: true });
  try {
    while (!signal.aborted) {
      const sweeps = await announced(redis);
      for (const [queue, { epoch, end, isBusy }] of served) {
        if (sweeps.get(queue)?.epoch === epoch) {
          if (isBusy()) await renew(redis, queue);
          continue;
        }
        served.delete(queue);
        await end();
        onLine(`sweep ${queue.slice(0, 8)}: ended`);
      }
      for (const [queue, epoch] of refused) if (sweeps.get(queue)?.epoch !== epoch) refused.delete(queue);
      for (const [queue, entry] of sweeps) {
        const isMine = only === undefined || only === queue;
        if (isMine && !served.has(queue) && !refused.has(queue)) await begin(queue, entry);
      }
      await delay(1000 * LOOK_S, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await endAll();
    redis.disconnect();
  }
}

async function serveQueue(
  redis: Redis,
  queue: string,
  { lostAfterS, retries, epoch }: SweepEntry,
  { url, threads }: { readonly url: string; readonly threads: number },
): Promise<Served | undefined> {
  const bytes = await runBytes(redis, queue);
  if (bytes === undefined) return undefined;
  const pool = await threadPool(fromBytes(bytes), threads);
  const connection = await connect(url);
  let isEnding = false;
  let running = 0;
  const worker = new Worker<null, string>(
    queue,
    async (job, token) => {
      running += 1;
      const outcome = await pool.run(indexOf(job.id ?? "")).finally(() => {
        running -= 1;
      });
      if (!isEnding) return encodeOutcome(outcome);
      // Its thread was ended: another worker runs it.
      await job.moveToWait(token);
      throw new WaitingError();
    },
    {
      connection,
      prefix,
      concurrency: threads,
      // Renewed at half its time by this thread, whatever the points' threads do.
      lockDuration: 1000 * lostAfterS,
      stalledInterval: 500 * lostAfterS,
      maxStalledCount: retries,
    },
  );
  // A queue that is removed while its points run, or a connection that is lost: the coordinator decides.
  worker.on("error", () => undefined);
  const end = async (): Promise<void> => {
    isEnding = true;
    // First, so that it takes no other point while its threads end.
    const closed = worker.close();
    await pool.destroy();
    await closed;
    await dropRests(redis, queue);
    connection.disconnect();
  };
  let ended: Promise<void> | undefined;
  return { epoch, isBusy: () => running > 0, end: () => (ended ??= end()) };
}
