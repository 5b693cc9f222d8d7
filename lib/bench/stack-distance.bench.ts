// LRU stack distances of 5 million uses of 65,536 blocks by Zipf's law, beside the same algorithm in C where gcc is there. Both must have
// the same hits of every cache.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed } from "../../datasets/bench/processor-seconds.ts";
import { random } from "../core/random.ts";
import { zipf } from "../traces/generate/zipf.ts";
import { ReuseSample } from "../traces/reuse-sample.ts";
import { inTurns } from "./in-turns.ts";
import { compiler, inC } from "./reference/peer.ts";

const USES = 5_000_000;
const BLOCKS = 65_536;

const ranks = zipf(random("stack distances"), BLOCKS, 1);
// Spread over 32 bits, one to one, as blocks of a disk are.
const keys = Float64Array.from({ length: USES }, () => Math.imul(ranks(), 0x9e3779b1) >>> 0);
const all = { keys, times: new Float64Array(USES).fill(1), rows: new Int32Array(USES), count: USES, hasObjects: false };

const found = new Set<string>();
const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const file = join(folder, "keys");
  const c = inC("stack-distance", folder);
  if (c !== undefined) writeFileSync(file, new Uint8Array(keys.buffer));
  await inTurns(
    `stack distances, ${USES / 1e6} M uses of ${BLOCKS} blocks by Zipf's law`,
    [USES / 1e6, "M uses/s"],
    () => {
      const sample = new ReuseSample(BLOCKS);
      const seconds = timed(() => {
        sample.useAll(all);
      });
      const hits = [0, 2, 4, 6, 8, 10, 12, 14].map((power) => Math.round(USES * (1 - sample.missRatio(2 ** power))));
      found.add([sample.distinct, ...hits].join(" "));
      return seconds;
    },
    {
      [compiler]:
        c &&
        (() => {
          const [seconds = "", ...hits] = c(file, USES, BLOCKS).split(" ");
          found.add(hits.join(" "));
          return Number(seconds);
        }),
    },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (found.size !== 1) throw new Error(`the hits differ: ${[...found].join("; ")}`);
