// Graphs on JavaScript, WebAssembly and, where there is an adapter, WebGPU beside the same programs written by hand as loops over typed arrays, with single precision: all
// give the same bits. Processor time of all threads, medians of five rounds after one that warms up; compiling is not in it.
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { random } from "../core/index.ts";
import { iterationsOf } from "../heterogeneous-tasks/run.ts";
import { zeros } from "../heterogeneous-tasks/value.ts";
import { flatOf } from "../heterogeneous-tasks/graph.ts";
import {
  coulombicPotential,
  des,
  type Device,
  type Elements,
  fft,
  fmRadio,
  graph,
  type Graph,
  idea,
  map,
  mosaic,
  mriQ,
  nBody,
  platformToday,
  publishedNativeShare,
  relocatable,
  simulate,
  series,
  sink,
  source,
  start,
  type Stream,
  webAssembly,
  webGpu,
} from "../heterogeneous-tasks/index.ts";
import { noise } from "./reference/noise.ts";
import { key, encrypt, desKey, encryptBits } from "./reference/hand-ciphers.ts";
import { atoms, potentials, bodies, accelerations, samples, q } from "./reference/hand-physics.ts";
import { intervals, coefficients, points, transform, channel, bands, receive } from "./reference/hand-signals.ts";
import { tiles, across, tile } from "./reference/hand-mosaic.ts";

/** What WebGPU runs on, where there is an adapter. */
const gpu = await webGpu().catch(() => undefined);
if (gpu === undefined) missing("WebGPU", "a graphics adapter, or Mesa's or Chromium's in software");
/** Four-element vectors, and without them; threads would change the time that passes, not the processor's. */
const others: readonly (readonly [string, Device | undefined])[] = [
  ["WebAssembly", webAssembly({ threads: 1 })],
  ["WebAssembly without vectors", webAssembly({ threads: 1, vectors: false })],
  ["WebGPU", gpu],
];

async function compare<T extends Elements>(
  name: string,
  stream: Stream,
  input: T,
  byHand: (input: T) => Elements,
  devices = others,
): Promise<void> {
  const type = input instanceof Float32Array ? "f32" : "i32";
  const whole = graph(source(type).to(stream).to(sink(stream.output!)));
  let made: Elements = new Int32Array(0);
  let hand: Elements = made;
  const running = start(whole);
  const graphS = await processorSeconds(() => (made = running.put(input)));
  const handS = await processorSeconds(() => (hand = byHand(input)));
  // The radio goes on where it was: its first round is compared.
  const first = start(whole).put(input);
  const check = (results: Elements): void => {
    if (hand.length !== results.length || hand.some((x, at) => x !== results[at]))
      throw new Error(`${name}: the results differ`);
  };
  check(first);
  const rate = (seconds: number): number => input.length / seconds / 1e6;
  const peers = { "a loop by hand": rate(handS) };
  figure(`${name}, JavaScript`, rate(graphS), "M elements/s", { peers });
  for (const [label, device] of devices)
    if (device !== undefined)
      figure(`${name}, ${label}`, rate(await deviceSeconds(device, whole, input, check)), "M elements/s", { peers });
}

/** Median processor time of a device for an input; making the program is not in it. */
async function deviceSeconds(
  device: Device,
  whole: Graph,
  input: Elements,
  check: (results: Elements) => void,
): Promise<number> {
  const flat = flatOf(whole);
  const iterations = iterationsOf(flat, device, undefined);
  const loaded = await device.load(flat, iterations);
  const all = input.length / whole.takes;
  const output = zeros(whole.output, all * whole.gives);
  const round = async (): Promise<void> => {
    for (let done = 0; done < all; done += iterations) {
      const end = Math.min(all, done + iterations);
      const part = output.subarray(done * whole.gives, end * whole.gives);
      await loaded.run(input.subarray(done * whole.takes, end * whole.takes), part, end - done);
    }
  };
  await round();
  check(output);
  const seconds = await processorSeconds(round);
  await loaded.close();
  return seconds;
}

const words = random("words");
await compare(
  "Crypt",
  idea(key),
  Int32Array.from({ length: 4 * 100_000 }, () => words.int(65536)),
  encrypt,
);
const whole = (length: number, below: number): Int32Array => Int32Array.from({ length }, () => words.int(below));
await compare("DES", des(desKey), whole(2 * 4_000, 2 ** 31), encryptBits);
await compare("CP", coulombicPotential([...atoms], 0.1), whole(3 * 4000, 256), potentials);
await compare(
  "Series",
  series(intervals),
  Int32Array.from({ length: 200 }, (_, n) => n),
  coefficients,
);
await compare("Mosaic", mosaic(tiles, { side: 8, across }), whole(64 * across * 8, 256), tile);
await compare("FFT", fft(points), noise("fft", 2 * points * 200), transform);
await compare("N-Body", nBody(bodies, 0.01), noise("bodies", 4 * bodies).map(Math.abs), accelerations);
await compare("MRI-Q", mriQ([...samples]), noise("points", 3 * 2000), q);
const radio = fmRadio({ channel: [...channel], decimation: 4, smoothing: 0.25, bands: bands.map((taps) => [...taps]) });
// WebGPU would be given 50 000 rounds of the loop, five dispatches each.
await compare("FM radio", radio, noise("radio", 2 * 200_000), receive, others.slice(0, 2));
const { min, max } = await publishedNativeShare();
console.log(`published for Lime's kernels on graphics processors, of OpenCL's written by hand: ${min} to ${max}`);

// The simulator: a pipeline of 20 tasks on the host's threads, whose queues hold two batches, and 100 tenants of an FPGA.
const stage = map({ label: "stage", input: "f32" }, (x) => x + 1);
const stages = Array.from({ length: 19 }).reduce<Stream>((all) => all.to(stage), stage);
const pipeline = graph(source("f32").to(relocatable(stages)).to(sink("f32")));
const tenant = { label: "tenant", graph: pipeline, places: [{ from: 1, to: 20, device: "fpga" }] };
for (const [name, placed, batches] of [
  ["pipeline of 20 threads", [{ ...tenant, places: [] }], 20_000],
  ["100 tenants of an FPGA", Array.from({ length: 100 }, () => tenant), 500],
] as const) {
  let events = 0;
  const seconds = await processorSeconds(() => {
    events = simulate(placed, { platform: platformToday, batch: 64, batches, inFlight: 2, quantumS: 0.01 }).row.events;
  });
  figure(`simulator, ${name}`, events / seconds / 1e6, "M events/s");
}
