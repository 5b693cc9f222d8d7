import { expect } from "vitest";
import { graph, run, sink, source, type Stream } from "../index.ts";

/** What a stream makes of single-precision numbers. */
export const floats = (stream: Stream, input: ArrayLike<number>): Float32Array =>
  run(graph(source("f32").to(stream).to(sink("f32"))), input) as Float32Array;
/** What a stream makes of whole numbers. */
export const wholes = (stream: Stream, input: ArrayLike<number>): number[] => [
  ...run(graph(source("i32").to(stream).to(sink("i32"))), input),
];

/** The largest difference. */
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a, (x, at) => Math.abs(x - b[at]!)).reduce((most, one) => Math.max(most, one), 0);
};
