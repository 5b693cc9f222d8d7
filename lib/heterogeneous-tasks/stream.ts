import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import type { Task } from "./task.ts";
import { checkType, checkValue, type ElementType, type Value } from "./value.ts";

/**
 * A piece of a task graph with at most one end in and one end out. It holds no data and can be used more than once.
 *
 * @example
 * ```ts
 * import { map, type Stream } from "veelab/heterogeneous-tasks";
 * const twice: Stream = map({ label: "twice", input: "f32" }, (x) => 2 * x);
 * console.log(twice.to(twice).label); // twice → twice
 * ```
 */
export interface Stream {
  /** Name in messages. */
  readonly label: string;
  /** What it takes; null for one that begins with a source. */
  readonly input: ElementType | null;
  /** What it gives; null for one that ends with a sink. */
  readonly output: ElementType | null;
  /** This stream, and what it gives taken by another. */
  readonly to: (next: Stream) => Stream;
}

/** How a splitter shares out: all to each, or so many in turn. */
export type Share = "duplicate" | readonly number[];

/** What a stream is made of. */
export type Part =
  | { readonly kind: "source" | "sink" }
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "chain"; readonly first: Stream; readonly then: Stream }
  | {
      readonly kind: "split";
      readonly branches: readonly Stream[];
      readonly share: Share;
      readonly join: readonly number[];
    }
  | {
      readonly kind: "feedback";
      readonly forward: Stream;
      readonly join: readonly number[];
      readonly share: Share;
      readonly delay: Value;
    }
  | { readonly kind: "bracket"; readonly inner: Stream };

const parts = new WeakMap<Stream, Part>();

/** A stream of this part. */
export function streamOf(part: Part, label: string, input: ElementType | null, output: ElementType | null): Stream {
  const stream: Stream = Object.freeze({ label, input, output, to: (next: Stream) => chain(stream, next) });
  parts.set(stream, part);
  return stream;
}

/** What a stream is made of, or an OptionError where it is none. */
export function partOf(name: string, stream: Stream): Part {
  const part = parts.get(stream);
  if (part === undefined) throw new OptionError(name, "a source, a sink, a task or a stream made of them", stream);
  return part;
}

function chain(first: Stream, then: Stream): Stream {
  partOf("to", then);
  if (first.output === null || first.output !== then.input)
    throw new OptionError(
      `${first.label} to ${then.label}`,
      first.output === null ? "nothing after a sink" : `a stream that takes ${first.output}`,
      then.input ?? "a source",
    );
  return streamOf({ kind: "chain", first, then }, `${first.label} → ${then.label}`, first.input, then.output);
}

/**
 * Where elements come in.
 *
 * @example
 * ```ts
 * import { source } from "veelab/heterogeneous-tasks";
 * console.log(source("f32").output); // f32
 * ```
 */
export function source(type: ElementType): Stream {
  return streamOf({ kind: "source" }, "source", null, checkType("type", type));
}

/**
 * Where elements go out.
 *
 * @example
 * ```ts
 * import { sink } from "veelab/heterogeneous-tasks";
 * console.log(sink("i32").input); // i32
 * ```
 */
export function sink(type: ElementType): Stream {
  return streamOf({ kind: "sink" }, "sink", checkType("type", type), null);
}

/**
 * Relocation brackets: marks a stream of tasks that may be moved to another device as one. What it computes stays the same.
 *
 * @throws OptionError for a stream with a source or a sink: those stay where they are
 *
 * @example
 * ```ts
 * import { graph, map, relocatable, sink, source } from "veelab/heterogeneous-tasks";
 * const twice = map({ label: "twice", input: "f32" }, (x) => 2 * x);
 * const doubled = graph(source("f32").to(relocatable(twice)).to(sink("f32")));
 * console.log(doubled.nodes.map(({ label, brackets }) => `${label}:${brackets.join()}`)); // [ "source:", "twice:0", "sink:" ]
 * ```
 */
export function relocatable(stream: Stream): Stream {
  closed("relocatable", stream);
  return streamOf({ kind: "bracket", inner: stream }, stream.label, stream.input, stream.output);
}

/**
 * How a split shares out and joins.
 *
 * @example
 * ```ts
 * import type { SplitOptions } from "veelab/heterogeneous-tasks";
 * const inTurn: SplitOptions = { share: [32, 32], join: [32, 32] };
 * console.log(inTurn.join); // [ 32, 32 ]
 * ```
 */
