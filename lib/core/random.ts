import { OptionError } from "./errors.ts";
import { finite, integer, positive } from "./options.ts";
import { fnv1a64, mix64, splitMix64, toBytes } from "./seed.ts";

const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * A reproducible stream of random numbers. The methods may be passed on as functions: none reads `this`.
 *
 * A stream is a sequence: what a method returns depends on how much was drawn before. {@link RandomStream.split}
 * alone does not: it depends on the stream's seed and the label only.
 */
export interface RandomStream {
  /** The next 32 random bits, as a whole number from 0 to 2^32 − 1. */
  readonly bits: () => number;
  /** Uniform in [0, 1), a multiple of 2^-53. */
  readonly float: () => number;
  /** Uniform among 0, 1, …, n − 1 without modulo bias (by rejection); n from 1 to 2^53 − 1. */
  readonly int: (n: number) => number;
  /** Normal with mean 0 and standard deviation 1 unless given (Marsaglia's polar method). */
  readonly normal: (mean?: number, standardDeviation?: number) => number;
  /** Exponential with mean 1 unless given, always finite. */
  readonly exponential: (mean?: number) => number;
  /** One of the items, each as likely as the others. */
  readonly pick: <T>(items: ArrayLike<T>) => T;
  /** A new array with the items in random order (Fisher and Yates); the input is not changed. Linear time. */
  readonly shuffle: <T>(items: ArrayLike<T>) => T[];
  /**
   * The sub-stream of this label: the same for the same seed and label, whatever was drawn before, and unrelated to
   * the sub-streams of other labels. Seeds of sub-streams are 64-bit hashes: among n streams, two coincide with a
   * probability of about n²/2^65 (a million streams: 3e-8).
   */
  readonly split: (label: string | number) => RandomStream;
}

/**
 * A seeded stream of random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47(4), 2021; period 2^128 − 1, passes BigCrush), its state filled by SplitMix64 (Steele, Lea
 * and Flood, OOPSLA 2014) as its authors advise. A whole number seeds it as `seed_from_u64` of Rust's rand_xoshiro
 * does, so that a stream can be had there too; a text is hashed by 64-bit FNV-1a first. Not for cryptography.
 *
 * @param seed - a whole number within ±(2^53 − 1), or any text
 * @throws OptionError when the seed is neither
 *
 * @example
 * ```ts
 * import { random } from "veelab";
 *
 * const stream = random(42);
 * const arrivals = Array.from({ length: 3 }, () => stream.exponential(0.5));
 * const disk = stream.split("disk");
 * console.log(arrivals, disk.int(6), random(42).split("disk").int(6)); // the last two are the same
 * ```
 */
export function random(seed: number | string): RandomStream {
  if (typeof seed === "string") return streamFrom(fnv1a64(toBytes(seed)));
  if (Number.isSafeInteger(seed)) return streamFrom(BigInt.asUintN(64, BigInt(seed)));
  throw new OptionError("seed", "a whole number or a text", seed);
}

function streamFrom(seed: bigint): RandomStream {
  const bits = xoshiro128StarStar(splitMix64State(seed));
  const float = (): number => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / TWO_53;
  // Two normals come from one pair of uniforms; the second waits here.
  let waiting = NaN;

  const int = (n: number): number => {
    integer("n", n, { min: 1 });
    if (n <= TWO_32) {
      const limit = TWO_32 - (TWO_32 % n);
      let draw = bits();
      while (draw >= limit) draw = bits();
      return draw % n;
    }
    const limit = TWO_53 - (TWO_53 % n);
    let draw = float() * TWO_53;
    while (draw >= limit) draw = float() * TWO_53;
    return draw % n;
  };

  const standardNormal = (): number => {
    if (!Number.isNaN(waiting)) {
      const value = waiting;
      waiting = NaN;
      return value;
    }
    for (;;) {
      const u = 2 * float() - 1;
      const v = 2 * float() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        waiting = v * scale;
        return u * scale;
      }
    }
  };

  return {
    bits,
    float,
    int,
    normal: (mean = 0, standardDeviation = 1) =>
      finite("mean", mean) + positive("standardDeviation", standardDeviation) * standardNormal(),
    // 1 - float() is in (0, 1]: the logarithm is finite.
    exponential: (mean = 1) => -positive("mean", mean) * Math.log(1 - float()),
    pick: <T>(items: ArrayLike<T>) => {
      if (items.length === 0) throw new OptionError("items", "at least one item", items);
      return items[int(items.length)] as T;
    },
    shuffle: <T>(items: ArrayLike<T>) => {
      const shuffled = Array.from(items);
      for (let i = shuffled.length - 1; i > 0; i -= 1) {
        const j = int(i + 1);
        const moved = shuffled[i] as T;
        shuffled[i] = shuffled[j] as T;
        shuffled[j] = moved;
      }
      return shuffled;
    },
    split: (label) => streamFrom(childSeed(seed, label)),
  };
}

/** The seed of a sub-stream: the parent's seed and the label, hashed together. A number and its text differ. */
function childSeed(parent: bigint, label: string | number): bigint {
  if (typeof label === "number") finite("label", label);
  const kind = typeof label === "number" ? "n" : "s";
  return mix64(fnv1a64(toBytes(`${parent.toString(16)}/${kind}${label}`)));
}

/** Four words of state from a 64-bit seed; SplitMix64 never gives zero twice in a row, so that not all are zero. */
function splitMix64State(seed: bigint): Uint32Array {
  const next = splitMix64(seed);
  return Uint32Array.from([next(), next()].flatMap((word) => [Number(word & 0xffffffffn), Number(word >> 32n)]));
}

/**
 * The generator itself, from four words of state that are not all zero. State in a typed array: V8 would box
 * 32-bit numbers kept in closure variables.
 *
 * @internal
 */
export function xoshiro128StarStar(state: Uint32Array): () => number {
  const s = Uint32Array.from(state);
  return () => {
    const s1 = s[1]!;
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const s2 = s[2]! ^ s[0]!;
    const s3 = s[3]! ^ s1;
    s[1] = s1 ^ s2;
    s[0] = s[0]! ^ s3;
    s[2] = s2 ^ (s1 << 9);
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  };
}
