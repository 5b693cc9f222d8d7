import { random } from "../../core/index.ts";

/** Single-precision numbers from −1 to 1. */
export const noise = (seed: string, length: number): Float32Array => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => 2 * stream.float() - 1);
};