export interface SplitOptions {
  /** Every element to each branch (`duplicate`), or so many elements to each in turn. */
  readonly share: "duplicate" | readonly number[];
  /** So many elements from each branch in turn. */
  readonly join: readonly number[];
}

/**
 * Branches side by side between a splitter and a joiner.
 *
 * @throws OptionError for branches of different types, or as many numbers as there are no branches
 *
 * @example
 * ```ts
 * import { graph, map, run, sink, source, split } from "veelab/heterogeneous-tasks";
 * const twice = map({ label: "twice", input: "i32" }, (x) => 2 * x);
 * const square = map({ label: "square", input: "i32" }, (x) => x * x);
 * const both = split([twice, square], { share: "duplicate", join: [1, 1] });
 * console.log(run(graph(source("i32").to(both).to(sink("i32"))), [3, 5])); // Int32Array [ 6, 9, 10, 25 ]
 * ```
 */
export function split(branches: readonly Stream[], options: SplitOptions): Stream {
  onlyOptions(options, ["share", "join"]);
  const [first] = branches;
  if (first === undefined) throw new OptionError("branches", "one stream or more", branches);
  for (const [at, branch] of branches.entries()) {
    closed(`branches[${at}]`, branch);
    if (branch.input !== first.input || branch.output !== first.output)
      throw new OptionError(
        `branches[${at}]`,
        `${String(first.input)} to ${String(first.output)}, as the first branch`,
        `${String(branch.input)} to ${String(branch.output)}`,
      );
  }
  const join = turns("join", options.join, branches.length);
  const share = shareOf(options.share, branches.length);
  const label = `split(${branches.map((branch) => branch.label).join(", ")})`;
  return streamOf({ kind: "split", branches: [...branches], share, join }, label, first.input, first.output);
}

/**
 * How a loop is closed.
 *
 * @example
 * ```ts
 * import { type FeedbackOptions, value } from "veelab/heterogeneous-tasks";
 * const options: FeedbackOptions = { join: [1, 1], share: "duplicate", delay: value("f32", [0]) };
 * console.log(options.delay.length); // 1
 * ```
 */
export interface FeedbackOptions {
  /** So many elements from outside, then so many from the loop. */
  readonly join: readonly number[];
  /** Every element out and back (`duplicate`), or so many out, then so many back. */
  readonly share: "duplicate" | readonly number[];
  /** The elements on the way back at the start: without enough of them, nothing can begin. */
  readonly delay: Value;
}

/**
 * A stream that gets some of what it gives back, behind what comes from outside.
 *
 * @throws OptionError for a stream whose ends differ in type, or a delay of another type
 *
 * @example
 * ```ts
 * import { feedback, graph, reduce, run, sink, source, value } from "veelab/heterogeneous-tasks";
 * const add = reduce({ label: "add", input: "i32", of: 2 }, (a, b) => a + b);
 * const sums = feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [0]) });
 * console.log(run(graph(source("i32").to(sums).to(sink("i32"))), [1, 2, 3])); // Int32Array [ 1, 3, 6 ]
 * ```
 */
export function feedback(forward: Stream, options: FeedbackOptions): Stream {
  onlyOptions(options, ["join", "share", "delay"]);
  closed("feedback", forward);
  if (forward.input !== forward.output)
    throw new OptionError("feedback", `a stream that gives ${String(forward.input)}, as it takes`, forward.output);
  const delay = checkValue("delay", options.delay);
  if (delay.type !== forward.input)
    throw new OptionError("delay", `a value of type ${String(forward.input)}`, delay.type);
  const join = turns("join", options.join, 2);
  const share = shareOf(options.share, 2);
  const part: Part = { kind: "feedback", forward, join, share, delay };
  return streamOf(part, `feedback(${forward.label})`, forward.input, forward.output);
}

function closed(name: string, stream: Stream): void {
  partOf(name, stream);
  if (stream.input === null || stream.output === null)
    throw new OptionError(name, "a stream without a source or a sink", stream.label);
}

function shareOf(share: Share, branches: number): Share {
  return share === "duplicate" ? share : turns("share", share, branches, '"duplicate", or ');
}

function turns(name: string, given: readonly number[], branches: number, other = ""): readonly number[] {
  if (!Array.isArray(given) || given.length !== branches)
    throw new OptionError(name, `${other}${branches} whole numbers, one a branch`, given);
  return given.map((count, at) => integer(`${name}[${at}]`, count, { min: 1, max: 2 ** 20 }));
}
