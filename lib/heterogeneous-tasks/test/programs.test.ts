import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import {
  coulombicPotential,
  des,
  desDecryption,
  fft,
  fir,
  fmRadio,
  graph,
  idea,
  ideaDecryption,
  mosaic,
  mriQ,
  nBody,
  repetitions,
  run,
  series,
  sink,
  source,
  type Stream,
} from "../index.ts";

const floats = (stream: Stream, input: ArrayLike<number>): Float32Array =>
  run(graph(source("f32").to(stream).to(sink("f32"))), input) as Float32Array;
const wholes = (stream: Stream, input: ArrayLike<number>): number[] => [
  ...run(graph(source("i32").to(stream).to(sink("i32"))), input),
];

/** The largest difference. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a, (x, at) => Math.abs(x - b[at]!)).reduce((most, one) => Math.max(most, one), 0);
};

/** Single-precision numbers from −1 to 1. */
const noise = (seed: string, length: number): Float32Array => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => 2 * stream.float() - 1);
};

describe("IDEA", () => {
  const words = (hex: string): number[] => (hex.match(/.{4}/g) ?? []).map((word) => parseInt(word, 16));

  // The first is the designers' own, of Lai's thesis; the others were made by OpenSSL's IDEA through Python's cryptography 48.
  it.each([
    ["00010002000300040005000600070008", "0000000100020003", "11fbed2b01986de5"],
    ["00000000000000000000000000000000", "0000000000000000", "0001000100000000"],
    ["ffff0000ffff000180007fff00ff1234", "ffff00010000abcd", "e7f187fef150bd96"],
  ])("key %s: %s becomes %s", (key, plain, secret) => {
    expect(wholes(idea(words(key)), words(plain))).toEqual(words(secret));
    expect(wholes(ideaDecryption(words(key)), words(secret))).toEqual(words(plain));
  });

  it("decrypts what it encrypted, zeros in the key and the text included", () => {
    const stream = random("idea");
    for (let round = 0; round < 20; round++) {
      const draw = (): number => stream.pick([0, 1, 0xffff, stream.int(65536)]);
      const key = Array.from({ length: 8 }, draw);
      const plain = Array.from({ length: 64 }, draw);
      expect(wholes(idea(key).to(ideaDecryption(key)), plain)).toEqual(plain);
    }
  });

  it("refuses a key of another size", () => {
    expect(() => idea([1, 2])).toThrow("key: expected eight words of 16 bits, got 2");
    expect(() => idea([0, 0, 0, 0, 0, 0, 0, 65536])).toThrow(
      "key[7]: expected a whole number from 0 to 65535, got 65536",
    );
  });
});

