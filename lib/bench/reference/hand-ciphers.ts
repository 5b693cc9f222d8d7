import { BOXES, EXPANSION, INITIAL, PERMUTATION } from "../../heterogeneous-tasks/programs/des-tables.ts";
import { roundKeys } from "../../heterogeneous-tasks/programs/des.ts";
import { subkeys } from "../../heterogeneous-tasks/programs/crypt.ts";

const { imul } = Math;

/** IDEA's key. */
export const key: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];
const keys = Int32Array.from(subkeys(key));

function multiply(a: number, b: number): number {
  if (a === 0) return (1 - b) & 0xffff;
  if (b === 0) return (1 - a) & 0xffff;
  const product = imul(a, b);
  const [low, high] = [product & 0xffff, product >>> 16];
  return (low - high + (low < high ? 1 : 0)) & 0xffff;
}

/** IDEA. */
export function encrypt(input: Int32Array): Int32Array {
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

/** DES's key. */
export const desKey: readonly number[] = [1, 35, 69, 103, 137, 171, 205, 239];
const desKeys = roundKeys(desKey).map((bits) => Int32Array.from(bits));
const places = (table: readonly number[]): Int32Array => Int32Array.from(table, (place) => place - 1);
const [initial, expansion, permutation] = [places(INITIAL), places(EXPANSION), places(PERMUTATION)];
const boxes = Int32Array.from(BOXES);

/** DES. */
export function encryptBits(input: Int32Array): Int32Array {
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
