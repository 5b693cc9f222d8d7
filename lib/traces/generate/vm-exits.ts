import type * as arrow from "apache-arrow";
import { OptionError } from "../../core/errors.ts";
import { integer, nonNegative, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** A reason for exits: how often, and how long its handling takes (log-normal). */
export interface ExitReason {
  /** Exits a second. */
  readonly ratePerS: number;
  /** The median of the handling time. */
  readonly medianNs: number;
  /** The standard deviation of the handling time's logarithm. 0.3 when not given. */
  readonly sigma?: number;
}

/** What {@link vmExits} makes. */
export interface VmExitsOptions extends GeneratedOptions {
  /** Exits in all. */
  readonly exits: number;
  /** The reasons by name. */
  readonly reasons: Readonly<Record<string, ExitReason>>;
}

/**
 * Seeded VM exits with the columns of `kindColumns.exits`: the reasons are independent Poisson processes, and no exit begins
 * before the one before it is handled. Linear in the reasons for each exit; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { vmExits } from "veelab/traces";
 *
 * const reasons = { EPT_VIOLATION: { ratePerS: 200, medianNs: 20_000 }, HLT: { ratePerS: 50, medianNs: 3000 } };
 * const [batch] = vmExits({ exits: 50, reasons });
 * console.log(batch?.numRows); // 50
 * ```
 */
export function vmExits(options: VmExitsOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, ["exits", "reasons", "seed", "batchRows"]);
  const exits = integer("exits", options.exits, { min: 0 });
  const reasons = Object.entries(options.reasons).map(([name, { ratePerS, medianNs, sigma = 0.3 }]) => ({
    name,
    rate: positive(`reasons.${name}.ratePerS`, ratePerS),
    logMedian: Math.log(positive(`reasons.${name}.medianNs`, medianNs)),
    sigma: nonNegative(`reasons.${name}.sigma`, sigma),
  }));
  if (reasons.length === 0) throw new OptionError("reasons", "at least one reason", options.reasons);
  const total = reasons.reduce((sum, { rate }) => sum + rate, 0);
  const stream = random(options.seed ?? 1);
  const layout = { timeNs: "float64", reason: "words", durationNs: "float64" } as const;
  let free = 0;
  return generated("exits", layout, exits, options, ({ columns, count }) => {
    let left = stream.float() * total;
    let at = 0;
    while (at < reasons.length - 1 && (left -= reasons[at]!.rate) >= 0) at += 1;
    const { name, logMedian, sigma } = reasons[at]!;
    const begin = free + Math.round(stream.exponential(1e9 / total));
    const duration = Math.max(1, Math.round(Math.exp(logMedian + sigma * stream.normal())));
    free = begin + duration;
    columns.timeNs[count] = begin;
    columns.reason.setText(count, name);
    columns.durationNs[count] = duration;
  });
}