describe("DES", () => {
  const words = (hex: string): number[] => (hex.match(/.{8}/g) ?? []).map((word) => parseInt(word, 16) | 0);
  const bytes = (hex: string): number[] => (hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16));

  it.each([
    // NIST SP 800-17 (1998), table 1, whose key has parity bits alone.
    ["0101010101010101", "8000000000000000", "95f8a5e5dd31d900"],
    ["0101010101010101", "4000000000000000", "dd7f121ca5015619"],
    // FIPS PUB 81 (1980), table B1: "Now is the time for all ".
    [
      "0123456789abcdef",
      "4e6f77206973207468652074696d6520666f7220616c6c20",
      "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53",
    ],
  ])("key %s: %s becomes %s", (key, plain, secret) => {
    expect(wholes(des(bytes(key)), words(plain))).toEqual(words(secret));
    expect(wholes(desDecryption(bytes(key)), words(secret))).toEqual(words(plain));
  });

  it("is OpenSSL's for random keys and blocks: single DES by three equal keys, and triple DES by three in a chain", () => {
    const stream = random("des");
    const openssl = (keys: readonly number[], plain: readonly number[]): number[] => {
      const cipher = createCipheriv("des-ede3", Uint8Array.from(keys), null).setAutoPadding(false);
      const blocks = Buffer.alloc(4 * plain.length);
      for (const [at, word] of plain.entries()) blocks.writeInt32BE(word, 4 * at);
      const secret = cipher.update(blocks);
      return plain.map((_, at) => secret.readInt32BE(4 * at));
    };
    for (let round = 0; round < 3; round++) {
      const draw = (): number[] => Array.from({ length: 8 }, () => stream.int(256));
      const [first, second, third] = [draw(), draw(), draw()];
      const plain = Array.from({ length: 16 }, () => stream.bits() | 0);
      expect(wholes(des(first), plain)).toEqual(openssl([...first, ...first, ...first], plain));
      const triple = des(first).to(desDecryption(second)).to(des(third));
      expect(wholes(triple, plain)).toEqual(openssl([...first, ...second, ...third], plain));
      expect(wholes(triple.to(desDecryption(third)).to(des(second)).to(desDecryption(first)), plain)).toEqual(plain);
    }
  });

  it("fires by rates that are checked by hand, and by its topology matrix", () => {
    const { nodes, edges } = graph(
      source("i32")
        .to(des(bytes("0123456789abcdef")))
        .to(sink("i32")),
    );
    // A block an iteration: two words come and go, every task of 64, 48 or 32 bits fires once, and so does what is halved or joined 32 by 32; what is duplicated,
    // or passed on, goes bit by bit.
    const many: Readonly<Record<string, number>> = { source: 2, sink: 2, left: 32 };
    const duplicated = (at: number): number =>
      nodes[edges.find(({ from }) => from === at)!.to]!.label === "right" ? 64 : 1;
    const expected = nodes.map(({ kind, label }, at) => many[label] ?? (kind === "split" ? duplicated(at) : 1));
    expect(nodes.map(({ firings }) => firings)).toEqual(expected);
    const gamma = edges.map(({ from, to, gives, takes }) =>
      nodes.map((_, at) => (at === from ? gives : 0) - (at === to ? takes : 0)),
    );
    expect(repetitions(gamma)).toEqual(expected);
    expect(nodes.filter(({ kind }) => kind === "task").length).toBe(4 + 16 * 6);
    expect(nodes.filter(({ kind }) => kind === "split").length).toBe(16 * 2);
  });

  it("does not use parity, and refuses a key of another size", () => {
    const plain = [0x01234567, 0x09abcdef];
    const odd = bytes("0123456789abcdef");
    expect(wholes(des(odd.map((byte) => byte ^ 1)), plain)).toEqual(wholes(des(odd), plain));
    expect(() => des([1, 2])).toThrow("key: expected eight bytes, got 2");
    expect(() => des([256, 0, 0, 0, 0, 0, 0, 0])).toThrow("key[0]: expected a whole number from 0 to 255, got 256");
  });
});

describe("FFT", () => {
  // Higham, "Accuracy and Stability of Numerical Algorithms", theorem 24.2: log2 n times (4 sqrt 2 + 7) u of the result's norm, sqrt n times the
  // input's, where 7 u stands for the factors: an angle up to pi, rounded, and 2 ulp of its sine and cosine.
  it.each([2, 8, 256, 1024])("of %i points is the sum that defines it, in double precision", (points) => {
    const input = noise(`fft ${points}`, 2 * points * 2);
    const expected = new Float64Array(input.length);
    for (let block = 0; block < 2; block++)
      for (let k = 0; k < points; k++)
        for (let n = 0; n < points; n++) {
          const angle = (-2 * Math.PI * ((k * n) % points)) / points;
          const [re, im] = [input[2 * (block * points + n)]!, input[2 * (block * points + n) + 1]!];
          expected[2 * (block * points + k)]! += re * Math.cos(angle) - im * Math.sin(angle);
          expected[2 * (block * points + k) + 1]! += re * Math.sin(angle) + im * Math.cos(angle);
        }
    const norm = Math.hypot(...input);
    expect(apart(floats(fft(points), input), expected)).toBeLessThan(
      13 * Math.log2(points) * 2 ** -24 * Math.sqrt(points) * norm,
    );
  });

  it("fires the task for m points n/m times", () => {
    const { nodes } = graph(source("f32").to(fft(8)).to(sink("f32")));
    expect(nodes.map(({ label, firings }) => [label, firings])).toEqual([
      ["source", 16],
      ["order", 1],
      ["combine 2", 4],
      ["combine 4", 2],
      ["combine 8", 1],
      ["sink", 16],
    ]);
  });

  it("refuses what is no power of two", () => {
    expect(() => fft(12)).toThrow("points: expected a power of two, got 12");
    expect(() => fft(1)).toThrow("points: expected a power of two from 2 to 2^16, got 1");
  });
});

