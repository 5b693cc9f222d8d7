import { OptionError } from "../../core/errors.ts";
import { powerOfTwo } from "../../core/options.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * Java Grande's Series: for each number n, the Fourier coefficients aₙ and bₙ of (x + 1)^x on 0 to 2, its integrals with cos(πnx) and sin(πnx); a₀ is half of its. By the trapezoid rule: beyond single
 * precision's roundings, aₙ is off by 5.3/intervals², bₙ by 8.4n/intervals² while n is far below half of the intervals. Sums are made of sums of √intervals terms, whose roundings are fewer.
 *
 * @param intervals - a power of two from 4 to 2^20, so that x, and πnx in whole turns, are exact
 * @throws OptionError for another number
 *
 * @example
 * ```ts
 * import { graph, run, series, sink, source } from "veelab/heterogeneous-tasks";
 * const [a0, b0] = run(graph(source("i32").to(series(1024)).to(sink("f32"))), [0]);
 * console.log(a0?.toFixed(3), b0); // 2.882 0
 * ```
 */
export function series(intervals: number): Stream {
  if (powerOfTwo("intervals", intervals) < 4 || intervals > 2 ** 20)
    throw new OptionError("intervals", "a power of two from 4 to 2^20", intervals);
  const columns = 2 ** Math.ceil(Math.log2(intervals) / 2);
  const values = {
    ...{ columns: value("i32", columns), rows: value("i32", intervals / columns), last: value("i32", intervals - 1) },
    ...{ width: value("f32", 2 / intervals), turn: value("f32", (2 * Math.PI) / intervals) },
  };
  return task(
    { label: "coefficients", input: "i32", output: "f32", gives: 2, values },
    (x, y, { columns, rows, last, width, turn }) => {
      const power = (at: number): number => Math.exp(at * Math.log(at + 1));
      // Both ends count half: the first as a whole in the sums, and half of the difference behind them. Both sines are 0.
      let a = 0.5 * (power(Math.fround(2)) - power(Math.fround(0)));
      let b = Math.fround(0);
      for (let row = 0; row < rows; row++) {
        let someA = Math.fround(0);
        let someB = Math.fround(0);
        for (let column = 0; column < columns; column++) {
          const j = row * columns + column;
          const height = power(width * Math.fround(j));
          const angle = turn * Math.fround(Math.imul(x[0]!, j) & last);
          someA += height * Math.cos(angle);
          someB += height * Math.sin(angle);
        }
        a += someA;
        b += someB;
      }
      y[0] = (x[0] === 0 ? 0.5 * width : width) * a;
      y[1] = width * b;
    },
  );
}
