import { integer, positive } from "../../core/options.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * One step of N-Body, all pairs: takes x, y, z and mass of each body in turn, and gives each body's acceleration, with G = 1 and Plummer's softening, which is
 * added to squared distances.
 *
 * @param bodies - how many, 1 to 65536
 * @param softening - ε², the square of a length; above 0, so that a body does not move itself
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { graph, nBody, run, sink, source } from "veelab/heterogeneous-tasks";
 * const two = graph(source("f32").to(nBody(2, 1e-9)).to(sink("f32")));
 * console.log(run(two, [0, 0, 0, 1, 1, 0, 0, 4])[0]); // 4
 * ```
 */
export function nBody(bodies: number, softening: number): Stream {
  integer("bodies", bodies, { min: 1, max: 2 ** 16 });
  const values = { bodies: value("i32", bodies), softening: value("f32", positive("softening", softening)) };
  return task(
    { label: "accelerations", input: "f32", takes: 4 * bodies, gives: 3 * bodies, values },
    (x, y, { bodies, softening }) => {
      for (let i = 0; i < bodies; i++) {
        let ax = Math.fround(0);
        let ay = Math.fround(0);
        let az = Math.fround(0);
        for (let j = 0; j < bodies; j++) {
          const dx = x[4 * j]! - x[4 * i]!;
          const dy = x[4 * j + 1]! - x[4 * i + 1]!;
          const dz = x[4 * j + 2]! - x[4 * i + 2]!;
          const squared = dx * dx + dy * dy + dz * dz + softening;
          const pull = x[4 * j + 3]! / (squared * Math.sqrt(squared));
          ax += dx * pull;
          ay += dy * pull;
          az += dz * pull;
        }
        y[3 * i] = ax;
        y[3 * i + 1] = ay;
        y[3 * i + 2] = az;
      }
    },
  );
}
