import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { des, desDecryption, graph, idea, ideaDecryption, repetitions, sink, source } from "../index.ts";
import { wholes } from "./run-stream.ts";

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