describe("N-Body", () => {
  it("is the sum over pairs in double precision", () => {
    const bodies = 64;
    const input = noise("bodies", 4 * bodies).map((x, at) => (at % 4 === 3 ? Math.abs(x) : x));
    const softening = Math.fround(0.01);
    const expected = new Float64Array(3 * bodies);
    // A sum's rounding errors are bounded by the sum of its terms' sizes: n + 8 roundings each.
    let most = 0;
    for (let i = 0; i < bodies; i++) {
      let sizes = 0;
      for (let j = 0; j < bodies; j++) {
        const d = [0, 1, 2].map((axis) => input[4 * j + axis]! - input[4 * i + axis]!);
        const pull = input[4 * j + 3]! / (d.reduce((sum, x) => sum + x * x, 0) + softening) ** 1.5;
        d.forEach((x, axis) => (expected[3 * i + axis]! += x * pull));
        sizes += Math.hypot(...d) * pull;
      }
      most = Math.max(most, sizes);
    }
    expect(apart(floats(nBody(bodies, 0.01), input), expected)).toBeLessThan((bodies + 8) * 2 ** -24 * most);
  });

  it("conserves momentum: forces of equal masses cancel", () => {
    const input = noise("equal", 4 * 16).map((x, at) => (at % 4 === 3 ? 1 : x));
    const output = floats(nBody(16, 0.01), input);
    const size = output.reduce((sum, x) => sum + Math.abs(x), 0);
    for (let axis = 0; axis < 3; axis++)
      expect(Math.abs(output.filter((_, at) => at % 3 === axis).reduce((sum, x) => sum + x, 0))).toBeLessThan(
        24 * 2 ** -24 * size,
      );
  });
});

describe("MRI-Q", () => {
  it("is its sum in double precision", () => {
    const samples = noise("k-space", 4 * 100);
    const points = noise("points", 3 * 50);
    const expected: number[] = [];
    for (let at = 0; at < points.length; at += 3) {
      let [re, im] = [0, 0];
      for (let k = 0; k < samples.length; k += 4) {
        const angle = 2 * Math.PI * [0, 1, 2].reduce((sum, axis) => sum + samples[k + axis]! * points[at + axis]!, 0);
        re += samples[k + 3]! * Math.cos(angle);
        im += samples[k + 3]! * Math.sin(angle);
      }
      expected.push(re, im);
    }
    const weight = samples.reduce((sum, x, at) => sum + (at % 4 === 3 ? Math.abs(x) : 0), 0);
    // A term: the angle, at most 6π, of 6 roundings, 2 ulp of its sine, the product's rounding; and the sum's 100.
    expect(apart(floats(mriQ([...samples]), points), expected)).toBeLessThan(
      (6 * 6 * Math.PI + 3 + 100) * 2 ** -24 * weight,
    );
  });
});

describe("CP", () => {
  const potential = (atoms: readonly number[], spacing: number, points: readonly number[]): Float32Array =>
    run(graph(source("i32").to(coulombicPotential(atoms, spacing)).to(sink("f32"))), points) as Float32Array;

  it("is its sum in double precision", () => {
    const atoms = [...noise("atoms", 4 * 200)].map((x, at) => (at % 4 === 3 ? x : 8 * x + 8));
    const draw = random("grid");
    const points = Array.from({ length: 3 * 100 }, () => draw.int(160));
    // To first order: a difference is rounded once, its square thrice, sums of squares twice more, the root has half of these and its own, the quotient its own: 4.5. The sum of n terms has n - 1.
    // A point's place is the rounded product, here as there.
    const output = potential(atoms, 0.1, points);
    for (const [at, found] of output.entries()) {
      const place = points.slice(3 * at, 3 * at + 3).map((i) => Math.fround(Math.fround(0.1) * i));
      let [sum, sizes] = [0, 0];
      for (let i = 0; i < atoms.length; i += 4) {
        const r = Math.hypot(...place.map((x, axis) => x - atoms[i + axis]!));
        sum += atoms[i + 3]! / r;
        sizes += Math.abs(atoms[i + 3]!) / r;
      }
      expect(Math.abs(found - sum)).toBeLessThan((200 + 4) * 2 ** -24 * sizes);
    }
  });

  it("cancels between equal charges of opposite signs, and is infinite at an atom", () => {
    const dipole = [1, 0, 0, 2, -1, 0, 0, -2];
    expect([...potential(dipole, 0.25, [0, 3, 5, 0, -7, 0])]).toEqual([0, 0]);
    expect([...potential([1, 0, 0, 2], 0.25, [4, 0, 0, 0, 0, 0])]).toEqual([Infinity, 2]);
    expect(() => coulombicPotential([1, 2, 3], 1)).toThrow("atoms: expected four numbers an atom, got 3");
    expect(() => coulombicPotential([1, 2, 3, 4], 0)).toThrow("spacing: expected a finite number > 0, got 0");
  });
});

