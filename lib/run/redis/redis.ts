import type { BackEnd } from "../back-end.ts";
import { checkRedis, type RedisOptions } from "./options.ts";

/**
 * Runs the points of a sweep on workers anywhere, through a queue in Redis (BullMQ): `sweep(axes, run, { on: redis({ url }) })`.
 * A worker is `veelab work --redis URL --workers N`, which may be started before or while a sweep runs and serves any number of them, one point
 * at a time in each of its threads. It must have the same version of this package, which is checked.
 *
 * Results come as they are there. A point whose worker is lost is run again by another one; one that takes much longer than the others, while workers are free, is run a second time. When the sweep is interrupted, its
 * queue is removed, and workers give up what they run of it. When the process dies, the workers go on: the same call again takes what they have done.
 *
 * @throws OptionError for an option that cannot be used; `sweep` then rejects with a SimulationError in one sentence where there is
 *   no Redis, where every worker has another version of this package, and where another process runs the same sweep
 *
 * @example
 * ```ts
 * import { redis } from "veelab";
 *
 * const on = redis({ url: "redis://127.0.0.1:6379", workers: 2 });
 * console.log(on.label); // redis
 * ```
 */
export function redis(options: RedisOptions): BackEnd {
  const checked = checkRedis(options);
  return {
    label: "redis",
    async run(portable, points, context) {
      if (points.length === 0) return;
      const { coordinate } = await import("./coordinate.ts");
      await coordinate(checked, portable, points, context);
    },
  };
}
