import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audit, audit2011, database, type EventBatch, eventKinds, none } from "../index.ts";

/** Three programs of a page each, known by it, and three files: of one, of two programs, and one that is up to date. */
const programs = ["python", "php", "cp"];
const files = [
  { package: "a", version: "1", file: "a.py", outdated: true, consumers: ["python"] },
  { package: "b", version: "1", file: "b.conf", outdated: true, consumers: ["php", "python"] },
  { package: "c", version: "2", file: "c.py", outdated: false, consumers: ["python"] },
];
const known = database(
  programs.map((file, at) => ({
    ...{ package: file, version: "1", release: "new" as const, file },
    ...{ addressPages: [0], hashes: [BigInt(at + 1)] },
  })),
  { files },
);

interface Step {
  readonly kind: (typeof eventKinds)[number];
  readonly space: number;
  /** Of a few: pages of data from 0, of code from 100. */
  readonly page: number;
  readonly to: number;
  readonly file: number;
}

const space = fc.nat(3);
const page = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("load" as const),
    space,
    page,
    to: fc.constant(none),
    file: fc.constantFrom(0, 0, 1, 2, none),
  }),
  fc.record({
    kind: fc.constant("read" as const),
    space,
    page,
    to: fc.oneof(page, fc.constant(none)),
    file: fc.constant(none),
  }),
  fc.record({ kind: fc.constant("read" as const), space, page, to: page, file: fc.constant(none) }),
  fc.record({
    kind: fc.constant("exec" as const),
    space,
    page: fc.nat(2),
    to: fc.constant(none),
    file: fc.constant(none),
  }),
);

const eventsOf = (steps: readonly Step[]): EventBatch => ({
  timeNs: Float64Array.from(steps, (_, at) => 10 * at),
  kind: Uint8Array.from(steps, ({ kind }) => eventKinds.indexOf(kind)),
  space: Uint32Array.from(steps, (of) => of.space),
  // Each space has physical pages of its own for its programs: rights of pages then see all of them.
  page: Uint32Array.from(steps, (of) => (of.kind === "exec" ? 100 + 10 * of.space + of.page : of.page)),
  virtualPage: Float64Array.from(steps, (of) => 10 * of.page),
  hash: Uint32Array.from(steps.flatMap((of) => [of.kind === "exec" ? of.page + 1 : 0, 0])),
  to: Uint32Array.from(steps, ({ to }) => to),
  file: Uint32Array.from(steps, ({ file }) => file),
});

/** The same as plainly as can be: a page's history is the list of pages that its data came through, followed back to the disk at each read. */
function naive(steps: readonly Step[], most: number): string[] {
  /** What each page's data is: a load, or a copy of what another page's data was. */
  interface Data {
    readonly file: string | undefined;
    readonly from?: Data;
  }
  const data = new Map<number, Data>();
  const reads: { space: number; file: string; copies: number; at: number }[] = [];
  for (const [at, of] of steps.entries()) {
    if (of.kind === "load")
      data.set(of.page, { file: files[of.file]?.outdated === true ? files[of.file]!.file : undefined });
    if (of.kind !== "read") continue;
    const read = data.get(of.page);
    if (read?.file === undefined) continue;
    let copies = 0;
    for (let link = read.from; link !== undefined; link = link.from) copies += 1;
    reads.push({ space: of.space, file: read.file, copies, at });
    if (of.to !== none && copies < most) data.set(of.to, { file: read.file, from: read });
  }
  const lines = new Map<string, string>();
  for (const { space: who, file, at } of reads) {
    const same = reads.filter((read) => read.space === who && read.file === file);
    if (same[0]!.at !== at) continue;
    const runs = steps
      .filter(({ kind, space: where }) => kind === "exec" && where === who)
      .map((of) => programs[of.page]!);
    const isUse = runs.some((program) => files.find((of) => of.file === file)!.consumers.includes(program));
    lines.set(
      `${who} ${file}`,
      `${who} ${file} at ${10 * at}: ${same.length} reads, ${Math.min(...same.map(({ copies }) => copies))} away, ${isUse}`,
    );
  }
  return [...lines.values()];
}

/** Data of the first file that goes from page to page, three times, before a program that its file concerns reads it. */
const chain: Step[] = [
  { kind: "load", space: 0, page: 0, to: none, file: 0 },
  ...[0, 1, 2].map((page): Step => ({ kind: "read", space: 0, page, to: page + 1, file: none })),
  { kind: "exec", space: 1, page: 0, to: none, file: none },
  { kind: "read", space: 1, page: 3, to: none, file: none },
];

describe("files without code", () => {
  it("who reads them, how far from the disk, and whether it is a use: as a plain implementation says, that follows each datum back", async () => {
    let [uses, farthest] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 30, maxLength: 80 }),
        fc.nat(3),
        fc.constantFrom("page" as const, "space" as const),
        async (steps, copies, rights) => {
          const result = await audit([eventsOf(steps)], known, { costs: audit2011, rights, flow: { copies } });
          const lines = result.uses.map(
            (use) =>
              `${use.space} ${files[use.file]!.file} at ${use.firstNs}: ${use.reads} reads, ${use.copies} away, ${use.vulnerable}`,
          );
          const expected = naive(steps, copies);
          expect(lines).toEqual(expected);
          expect(result.row.vulnerableUses).toBe(expected.filter((line) => line.endsWith("true")).length);
          expect(result.row.loads).toBe(steps.filter(({ kind }) => kind === "load").length);
          uses += result.row.vulnerableUses;
          farthest = Math.max(farthest, ...result.uses.map((use) => use.copies));
        },
      ),
      // Of 500 at random few have a use so far from the disk, and rarely none.
      { numRuns: 500, examples: [[chain, 3, "page"]] },
    );
    // The steps do make uses, and chains of copies as long as are followed.
    expect(uses).toBeGreaterThan(100);
    expect(farthest).toBe(3);
  });
});