describe("Series", () => {
  const coefficients = (intervals: number, numbers: readonly number[]): Float32Array =>
    run(graph(source("i32").to(series(intervals)).to(sink("f32"))), numbers) as Float32Array;
  const f = (x: number): number => (x + 1) ** x;
  /** The trapezoid rule in double precision. */
  const exact = (intervals: number, n: number): [number, number] => {
    let [a, b] = [(f(2) + f(0)) / 2, 0];
    for (let j = 1; j < intervals; j++) {
      const angle = (2 * Math.PI * ((n * j) % intervals)) / intervals;
      a += f((2 * j) / intervals) * Math.cos(angle);
      b += f((2 * j) / intervals) * Math.sin(angle);
    }
    return [((n === 0 ? 1 : 2) * a) / intervals, (2 * b) / intervals];
  };

  // In roundings, 2^-24 each: x log(x + 1) ≤ 2.2 has three, 6.6 of its power, whose own are 2; the angle up to 2π has two, 12.6 of sine and cosine, whose own are 1; a product 1: less than 24 of a
  // term. Sums of √N sums of √N terms have 2√N, and with the difference of the ends, the width and its half 3 more. All of the sum of the terms' sizes, at most 5.8.
  it.each([
    [64, 8],
    [1024, 32],
    [2048, 64],
  ])("of %i intervals is the same rule in double precision", (intervals, columns) => {
    const numbers = [0, 1, 2, 3, 10, 100, 511, 1000, -5];
    const output = coefficients(intervals, numbers);
    const bound = (24 + 2 * columns + 3) * 2 ** -24 * 5.8;
    expect(
      apart(
        output,
        numbers.flatMap((n) => exact(intervals, n)),
      ),
    ).toBeLessThan(bound);
  });

  it("goes to the integrals as the ends' slopes tell, by Euler and Maclaurin", () => {
    // The rule's error is width²/12 times the difference of the derivatives at the ends: 9 (log 3 + 2/3) of the cosine's, 8πn of the sine's.
    for (const n of [1, 2, 3]) {
      const [a, b] = exact(256, n);
      const [fineA, fineB] = exact(2 ** 16, n);
      const square = (2 / 256) ** 2 / 12;
      expect(a - fineA).toBeCloseTo(square * 9 * (Math.log(3) + 2 / 3), 6);
      expect(b - fineB).toBeCloseTo(square * 8 * Math.PI * n, 6);
      expect(apart(coefficients(2048, [n]), [fineA, fineB])).toBeLessThan(2e-5 * n);
    }
  });

  it("differs from Java Grande's own values by the point that its rule leaves out", () => {
    // a0, and a1 and b1, as its test has them (recalled; its rule gives them to the last digit but one).
    const theirs = [2.8729524964837996, 1.1161046676147888, -1.8819691893398025];
    const rule = (g: (x: number) => number): number => {
      let [x, sum] = [0, g(0) / 2];
      for (let left = 1000; --left > 1;) sum += g((x += 2 / 1000));
      return (sum + g(2) / 2) * (2 / 1000);
    };
    const found = [rule(f) / 2, rule((x) => f(x) * Math.cos(Math.PI * x)), rule((x) => f(x) * Math.sin(Math.PI * x))];
    expect(apart(found, theirs)).toBeLessThan(1e-14);
    const missing = f(2 - 2 / 1000) * (2 / 1000);
    const [a0 = 0] = coefficients(1024, [0]);
    expect(a0 - theirs[0]!).toBeCloseTo(missing / 2, 5);
  });

  it("refuses intervals that are no power of two", () => {
    expect(() => series(1000)).toThrow("intervals: expected a power of two, got 1000");
    expect(() => series(2)).toThrow("intervals: expected a power of two from 4 to 2^20, got 2");
  });
});

