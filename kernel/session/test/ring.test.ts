import { Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRingMemory, RingReader, RingWriter, type RecordKind } from "../ring.ts";

interface Piece {
  readonly kind: "stdout" | "stderr";
  readonly tag: number;
  readonly text: string;
}

const piece: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constantFrom("stdout", "stderr"),
  tag: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  text: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => text.repeat(2000)),
  ),
});

/** Joins what the writer may have cut. */
function collect(reader: RingReader, into: [kind: RecordKind, tag: number, text: string][]): boolean {
  return reader.drain((kind, tag, text) => {
    const last = into.at(-1);
    if (last?.[0] === kind && last[1] === tag) last[2] += text;
    else into.push([kind, tag, text]);
    return true;
  });
}

describe("the ring", () => {
  it("gives back every text in order, through many turns of a small ring", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 100 }), (pieces) => {
        const memory = createRingMemory(1 << 18);
        const reader = new RingReader(memory);
        const got: [RecordKind, number, string][] = [];
        // With one thread the reader must take before the ring is full: when the writer is about to wait.
        const writer = new RingWriter(memory, () => void collect(reader, got));
        const expected: [RecordKind, number, string][] = [];
        for (const { kind, tag, text } of pieces) {
          writer.text(kind, tag, text);
          const last = expected.at(-1);
          // Lone surrogates have no UTF-8.
          const sent = Buffer.from(text).toString();
          if (last?.[0] === kind && last[1] === tag) last[2] += sent;
          else expected.push([kind, tag, sent]);
        }
        collect(reader, got);
        expect(got).toEqual(expected);
      }),
    );
  });

  it("keeps the record that its taker refuses, and all behind it", () => {
    const memory = createRingMemory();
    const reader = new RingReader(memory);
    const writer = new RingWriter(memory, () => undefined);
    writer.text("stdout", 1, "before");
    writer.mark(7);
    writer.text("stdout", 1, "after");
    const take = (stopAt: RecordKind | undefined): string[] => {
      const got: string[] = [];
      reader.drain((kind, tag, text) => kind !== stopAt && got.push(kind === "mark" ? `mark ${tag}` : text) > 0);
      return got;
    };
    expect(take("mark")).toEqual(["before"]);
    expect(take("mark")).toEqual([]);
    expect(take(undefined)).toEqual(["mark 7", "after"]);
  });

  it("rings once until it is read", () => {
    const memory = createRingMemory();
    const reader = new RingReader(memory);
    let rings = 0;
    const writer = new RingWriter(memory, () => (rings += 1));
    for (let line = 0; line < 10; line++) writer.text("stdout", 1, "line\n");
    expect(rings).toBe(1);
    expect(reader.drain(() => true)).toBe(true);
    writer.text("stdout", 1, "line\n");
    expect(rings).toBe(2);
  });

  it("rings at once for a mark, whose message may have been looked for in vain", () => {
    const memory = createRingMemory();
    const reader = new RingReader(memory);
    const rings: boolean[] = [];
    const writer = new RingWriter(memory, (urgent) => rings.push(urgent));
    writer.text("stdout", 1, "line\n");
    reader.drain(() => true);
    writer.mark(7);
    expect(rings).toEqual([false, true]);
  });

  it("holds the writer of another thread while it is full, and loses nothing", async () => {
    const memory = createRingMemory(1 << 18);
    const ring = fileURLToPath(new URL("../../../dist/kernel/session/ring.js", import.meta.url));
    const lines = 50_000;
    const worker = new Worker(
      `const { workerData, parentPort } = require("node:worker_threads");
       import(workerData.ring).then(({ RingWriter }) => {
         const writer = new RingWriter(workerData.memory, () => {});
         for (let line = 0; line < ${lines}; line++) writer.text("stdout", 1, "line " + line + "\\n");
         parentPort.postMessage("written");
       });`,
      { eval: true, workerData: { memory, ring } },
    );
    const reader = new RingReader(memory);
    const got: [RecordKind, number, string][] = [];
    const written = new Promise((resolve) => worker.once("message", resolve));
    const reading = setInterval(() => {
      collect(reader, got);
    }, 0);
    await written;
    clearInterval(reading);
    collect(reader, got);
    await worker.terminate();
    expect(got).toHaveLength(1);
    const all = got[0]![2].split("\n");
    expect(all).toHaveLength(lines + 1);
    expect(all.every((line, index) => index === lines || line === `line ${index}`)).toBe(true);
  });
});
