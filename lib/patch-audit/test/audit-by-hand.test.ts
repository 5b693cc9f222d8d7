import { describe, expect, it } from "vitest";
import { audit, database, groundTruth, outdatedRuns, score, verdictOf } from "../index.ts";
import { round, type Row, batch, version, library } from "./hand-events.ts";

describe("by hand", () => {
  it("a page faults when it executes first, and again when it was written", async () => {
    const { row, modules } = await audit(
      [
        batch([
          [0, "write", 1, 7], // not executable: no fault
          [1, "exec", 1, 7, { at: 100, hash: 3 }], // fault 1: hashed; the new version at once
          [2, "exec", 1, 7, { at: 100, hash: 3 }], // executable: nothing
          [3, "exec", 2, 7, { at: 200, hash: 3 }], // rights are the page's: nothing
          [4, "write", 1, 7], // write fault: identity forgotten
          [5, "write", 1, 7], // dirty already: nothing
          [6, "exec", 1, 7, { at: 100, hash: 9 }], // fault 2: not in the database
          [100, "exec", 1, 7, { at: 100, hash: 9 }],
        ]),
      ],
      database(library),
      { costs: round },
    );
    expect(row).toMatchObject({ execFaults: 2, unknownFaults: 1, writeFaults: 1, refreshFaults: 0, modules: 1 });
    // 2 (1 + 10 + 0.5) + 1 = 24 µs of 100 µs.
    expect(row.auditS).toBeCloseTo(24e-6, 12);
    expect(row.overheadPct).toBeCloseTo(24, 9);
    expect(modules[0]).toMatchObject({ space: 1, binaries: [1], bases: [99], firstNs: 1000, identifiedNs: 1000 });
    expect(row.unpatched).toBe(0);
  });

  it("a refresh makes each executed page fault once more, without a hash", async () => {
    const pages: Row[] = [10, 20, 30, 45, 46].map((us) => [us, "exec", 1, 5, { at: 10, hash: 2 }]);
    const { row, modules } = await audit(
      [batch([[0, "exec", 1, 5, { at: 10, hash: 2 }], ...pages])],
      database(library),
      {
        costs: round,
        refreshS: 15e-6,
      },
    );
    // Refreshes at 15, 30 and 45: the page faults at 20, 30 and 45 again.
    expect(row).toMatchObject({ execFaults: 1, refreshFaults: 3 });
    expect(row.auditS).toBeCloseTo((11.5 + 3 * 3) * 1e-6, 12);
    expect(modules[0]!.lastNs).toBe(45_000);
  });

  it("a pause of many periods is one refresh", async () => {
    const pages = [0, 100, 101, 104, 105].map((us): Row => [us, "exec", 1, 5, { at: 10, hash: 2 }]);
    const { row } = await audit([batch(pages)], database(library), { costs: round, refreshS: 15e-6 });
    // At 100; the next one is due at 105.
    expect(row.refreshFaults).toBe(2);
  });

  it("a block from the disk makes an executable page another one, without a fault", async () => {
    const events = batch([
      [0, "exec", 1, 7, { at: 100, hash: 2 }],
      [1, "load", 0, 7],
      [2, "write", 1, 7], // dirty already
      [3, "exec", 1, 7, { at: 100, hash: 3 }],
      [4, "exec", 1, 7, { at: 100, hash: 3 }],
    ]);
    const { row, modules } = await audit([events], database(library), { costs: round });
    expect(row).toMatchObject({ execFaults: 2, writeFaults: 0, loads: 0 });
    expect(modules.map(({ binaries }) => binaries)).toEqual([[0], [1]]);
  });

  it("pages far behind the first ones, and hashes of which a half is the same", async () => {
    // As many with one lower half that their places in the index collide.
    const hashes = Array.from({ length: 2000 }, (_, high) => (BigInt(high) << 32n) | 2n);
    const known = database([version("lib", "old", [2n]), version("lib", "new", hashes.slice(1))]);
    const ids = Array.from({ length: 4000 }, (_, high) => known.pageId(2, high));
    expect(ids).toEqual(Array.from(ids, (_, high) => (high < 2000 ? high : -1)));
    const rows: Row[] = [
      [0, "exec", 1, 70_000, { hash: 2 }],
      [1, "exec", 1, 5_000_000, { at: 9, hash: 2 }],
      [2, "exec", 1, 70_000, { hash: 2 }],
    ];
    for (const rights of ["page", "space"] as const)
      expect((await audit([batch(rows)], known, { costs: round, rights })).row).toMatchObject({
        ...{ execFaults: 2, sharedFaults: 0, unpatched: 2 },
      });
  });

  it("a reader that may be another program is not reported", async () => {
    const known = database([version("python", "new", [1n, 2n]), version("cp", "new", [1n, 3n])], {
      files: [{ package: "demo", version: "1", file: "demo.py", outdated: true, consumers: ["python"] }],
    });
    const rows: Row[] = [
      [0, "load", 0, 50, { file: 0 }],
      [1, "exec", 1, 1, { hash: 1 }],
      [2, "read", 1, 50],
    ];
    const uses = async (more: readonly Row[]) =>
      (await audit([batch([...rows, ...more])], known, { costs: round, flow: { copies: 0 } })).row.vulnerableUses;
    expect([await uses([]), await uses([[3, "exec", 1, 2, { at: 1, hash: 2 }]])]).toEqual([0, 1]);
  });

  describe("a score", () => {
    const known = database(library);
    const report = (space: number, unpatchedNs: number) => ({
      ...{ place: 0, space, firstNs: 0, lastNs: 0, pages: 1, bases: [0], identifiedNs: NaN },
      ...{ binaries: [0], unpatchedNs },
    });
    const runs = (...spaces: readonly (readonly [space: number, oldNs: number, newNs: number])[]) =>
      new Map(spaces.map(([space, ...firstNs]) => [space, Float64Array.from(firstNs)]));

    it("the first report of a binary counts, and a report of one that did not run is a false positive", () => {
      const modules = [report(0, 9e6), report(0, 5e6)];
      const ran = score(modules, runs([0, 1e6, NaN]), known);
      expect(ran).toMatchObject({ truePositives: 1, falsePositives: 0, meanLatencyMs: 4 });
      expect(score(modules, runs([0, NaN, 1e6]), known)).toEqual({
        ...{ truePositives: 0, falsePositives: 2, falseNegatives: 0, trueNegatives: 1 },
        ...{ meanLatencyMs: null, longestLatencyMs: null },
      });
    });

    it("each address space is judged by itself: what runs in one excuses no report in another", () => {
      // The old version ran in spaces 1 and 2 alone; it is reported in 1 and, wrongly, in 3, where the new one ran, and in 4.
      const truth = runs([1, 1e6, NaN], [2, 2e6, NaN], [3, NaN, 3e6]);
      const modules = [report(1, 4e6), report(3, 5e6), report(4, 6e6)];
      expect(score(modules, truth, known)).toEqual({
        ...{ truePositives: 1, falsePositives: 2, falseNegatives: 1, trueNegatives: 1 },
        ...{ meanLatencyMs: 3, longestLatencyMs: 3 },
      });
      expect(outdatedRuns(modules, truth, known)).toEqual([
        { space: 1, binary: 0, latencyMs: 3 },
        { space: 2, binary: 0, latencyMs: null },
      ]);
    });
  });

  it("a page that no candidate has there begins a module of its own, and leaves the candidates", async () => {
    const known = database([...library, version("other", "new", [8n])]);
    const events = batch([
      [0, "exec", 1, 5, { at: 10, hash: 1 }], // either version at 10, which would go on to 11,
      [1, "exec", 1, 6, { at: 11, hash: 8 }], // where something else is
      [2, "exec", 1, 7, { at: 11, hash: 2 }],
    ]);
    const { modules } = await audit([events], known, { costs: round });
    expect(modules.map(({ binaries }) => binaries)).toEqual([[0], [2]]);
  });

  it("with rights of address spaces each space faults, but a page is hashed once", async () => {
    const rows: Row[] = [
      [0, "exec", 1, 7, { at: 100, hash: 2 }], // hashed: the old version
      [1, "exec", 2, 7, { at: 300, hash: 2 }], // another space: exit and look-up
      [2, "exec", 1, 7, { at: 100, hash: 2 }], // nothing
      [3, "write", 2, 7], // a fault, and nobody may execute it
      [4, "exec", 1, 7, { at: 100, hash: 3 }], // hashed: the new version's page, of no module before
      [10, "exec", 2, 7, { at: 300, hash: 3 }], // exit and look-up
    ];
    const { row, modules } = await audit([batch(rows)], database(library), { costs: round, rights: "space" });
    expect(row).toMatchObject({ execFaults: 2, sharedFaults: 2, writeFaults: 1 });
    expect(row.auditS).toBeCloseTo((2 * 11.5 + 2 * 1.5 + 1) * 1e-6, 12);
    expect(modules.map(({ space, binaries }) => [space, ...binaries])).toEqual([
      [1, 0],
      [2, 0],
      [1, 1],
      [2, 1],
    ]);
    const page = await audit([batch(rows)], database(library), { costs: round, rights: "page" });
    expect(page.row).toMatchObject({ execFaults: 2, sharedFaults: 0, modules: 2 });
  });

  it("a page of both versions leaves two candidates, the next one decides", async () => {
    const events = batch([
      [0, "exec", 1, 5, { at: 10, hash: 1, file: 0 }],
      [7, "exec", 1, 6, { at: 11, hash: 2, file: 0 }],
      [9, "exec", 1, 6, { at: 11, hash: 2, file: 0 }],
    ]);
    const known = database(library);
    const { modules, row, series } = await audit([events], known, { costs: round, record: ["findings"] });
    expect(modules).toHaveLength(1);
    expect(modules[0]).toMatchObject({ binaries: [0], bases: [10], pages: 2, identifiedNs: 7000, unpatchedNs: 7000 });
    expect(row).toMatchObject({ identified: 1, unpatched: 1, ambiguous: 0 });
    expect(series.findings?.get(0)?.toJSON()).toMatchObject({ verdict: "unpatched", version: "1", pages: 2 });
    const truth = await groundTruth([events], known);
    // It ran from 0 on and was reported at 7 µs.
    expect(score(modules, truth, known)).toEqual({
      ...{ truePositives: 1, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 },
      meanLatencyMs: 0.007,
      longestLatencyMs: 0.007,
    });
  });

  it("a page that only some candidates cover narrows nothing", async () => {
    // Page 1 is the end of `long` and the beginning of `short`; page 5 before it is only long's.
    const known = database([
      version("long", "new", [5n, 6n, 1n]),
      version("short", "old", [1n, 7n]),
      version("other", "new", [5n]),
    ]);
    const { modules } = await audit(
      [
        batch([
          [0, "exec", 1, 1, { at: 12, hash: 1 }], // long at 10, or short at 12
          [1, "exec", 1, 2, { at: 10, hash: 5 }], // long at 10, or other at 10: a module of its own
          [2, "exec", 1, 3, { at: 13, hash: 7 }], // short at 12: long ends at 12, so another one
        ]),
      ],
      known,
      { costs: round },
    );
    expect(modules.map(({ binaries }) => binaries)).toEqual([[0, 1], [0, 2], [1]]);
    expect(modules.map(({ binaries }) => verdictOf(binaries, known))).toEqual(["ambiguous", "up to date", "unpatched"]);
  });

  it("a version without new code is up to date, and one binary with the newer one", () => {
    const { binaries } = database([version("same", "old", [1n]), version("same", "new", [1n]), ...library]);
    expect(binaries.map(({ file, version: of, outdated }) => [file, of, outdated])).toEqual([
      ["same", "2", false],
      ["lib", "1", true],
      ["lib", "2", false],
    ]);
  });

  it("who reads an outdated script: the interpreter is reported, cp is not, a copy only when copies are followed", async () => {
    const known = database([version("python", "new", [1n]), version("cp", "new", [2n])], {
      files: [{ package: "demo", version: "1", file: "demo.py", outdated: true, consumers: ["python"] }],
    });
    const events = [
      batch([
        [0, "load", 0, 50, { file: 0 }], // the script comes into page 50
        [1, "exec", 1, 1, { hash: 2 }], // cp
        [2, "read", 1, 50, { to: 60 }], // cp reads it, into page 60
        [3, "read", 2, 60, { to: 70 }], // another process reads the copy,
        [4, "exec", 2, 2, { hash: 1 }], // which turns out to be python
        [5, "exec", 3, 3, { hash: 1 }], // python, of another process,
        [6, "load", 0, 50], // while the page is used for something else
        [10, "read", 3, 50],
      ]),
    ];
    const direct = await audit(events, known, { costs: round, flow: { copies: 0 }, record: ["uses"] });
    expect(direct.uses).toMatchObject([{ space: 1, file: 0, reads: 1, vulnerable: false }]);
    // Exec: 3 (1 + 10 + 0.5)... the third hash is of another page; loads 2 (10 + 0.5), one read 1.5.
    expect(direct.row).toMatchObject({ execFaults: 3, loads: 2, flowReads: 1, vulnerableUses: 0 });
    expect(direct.row.auditS).toBeCloseTo((3 * 11.5 + 2 * 10.5 + 1.5) * 1e-6, 12);
    expect(direct.series.uses?.numRows).toBe(1);
    const copies = await audit(events, known, { costs: round, flow: { copies: 1 } });
    expect(copies.uses).toMatchObject([
      { space: 1, copies: 0, vulnerable: false },
      { space: 2, copies: 1, vulnerable: true, firstNs: 3000 },
    ]);
    expect((await audit(events, known, { costs: round })).row).toMatchObject({ loads: 0, flowReads: 0 });
  });
});