describe("Mosaic", () => {
  const made = (
    tiles: readonly (readonly number[])[],
    side: number,
    across: number,
    picture: readonly number[],
  ): number[] => wholes(mosaic(tiles, { side, across }), picture);

  it("by hand: of two tiles that are as near, the first", () => {
    const flat = (grey: number): number[] => [grey, grey, grey, grey];
    // 5 is 2 from 3 and from 7.
    expect(made([flat(9), flat(7), flat(3)], 2, 1, flat(5))).toEqual(flat(7));
    expect(made([flat(9), flat(3), flat(7)], 2, 1, flat(5))).toEqual(flat(3));
  });

  it("is a search over whole blocks", () => {
    const draw = random("mosaic");
    const [side, across, down] = [4, 5, 3];
    const tiles = Array.from({ length: 30 }, () => Array.from({ length: side * side }, () => draw.int(8) * 32));
    const picture = Array.from({ length: side * side * across * down }, () => draw.int(256));
    const at = (x: number, y: number): number => y * side * across + x;
    const expected: number[] = [];
    for (let row = 0; row < down; row++)
      for (let column = 0; column < across; column++) {
        const places = Array.from({ length: side * side }, (_, i) =>
          at(column * side + (i % side), row * side + Math.floor(i / side)),
        );
        const apart_ = tiles.map((tile) =>
          tile.reduce((sum, grey, i) => sum + Math.abs(grey - picture[places[i]!]!), 0),
        );
        const best = tiles[apart_.indexOf(Math.min(...apart_))]!;
        places.forEach((place, i) => (expected[place] = best[i]!));
      }
    expect(made(tiles, side, across, picture)).toEqual(expected);
  });

  it("refuses tiles of another size and no tiles", () => {
    expect(() => mosaic([], { side: 2, across: 1 })).toThrow("tiles: expected one tile or more");
    expect(() => mosaic([[1, 2, 3]], { side: 2, across: 1 })).toThrow("tiles[0]: expected 4 grey values, got 3");
    expect(() => mosaic([[256]], { side: 1, across: 1 })).toThrow(
      "tiles[0][0]: expected a whole number from 0 to 255, got 256",
    );
    expect(() => mosaic([[1]], { side: 0, across: 1 })).toThrow("side: expected a whole number from 1 to 256, got 0");
  });
});

describe("FM radio", () => {
  const lowPass = (count: number, cutoff: number): number[] =>
    Array.from({ length: count }, (_, at) => {
      const x = at - (count - 1) / 2;
      const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (count - 1));
      return window * (x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x));
    });
  const channel = lowPass(64, 0.1);
  const bands = [lowPass(32, 0.05), lowPass(32, 0.15)];
  const radio = fmRadio({ channel, decimation: 4, smoothing: 0.25, bands });

  /** Frequency-modulated: the phase goes on by the deviation times the message. */
  const signal = (length: number, message: (at: number) => number): Float32Array => {
    const samples = new Float32Array(2 * length);
    let phase = 0;
    for (let at = 0; at < length; at++) {
      phase += 0.05 * message(at);
      samples.set([Math.cos(phase), Math.sin(phase)], 2 * at);
    }
    return samples;
  };

  it("is the same receiver in double precision, written as formulas", () => {
    const samples = signal(8192, (at) => Math.sin(at / 50));
    const filtered = (x: readonly number[], taps: readonly number[], step: number): number[] =>
      Array.from({ length: x.length / step }, (_, n) =>
        taps.reduce((sum, tap, i) => sum + tap * (x[n * step + step - 1 - i] ?? 0), 0),
      );
    const part = (which: number): number[] =>
      filtered(
        [...samples].filter((_, at) => at % 2 === which),
        channel,
        4,
      );
    const [re, im] = [part(0), part(1)];
    let before = 0;
    const audio = re.map((x, n) => {
      const turned = (im[n]! * (re[n - 1] ?? 0) - x * (im[n - 1] ?? 0)) / (x * x + im[n]! ** 2);
      return (before = 0.25 * turned + 0.75 * before);
    });
    const [low, high] = bands.map((taps) => filtered(audio, taps, 1));
    // While the channel's filter fills, |z| begins at 1e-3 and the discriminator enlarges its roundings a thousandfold.
    const output = floats(radio, samples);
    expect(
      apart(
        output,
        low!.map((x, n) => x + high![n]!),
      ),
    ).toBeLessThan(1e-3);
    const settled = output.subarray(256);
    expect(apart(settled, low!.map((x, n) => x + high![n]!).slice(256))).toBeLessThan(64 * 4 * 2 ** -24);
  });

  it("turns a constant shift of frequency into a constant: the sine of the phase between its samples", () => {
    const output = floats(
      radio,
      signal(8192, () => 1),
    );
    const gain = bands.flat().reduce((sum, tap) => sum + tap, 0);
    expect(output.at(-1)).toBeCloseTo(gain * Math.sin(4 * 0.05), 5);
  });

  it("filters causally: an impulse gives the taps", () => {
    expect([...floats(fir("taps", [4, 2, 1]), [1, 0, 0, 0])]).toEqual([4, 2, 1, 0]);
  });
});
