import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  audit,
  audit2011,
  database,
  type EventBatch,
  generateEvents,
  groundTruth,
  score,
  verdictOf,
} from "../index.ts";
import { databases, eventsOf, steps } from "./arbitrary.ts";
import { naiveAudit } from "./naive.ts";
import { round, type Row, batch, library } from "./hand-events.ts";

describe("properties", () => {
  const maps = fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 });

  it("no false positive when the database is complete, whatever pages versions share; the real binary stays a candidate", async () => {
    await fc.assert(
      fc.asyncProperty(databases, maps, steps, async (known, places, list) => {
        const events = eventsOf(known, places, list);
        const rights = places[0]! % 2 === 0 ? "page" : "space";
        const { modules } = await audit([events], known, { costs: audit2011, rights });
        const truth = await groundTruth([events], known);
        expect(score(modules, truth, known).falsePositives).toBe(0);
        for (const { space, binaries, bases, unpatchedNs } of modules) {
          // The candidates with what really lies at their base in that space.
          const real = binaries.filter((binary, at) =>
            [...events.file].some(
              (file, row) =>
                file === binary &&
                events.space[row] === space &&
                events.virtualPage[row]! >= bases[at]! + known.binaries[binary]!.firstPage &&
                events.virtualPage[row]! <= bases[at]! + known.binaries[binary]!.lastPage,
            ),
          );
          expect(real.length).toBeGreaterThan(0);
          if (!Number.isNaN(unpatchedNs)) expect(verdictOf(binaries, known)).toBe("unpatched");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("equals the plain implementation, in batches of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        databases,
        maps,
        steps,
        fc.integer({ min: 1, max: 90 }),
        fc.option(fc.integer({ min: 500, max: 20_000 })),
        async (known, places, list, size, refreshNs) => {
          const whole = eventsOf(known, places, list);
          const cut = Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
            Object.fromEntries(
              Object.entries(whole).map(([name, array]: [string, Float64Array]) => {
                const width = name === "hash" ? 2 : 1;
                return [name, array.subarray(width * at * size, width * (at + 1) * size)];
              }),
            ),
          ) as unknown as EventBatch[];
          const refresh = refreshNs === null ? {} : { refreshS: refreshNs * 1e-9 };
          const { row, modules } = await audit(cut, known, { costs: audit2011, ...refresh });
          const plain = naiveAudit([whole], known, audit2011, refresh.refreshS);
          const lines = modules
            .map(({ space, binaries, bases }) => {
              const pairs = [...new Set(binaries.map((binary, at) => `${binary}@${bases[at]}`))];
              return `${space}: ${pairs.sort().join(" ")}`;
            })
            .sort();
          expect(lines).toEqual(plain.modules);
          const { modules: _, overheadPct, ...counts } = plain;
          expect(row).toMatchObject(counts);
          expect(row.overheadPct).toBeCloseTo(overheadPct, 9);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("with rights of address spaces, each is audited as if it were alone", async () => {
    await fc.assert(
      fc.asyncProperty(databases, fc.integer(), async (known, seed) => {
        const [whole] = generateEvents(known, { seed, spaces: 3, outdatedShare: 0, eventsPerS: 100, durationS: 1 });
        const alone = (space: number): EventBatch => {
          const rows = [...whole!.space.keys()].filter((row) => whole!.space[row] === space);
          const pick = <A extends Float64Array | Uint32Array | Uint8Array>(array: A, width = 1) =>
            array.filter((_, at) => whole!.space[Math.floor(at / width)] === space) as A;
          const { timeNs, kind, page, virtualPage, hash, to, file } = whole!;
          return {
            ...{ timeNs: pick(timeNs), kind: pick(kind), space: new Uint32Array(rows.length).fill(space) },
            ...{
              page: pick(page),
              virtualPage: pick(virtualPage),
              hash: pick(hash, 2),
              to: pick(to),
              file: pick(file),
            },
          };
        };
        const options = { costs: audit2011, rights: "space" } as const;
        const { modules } = await audit([whole!], known, options);
        for (const space of [0, 1, 2]) {
          const single = await audit([alone(space)], known, options);
          const plain = (list: typeof modules) => list.map(({ place: _, ...module }) => module);
          expect(plain(modules.filter((module) => module.space === space))).toEqual(plain(single.modules));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("faults are never more than events, and a dearer exit never makes an audit cheaper", async () => {
    await fc.assert(
      fc.asyncProperty(
        databases,
        maps,
        steps,
        fc.double({ min: 0, max: 100, noNaN: true }),
        async (known, places, list, more) => {
          const events = eventsOf(known, places, list);
          const { row } = await audit([events], known, { costs: audit2011 });
          expect(row.execFaults + row.writeFaults + row.refreshFaults).toBeLessThanOrEqual(row.events);
          const dearer = await audit([events], known, { costs: { ...audit2011, exitUs: audit2011.exitUs + more } });
          expect(dearer.row.overheadPct).toBeGreaterThanOrEqual(row.overheadPct);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("what is refused", () => {
  const known = database(library);
  const some = batch([
    [0, "exec", 1, 1, { hash: 1 }],
    [1, "write", 1, 1],
  ]);

  it("options out of range, before the first event", async () => {
    const run = (options: object) => audit([some], known, { costs: round, ...options });
    await expect(run({ refreshS: 0 })).rejects.toThrow("refreshS: expected a finite number > 0, got 0");
    await expect(run({ refresh: 1 })).rejects.toThrow(
      'options: expected only costs, rights, refreshS, flow, record, got "refresh"',
    );
    await expect(run({ costs: { ...round, hashUs: -1 } })).rejects.toThrow("costs.hashUs: expected");
    await expect(run({ flow: { copies: 300 } })).rejects.toThrow("flow.copies: expected");
    await expect(run({ record: ["pages"] })).rejects.toThrow("record: expected");
  });

  it("events out of order, of no time, of another kind", async () => {
    const run = (rows: readonly Row[]) => audit([batch(rows)], known, { costs: round });
    await expect(run([])).rejects.toThrow("patch-audit: expected events that span some time, got 0 events");
    await expect(
      run([
        [1, "write", 1, 1],
        [0, "write", 1, 1],
      ]),
    ).rejects.toThrow("event 1: expected times in order");
    const odd = { ...some, kind: Uint8Array.of(9, 0) };
    await expect(audit([odd], known, { costs: round })).rejects.toThrow("event 0: expected a kind from 0 to 3, got 9");
    await expect(audit([{ ...some, hash: new Uint32Array(2) }], known, { costs: round })).rejects.toThrow("batch.hash");
    await expect(audit([{ ...some, to: new Uint32Array(3) }], known, { costs: round })).rejects.toThrow(
      "batch.to: expected 2 values, got 3",
    );
    await expect(
      audit(
        [
          batch([
            [0, "load", 1, 1, { file: 0 }],
            [1, "write", 1, 1],
          ]),
        ],
        known,
        { costs: round, flow: { copies: 0 } },
      ),
    ).rejects.toThrow("expected a file of the database's 0, got 0");
  });

  it("a database with a version of a file twice", () => {
    expect(() => database([library[0]!, library[0]!])).toThrow("each version of a file once");
  });
});

describe("generated events", () => {
  it("are the same for the same seed, and give the number and time that were asked for", async () => {
    const known = database(library);
    const first = (seed: number) => generateEvents(known, { seed, batchRows: 50 }).next().value;
    expect(first(3)).toEqual(first(3));
    expect(first(3)).not.toEqual(first(4));
    const { row } = await audit(
      generateEvents(known, { seed: 3, durationS: 2, eventsPerS: 5000, batchRows: 999 }),
      known,
      {
        costs: round,
      },
    );
    expect(row.events).toBe(10_000);
    // Exponential gaps: a standard deviation of 1 % of the sum; five of these.
    expect(Math.abs(row.seconds - 2)).toBeLessThan(0.1);
  });
});
