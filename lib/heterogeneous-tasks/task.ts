import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import { ANY, type Code } from "./code.ts";
import { readTask } from "./language.ts";
import type { ArrayShape } from "./names.ts";
import { type Stream, streamOf } from "./stream.ts";
import { checkType, checkValue, type ElementType, type Value } from "./value.ts";

/**
 * What a task takes and gives in one firing.
 *
 * @example
 * ```ts
 * import { task, type TaskOptions, value } from "veelab/heterogeneous-tasks";
 * const options: TaskOptions = { label: "pairs", input: "f32", takes: 2, gives: 1 };
 * const sum = task(options, (x, y) => {
 *   y[0] = x[0]! + x[1]!;
 * });
 * console.log(sum.label); // pairs
 * ```
 */
export interface TaskOptions<Values extends Readonly<Record<string, Value>> = Readonly<Record<string, Value>>> {
  /** Name in messages and tables. */
  readonly label: string;
  /** What it takes. */
  readonly input: ElementType;
  /** How many elements it takes; 1 unless given. */
  readonly takes?: number;
  /** How many earlier elements it sees before those, zeros at first; 0 unless given. */
  readonly history?: number;
  /** What it gives; the input's type unless given. */
  readonly output?: ElementType;
  /** How many elements it gives; 1 unless given. */
  readonly gives?: number;
  /** What it may use besides. */
  readonly values?: Values;
}

/** A checked task. */
export interface Task {
  readonly input: ElementType;
  readonly takes: number;
  readonly history: number;
  readonly output: ElementType;
  readonly gives: number;
  /** The arrays among its values; numbers are in its code. */
  readonly arrays: ReadonlyMap<string, Value>;
  readonly code: Code;
}

/**
 * An isolated task with static rates. Its function is read as text and never called: `(input, output, { values })`, where `input` has the
 * earlier and the taken elements and `output` those to give, zeros until stored. It may use `const`, `let`, assignments, `if`, `for` loops that count up to a
 * bound that does not change, functions of numbers declared in it, and of `Math` `fround`, `trunc`, `imul`, `sqrt`, `abs`, `floor`, `min`, `max`, `sin`, `cos`, `exp`, `log` and its constants; numbers are
 * `f32`, rounded at every operation, or `i32`, which wraps around; a whole number that is written, or a value, is either, and `i32` where nothing tells: a sum of `f32` begins as `Math.fround(0)`. The parameters of a function have the types of its first call. `Math.fround` makes an `f32` of an `i32`, `Math.trunc` an `i32` of an `f32`:
 * the nearest one of a number beyond ±2^31, and 0 of NaN. Each index must be shown to be inside by the loops' bounds, `&`, `Math.min` and `Math.max`; `length` is known of the input and of values. So a task always ends, cannot fail, and can be made for any device. Linear in the text.
 *
 * @throws OptionError with the line of the text for what the language has not, what is outside the task, or an index that may be outside
 *
 * @example
 * ```ts
 * import { graph, run, sink, source, task, value } from "veelab/heterogeneous-tasks";
 * const mean = task(
 *   { label: "moving mean", input: "f32", history: 2, values: { share: value("f32", 1 / 3) } },
 *   (x, y, { share }) => {
 *     let sum = Math.fround(0);
 *     for (let i = 0; i < 3; i++) sum += x[i]!;
 *     y[0] = sum * share;
 *   },
 * );
 * console.log(run(graph(source("f32").to(mean).to(sink("f32"))), [3, 3, 3])); // Float32Array [ 1, 2, 3 ]
 * ```
 */
export function task<Values extends Readonly<Record<string, Value>>>(
  options: TaskOptions<Values>,
  body: (
    input: ArrayLike<number>,
    output: Record<number, number>,
    values: { readonly [Name in keyof Values]: Values[Name] extends Value<"number"> ? number : ArrayLike<number> },
  ) => void,
): Stream {
  return fromText(options, textOf(body));
}

