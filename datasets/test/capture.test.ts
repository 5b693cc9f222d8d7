import type * as arrow from "apache-arrow";
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { tool } from "../../kernel/test/tool.ts";
import { captureLackey } from "../capture/capture.ts";
import { lackeyPages } from "../capture/lackey-text.ts";
import { open } from "../open.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const valgrind = tool("valgrind", ["--version"]);

interface Reference {
  readonly page: number;
  readonly kind: 0 | 1 | 2;
}

/** The references of lackey's text one by one, written without looking at the reducer: the definition of what it must keep. */
function rawReferences(text: string): Reference[] {
  const references: Reference[] = [];
  for (const line of text.split("\n")) {
    const match = /^(I| L| S| M) +([0-9a-f]+),(\d+)$/.exec(line);
    if (match === null) continue;
    const first = Math.floor(parseInt(match[2]!, 16) / 4096);
    const last = Math.floor((parseInt(match[2]!, 16) + Number(match[3]) - 1) / 4096);
    const pages = first === last ? [first] : [first, last];
    const kinds = ({ I: [0], " L": [1], " S": [2], " M": [1, 2] } as const)[match[1] as "I"];
    for (const kind of kinds) for (const page of pages) references.push({ page, kind });
  }
  return references;
}

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Run extends Reference {
  readonly count: number;
}

function runsOf(batches: readonly arrow.RecordBatch[]): Run[] {
  return batches.flatMap((batch) => {
    const column = (name: string) => batch.getChild(name)!.data[0]!.values as Uint32Array;
    return Array.from({ length: batch.numRows }, (_, row) => ({
      page: column("page")[row]!,
      count: column("count")[row]!,
      kind: column("kind")[row]! as 0 | 1 | 2,
    }));
  });
}

async function reduced(text: string, batchRows?: number): Promise<Run[]> {
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of lackeyPages(chunksOf(text, 1000), batchRows === undefined ? {} : { batchRows }))
    batches.push(batch);
  return runsOf(batches);
}

type Replacement = "LRU" | "FIFO" | "random" | "PLRU";
interface Geometry {
  readonly sets: number;
  readonly ways: number;
  readonly replacement: Replacement;
  /** Pages of 4 KiB in a page of the model. */
  readonly span: number;
}

interface Entry {
  page: number;
  dirty: boolean;
}

/** One set-associative TLB, as plain as can be. */
function tlb({ sets, ways, replacement }: Geometry): (page: number) => { hit: boolean; entry: Entry } {
  const content = Array.from({ length: sets }, (): (Entry | undefined)[] => new Array<undefined>(ways).fill(undefined));
  const order = Array.from({ length: sets }, (): number[] => []);
  const recent = Array.from({ length: sets }, () => new Array<boolean>(ways).fill(false));
  let state = 1;
  const touch = (set: number, way: number) => {
    if (replacement === "LRU") order[set] = [...order[set]!.filter((other) => other !== way), way];
    // Bit-PLRU: when every way is marked, only the last one stays so.
    const marks = recent[set]!;
    marks[way] = true;
    if (marks.every(Boolean)) marks.fill(false)[way] = true;
  };
  const victim = (set: number): number => {
    if (replacement === "random") {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % ways;
    }
    return replacement === "PLRU" ? recent[set]!.indexOf(false) : order[set]!.shift()!;
  };
  return (page) => {
    const set = page % sets;
    const entries = content[set]!;
    const found = entries.findIndex((entry) => entry?.page === page);
    if (found >= 0) {
      touch(set, found);
      return { hit: true, entry: entries[found]! };
    }
    const free = entries.indexOf(undefined);
    const way = free >= 0 ? free : victim(set);
    const entry = (entries[way] = { page, dirty: false });
    if (replacement === "FIFO") order[set]!.push(way);
    touch(set, way);
    return { hit: false, entry };
  };
}

/**
 * Everything that reaches what is behind split first-level TLBs, in order: misses of the first level, misses of a unified
 * second level, first touches, and writes that find their entry clean (a dirty bit to set, or a shadow page that is
 * write-protected). Equal references by run or one by one must give an equal list.
 */
function events(references: Iterable<Reference>, first: Geometry, second: Geometry): string[] {
  const firstLevels = [tlb(first), tlb(first)];
  const secondLevel = tlb(second);
  const touched = new Set<number>();
  const list: string[] = [];
  for (const { page: small, kind } of references) {
    if (!touched.has(small)) list.push(`touch ${small}`);
    touched.add(small);
    const page = Math.floor(small / first.span);
    const { hit, entry } = firstLevels[kind === 0 ? 0 : 1]!(page);
    if (!hit) list.push(`${kind === 0 ? "code" : "data"} miss ${page}, ${secondLevel(page).hit ? "hit" : "walk"}`);
    if (kind === 2 && !entry.dirty) {
      entry.dirty = true;
      list.push(`dirty ${page}`);
    }
  }
  return list;
}

const geometries: readonly (readonly [Geometry, Geometry])[] = (["LRU", "FIFO", "random", "PLRU"] as const).flatMap(
  (replacement) =>
    ([1, 4] as const).flatMap((sets) =>
      ([1, 512] as const).map((span): [Geometry, Geometry] => [
        { sets, ways: 2, replacement, span },
        { sets: 2 * sets, ways: 4, replacement, span },
      ]),
    ),
);

function expectExact(text: string, runs: readonly Run[]): void {
  const raw = rawReferences(text);
  for (const [first, second] of geometries)
    expect(events(runs, first, second), JSON.stringify(first)).toEqual(events(raw, first, second));
  for (const kind of [0, 1, 2]) {
    const inRuns = runs.filter((run) => run.kind === kind).reduce((sum, { count }) => sum + count, 0);
    expect(inRuns).toBe(raw.filter((reference) => reference.kind === kind).length);
  }
}

