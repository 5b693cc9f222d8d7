// How fast the page-to-block map takes events, beside a plain one of two Maps (page to block, block to pages) in the same run.
// Rates are millions of events a second of processor time, medians of five rounds after one that warms up.
import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { classifiedHash, pageClass } from "../../datasets/formats/page.ts";
import { random } from "../core/index.ts";
import { type EventBatch, eventKinds, pageBlockMap } from "../checkpointing/index.ts";
import { PageHashes } from "../checkpointing/image/page-hashes.ts";
import { inTurns } from "./in-turns.ts";
import { compiler, inC } from "./reference/peer.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds, timed } from "../../datasets/bench/processor-seconds.ts";

const EVENTS = 4_000_000;
const BATCH = 65_536;

/** Two Maps, as one would write it first. */
class PlainMap {
  readonly #blockOf = new Map<number, number>();
  readonly #pagesOf = new Map<number, Set<number>>();

  get size(): number {
    return this.#blockOf.size;
  }

  apply({ kind, page, block }: EventBatch): void {
    for (let row = 0; row < kind.length; row++) {
      const [p, b] = [page[row]!, block[row]!];
      if (kind[row] === eventKinds.write || kind[row] === eventKinds.partialWrite)
        for (const other of this.#pagesOf.get(b) ?? []) this.#end(other);
      if (kind[row] !== eventKinds.partialWrite) this.#end(p);
      if (kind[row]! > eventKinds.write) continue;
      this.#blockOf.set(p, b);
      const pages = this.#pagesOf.get(b);
      if (pages === undefined) this.#pagesOf.set(b, new Set([p]));
      else pages.add(p);
    }
  }

  #end(page: number): void {
    const block = this.#blockOf.get(page);
    if (block === undefined) return;
    this.#blockOf.delete(page);
    const pages = this.#pagesOf.get(block)!;
    pages.delete(page);
    if (pages.size === 0) this.#pagesOf.delete(block);
  }
}

/** Runs of transfers and single stores, as guests have them: a third reads, a sixth writes, the rest stores. */
function trace(pages: number): EventBatch[] {
  const stream = random(5);
  const batches: EventBatch[] = [];
  let [page, block, left, kind] = [0, 0, 0, 0];
  for (let done = 0; done < EVENTS; done += BATCH) {
    const batch = { kind: new Uint8Array(BATCH), page: new Uint32Array(BATCH), block: new Uint32Array(BATCH) };
    for (let row = 0; row < BATCH; row++) {
      if (stream.float() < 0.5) {
        batch.kind[row] = eventKinds.store;
        batch.page[row] = stream.int(pages);
        continue;
      }
      if (left-- === 0) {
        left = stream.int(32);
        [page, block] = [stream.int(pages - 32), stream.int(4 * pages)];
        kind = stream.float() < 2 / 3 ? eventKinds.read : eventKinds.write;
      }
      batch.kind[row] = kind;
      batch.page[row] = page++;
      batch.block[row] = block++;
      if (page === pages) page = 0;
    }
    batches.push(batch);
  }
  return batches;
}

for (const megabytes of [256, 4096]) {
  const pages = megabytes * 256;
  const batches = trace(pages);
  const rows = batches.length * BATCH;
  let [plainSize, size] = [0, 0];
  const plain = await processorSeconds(() => {
    const map = new PlainMap();
    for (const batch of batches) map.apply(batch);
    plainSize = map.size;
  });
  const ours = await processorSeconds(() => {
    const map = pageBlockMap({ pages });
    for (const batch of batches) map.apply(batch);
    size = map.size;
  });
  if (size !== plainSize) throw new Error(`entries differ: ${size}, two Maps ${plainSize}`);
  figure(`map of a guest of ${megabytes} MB, ${size} entries at the end`, rows / ours / 1e6, "M events/s", {
    ...{ asked: 1, peers: { "two Maps": rows / plain / 1e6 } },
  });
}

// Hashes and checksums of pages, one call a page.
const memory = Buffer.alloc(16_384 * 4096);
const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
const bits = random(9);
for (let at = 0; at < words.length; at++) words[at] = bits.bits();
const each = (of: (page: Buffer) => unknown) => (): void => {
  for (let at = 0; at < memory.length; at += 4096) of(memory.subarray(at, at + 4096));
};
const rateOf = async (of: (page: Buffer) => unknown): Promise<number> =>
  memory.length / (await processorSeconds(each(of))) / 1e9;
const peers: Record<string, number> = { "zlib's CRC-32": await rateOf((page) => crc32(page)) };
for (const name of ["sha1", "sha256", "blake2b512", "md5"])
  peers[name] = await rateOf((page) => hash(name, page, "buffer"));
figure("the datasets' hash of a page", await rateOf((page) => classifiedHash(page, pageClass(page))), "GB/s", {
  peers,
});

// What an image's pages are matched by, in batches, beside the same in C.
const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const pages = memory.length / 4096;
  const hashed = new PageHashes(pages);
  hashed.bytes.set(memory);
  const ours = (): number =>
    timed(() => {
      hashed.hash(pages);
    });
  const peer = inC("page-hash", folder);
  const file = join(folder, "pages");
  writeFileSync(file, memory);
  let all = "";
  await inTurns("XXH64 of 4 KiB, WebAssembly", [memory.length / 1e9, "GB/s"], ours, {
    [compiler]:
      peer &&
      (() => {
        const [seconds, sum] = peer(file, pages, 1).split(" ");
        all = sum!;
        return Number(seconds);
      }),
  });
  const sums = new BigUint64Array(hashed.hashes.buffer, hashed.hashes.byteOffset, pages);
  const own = String(sums.reduce((sum, word) => sum ^ word, 0n));
  if (peer !== undefined && own !== all) throw new Error(`hashes differ: ${own}, C ${all}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
