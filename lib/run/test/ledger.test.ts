import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deal } from "../slurm/deal.ts";
import { openLedger } from "../slurm/ledger.ts";

const outcome = (index: number) => ({ index, seconds: 2, isCold: false });

describe("the ledger of a sweep", () => {
  it("runs a lost point again until its retries are used up, and blames what the task was at", () => {
    const ledger = openLedger([0, 1, 2, 3], { cpus: 1, retries: 1 });
    ledger.submitted("0-0", [0, 1, 2, 3]);
    ledger.began("0-0");
    ledger.finished("0-0", outcome(0));
    expect(ledger.due()).toEqual([]);
    // It was at point 1: 2 and 3 have not begun.
    expect(ledger.ended("0-0", "TIMEOUT")).toEqual([]);
    expect(ledger.due()).toEqual([1, 2, 3]);
    ledger.submitted("1-0", [1, 2, 3]);
    ledger.began("1-0");
    expect(ledger.ended("1-0", "OUT_OF_MEMORY")).toEqual([
      { index: 1, sentence: "expected a task that ends the point, lost 2; the last one: OUT_OF_MEMORY" },
    ]);
    expect(ledger.due()).toEqual([2, 3]);
  });

  it("ends the sweep where tasks keep ending before their first point", () => {
    const ledger = openLedger([0], { cpus: 1, retries: 2 });
    for (const name of ["0-0", "1-0"]) {
      ledger.submitted(name, [0]);
      expect(ledger.ended(name, "NODE_FAIL")).toEqual([]);
    }
    ledger.submitted("2-0", [0]);
    expect(() => ledger.ended("2-0", "NODE_FAIL")).toThrow(
      "slurm: expected tasks that begin, got 3 that did not; the last one: NODE_FAIL",
    );
  });

  it("takes the first outcome of a point alone, and counts no loss of an earlier coordinator's tasks", () => {
    const ledger = openLedger([0, 1], { cpus: 1, retries: 0 });
    ledger.submitted("0-0", [0, 1], false);
    expect(ledger.due()).toEqual([0, 1]);
    ledger.submitted("1-0", [0, 1]);
    expect(ledger.finished("0-0", outcome(0))).toBe(true);
    expect(ledger.finished("1-0", outcome(0))).toBe(false);
    expect([...ledger.open]).toEqual([1]);
  });

  it("gives a silent task's points once, and not those of one that waits", () => {
    const ledger = openLedger([0, 1, 2], { cpus: 1, retries: 0 });
    ledger.submitted("0-0", [0, 1]);
    ledger.submitted("0-1", [2]);
    ledger.began("0-0");
    for (let look = 0; look < 3; look += 1) ledger.looked();
    expect(ledger.silentLooks()).toBe(3);
    expect(ledger.stragglers(3)).toEqual([]);
    expect(ledger.stragglers(2)).toEqual([0, 1]);
    expect(ledger.stragglers(2)).toEqual([]);
    ledger.finished("0-0", outcome(0));
    expect(ledger.silentLooks()).toBe(0);
  });

  it("measures a point without the start of its thread, where there is another one", () => {
    const ledger = openLedger([0, 1, 2], { cpus: 1, retries: 0 });
    ledger.submitted("0-0", [0, 1, 2]);
    expect(ledger.pointS()).toBeUndefined();
    ledger.finished("0-0", { index: 0, seconds: 3, isCold: true });
    expect(ledger.pointS()).toBe(3);
    ledger.began("0-0");
    expect(ledger.pointS()).toBeUndefined();
    ledger.finished("0-0", { index: 1, seconds: 1, isCold: false });
    ledger.finished("0-0", { index: 2, seconds: 2, isCold: false });
    expect(ledger.pointS()).toBe(1.5);
  });

  it("never loses a point, whatever becomes of its tasks", () => {
    const fate = fc.constantFrom("done", "lost", "silent");
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fate),
        (count, cpus, fates) => {
          const ledger = openLedger(
            Array.from({ length: count }, (_, index) => index),
            { cpus, retries: 1 },
          );
          const ended: number[] = [];
          const waiting = fates.values();
          for (let submission = 0; ledger.open.size > 0; submission += 1) {
            for (const [place, points] of deal(ledger.due(), { ...DEAL, cpus, pointS: 10 }).entries()) {
              const name = `${submission}-${place}`;
              ledger.submitted(name, points);
              ledger.began(name);
              for (const index of points) {
                const next = waiting.next().value ?? "done";
                if (next === "done" && ledger.finished(name, outcome(index))) ended.push(index);
                if (next === "lost") break;
              }
              ended.push(...ledger.ended(name, "FAILED").map(({ index }) => index));
            }
          }
          expect(ended.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
        },
      ),
    );
  });
});

const DEAL = { cpus: 1, taskS: 30, pointS: undefined, silentS: 0, isIdle: true };

describe("the dealing of points into tasks", () => {
  const points = Array.from({ length: 100 }, (_, index) => index);
  const sizes = (options: object): number[] => deal(points, { ...DEAL, ...options }).map(({ length }) => length);

  it("fills a task's time", () => {
    // 30 s of points of 1 s.
    expect(sizes({ pointS: 1 })).toEqual([30, 30, 30, 10]);
    // Two at a time: twice as many.
    expect(sizes({ pointS: 1, cpus: 2 })).toEqual([60, 40]);
    // A point longer than a task is to be: one for each of its processors.
    expect(sizes({ pointS: 100, cpus: 3 })).toEqual([...Array.from({ length: 33 }, () => 3), 1]);
    expect(sizes({ pointS: 1e-9 })).toEqual([100]);
    expect(sizes({ pointS: 1, pointsPerTask: 50 })).toEqual([50, 50]);
  });

  it("lets a few tasks measure what nobody knows, and does not wait for long", () => {
    expect(sizes({})).toEqual([2, 2, 2, 2]);
    expect(sizes({ isIdle: false, silentS: 29 })).toEqual([]);
    expect(sizes({ isIdle: false, silentS: 30, cpus: 2 })).toEqual(Array.from({ length: 50 }, () => 2));
  });
});
