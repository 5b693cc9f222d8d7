import type * as arrow from "apache-arrow";
import { OptionError } from "../../core/errors.ts";
import { nonNegative, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** A device of the roofline model (S. Williams, A. Waterman and D. Patterson, CACM 52(4), 2009). */
export interface TaskDevice {
  /** Seconds before a task starts. */
  readonly launchS: number;
  /** Operations a second at most. */
  readonly flopsPerS: number;
  /** Bytes a second to and from its memory at most. */
  readonly bytesPerS: number;
}

/** What {@link taskCosts} makes. */
export interface TaskCostsOptions extends GeneratedOptions {
  /** The tasks by name, with their operations for each byte of data. */
  readonly flopsPerByte: Readonly<Record<string, number>>;
  /** The devices by name. */
  readonly devices: Readonly<Record<string, TaskDevice>>;
  /** The sizes of the data. */
  readonly sizesBytes: readonly number[];
  /** The relative standard deviation of a cost. 0.02 when not given. */
  readonly noise?: number;
}

/**
 * Seeded costs of tasks on devices with the columns of `kindColumns.tasks`, one row for each task, device and size: launch time,
 * and the longer of computing and moving the data. Linear in the rows.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { taskCosts } from "veelab/traces";
 *
 * const devices = { cpu: { launchS: 1e-7, flopsPerS: 5e10, bytesPerS: 2e10 }, gpu: { launchS: 2e-5, flopsPerS: 5e12, bytesPerS: 5e11 } };
 * const [batch] = taskCosts({ flopsPerByte: { gemm: 64 }, devices, sizesBytes: [1e4, 1e6, 1e8] });
 * console.log(batch?.numRows); // 6
 * ```
 */
export function taskCosts(options: TaskCostsOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, ["flopsPerByte", "devices", "sizesBytes", "noise", "seed", "batchRows"]);
  const noise = nonNegative("noise", options.noise ?? 0.02);
  const sizes = options.sizesBytes.map((size, at) => positive(`sizesBytes[${at}]`, size));
  const rows = Object.entries(options.flopsPerByte).flatMap(([task, flops]) =>
    Object.entries(options.devices).flatMap(([device, of]) =>
      sizes.map((size) => {
        const where = `devices.${device}`;
        const computing =
          (size * nonNegative(`flopsPerByte.${task}`, flops)) / positive(`${where}.flopsPerS`, of.flopsPerS);
        const moving = size / positive(`${where}.bytesPerS`, of.bytesPerS);
        return { task, device, size, mean: nonNegative(`${where}.launchS`, of.launchS) + Math.max(computing, moving) };
      }),
    ),
  );
  if (rows.length === 0) throw new OptionError("options", "at least one task, one device and one size", options);
  const stream = random(options.seed ?? 1);
  const layout = { task: "words", device: "words", sizeBytes: "float64", meanSeconds: "float64" } as const;
  return generated("tasks", layout, rows.length, options, ({ columns, count }, number) => {
    const { task, device, size, mean } = rows[number]!;
    columns.task.setText(count, task);
    columns.device.setText(count, device);
    columns.sizeBytes[count] = size;
    columns.meanSeconds[count] = mean * Math.max(0.01, 1 + noise * stream.normal());
  });
}
