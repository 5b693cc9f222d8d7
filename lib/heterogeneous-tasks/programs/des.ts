import { OptionError } from "../../core/errors.ts";
import { integer } from "../../core/options.ts";
import { split, type Stream } from "../stream.ts";
import { map, task } from "../task.ts";
import { value } from "../value.ts";
import { BOXES, CHOICE_1, CHOICE_2, EXPANSION, INITIAL, PERMUTATION, SHIFTS } from "./des-tables.ts";

/**
 * The Data Encryption Standard (FIPS 46-3) on bits, each an `i32`: blocks are two 32-bit words, the first with the higher bits, which become 64 bits, are permuted, go through 16 rounds of
 * two halves side by side, are permuted back, and become words. {@link desDecryption} undoes it, and three in a chain are triple DES. Not for keeping secrets.
 *
 * @param key - eight bytes, whose lowest bits, meant for parity, are not used
 * @throws OptionError for another key
 *
 * @example
 * ```ts
 * import { des, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * const cipher = graph(source("i32").to(des([0x13, 0x34, 0x57, 0x79, 0x9b, 0xbc, 0xdf, 0xf1])).to(sink("i32")));
 * console.log([...run(cipher, [0x01234567, 0x89abcdef | 0])].map((word) => (word >>> 0).toString(16))); // [ "85e81354", "f0ab405" ]
 * ```
 */
export function des(key: readonly number[]): Stream {
  return cipher(roundKeys(key));
}

/**
 * The inverse of {@link des}: the same tasks with the rounds' keys in reverse.
 *
 * @throws OptionError for a key that is not eight bytes
 *
 * @example
 * ```ts
 * import { des, desDecryption, graph, run, sink, source } from "veelab/heterogeneous-tasks";
 * const [first, second] = [[1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]];
 * const triple = des(first).to(desDecryption(second)).to(des(first));
 * const back = desDecryption(first).to(des(second)).to(desDecryption(first));
 * console.log(run(graph(source("i32").to(triple.to(back)).to(sink("i32"))), [17, -4])); // Int32Array [ 17, -4 ]
 * ```
 */
export function desDecryption(key: readonly number[]): Stream {
  return cipher(roundKeys(key).reverse());
}

function cipher(keys: readonly (readonly number[])[]): Stream {
  const bits = task({ label: "bits", input: "i32", takes: 2, gives: 64 }, (x, y) => {
    for (let word = 0; word < 2; word++) for (let i = 0; i < 32; i++) y[32 * word + i] = (x[word]! >>> (31 - i)) & 1;
  });
  const words = task({ label: "words", input: "i32", takes: 64, gives: 2 }, (x, y) => {
    for (let word = 0; word < 2; word++) {
      let all = 0;
      for (let i = 0; i < 32; i++) all = (all << 1) | x[32 * word + i]!;
      y[word] = all;
    }
  });
  const permuted = bits.to(permutation("initial permutation", INITIAL, 64));
  // Behind the last round the halves are exchanged, and then the initial permutation is undone.
  const back = INITIAL.map((_, at) => ((INITIAL.indexOf(at + 1) + 32) % 64) + 1);
  const round = rounds();
  return keys
    .reduce((soFar, subkey, at) => soFar.to(round(at + 1, subkey)), permuted)
    .to(permutation("final permutation", back, 64))
    .to(words);
}

/** L, R → R, L ⊕ f(R): the right half beside what the left one becomes. All rounds have the same tasks but for their keys. */
function rounds(): (number: number, key: readonly number[]) => Stream {
  const right = task({ label: "right", input: "i32", takes: 64, gives: 32 }, (x, y) => {
    for (let i = 0; i < 32; i++) y[i] = x[32 + i]!;
  });
  const left = map({ label: "left", input: "i32" }, (x) => x);
  const boxes = task(
    { label: "boxes", input: "i32", takes: 48, gives: 32, values: { boxes: value("i32", BOXES) } },
    (x, y, { boxes }) => {
      for (let box = 0; box < 8; box++) {
        const row = ((x[6 * box]! & 1) << 5) + ((x[6 * box + 5]! & 1) << 4);
        const column = ((x[6 * box + 1]! & 1) << 3) + ((x[6 * box + 2]! & 1) << 2);
        const rest = ((x[6 * box + 3]! & 1) << 1) + (x[6 * box + 4]! & 1);
        const four = boxes[64 * box + row + column + rest]!;
        for (let i = 0; i < 4; i++) y[4 * box + i] = (four >>> (3 - i)) & 1;
      }
    },
  );
  const permute = permutation("permute", PERMUTATION, 32);
  const exclusive = task({ label: "exclusive or", input: "i32", takes: 64, gives: 32 }, (x, y) => {
    for (let i = 0; i < 32; i++) y[i] = x[i]! ^ x[32 + i]!;
  });
  const expansion = value("i32", zeroBased(EXPANSION));
  return (number, key) => {
    const values = { expansion, key: value("i32", key) };
    const expand = task(
      { label: `expand ${number}`, input: "i32", takes: 32, gives: 48, values },
      (x, y, { expansion, key }) => {
        for (let i = 0; i < 48; i++) y[i] = x[expansion[i]!]! ^ key[i]!;
      },
    );
    const halves = split([left, expand.to(boxes).to(permute)], { share: [32, 32], join: [32, 32] });
    return split([right, halves.to(exclusive)], { share: "duplicate", join: [32, 32] });
  };
}

function permutation(label: string, places: readonly number[], takes: number): Stream {
  const values = { places: value("i32", zeroBased(places)) };
  return task({ label, input: "i32", takes, gives: places.length, values }, (x, y, { places }) => {
    for (let i = 0; i < places.length; i++) y[i] = x[places[i]!]!;
  });
}

/** The standard counts bits from 1. */
function zeroBased(places: readonly number[]): number[] {
  return places.map((place) => place - 1);
}

/** The 16 keys of 48 bits. */
export function roundKeys(key: readonly number[]): number[][] {
  if (key.length !== 8) throw new OptionError("key", "eight bytes", key.length);
  for (const [at, byte] of [...key].entries()) integer(`key[${at}]`, byte, { min: 0, max: 255 });
  let bits = zeroBased(CHOICE_1).map((place) => (key[place >> 3]! >> (7 - (place % 8))) & 1);
  return SHIFTS.map((shift) => {
    const halves = [bits.slice(0, 28), bits.slice(28)];
    bits = halves.flatMap((half) => [...half.slice(shift), ...half.slice(0, shift)]);
    return zeroBased(CHOICE_2).map((place) => bits[place]!);
  });
}
