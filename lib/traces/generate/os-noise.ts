import type * as arrow from "apache-arrow";
import { integer, nonNegative, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** What {@link osNoise} makes. */
export interface OsNoiseOptions extends GeneratedOptions {
  /** Interruptions in all. */
  readonly interruptions: number;
  /** The timer's period. 4 ms (250 Hz) when not given. */
  readonly periodNs?: number;
  /** The length of a tick. 5 µs when not given. */
  readonly tickNs?: number;
  /** The relative standard deviation of a tick's length. 0.1 when not given. */
  readonly jitter?: number;
  /** Ticks from one daemon's turn to the next, on average. 250 when not given. */
  readonly daemonTicks?: number;
  /** The mean of a daemon's turn (exponential), added to its tick. 200 µs when not given. */
  readonly daemonNs?: number;
}

const names = ["interruptions", "periodNs", "tickNs", "jitter", "daemonTicks", "daemonNs"];

/**
 * Seeded noise of an operating system with the columns of `kindColumns.noise`: a periodic timer tick, and now and then a
 * daemon's turn behind it. Constant time an interruption; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { osNoise } from "veelab/traces";
 *
 * const [batch] = osNoise({ interruptions: 10, periodNs: 1_000_000 });
 * console.log(batch?.numRows); // 10
 * ```
 */
export function osNoise(options: OsNoiseOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, [...names, "seed", "batchRows"]);
  const interruptions = integer("interruptions", options.interruptions, { min: 0 });
  const periodNs = positive("periodNs", options.periodNs ?? 4_000_000);
  const tickNs = positive("tickNs", options.tickNs ?? 5000);
  const jitter = nonNegative("jitter", options.jitter ?? 0.1);
  const daemonChance = 1 / integer("daemonTicks", options.daemonTicks ?? 250, { min: 1 });
  const daemonNs = positive("daemonNs", options.daemonNs ?? 200_000);
  const stream = random(options.seed ?? 1);
  const layout = { startNs: "float64", durationNs: "float64" } as const;
  let free = 0;
  return generated("noise", layout, interruptions, options, ({ columns, count }, number) => {
    const start = Math.max(free, Math.round((number + 1) * periodNs));
    const tick = Math.max(1, tickNs * (1 + jitter * stream.normal()));
    const daemon = stream.float() < daemonChance ? stream.exponential(daemonNs) : 0;
    const duration = Math.round(tick + daemon);
    free = start + duration;
    columns.startNs[count] = start;
    columns.durationNs[count] = duration;
  });
}
