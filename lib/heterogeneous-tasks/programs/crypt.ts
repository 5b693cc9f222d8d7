import { OptionError } from "../../core/errors.ts";
import { integer } from "../../core/options.ts";
import type { Stream } from "../stream.ts";
import { task } from "../task.ts";
import { value } from "../value.ts";

/**
 * IDEA (Lai and Massey, EUROCRYPT '90 and '91), as in Java Grande's Crypt: encrypts blocks of four 16-bit words, each an `i32`. Eight rounds and an output
 * transformation are nine tasks. {@link ideaDecryption} undoes it. Not for keeping secrets.
 *
 * @param key - eight words of 16 bits
 * @throws OptionError for another key
 *
 * @example
 * ```ts
 * import { graph, idea, run, sink, source } from "veelab/heterogeneous-tasks";
 * const cipher = graph(source("i32").to(idea([1, 2, 3, 4, 5, 6, 7, 8])).to(sink("i32")));
 * console.log([...run(cipher, [0, 1, 2, 3])].map((word) => word.toString(16))); // [ "11fb", "ed2b", "198", "6de5" ]
 * ```
 */
export function idea(key: readonly number[]): Stream {
  return rounds(subkeys(key));
}

/**
 * The inverse of {@link idea}: the same tasks with the keys' inverses, in reverse.
 *
 * @throws OptionError for a key that is not eight words of 16 bits
 *
 * @example
 * ```ts
 * import { graph, ideaDecryption, run, sink, source } from "veelab/heterogeneous-tasks";
 * const plain = graph(source("i32").to(ideaDecryption([1, 2, 3, 4, 5, 6, 7, 8])).to(sink("i32")));
 * console.log(run(plain, [0x11fb, 0xed2b, 0x0198, 0x6de5])); // Int32Array [ 0, 1, 2, 3 ]
 * ```
 */
export function ideaDecryption(key: readonly number[]): Stream {
  const keys = subkeys(key);
  const inverted = keys.slice(0, 0);
  for (let round = 8; round >= 0; round--) {
    const [a, b, c, d] = keys.slice(6 * round);
    const [second, third] = round === 8 || round === 0 ? [b, c] : [c, b];
    inverted.push(inverse(a!), negative(second!), negative(third!), inverse(d!));
    if (round > 0) inverted.push(...keys.slice(6 * round - 2, 6 * round));
  }
  return rounds(inverted);
}

function rounds(keys: readonly number[]): Stream {
  const [first, ...others] = Array.from({ length: 8 }, (_, at) => round(at + 1, keys.slice(6 * at, 6 * at + 6)));
  const whole = others.reduce((soFar, next) => soFar.to(next), first!);
  return whole.to(
    task(
      { label: "output", input: "i32", takes: 4, gives: 4, values: { keys: value("i32", keys.slice(48)) } },
      (x, y, { keys }) => {
        const mul = (a: number, b: number): number => {
          const product = Math.imul(a, b);
          const low = product & 0xffff;
          const high = product >>> 16;
          const modulo = (low - high + (low < high ? 1 : 0)) & 0xffff;
          return a === 0 ? (1 - b) & 0xffff : b === 0 ? (1 - a) & 0xffff : modulo;
        };
        y[0] = mul(x[0]! & 0xffff, keys[0]!);
        y[1] = (x[2]! + keys[1]!) & 0xffff;
        y[2] = (x[1]! + keys[2]!) & 0xffff;
        y[3] = mul(x[3]! & 0xffff, keys[3]!);
      },
    ),
  );
}

function round(number: number, keys: readonly number[]): Stream {
  return task(
    { label: `round ${number}`, input: "i32", takes: 4, gives: 4, values: { keys: value("i32", keys) } },
    (x, y, { keys }) => {
      // Modulo 2^16 + 1, where 0 stands for 2^16: low − high half of the product, and one more where that is negative.
      const mul = (a: number, b: number): number => {
        const product = Math.imul(a, b);
        const low = product & 0xffff;
        const high = product >>> 16;
        const modulo = (low - high + (low < high ? 1 : 0)) & 0xffff;
        return a === 0 ? (1 - b) & 0xffff : b === 0 ? (1 - a) & 0xffff : modulo;
      };
      const a = mul(x[0]! & 0xffff, keys[0]!);
      const b = (x[1]! + keys[1]!) & 0xffff;
      const c = (x[2]! + keys[2]!) & 0xffff;
      const d = mul(x[3]! & 0xffff, keys[3]!);
      const e = mul(a ^ c, keys[4]!);
      const f = mul((e + (b ^ d)) & 0xffff, keys[5]!);
      const g = (e + f) & 0xffff;
      y[0] = a ^ f;
      y[1] = c ^ f;
      y[2] = b ^ g;
      y[3] = d ^ g;
    },
  );
}

/** The 52 subkeys: the key's words, and those of the key rotated to the left by 25 bits, again and again. */
export function subkeys(key: readonly number[]): number[] {
  if (key.length !== 8) throw new OptionError("key", "eight words of 16 bits", key.length);
  for (const [at, word] of [...key].entries()) integer(`key[${at}]`, word, { min: 0, max: 0xffff });
  const keys = [...key];
  for (let at = 8; at < 52; at++) {
    const [set, place] = [at - (at % 8) - 8, at % 8];
    const [high, low] = [keys[set + ((place + 1) % 8)]!, keys[set + ((place + 2) % 8)]!];
    keys.push(((high << 9) | (low >>> 7)) & 0xffff);
  }
  return keys;
}

function negative(word: number): number {
  return -word & 0xffff;
}

/** The multiplicative inverse modulo 65537, a prime: the 65535th power. */
function inverse(word: number): number {
  let [result, power] = [1, word === 0 ? 65536 : word];
  for (let exponent = 65535; exponent > 0; exponent >>>= 1) {
    if (exponent % 2 === 1) result = (result * power) % 65537;
    power = (power * power) % 65537;
  }
  return result % 65536;
}
