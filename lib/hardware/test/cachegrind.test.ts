import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { kinds, tlb } from "../index.ts";
import { batchFrom, type Run } from "./arbitrary-trace.ts";

// A cache whose lines are as long as a page is a TLB. Valgrind's cachegrind simulates LRU caches of any size, ways and
// line length, so it is an implementation by others of the same thing, on the addresses of a real program. Valgrind's
// lackey gives us the same program's addresses. What differs, and is accounted for below:
// - a reference across the border of two pages touches both in both, but cachegrind counts at most one miss for it;
// - cachegrind counts a modify (one instruction that reads and writes an address) as a read; so does this test.

const PROGRAM = `
#include <stdlib.h>
int main(void) {
  char *heap = malloc(600 * 4096);
  unsigned x = 1, sum = 0;
  for (int i = 0; i < 40000; i++) {
    x = x * 1664525u + 1013904223u;
    unsigned at = (x >> 8) % (600 * 4096 - 8);
    if (x & 64) heap[at] = (char)x; else sum += *(unsigned *)(heap + at); /* some of these cross a page border */
  }
  return sum == 42;
}
`;
const entries = { fetch: 16, data: 64, second: 256 };
const ways = 4;

describe.skipIf(!tool("valgrind", ["--version"]) || !tool("gcc", ["--version"]))("beside cachegrind", () => {
  const folder = mkdtempSync(join(tmpdir(), "veelab-cachegrind-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("a real program's misses are the same at both levels, but for references that cross pages", () => {
    const source = join(folder, "program.c");
    const program = join(folder, "program");
    const log = join(folder, "log");
    writeFileSync(source, PROGRAM);
    run("gcc", ["-O1", "-static", "-o", program, source]);

    const cache = (count: number): string => `${count * 4096},${ways},4096`;
    run("valgrind", [
      "--tool=cachegrind",
      "--cache-sim=yes",
      `--I1=${cache(entries.fetch)}`,
      `--D1=${cache(entries.data)}`,
      `--LL=${cache(entries.second)}`,
      `--log-file=${log}`,
      `--cachegrind-out-file=${join(folder, "out")}`,
      program,
    ]);
    const theirs = readFileSync(log, "utf8");
    const number = (name: string): number =>
      Number(new RegExp(`${name}:\\s+([\\d,]+)`).exec(theirs)![1]!.replaceAll(",", ""));

    run("valgrind", ["--tool=lackey", "--trace-mem=yes", `--log-file=${log}`, program]);
    const { rows, references, crossing } = pages(readFileSync(log, "latin1"));
    const shape = (count: number) => [{ entries: count, ways, sizes: ["4K"] as const }];
    const buffer = tlb({
      levels: [{ instruction: shape(entries.fetch), data: shape(entries.data) }, { unified: shape(entries.second) }],
    });
    buffer.access(batchFrom(rows));

    // The two tools saw the same program.
    expect([number("I +refs"), number("D +refs")]).toEqual([references.fetch, references.data]);
    expect(references.data).toBeGreaterThan(40_000);
    expect(crossing.data).toBeGreaterThan(0);
    const [first, second] = buffer.misses as [Float64Array, Float64Array];
    const pairs = [
      { ours: first[0]!, cachegrind: number("I1 +misses"), slack: crossing.fetch },
      { ours: first[1]! + first[2]!, cachegrind: number("D1 +misses"), slack: crossing.data },
      { ours: second[0]!, cachegrind: number("LLi misses"), slack: crossing.fetch },
      { ours: second[1]! + second[2]!, cachegrind: number("LLd misses"), slack: crossing.data },
    ];
    for (const { ours, cachegrind, slack } of pairs) {
      expect(cachegrind).toBeGreaterThan(10);
      expect(ours).toBeGreaterThanOrEqual(cachegrind);
      expect(ours - cachegrind).toBeLessThanOrEqual(slack);
    }
    expect(crossing.data).toBeLessThan(pairs[1]!.cachegrind / 100); // the slack is small beside what it bounds
  }, 120_000);

  function run(command: string, args: readonly string[]): void {
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8", env: { PATH: process.env["PATH"] } });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  }
});

interface Pages {
  readonly rows: Run[];
  readonly references: { fetch: number; data: number };
  readonly crossing: { fetch: number; data: number };
}

/** Lackey's lines ("I  addr,size", " L addr,size", " S …", " M …") as references to pages. */
function pages(text: string): Pages {
  const result: Pages = { rows: [], references: { fetch: 0, data: 0 }, crossing: { fetch: 0, data: 0 } };
  for (const [, what, address, size] of text.matchAll(/^(I | L| S| M) +([0-9a-f]+),(\d+)$/gm)) {
    const side = what === "I " ? "fetch" : "data";
    const kind = what === "I " ? kinds.fetch : what === " S" ? kinds.write : kinds.read;
    const start = Number.parseInt(address!, 16);
    const from = Math.floor(start / 4096);
    const to = Math.floor((start + Number(size) - 1) / 4096);
    result.references[side]++;
    if (to > from) result.crossing[side]++;
    for (let page = from; page <= to; page++) result.rows.push({ page, count: 1, kind });
  }
  return result;
}
