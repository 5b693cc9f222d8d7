import { random } from "../../core/random.ts";
import {
  coulombicPotential,
  des,
  type Elements,
  type ElementType,
  fft,
  fmRadio,
  graph,
  type Graph,
  idea,
  mosaic,
  mriQ,
  nBody,
  relocatable,
  series,
  sink,
  source,
  type Stream,
} from "../index.ts";

/** Numbers from −1 to 1. */
const noise = (seed: string, length: number): number[] => {
  const stream = random(seed);
  return Array.from({ length }, () => 2 * stream.float() - 1);
};

const words = Array.from({ length: 400 }, random("words").bits).map((bits) => bits % 65536);
const tiles = Array.from({ length: 20 }, (_, at) => words.slice(4 * at, 4 * at + 4).map((word) => word % 256));
const radio = fmRadio({
  channel: noise("channel", 64),
  decimation: 4,
  smoothing: 0.25,
  bands: [noise("low", 32), noise("high", 32)],
});
const closed = (type: ElementType, stream: Stream): Graph =>
  graph(source(type).to(relocatable(stream)).to(sink(stream.output!)));

/** Every program, all of it in brackets, with what it is given. */
export const programs: readonly (readonly [name: string, graph: Graph, input: readonly number[]])[] = [
  ["crypt", closed("i32", idea([1, 2, 3, 4, 5, 6, 7, 8])), words],
  ["des", closed("i32", des([1, 35, 69, 103, 137, 171, 205, 239])), words],
  ["fft", closed("f32", fft(256)), noise("fft", 1024)],
  ["nBody", closed("f32", nBody(32, 0.01)), noise("bodies", 128)],
  ["mriQ", closed("f32", mriQ(noise("k-space", 400))), noise("points", 300)],
  ["cp", closed("i32", coulombicPotential(noise("atoms", 400), 0.1)), words.slice(1)],
  ["series", closed("i32", series(256)), words],
  ["mosaic", closed("i32", mosaic(tiles, { side: 2, across: 5 })), words.map((word) => word % 256)],
  ["fmRadio", closed("f32", radio), noise("radio", 4096)],
];

/** The first place at which two results differ, −1 where there is none: NaN is NaN, but 0 is not −0. */
export function firstDifference(a: Elements, b: Elements): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) if (!Object.is(a[at], b[at])) return at;
  return -1;
}
