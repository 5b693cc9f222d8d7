import { Script } from "node:vm";
import { type Axes, type PointContext, sweepPoints } from "../core/sweep-points.ts";
import { isArrowLoaded, loadArrow } from "./arrow-forms.ts";
import type { Outcome, PointError } from "./back-end.ts";
import { importerFrom } from "./import-from.ts";
import { CELL_IMPORT, IMPORT } from "./imports.ts";
import { hasArrow, pack, unpack } from "./pack.ts";
import type { PortableRun } from "./portable.ts";

/** A portable run that can be called. */
export interface LoadedRun {
  /** Runs one point. Never rejects: what goes wrong is its outcome. */
  readonly run: (index: number) => Promise<Outcome>;
}

type RunFunction = (point: unknown, context: PointContext) => unknown;

/** What {@link scopeOf} makes of the texts. */
interface RunScope {
  readonly set: (name: string, value: unknown) => void;
  readonly make: readonly (() => unknown)[];
  readonly run: () => RunFunction;
}

/**
 * Makes the functions of a portable run, in a worker. Once for all of its points, which share what it shares.
 *
 * @throws OptionError where its axes cannot be used; what a shared class throws when it is made
 */
export async function loadRun(portable: PortableRun): Promise<LoadedRun> {
  if (hasArrow(portable.share)) await loadArrow();
  const { share, axes, seed, directory } = portable;
  const names = Object.keys(share as object);
  const scope = scopeOf(portable, names, directory);
  const make = (functionNumber: number): unknown => scope.make[functionNumber]!();
  // One after the other, so that a shared class can extend one before it.
  for (const [name, value] of Object.entries(unpack(share, make) as Record<string, unknown>)) scope.set(name, value);
  const points = sweepPoints(unpack(axes, make) as Axes, seed);
  const run = scope.run();
  const { signal } = new AbortController();
  return {
    async run(index) {
      try {
        const { point, random } = points.at(index);
        const partition = portable.partitions?.[index];
        const input = partition === undefined ? point : (await import("./partition.ts")).openPartition(partition);
        const value = await run(input, { random, index, signal });
        return { value: await packResult(value) };
      } catch (error) {
        return { error: pointError(error) };
      }
    },
  };
}

async function packResult(value: unknown): Promise<unknown> {
  try {
    return pack("the result", value);
  } catch (error) {
    if (isArrowLoaded()) throw error;
    await loadArrow();
    return pack("the result", value);
  }
}

/** What was thrown, as data. */
export function pointError(error: unknown): PointError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: "" };
  return { name: error.name, message: error.message, stack: error.stack ?? "" };
}

/** The shared names as variables of one scope, in which every function is made: what a function says is what it said where it was written. */
function scopeOf({ text, functions }: PortableRun, names: readonly string[], directory: string): RunScope {
  const variables = names.length === 0 ? "" : `let ${names.join(", ")};`;
  const setters = names.map((name) => `${JSON.stringify(name)}: (value) => { ${name} = value; }`);
  const source = `(function (${IMPORT}, ${CELL_IMPORT}, require) { "use strict"; ${variables}
const __set__ = { ${setters.join(", ")} };
return { set: (name, value) => __set__[name](value), make: [${functions.map((each) => `() => (${each})`).join(",\n")}], run: () => (
${text}) };
})`;
  const script = new Script(source, { filename: `${directory}/the sweep's function` });
  const importer = importerFrom(directory);
  const enter = script.runInThisContext() as (load: unknown, cell: unknown, require: unknown) => RunScope;
  return enter(Object.assign(importer.load, { meta: importer.meta }), importer.cell, importer.require);
}
