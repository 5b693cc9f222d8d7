// Graphs on JavaScript, WebAssembly and, where there is an adapter, WebGPU beside the same programs written by hand as loops over typed arrays, with single precision: all
// give the same bits. Processor time of all threads, medians of five rounds after one that warms up; compiling is not in it.
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { random } from "../core/index.ts";
import { BOXES, EXPANSION, INITIAL, PERMUTATION } from "../heterogeneous-tasks/programs/des-tables.ts";
import { roundKeys } from "../heterogeneous-tasks/programs/des.ts";
import { iterationsOf } from "../heterogeneous-tasks/run.ts";
import { zeros } from "../heterogeneous-tasks/value.ts";
import { flatOf } from "../heterogeneous-tasks/graph.ts";
import { subkeys } from "../heterogeneous-tasks/programs/crypt.ts";
import {
  cosine,
  coulombicPotential,
  des,
  type Device,
  type Elements,
  exponential,
  fft,
  fmRadio,
  graph,
  type Graph,
  idea,
  map,
  logarithm,
  mosaic,
  mriQ,
  nBody,
  platformToday,
  publishedNativeShare,
  relocatable,
  simulate,
  series,
  sine,
  sink,
  source,
  start,
  type Stream,
  webAssembly,
  webGpu,
} from "../heterogeneous-tasks/index.ts";

const { fround, imul } = Math;

const noise = (seed: string, length: number): Float32Array => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => 2 * stream.float() - 1);
};

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

const key = [1, 2, 3, 4, 5, 6, 7, 8];
const keys = Int32Array.from(subkeys(key));

function multiply(a: number, b: number): number {
  if (a === 0) return (1 - b) & 0xffff;
  if (b === 0) return (1 - a) & 0xffff;
  const product = imul(a, b);
  const [low, high] = [product & 0xffff, product >>> 16];
  return (low - high + (low < high ? 1 : 0)) & 0xffff;
}

function encrypt(input: Int32Array): Int32Array {
  const output = new Int32Array(input.length);
  for (let at = 0; at < input.length; at += 4) {
    let a = input[at]!;
    let b = input[at + 1]!;
    let c = input[at + 2]!;
    let d = input[at + 3]!;
    let k = 0;
    for (let round = 0; round < 8; round++, k += 6) {
      a = multiply(a, keys[k]!);
      b = (b + keys[k + 1]!) & 0xffff;
      c = (c + keys[k + 2]!) & 0xffff;
      d = multiply(d, keys[k + 3]!);
      const e = multiply(a ^ c, keys[k + 4]!);
      const f = multiply((e + (b ^ d)) & 0xffff, keys[k + 5]!);
      const g = (e + f) & 0xffff;
      const kept = b;
      a ^= f;
      b = c ^ f;
      c = kept ^ g;
      d ^= g;
    }
    output[at] = multiply(a, keys[k]!);
    output[at + 1] = (c + keys[k + 1]!) & 0xffff;
    output[at + 2] = (b + keys[k + 2]!) & 0xffff;
    output[at + 3] = multiply(d, keys[k + 3]!);
  }
  return output;
}

const desKey = [1, 35, 69, 103, 137, 171, 205, 239];
const desKeys = roundKeys(desKey).map((bits) => Int32Array.from(bits));
const places = (table: readonly number[]): Int32Array => Int32Array.from(table, (place) => place - 1);
const [initial, expansion, permutation] = [places(INITIAL), places(EXPANSION), places(PERMUTATION)];
const boxes = Int32Array.from(BOXES);

function encryptBits(input: Int32Array): Int32Array {
  const output = new Int32Array(input.length);
  const bits = new Int32Array(64);
  let [left, right] = [new Int32Array(32), new Int32Array(32)];
  const expanded = new Int32Array(48);
  const chosen = new Int32Array(32);
  for (let at = 0; at < input.length; at += 2) {
    for (let i = 0; i < 64; i++) bits[i] = (input[at + (i >> 5)]! >>> (31 - (i & 31))) & 1;
    for (let i = 0; i < 32; i++) {
      left[i] = bits[initial[i]!]!;
      right[i] = bits[initial[32 + i]!]!;
    }
    for (const subkey of desKeys) {
      for (let i = 0; i < 48; i++) expanded[i] = right[expansion[i]!]! ^ subkey[i]!;
      for (let box = 0, i = 0; box < 8; box++, i += 6) {
        const row = (expanded[i]! << 5) + (expanded[i + 5]! << 4);
        const column = (expanded[i + 1]! << 3) + (expanded[i + 2]! << 2) + (expanded[i + 3]! << 1) + expanded[i + 4]!;
        const four = boxes[64 * box + row + column]!;
        for (let bit = 0; bit < 4; bit++) chosen[4 * box + bit] = (four >>> (3 - bit)) & 1;
      }
      for (let i = 0; i < 32; i++) left[i]! ^= chosen[permutation[i]!]!;
      [left, right] = [right, left];
    }
    for (let i = 0; i < 32; i++) {
      bits[initial[i]!] = right[i]!;
      bits[initial[32 + i]!] = left[i]!;
    }
    for (let i = 0; i < 64; i++) output[at + (i >> 5)] = (output[at + (i >> 5)]! << 1) | bits[i]!;
  }
  return output;
}

