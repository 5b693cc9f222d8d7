import { resolve } from "node:path";
import { cacheFolder } from "../../../datasets/cache-folder.ts";
import type { BackEnd } from "../back-end.ts";
import { checkSlurm, type SlurmOptions } from "./options.ts";

/**
 * Runs the points of a sweep on a Slurm cluster: `sweep(axes, run, { on: slurm({ partition: "short" }) })`. Points are packed into
 * the tasks of job arrays, so that each takes at least half a minute; how long a point takes is given or measured. A folder that the nodes
 * share holds what is run and what came of it; this package must be there in the same version, which is checked.
 *
 * Results come as they are there. What is lost (a node that fails, a limit of time or memory, a task that is cancelled) is run
 * again; points of a task that has been silent for long are run a second time elsewhere. When the sweep is interrupted, its jobs are cancelled. When the process dies,
 * its jobs go on: the same call again takes what they have done.
 *
 * @throws OptionError for an option that cannot be used; `sweep` then rejects with a SimulationError in one sentence where
 *   there is no Slurm, where it refuses the job, where tasks do not begin or have another version of this package, and where another process runs the same sweep
 *
 * @example
 * ```ts
 * import { slurm } from "veelab";
 *
 * const on = slurm({ folder: "/shared/sweeps", partition: "short", timeLimitMin: 60, cpus: 4, taskS: 120 });
 * console.log(on.label); // slurm
 * ```
 */
export function slurm(options: SlurmOptions = {}): BackEnd {
  const checked = checkSlurm(options);
  return {
    label: "slurm",
    async run(portable, points, context) {
      if (points.length === 0) return;
      const { coordinate } = await import("./coordinate.ts");
      await coordinate(
        { ...checked, folder: resolve(checked.folder ?? cacheFolder("slurm")) },
        portable,
        points,
        context,
      );
    },
  };
}
