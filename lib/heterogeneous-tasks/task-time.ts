import { OptionError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";

/**
 * How long so many firings of a task take on a device, s.
 *
 * @example
 * ```ts
 * import type { TaskTime } from "veelab/heterogeneous-tasks";
 * const inTurn: TaskTime = (firings) => 1e-6 * firings;
 * console.log(inTurn(5));
 * ```
 */
export type TaskTime = (firings: number) => number;

/**
 * a + b·n.
 *
 * @param fixedS - a, s a call
 * @param firingS - b, s a firing
 * @throws OptionError for a time below 0
 *
 * @example
 * ```ts
 * import { linearTime } from "veelab/heterogeneous-tasks";
 * console.log(linearTime(2, 0.5)(4)); // 4
 * ```
 */
export function linearTime(fixedS: number, firingS: number): TaskTime {
  nonNegative("fixedS", fixedS);
  nonNegative("firingS", firingS);
  return (firings) => fixedS + firingS * firings;
}

/**
 * A measured size of a task's data and its mean time, as a table of task costs has them (StarPU's models, `tasks/processor`).
 *
 * @example
 * ```ts
 * import type { MeasuredTime } from "veelab/heterogeneous-tasks";
 * const one: MeasuredTime = { sizeBytes: 4096, meanSeconds: 1e-5 };
 * console.log(one.sizeBytes);
 * ```
 */
export interface MeasuredTime {
  /** The data of a call, bytes. */
  readonly sizeBytes: number;
  /** What it took, s. */
  readonly meanSeconds: number;
}

/**
 * A time from a measured table, on straight lines between its sizes. Linear in the rows a call.
 *
 * @param rows - two sizes or more; several rows of one size are an error, as they are of different devices or tasks
 * @param firingBytes - the data of one firing, bytes
 * @throws OptionError for such rows; when it is called, for a size outside of the table, which says nothing of it
 *
 * @example
 * ```ts
 * import { measuredTime } from "veelab/heterogeneous-tasks";
 * const time = measuredTime([{ sizeBytes: 400, meanSeconds: 1 }, { sizeBytes: 800, meanSeconds: 3 }], 4);
 * console.log(time(150)); // 2
 * ```
 */
export function measuredTime(rows: readonly MeasuredTime[], firingBytes: number): TaskTime {
  positive("firingBytes", firingBytes);
  if (rows.length < 2) throw new OptionError("rows", "two measured sizes or more", rows.length);
  const table = rows
    .map(({ sizeBytes, meanSeconds }, at) => ({
      sizeBytes: positive(`rows[${at}].sizeBytes`, sizeBytes),
      meanSeconds: nonNegative(`rows[${at}].meanSeconds`, meanSeconds),
    }))
    .sort((a, b) => a.sizeBytes - b.sizeBytes);
  const twice = table.find(({ sizeBytes }, at) => table[at + 1]?.sizeBytes === sizeBytes);
  if (twice !== undefined) throw new OptionError("rows", "one row a size", `two of ${twice.sizeBytes} bytes`);
  return (firings) => {
    const bytes = firings * firingBytes;
    const above = table.findIndex(({ sizeBytes }) => sizeBytes >= bytes);
    const high = table[above];
    const low = table[Math.max(0, above - 1)]!;
    if (high === undefined || (above === 0 && high.sizeBytes > bytes))
      throw new OptionError(
        "batch",
        `sizes that were measured, ${table[0]!.sizeBytes} to ${table.at(-1)!.sizeBytes} bytes a call`,
        `${bytes} bytes`,
      );
    const share = above === 0 ? 0 : (bytes - low.sizeBytes) / (high.sizeBytes - low.sizeBytes);
    return low.meanSeconds + share * (high.meanSeconds - low.meanSeconds);
  };
}
