import { cosine, sine } from "../../heterogeneous-tasks/index.ts";
import { noise } from "./noise.ts";

const { fround } = Math;

/** Places and charges. */
export const atoms: Float32Array = noise("atoms", 4 * 512).map((x) => 32 * x);
const spacing = fround(0.1);

/** CP. */
export function potentials(input: Int32Array): Float32Array {
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

export const bodies = 1024;
const softening = fround(0.01);

/** N-Body. */
export function accelerations(input: Float32Array): Float32Array {
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

/** Places in k-space, and magnitudes. */
export const samples: Float32Array = noise("k-space", 4 * 512);
const turn = fround(2 * Math.PI);

/** MRI-Q. */
export function q(input: Float32Array): Float32Array {
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
