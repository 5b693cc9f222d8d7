import fc from "fast-check";
import { type CodeFile, database, type Database, type EventBatch, none } from "../index.ts";

/** Versions of a few files, whose pages are often the same as others'. */
export const databases: fc.Arbitrary<Database> = fc
  .array(
    fc.array(
      // Few different pages: collisions between versions and files are the rule.
      fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 1, maxLength: 5 }),
      { minLength: 1, maxLength: 2 },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) =>
    database(
      list.flatMap((versions, file) =>
        versions.map((hashes, version): CodeFile => ({
          package: `package-${file}`,
          version: String(version),
          release: version === versions.length - 1 ? "new" : "old",
          file: `file-${file}`,
          addressPages: hashes.map((_, page) => page + 1),
          hashes,
        })),
      ),
    ),
  );

/** A step of a guest's life. */
export interface Step {
  readonly kind: number;
  readonly space: number;
  readonly mapping: number;
  readonly page: number;
  readonly gapNs: number;
}

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(0, 0, 0, 0, 1),
    space: fc.integer({ min: 0, max: 2 }),
    mapping: fc.integer({ min: 0, max: 2 }),
    page: fc.integer({ min: 0, max: 4 }),
    gapNs: fc.integer({ min: 0, max: 2_000 }),
  }),
  { minLength: 2, maxLength: 80 },
);

/**
 * Events of these steps in spaces that each map three binaries, next to each other; each mapping has physical pages of its own. A written page holds the
 * same code again when it executes next.
 */
export function eventsOf(known: Database, maps: readonly number[], list: readonly Step[]): EventBatch {
  const rows = list.length;
  const batch: EventBatch = {
    timeNs: new Float64Array(rows),
    kind: new Uint8Array(rows),
    space: new Uint32Array(rows),
    page: new Uint32Array(rows),
    virtualPage: new Float64Array(rows),
    hash: new Uint32Array(2 * rows),
    to: new Uint32Array(rows).fill(none),
    file: new Uint32Array(rows).fill(none),
  };
  let now = 0;
  for (const [row, step] of list.entries()) {
    now += step.gapNs;
    const binaryAt = (mapping: number): number => maps[3 * step.space + mapping]! % known.binaries.length;
    const binary = binaryAt(step.mapping);
    let base = 0x400;
    for (let mapping = 0; mapping < step.mapping; mapping += 1) base += known.binaries[binaryAt(mapping)]!.lastPage + 1;
    const pages: [number, number][] = [];
    for (let id = 0; id < known.distinctPages; id += 1)
      for (let at = known.firstPosting[id]!; at < known.firstPosting[id + 1]!; at += 1)
        if (known.postingBinary[at] === binary) pages.push([known.postingPage[at]!, id]);
    const [place, id] = pages[step.page % pages.length]!;
    batch.timeNs[row] = now;
    batch.kind[row] = step.kind;
    batch.space[row] = step.space;
    batch.page[row] = 100 * (3 * step.space + step.mapping) + place;
    batch.virtualPage[row] = base + place;
    batch.hash[2 * row] = known.hashLow[id]!;
    batch.hash[2 * row + 1] = known.hashHigh[id]!;
    if (step.kind === 0) batch.file[row] = binary;
  }
  // Some time must pass.
  batch.timeNs[rows - 1] = now + 1;
  return batch;
}