const atoms = noise("atoms", 4 * 512).map((x) => 32 * x);
const spacing = fround(0.1);

function potentials(input: Int32Array): Float32Array {
  const output = new Float32Array(input.length / 3);
  for (let at = 0, to = 0; at < input.length; at += 3, to++) {
    const x = fround(spacing * input[at]!);
    const y = fround(spacing * input[at + 1]!);
    const z = fround(spacing * input[at + 2]!);
    let sum = fround(0);
    for (let i = 0; i < atoms.length; i += 4) {
      const dx = fround(x - atoms[i]!);
      const dy = fround(y - atoms[i + 1]!);
      const dz = fround(z - atoms[i + 2]!);
      const squared = fround(fround(fround(dx * dx) + fround(dy * dy)) + fround(dz * dz));
      sum = fround(sum + fround(atoms[i + 3]! / fround(Math.sqrt(squared))));
    }
    output[to] = sum;
  }
  return output;
}

const intervals = 1024;
const side = fround(2 / intervals);
const step = fround((2 * Math.PI) / intervals);

function power(x: number): number {
  return exponential(fround(x * logarithm(fround(x + 1))));
}

function coefficients(input: Int32Array): Float32Array {
  const output = new Float32Array(2 * input.length);
  for (const [at, n] of input.entries()) {
    let a = fround(0.5 * fround(power(2) - power(0)));
    let b = fround(0);
    for (let from = 0; from < intervals; from += 32) {
      let [someA, someB] = [fround(0), fround(0)];
      for (let j = from; j < from + 32; j++) {
        const height = power(fround(side * j));
        const phase = fround(step * (imul(n, j) & (intervals - 1)));
        someA = fround(someA + fround(height * cosine(phase)));
        someB = fround(someB + fround(height * sine(phase)));
      }
      a = fround(a + someA);
      b = fround(b + someB);
    }
    output[2 * at] = fround(n === 0 ? fround(0.5 * side) : side) * a;
    output[2 * at + 1] = side * b;
  }
  return output;
}

const greys = random("tiles");
const tiles = Array.from({ length: 200 }, () => Array.from({ length: 64 }, () => greys.int(256)));
const library = Int32Array.from(tiles.flat());
const across = 20;

function tile(input: Int32Array): Int32Array {
  const output = new Int32Array(input.length);
  const width = 8 * across;
  for (let top = 0; top < input.length; top += 8 * width) {
    for (let corner = top; corner < top + width; corner += 8) {
      let [best, least] = [0, Infinity];
      for (let at = 0; at < library.length; at += 64) {
        let apart = 0;
        for (let line = 0; line < 8; line++)
          for (let i = 0; i < 8; i++)
            apart += Math.abs(input[corner + line * width + i]! - library[at + 8 * line + i]!);
        if (apart < least) [best, least] = [at, apart];
      }
      for (let line = 0; line < 8; line++)
        for (let i = 0; i < 8; i++) output[corner + line * width + i] = library[best + 8 * line + i]!;
    }
  }
  return output;
}

const points = 1024;
const order = Int32Array.from({ length: points }, (_, at) => {
  let reversed = 0;
  for (let bit = 1; bit < points; bit *= 2) reversed = 2 * reversed + (at & bit ? 1 : 0);
  return reversed;
});
const angle = (half: number, at: number): number => (-Math.PI * at) / half;
const roots = Array.from({ length: Math.log2(points) }, (_, stage) => {
  const half = 2 ** stage;
  const re = Float32Array.from({ length: half }, (_, at) => cosine(angle(half, at)));
  return { half, re, im: Float32Array.from({ length: half }, (_, at) => sine(angle(half, at))) };
});

