// LRU stack distances of 5 million uses of 65,536 blocks by Zipf's law, beside the same algorithm in C where gcc is there, and in plain
// TypeScript. All must have the same hits of every cache.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed } from "../../datasets/bench/processor-seconds.ts";
import { random } from "../core/random.ts";
import { zipf } from "../traces/generate/zipf.ts";
import { type MissRatio, ReuseSample } from "../traces/reuse-sample.ts";
import { inTurns, type Round } from "./in-turns.ts";
import { compiler, inC } from "./reference/peer.ts";
import { TypedReuseSample } from "./reference/typed-reuse-sample.ts";

const USES = 5_000_000;
const BLOCKS = 65_536;
const SIZES = [1, 4, 16, 64, 256, 1024, 4096, 16_384];

const ranks = zipf(random("stack distances"), BLOCKS, 1);
// Spread over 32 bits, one to one, as blocks of a disk are.
const keys = Float64Array.from({ length: USES }, () => Math.imul(ranks(), 0x9e3779b1) >>> 0);
const all = { keys, times: new Float64Array(USES).fill(1), rows: new Int32Array(0), count: USES, hasObjects: false };

const found = new Set<string>();
function find(distinct: number, ratios: readonly MissRatio[]): void {
  const hitsOf = (size: number): number =>
    Math.round(USES * (1 - (ratios.findLast(({ entries }) => entries <= size)?.missRatio ?? 1)));
  found.add([distinct, ...SIZES.map(hitsOf)].join(" "));
}

function ours(): number {
  const sample = new ReuseSample(BLOCKS);
  const seconds = timed(() => {
    sample.useAll(all);
  });
  find(sample.distinct, sample.missRatios());
  return seconds;
}

function inTypeScript(): number {
  const sample = new TypedReuseSample(BLOCKS);
  const seconds = timed(() => {
    for (const key of keys) sample.use(key);
  });
  find(sample.distinct, sample.missRatios());
  return seconds;
}

const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const file = join(folder, "keys");
  const c = inC("stack-distance", folder);
  if (c !== undefined) writeFileSync(file, new Uint8Array(keys.buffer));
  const inOtherProgram: Round | undefined =
    c &&
    (() => {
      const [seconds = "", ...hits] = c(file, USES, BLOCKS).split(" ");
      found.add(hits.join(" "));
      return Number(seconds);
    });
  const what = `stack distances, ${USES / 1e6} M uses of ${BLOCKS} blocks by Zipf's law`;
  await inTurns(what, [USES / 1e6, "M uses/s"], ours, { [compiler]: inOtherProgram, TypeScript: inTypeScript });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (found.size !== 1) throw new Error(`the hits differ: ${[...found].join("; ")}`);
