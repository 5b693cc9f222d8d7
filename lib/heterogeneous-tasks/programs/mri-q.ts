import { OptionError } from "../../core/errors.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * Parboil's MRI-Q: for each point x, y, z, the real and the imaginary part of Q = Σ m·e^(2πi·k·x) over samples of k-space. Sine and cosine are the
 * language's own, so 2π·k·x has to stay within ±8192.
 *
 * @param samples - kx, ky, kz and m of each sample, in turn
 * @throws OptionError for numbers that are not four a sample
 *
 * @example
 * ```ts
 * import { graph, mriQ, run, sink, source } from "veelab/heterogeneous-tasks";
 * const oneSample = graph(source("f32").to(mriQ([1, 0, 0, 2])).to(sink("f32")));
 * console.log(run(oneSample, [0, 0, 0])); // Float32Array [ 2, 0 ]
 * ```
 */
export function mriQ(samples: readonly number[]): Stream {
  if (samples.length === 0 || samples.length % 4 !== 0)
    throw new OptionError("samples", "four numbers a sample", samples.length);
  const values = { count: value("i32", samples.length / 4), k: value("f32", samples), turn: value("f32", 2 * Math.PI) };
  return task({ label: "Q", input: "f32", takes: 3, gives: 2, values }, (x, y, { count, k, turn }) => {
    let re = Math.fround(0);
    let im = Math.fround(0);
    for (let i = 0; i < count; i++) {
      const angle = turn * (k[4 * i]! * x[0]! + k[4 * i + 1]! * x[1]! + k[4 * i + 2]! * x[2]!);
      re += k[4 * i + 3]! * Math.cos(angle);
      im += k[4 * i + 3]! * Math.sin(angle);
    }
    y[0] = re;
    y[1] = im;
  });
}
