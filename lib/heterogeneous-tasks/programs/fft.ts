import { OptionError } from "../../core/errors.ts";
import { powerOfTwo } from "../../core/options.ts";
import { cosine, sine } from "../sine.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * A fast Fourier transform of n complex numbers, given as real and imaginary parts in turn (Cooley and Tukey, radix 2, decimation in time):
 * a task that orders by reversed bits, then log₂ n tasks that combine halves; the one for m points fires n/m times. Not normalised.
 *
 * @param points - a power of two from 2 to 2^16
 * @throws OptionError for another number
 *
 * @example
 * ```ts
 * import { fft, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * console.log(run(graph(source("f32").to(fft(2)).to(sink("f32"))), [1, 0, 2, 0])); // Float32Array [ 3, 0, -1, 0 ]
 * ```
 */
export function fft(points: number): Stream {
  if (powerOfTwo("points", points) < 2 || points > 2 ** 16)
    throw new OptionError("points", "a power of two from 2 to 2^16", points);
  const values = { points: value("i32", points), order: value("i32", reversed(points)) };
  let stream = task(
    { label: "order", input: "f32", takes: 2 * points, gives: 2 * points, values },
    (x, y, { points, order }) => {
      for (let i = 0; i < points; i++) {
        y[2 * i] = x[2 * order[i]!]!;
        y[2 * i + 1] = x[2 * order[i]! + 1]!;
      }
    },
  );
  for (let half = 1; half < points; half *= 2) stream = stream.to(combine(half));
  return stream;
}

function combine(half: number): Stream {
  const angles = Array.from({ length: half }, (_, at) => (-Math.PI * at) / half);
  const values = { half: value("i32", half), re: value("f32", angles.map(cosine)), im: value("f32", angles.map(sine)) };
  return task(
    { label: `combine ${2 * half}`, input: "f32", takes: 4 * half, gives: 4 * half, values },
    (x, y, { half, re, im }) => {
      for (let i = 0; i < half; i++) {
        const a = x[2 * i]!;
        const b = x[2 * i + 1]!;
        const c = x[2 * i + 2 * half]!;
        const d = x[2 * i + 2 * half + 1]!;
        const p = c * re[i]! - d * im[i]!;
        const q = c * im[i]! + d * re[i]!;
        y[2 * i] = a + p;
        y[2 * i + 1] = b + q;
        y[2 * i + 2 * half] = a - p;
        y[2 * i + 2 * half + 1] = b - q;
      }
    },
  );
}

function reversed(points: number): number[] {
  let order = [0];
  for (let size = 1; size < points; size *= 2) order = [...order.map((at) => 2 * at), ...order.map((at) => 2 * at + 1)];
  return order;
}
