// The cycles that programs take on the FPGA, as its model counts them, and how fast the model runs: processor time, medians of five rounds after one that warms up.
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { random } from "../core/index.ts";
import {
  type Elements,
  fft,
  fir,
  fpgaDesign,
  graph,
  idea,
  mriQ,
  nBody,
  sink,
  source,
  type Stream,
} from "../heterogeneous-tasks/index.ts";

const noise = (seed: string, length: number): Float32Array => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => 2 * stream.float() - 1);
};

async function measure(name: string, stream: Stream, input: Elements): Promise<void> {
  const type = input instanceof Float32Array ? "f32" : "i32";
  const design = fpgaDesign(graph(source(type).to(stream).to(sink(type))));
  let cycles = 0;
  const seconds = await processorSeconds(() => {
    ({ cycles } = design.run(input));
  });
  const { area, clockHz } = design;
  console.log(
    `${name}: ${(cycles / input.length).toFixed(2)} cycles an element, ${((input.length * clockHz) / cycles / 1e6).toFixed(2)} M elements/s at ${(clockHz / 1e6).toFixed(0)} MHz; ` +
      `${area.lookUpTables} tables, ${area.flipFlops} flip-flops, ${area.multipliers} multipliers, ${area.blockRams} block RAMs`,
  );
  figure(`${name}: the model`, cycles / seconds / 1e6, "M cycles/s");
}

const words = random("words");
await measure(
  "Crypt",
  idea([4660, 22136, 39612, 57073, 9029, 26505, 43981, 61203]),
  Int32Array.from({ length: 400000 }, () => words.int(65536)),
);
await measure("FFT", fft(256), noise("fft", 512 * 20));
await measure("filter", fir("filter", [...noise("taps", 64)]), noise("signal", 5000));
await measure("N-Body", nBody(128, 0.01), noise("bodies", 512 * 4));
await measure("MRI-Q", mriQ([...noise("k-space", 4 * 256)]), noise("points", 300));