/**
 * A task that applies a function to each element. Each element is for itself: a device may take many at once. Linear in the text.
 *
 * @throws OptionError as {@link task} does
 *
 * @example
 * ```ts
 * import { graph, map, run, sink, source } from "veelab/heterogeneous-tasks";
 * const square = map({ label: "square", input: "i32" }, (x) => x * x);
 * console.log(run(graph(source("i32").to(square).to(sink("i32"))), [1, 2, 3])); // Int32Array [ 1, 4, 9 ]
 * ```
 */
export function map(options: Pick<TaskOptions, "label" | "input" | "output">, f: (x: number) => number): Stream {
  onlyOptions(options, ["label", "input", "output"]);
  return fromText(options, `(x, y) => { const f = ${textOf(f)}; y[0] = f(x[0]); }`);
}

/**
 * A task that makes one element of `of` elements, from the first to the last: f(f(f(x₀, x₁), x₂), …). The order is fixed, as sums of `f32` depend on
 * it. Linear in the text.
 *
 * @throws OptionError as {@link task} does
 *
 * @example
 * ```ts
 * import { graph, reduce, run, sink, source } from "veelab/heterogeneous-tasks";
 * const sum = reduce({ label: "sum", input: "f32", of: 3 }, (a, b) => a + b);
 * console.log(run(graph(source("f32").to(sum).to(sink("f32"))), [1, 2, 3, 4, 5, 6])); // Float32Array [ 6, 15 ]
 * ```
 */
export function reduce(
  options: Pick<TaskOptions, "label" | "input"> & { readonly of: number },
  f: (soFar: number, x: number) => number,
): Stream {
  onlyOptions(options, ["label", "input", "of"]);
  const { label, input, of } = options;
  return fromText(
    { label, input, takes: integer("of", of, { min: 1, max: MOST }) },
    `(x, y) => { const f = ${textOf(f)}; let soFar = x[0]; for (let i = 1; i < ${of}; i++) soFar = f(soFar, x[i]); y[0] = soFar; }`,
  );
}

const MOST = 2 ** 20;

function textOf(f: (...numbers: never[]) => unknown): string {
  if (typeof f !== "function") throw new OptionError("task", "a function", f);
  return f.toString();
}

function fromText(options: TaskOptions, text: string): Stream {
  onlyOptions(options, ["label", "input", "takes", "history", "output", "gives", "values"]);
  const { label } = options;
  if (typeof label !== "string" || label === "") throw new OptionError("label", "a name", label);
  const input = checkType("input", options.input);
  const output = checkType("output", options.output ?? input);
  const takes = integer("takes", options.takes ?? 1, { min: 1, max: MOST });
  const gives = integer("gives", options.gives ?? 1, { min: 1, max: MOST });
  const history = integer("history", options.history ?? 0, { min: 0, max: MOST });
  const arrays = new Map<string, Value>();
  const shapes = new Map<string, ArrayShape>();
  const numbers = new Map<string, { readonly type: ElementType; readonly value: number }>();
  for (const [name, given] of Object.entries(options.values ?? {})) {
    const { shape, type, length, elements } = checkValue(`values.${name}`, given);
    if (shape === "number") numbers.set(name, { type, value: elements()[0]! });
    else {
      arrays.set(name, given);
      shapes.set(name, { type, length, range: type === "i32" ? extent(elements()) : ANY });
    }
  }
  const code = readTask(label, text, {
    input: { type: input, length: history + takes, range: ANY },
    output: { type: output, length: gives, range: ANY },
    arrays: shapes,
    numbers,
  });
  const checked: Task = { input, takes, history, output, gives, arrays, code };
  return streamOf({ kind: "task", task: checked }, label, input, output);
}

function extent(elements: Iterable<number>): { readonly min: number; readonly max: number } {
  let [min, max] = [ANY.max, ANY.min];
  for (const element of elements) [min, max] = [Math.min(min, element), Math.max(max, element)];
  return { min, max };
}