describe("the reduction of references to runs", () => {
  it("by hand: visits of two streams, reads and writes apart", async () => {
    const text = [
      "==1== Lackey, an example Valgrind tool",
      "I  04001000,3", // code page 0x4001: row 0
      " L 1ffe0000,8", // data page 0x1ffe0: row 1
      "I  04001003,4", // row 0 again
      " S 1ffe0008,8", // the same visit's first write: row 2
      " L 1ffe0010,8", // row 1 again
      " M 1ffe0018,8", // rows 1 and 2 again
      " L 1ffe1ffc,8", // crosses into page 0x1ffe2: rows 3 and 4
      "I  04002000,1", // row 5
      " L 1ffe0000,8", // a new visit of the page: row 6
      "",
    ].join("\n");
    expect(await reduced(text)).toEqual([
      { page: 0x4001, count: 2, kind: 0 },
      { page: 0x1ffe0, count: 3, kind: 1 },
      { page: 0x1ffe0, count: 2, kind: 2 },
      { page: 0x1ffe1, count: 1, kind: 1 },
      { page: 0x1ffe2, count: 1, kind: 1 },
      { page: 0x4002, count: 1, kind: 0 },
      { page: 0x1ffe0, count: 1, kind: 1 },
    ]);
  });

  it("keeps every miss, walk, dirty bit and first touch in order, for any program and any split TLB", async () => {
    const line = fc
      .record({
        kind: fc.constantFrom("I ", " L", " S", " M"),
        page: fc.integer({ min: 1, max: 12 }),
        offset: fc.constantFrom(0, 8, 4092),
      })
      .map(({ kind, page, offset }) => `${kind} ${(page * 4096 * 100 + offset).toString(16).padStart(8, "0")},8\n`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 120 }),
        fc.integer({ min: 4, max: 40 }),
        async (lines, batchRows) => {
          const text = lines.join("");
          expectExact(text, await reduced(text, batchRows));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.skipIf(!valgrind)("is exact on a real program, and much shorter", async () => {
    const log = folder.path("lackey.log");
    const { status } = spawnSync("valgrind", ["--tool=lackey", "--trace-mem=yes", `--log-file=${log}`, "/bin/true"], {
      stdio: "ignore",
    });
    expect(status).toBe(0);
    const text = readFileSync(log, "latin1");
    const runs = await reduced(text);
    expectExact(text, runs);
    expect(runs.length).toBeLessThan(rawReferences(text).length / 3);
  });

  it.each([
    ["I  zzz,3\n", "line 1"],
    ["I  04001000,3\nhello\n", "line 2"],
    ["I  04001000\n", "line 1"],
    [" L 04001000,0\n", "line 1"],
    [" X 04001000,4\n", "line 1"],
    [" L 1000000000000,4\n", "below 2^44"],
    ["I  04001000,3\nI  0400", "line 2"],
    ["x".repeat(2000), "line 1"],
  ])("%j is refused with its line", async (text, place) => {
    await expect(reduced(text)).rejects.toThrow(place);
    await expect(reduced(text)).rejects.toMatchObject({ name: "TraceFormatError" });
  });

  it("a trace without references is a table without rows", async () => {
    expect(await reduced("==1== nothing\n")).toEqual([]);
  });

  it("a limit ends the trace there", async () => {
    const batches: arrow.RecordBatch[] = [];
    const text = Array.from({ length: 100 }, (_, page) => `I  ${((page + 1) * 4096).toString(16)},3\n`).join("");
    for await (const batch of lackeyPages(chunksOf(text, 64), { limit: 10 })) batches.push(batch);
    expect(runsOf(batches).length).toBe(10);
  });
});

describe.skipIf(!valgrind)("capturing", () => {
  it("writes a trace with its provenance, and nothing beside it", async () => {
    const out = folder.path("true.arrow.gz");
    const provenance = await captureLackey({ program: "/bin/true", args: ["/etc/x"], out, programOutput: "ignore" });
    const table = await open(out, { schema: { page: "uint32", count: "uint32", kind: "uint8" } });
    expect(provenance["command"]).toBe("true x");
    expect(table.schema.metadata.get("references")).toBe(provenance["references"]);
    const counts = table.getChild("count")!.toArray() as Uint32Array;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(provenance["references"]));
    expect(table.numRows).toBe(Number(provenance["runs"]));
    expect(readdirSync(dirname(out)).filter((name) => name.startsWith("true.arrow.gz"))).toEqual(["true.arrow.gz"]);
  });

  it("a program that fails or is not there leaves no file", async () => {
    const out = folder.path("none.arrow");
    const capture = (program: string) => captureLackey({ program, args: [], out, programOutput: "ignore" });
    await expect(capture("/bin/false")).rejects.toThrow('program: expected false to end with status 0, got "status 1"');
    await expect(capture("/no/such/program")).rejects.toThrow("program: expected program to end with status 0");
    expect(existsSync(out)).toBe(false);
  });

  it("an abort ends the program and leaves no file", async () => {
    const abort = new AbortController();
    const out = folder.path("aborted.arrow");
    const capture = captureLackey({
      program: "sleep",
      args: ["600"],
      out,
      programOutput: "ignore",
      signal: abort.signal,
    });
    setTimeout(() => {
      abort.abort();
    }, 300);
    await expect(capture).rejects.toThrow();
    expect(existsSync(out)).toBe(false);
  });
});
