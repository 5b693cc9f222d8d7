import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { random } from "../../core/random.ts";
import {
  coulombicPotential,
  des,
  type Elements,
  fft,
  fmRadio,
  graph,
  idea,
  mosaic,
  mriQ,
  nBody,
  run,
  series,
  sink,
  source,
  type Stream,
} from "../index.ts";

const golden = JSON.parse(readFileSync(new URL("golden/programs.json", import.meta.url), "utf8")) as Readonly<
  Record<string, string>
>;

const noise = (seed: string, length: number): number[] => {
  const stream = random(seed);
  return Array.from({ length }, () => 2 * stream.float() - 1);
};
const words = Array.from({ length: 400 }, random("words").bits).map((bits) => bits % 65536);
const radio = fmRadio({
  channel: noise("channel", 64),
  decimation: 4,
  smoothing: 0.25,
  bands: [noise("low", 32), noise("high", 32)],
});

const tiles = Array.from({ length: 20 }, (_, at) => words.slice(4 * at, 4 * at + 4).map((word) => word % 256));

/** A hash of the results' bits: every device has to give those of the whole numbers, and this one those of all. */
const bits = (type: "f32" | "i32", stream: Stream, input: readonly number[]): string => {
  const output: Elements = run(graph(source(type).to(stream).to(sink(stream.output!))), input);
  return createHash("sha256").update(new Uint8Array(output.buffer)).digest("hex");
};

it.each([
  ["crypt", () => bits("i32", idea([1, 2, 3, 4, 5, 6, 7, 8]), words)],
  ["des", () => bits("i32", des([1, 35, 69, 103, 137, 171, 205, 239]), words)],
  ["fft", () => bits("f32", fft(256), noise("fft", 1024))],
  ["nBody", () => bits("f32", nBody(32, 0.01), noise("bodies", 128))],
  ["mriQ", () => bits("f32", mriQ(noise("k-space", 400)), noise("points", 300))],
  ["cp", () => bits("i32", coulombicPotential(noise("atoms", 400), 0.1), words.slice(1))],
  ["series", () => bits("i32", series(256), words)],
  [
    "mosaic",
    () =>
      bits(
        "i32",
        mosaic(tiles, { side: 2, across: 5 }),
        words.map((word) => word % 256),
      ),
  ],
  ["fmRadio", () => bits("f32", radio, noise("radio", 4096))],
] as const)("%s gives the bits that it gave", (name, hash) => {
  expect(hash()).toBe(golden[name]);
});
