import { OptionError } from "../../core/errors.ts";
import { positive } from "../../core/options.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * Parboil's CP: the potential Σ q/r of point charges at the points of a grid, of which it takes the whole coordinates i, j and k. It is infinite, or not a number, at an
 * atom's own place.
 *
 * @param atoms - x, y, z and charge of each, in turn
 * @param spacing - of the grid, in the unit of the atoms' places; above 0
 * @throws OptionError for numbers that are not four an atom, or out of range
 *
 * @example
 * ```ts
 * import { coulombicPotential, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * const grid = graph(source("i32").to(coulombicPotential([0, 0, 0, 1], 0.5)).to(sink("f32")));
 * console.log(run(grid, [1, 0, 0, 0, 4, 0])); // Float32Array [ 2, 0.5 ]
 * ```
 */
export function coulombicPotential(atoms: readonly number[], spacing: number): Stream {
  if (atoms.length === 0 || atoms.length % 4 !== 0)
    throw new OptionError("atoms", "four numbers an atom", atoms.length);
  const values = {
    ...{ count: value("i32", atoms.length / 4), atoms: value("f32", atoms) },
    spacing: value("f32", positive("spacing", spacing)),
  };
  return task(
    { label: "potential", input: "i32", takes: 3, output: "f32", values },
    (x, y, { count, atoms, spacing }) => {
      const px = spacing * Math.fround(x[0]!);
      const py = spacing * Math.fround(x[1]!);
      const pz = spacing * Math.fround(x[2]!);
      let sum = Math.fround(0);
      for (let i = 0; i < count; i++) {
        const dx = px - atoms[4 * i]!;
        const dy = py - atoms[4 * i + 1]!;
        const dz = pz - atoms[4 * i + 2]!;
        sum += atoms[4 * i + 3]! / Math.sqrt(dx * dx + dy * dy + dz * dz);
      }
      y[0] = sum;
    },
  );
}
