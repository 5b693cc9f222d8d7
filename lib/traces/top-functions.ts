import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { framed, KIND } from "../core/chart/theme.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { type FunctionShare, stackWeights, topOf } from "./stack-weights.ts";

/** What {@link topFunctions} finds. */
export interface TopFunctions extends Characteristic {
  /** All functions, those with the most weight in themselves first. */
  readonly functions: readonly FunctionShare[];
}

/** At most so many are drawn. */
const mostBars = 20;

/**
 * Where a profile's time goes by function: the share of the samples in the function itself, and of those that have it
 * on their stack. The table has a row for each function: `name`, `self`, `total` (shares). One pass; memory for the
 * different stacks.
 *
 * @example
 * ```ts
 * import { profileSamples, topFunctions } from "veelab/traces";
 *
 * const { functions } = await topFunctions(profileSamples({ samples: 1000, stacks: { "main;solve": 3, "main;parse": 1 } }));
 * console.log(functions.map(({ name }) => name)); // [ "solve", "parse", "main" ]
 * ```
 */
export function topFunctions(trace: Trace): Promise<TopFunctions> {
  return characterise(trace, "a profile", topFunctionsOf());
}

/** The accumulator of {@link topFunctions}. */
export function topFunctionsOf(): Accumulator<TopFunctions> {
  const stacks = stackWeights();
  return {
    add: stacks.add,
    result() {
      if (stacks.weights.size === 0) return undefined;
      const functions = topOf(stacks.weights);
      const table = new Table({
        name: vectorFromArray(
          functions.map(({ name }) => name),
          new Utf8(),
        ),
        self: makeVector(Float64Array.from(functions, ({ selfShare }) => selfShare)),
        total: makeVector(Float64Array.from(functions, ({ totalShare }) => totalShare)),
      });
      return characteristic(table, drawn(functions), { functions });
    },
  };
}

function drawn(functions: readonly FunctionShare[]) {
  const values = functions
    .slice(0, mostBars)
    .map(({ name, selfShare, totalShare }) => ({ name, from: 0, self: 100 * selfShare, total: 100 * totalShare }));
  const y = {
    field: "name",
    type: "nominal",
    sort: values.map(({ name }) => name),
    axis: { title: "function", labelLimit: 260, grid: false, ticks: false, domain: false },
  };
  const x = (field: string) => ({
    field,
    type: "quantitative",
    axis: { title: "samples by weight (%)" },
    scale: { zero: true },
  });
  const tooltip = [
    { field: "name", type: "nominal", title: "function" },
    { field: "self", type: "quantitative", title: "itself (%)", format: ".3~g" },
    { field: "total", type: "quantitative", title: "on the stack (%)", format: ".3~g" },
  ];
  const left = functions.length > mostBars ? [`the first ${mostBars} of ${functions.length}`] : [];
  const options = {
    title: "Functions",
    subtitle: ["bar: in itself; line: on the stack, with what it calls", ...left].join("; "),
  };
  return framed(options, [], `Bars: share of samples in each function itself, and on its stack.`, {
    width: 420,
    height: { step: 18 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", color: KIND.reference.color, strokeWidth: 1.5 },
        encoding: { y, x: x("from"), x2: { field: "total" } },
      },
      {
        mark: { type: "tick", color: KIND.reference.color, thickness: 1.5, size: 9 },
        encoding: { y, x: x("total"), tooltip },
      },
      { mark: { type: "bar", color: KIND.reproduced.color, height: 11 }, encoding: { y, x: x("self"), tooltip } },
    ],
  });
}
