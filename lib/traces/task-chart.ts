import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines, panels } from "../core/chart.ts";
import { numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link taskChart} finds. */
export interface TaskChart extends Characteristic {
  /** For each task the device that was fastest at its smallest and at its largest size. */
  readonly fastest: readonly FastestDevice[];
}

/** The devices that are fastest for a task. */
export interface FastestDevice {
  /** The task. */
  readonly task: string;
  /** The fastest device at the smallest size. */
  readonly smallest: string;
  /** The fastest device at the largest size. */
  readonly largest: string;
}

/**
 * What tasks cost on each device by the size of their data, a panel for each task. The table has the trace's rows, by
 * task, device and size: `task`, `device`, `sizeBytes`, `meanSeconds`. Memory for the rows.
 *
 * @example
 * ```ts
 * import { taskChart, taskCosts } from "veelab/traces";
 *
 * const devices = { cpu: { launchS: 0, flopsPerS: 1e9, bytesPerS: 1e9 }, gpu: { launchS: 1e-3, flopsPerS: 1e12, bytesPerS: 1e11 } };
 * const costs = taskCosts({ flopsPerByte: { gemm: 64 }, devices, sizesBytes: [1e3, 1e6, 1e8] });
 * console.log((await taskChart(costs)).fastest); // [ { task: "gemm", smallest: "cpu", largest: "gpu" } ]
 * ```
 */
export function taskChart(trace: Trace): Promise<TaskChart> {
  return characterise(trace, "costs of tasks", taskCharts());
}

/** The accumulator of {@link taskChart}. */
export function taskCharts(): Accumulator<TaskChart> {
  const rows: { task: string; device: string; sizeBytes: number; meanSeconds: number }[] = [];
  return {
    add(batch) {
      const tasks = wordsOf(batch, "task");
      const devices = wordsOf(batch, "device");
      const sizes = numbersOf(batch, "sizeBytes");
      const means = numbersOf(batch, "meanSeconds");
      for (let row = 0; row < batch.numRows; row += 1)
        rows.push({
          task: tasks.texts[tasks.codes[row]!]!,
          device: devices.texts[devices.codes[row]!]!,
          sizeBytes: sizes[row]!,
          meanSeconds: means[row]!,
        });
    },
    result() {
      const drawn = rows.filter(({ sizeBytes, meanSeconds }) => sizeBytes > 0 && meanSeconds > 0);
      if (drawn.length === 0) return undefined;
      drawn.sort((a, b) => a.sizeBytes - b.sizeBytes);
      const tasks = [...new Set(drawn.map(({ task }) => task))].sort();
      const devices = [...new Set(drawn.map(({ device }) => device))].sort();
      const table = new Table({
        task: vectorFromArray(
          drawn.map(({ task }) => task),
          new Utf8(),
        ),
        device: vectorFromArray(
          drawn.map(({ device }) => device),
          new Utf8(),
        ),
        sizeBytes: makeVector(Float64Array.from(drawn, ({ sizeBytes }) => sizeBytes)),
        meanSeconds: makeVector(Float64Array.from(drawn, ({ meanSeconds }) => meanSeconds)),
      });
      const charts = tasks.slice(0, 12).map((task) =>
        lines(
          drawn
            .filter((row) => row.task === task)
            .map(({ device, sizeBytes, meanSeconds }) => ({ device, size: sizeBytes / 1024, time: meanSeconds * 1e3 })),
          {
            title: task,
            width: 300,
            height: 200,
            x: { field: "size", title: "data", unit: "KiB", log: true },
            y: { title: "mean time", unit: "ms", log: true },
            series: { field: "device", title: "device", order: devices },
            measured: "time",
          },
        ),
      );
      const best = (task: string, size: number) =>
        drawn
          .filter((row) => row.task === task && row.sizeBytes === size)
          .reduce((a, b) => (b.meanSeconds < a.meanSeconds ? b : a)).device;
      const fastest = tasks.map((task) => {
        const sizes = drawn.filter((row) => row.task === task).map(({ sizeBytes }) => sizeBytes);
        return { task, smallest: best(task, sizes[0]!), largest: best(task, sizes.at(-1)!) };
      });
      const chart = panels(charts, { title: "Costs of tasks by device and size", columns: 2 });
      return characteristic(table, chart, { fastest });
    },
  };
}
