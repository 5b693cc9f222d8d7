import { OptionError } from "../core/errors.ts";
import { integer } from "../core/options.ts";
import { graph } from "./graph.ts";
import { partOf, sink, source, split, type Stream } from "./stream.ts";

/**
 * So many copies of a stream side by side, which take what it takes in turn: the same elements, and work for as many devices, threads or pipelines. Only for a stream that remembers
 * nothing. Linear in its size and in copies.
 *
 * @param count - 1 to 1024
 * @throws OptionError for a stream with history or a loop, or with a source or a sink; SimulationError for one whose rates cannot be balanced
 *
 * @example
 * ```ts
 * import { copies, graph, reduce, run, sink, source } from "veelab/heterogeneous-tasks";
 * const pair = reduce({ label: "pair", input: "i32", of: 2 }, (a, b) => a + b);
 * const side = graph(source("i32").to(copies(pair, 3)).to(sink("i32")));
 * console.log(run(side, [1, 2, 3, 4, 5, 6]), side.takes); // Int32Array [ 3, 7, 11 ] 6
 * ```
 */
export function copies(stream: Stream, count: number): Stream {
  partOf("stream", stream);
  integer("count", count, { min: 1, max: 1024 });
  const { input, output, label } = stream;
  if (input === null || output === null) throw new OptionError("stream", "a stream without a source or a sink", label);
  const one = graph(source(input).to(stream).to(sink(output)));
  if (one.edges.some(({ initial }) => initial > 0))
    throw new OptionError("stream", "a stream that remembers nothing: no history, no loop", label);
  const each = (moved: number): number[] => Array.from({ length: count }, () => moved);
  return split(
    Array.from({ length: count }, () => stream),
    { share: each(one.takes), join: each(one.gives) },
  );
}