function transform(input: Float32Array): Float32Array {
  const y = new Float32Array(input.length);
  for (let base = 0; base < input.length; base += 2 * points) {
    for (let i = 0; i < points; i++) {
      y[base + 2 * i] = input[base + 2 * order[i]!]!;
      y[base + 2 * i + 1] = input[base + 2 * order[i]! + 1]!;
    }
    for (const { half, re, im } of roots) {
      for (let block = base; block < base + 2 * points; block += 4 * half) {
        for (let i = 0; i < half; i++) {
          const [top, bottom] = [block + 2 * i, block + 2 * i + 2 * half];
          const c = y[bottom]!;
          const d = y[bottom + 1]!;
          const p = fround(fround(c * re[i]!) - fround(d * im[i]!));
          const q = fround(fround(c * im[i]!) + fround(d * re[i]!));
          const a = y[top]!;
          const b = y[top + 1]!;
          y[top] = a + p;
          y[top + 1] = b + q;
          y[bottom] = a - p;
          y[bottom + 1] = b - q;
        }
      }
    }
  }
  return y;
}

const bodies = 1024;
const softening = fround(0.01);

function accelerations(input: Float32Array): Float32Array {
  const output = new Float32Array(3 * bodies);
  for (let i = 0; i < bodies; i++) {
    const x = input[4 * i]!;
    const y = input[4 * i + 1]!;
    const z = input[4 * i + 2]!;
    let ax = fround(0);
    let ay = fround(0);
    let az = fround(0);
    for (let j = 0; j < 4 * bodies; j += 4) {
      const dx = fround(input[j]! - x);
      const dy = fround(input[j + 1]! - y);
      const dz = fround(input[j + 2]! - z);
      const squared = fround(fround(fround(fround(dx * dx) + fround(dy * dy)) + fround(dz * dz)) + softening);
      const pull = fround(input[j + 3]! / fround(squared * fround(Math.sqrt(squared))));
      ax = fround(ax + fround(dx * pull));
      ay = fround(ay + fround(dy * pull));
      az = fround(az + fround(dz * pull));
    }
    output[3 * i] = ax;
    output[3 * i + 1] = ay;
    output[3 * i + 2] = az;
  }
  return output;
}

const samples = noise("k-space", 4 * 512);
const turn = fround(2 * Math.PI);

function q(input: Float32Array): Float32Array {
  const output = new Float32Array((input.length / 3) * 2);
  for (let at = 0, to = 0; at < input.length; at += 3, to += 2) {
    const x = input[at]!;
    const y = input[at + 1]!;
    const z = input[at + 2]!;
    let re = fround(0);
    let im = fround(0);
    for (let k = 0; k < samples.length; k += 4) {
      const sum = fround(fround(fround(samples[k]! * x) + fround(samples[k + 1]! * y)) + fround(samples[k + 2]! * z));
      const phase = fround(turn * sum);
      re = fround(re + fround(samples[k + 3]! * cosine(phase)));
      im = fround(im + fround(samples[k + 3]! * sine(phase)));
    }
    output[to] = re;
    output[to + 1] = im;
  }
  return output;
}

const channel = noise("channel", 64).map((tap) => tap / 8);
const bands = [noise("low", 32), noise("high", 32)];
const [share, rest] = [fround(0.25), fround(0.75)];

function receive(input: Float32Array): Float32Array {
  const length = input.length / 8;
  const audio = new Float32Array(31 + length);
  const output = new Float32Array(length);
  let [before, re0, im0] = [fround(0), fround(0), fround(0)];
  for (let n = 0; n < length; n++) {
    let re = fround(0);
    let im = fround(0);
    for (let i = 0; i < 64; i++) {
      const at = 2 * (4 * n + 3 - i);
      if (at < 0) break;
      re = fround(re + fround(channel[i]! * input[at]!));
      im = fround(im + fround(channel[i]! * input[at + 1]!));
    }
    const size = fround(fround(re * re) + fround(im * im));
    const turned = size > 0 ? fround(fround(fround(im * re0) - fround(re * im0)) / size) : 0;
    before = fround(fround(share * turned) + fround(rest * before));
    audio[31 + n] = before;
    [re0, im0] = [re, im];
  }
  const [low, high] = bands;
  for (let n = 0; n < length; n++) {
    let [a, b] = [fround(0), fround(0)];
    for (let i = 0; i < 32; i++) {
      a = fround(a + fround(low![i]! * audio[31 + n - i]!));
      b = fround(b + fround(high![i]! * audio[31 + n - i]!));
    }
    output[n] = a + b;
  }
  return output;
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
