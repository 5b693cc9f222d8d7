// An LRU cache of 200,000 objects over 20 million requests to 4 million objects by Zipf's law, beside three peers: the same algorithm in
// C where gcc is there, and in plain TypeScript, over keys in memory; and, end to end, a program that reads the trace's file (libCacheSim's
// oracleGeneral format) beside libCacheSim's cachesim. libCacheSim is used where VEELAB_LIBCACHESIM names a folder with its sources, built in
// "build" (cmake -G Ninja -B build && ninja -C build). All must have the same misses.
import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed } from "../../datasets/bench/processor-seconds.ts";
import { random } from "../core/random.ts";
import { Cache } from "../traces/cache.ts";
import { zipf } from "../traces/generate/zipf.ts";
import { inTurns, type Round } from "./in-turns.ts";
import { compiler, inC, libCacheSim, type Peer } from "./reference/peer.ts";
import { TypedCache } from "./reference/typed-cache.ts";

const REQUESTS = 20_000_000;
const OBJECTS = 4_000_000;
const ENTRIES = 200_000;

const ranks = zipf(random("lru"), OBJECTS, 1);
const keys = new BigUint64Array(REQUESTS);
// Spread over 32 bits, one to one, as numbers of objects are.
const low = new Uint32Array(keys.buffer);
for (let at = 0; at < REQUESTS; at++) low[2 * at] = Math.imul(ranks(), 0x9e3779b1);

/** The trace as a file: a thousand requests a second. */
function writeTrace(file: string): void {
  const handle = openSync(file, "w");
  const rows = 100_000;
  const bytes = new DataView(new ArrayBuffer(24 * rows));
  for (let first = 0; first < REQUESTS; first += rows) {
    for (let row = 0; row < rows; row++) {
      bytes.setUint32(24 * row, Math.floor((first + row) / 1000), true);
      bytes.setBigUint64(24 * row + 4, keys[first + row]!, true);
      bytes.setUint32(24 * row + 12, 1, true);
      bytes.setBigInt64(24 * row + 16, -1n, true);
    }
    writeSync(handle, bytes);
  }
  closeSync(handle);
}

const misses = new Set<number>();
/** The processor time of a program and its children, s, by what the shell says of its children. */
function processTime(command: string, args: readonly string[], cwd: string): { seconds: number; output: string } {
  const { stdout, status } = spawnSync("sh", ["-c", '"$0" "$@"; s=$?; times; exit $s', command, ...args], {
    encoding: "utf8",
    cwd,
  });
  if (status !== 0) throw new Error(`${command}: expected exit status 0, got ${String(status)}`);
  const lines = stdout.trim().split("\n");
  const seconds = [...lines.at(-1)!.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { seconds, output: lines.slice(0, -2).join("\n") };
}

const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const simulated =
    (make: () => { readonly misses: number; use(keys: BigUint64Array): void }): Round =>
    () =>
      timed(() => {
        const cache = make();
        cache.use(keys);
        misses.add(cache.misses);
      });
  const ours = simulated(() => new Cache(ENTRIES, "LRU"));
  const c = inC("lru", folder);
  const file = join(folder, "keys");
  if (c !== undefined) writeFileSync(file, new Uint8Array(keys.buffer));
  const inOtherProgram = (run: Peer) => (): number => {
    const [seconds, missed] = run(file, REQUESTS, ENTRIES).split(" ").map(Number);
    misses.add(missed!);
    return seconds!;
  };
  const what = `LRU of ${ENTRIES} entries, ${REQUESTS / 1e6} M requests by Zipf's law`;
  await inTurns(what, [REQUESTS / 1e6, "M requests/s"], ours, {
    [compiler]: c && inOtherProgram(c),
    TypeScript: simulated(() => new TypedCache(ENTRIES, "LRU")),
  });

  const peer = libCacheSim(folder);
  const trace = join(folder, "zipf.oracleGeneral.bin");
  writeTrace(trace);
  if (peer !== undefined) misses.add(Number(peer.misses(trace, ENTRIES).split(" ")[1]));
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { cacheMisses } from ${JSON.stringify(new URL("../traces/index.js", import.meta.url).href)};
    const { misses } = await cacheMisses(process.argv[2], { entries: Number(process.argv[3]) });
    console.log(misses[0]);`,
  );
  const ourProgram = (): number => {
    const { seconds, output } = processTime(process.execPath, [program, trace, String(ENTRIES)], folder);
    misses.add(Number(output));
    return seconds;
  };
  await inTurns("the same from a file, a whole program", [REQUESTS / 1e6, "M requests/s"], ourProgram, {
    "libCacheSim's cachesim":
      peer &&
      (() => {
        const args = [trace, "oracleGeneral", "lru", String(ENTRIES), "--ignore-obj-size", "1"];
        return processTime(peer.cachesim, args, folder).seconds;
      }),
  });
  if (misses.size !== 1) throw new Error(`misses differ: ${[...misses].join(", ")}`);
  console.log(`misses, equal in all: ${[...misses].join()}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
