import { describe, expect, it } from "vitest";
import { encodeOutcome } from "../encode-outcome.ts";
import { jobName, openOutcomes } from "../redis/outcomes.ts";
import { stragglers } from "../redis/stragglers.ts";

describe("stragglers of a queue", () => {
  const done = [
    { id: "a", processedOn: 0, finishedOn: 1000 },
    { id: "b", processedOn: 500, finishedOn: 3500 },
  ];
  const at = { lostAfterS: 4, nowMs: 20_000 };

  it("run for five times as long as the others took, 2 s in the mean", () => {
    const running = [
      { id: "c", processedOn: 9999 },
      { id: "d", processedOn: 10_000 },
    ];
    expect(stragglers(done, running, at)).toEqual(["c"]);
    expect(stragglers(done, running, { ...at, lostAfterS: 30 })).toEqual([]);
  });

  it("are none while a job waits, or before one is done", () => {
    expect(stragglers(done, [{ id: "c", processedOn: 0 }, { id: "d" }], at)).toEqual([]);
    expect(stragglers([], [{ id: "c", processedOn: 0 }], at)).toEqual([]);
  });
});

describe("the outcomes of a queue", () => {
  it("are told once, also of a point with two copies, and are an error only where both are lost", () => {
    const told: unknown[] = [];
    let ends = 0;
    const points = [0, 12].map((index) => ({ index, name: "" }));
    const outcomes = openOutcomes(
      points,
      (index, outcome) => told.push([index, outcome]),
      () => (ends += 1),
    );
    expect(outcomes.doubled(12)).toBe(true);
    expect(outcomes.doubled(12)).toBe(false);
    outcomes.failed(jobName(12, 1), "stalled");
    expect(told).toEqual([]);
    outcomes.completed(jobName(0, 1), encodeOutcome({ value: NaN }));
    outcomes.completed(jobName(0, 1), encodeOutcome({ value: 1 }));
    expect(outcomes.doubled(0)).toBe(false);
    expect(ends).toBe(0);
    outcomes.failed(jobName(12, 2), "stalled");
    const message = "redis: expected a worker that ends the point, got: stalled";
    expect(told).toEqual([
      [0, { value: NaN }],
      [12, { error: { name: "SimulationError", message, stack: "" } }],
    ]);
    expect(ends).toBe(1);
  });
});
