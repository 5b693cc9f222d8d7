import { describe, expect, it } from "vitest";

import { filesToRunAgain, withSecondRun, type FileOutcome } from "./outcome.mjs";

const file = (name: string, passed: number, failures: readonly string[] = [], skipped = 0): FileOutcome => ({
  ...{ file: name, passed, failures, skipped },
  failed: failures.filter((failure) => failure.includes(" > ")).length,
});
const outcome = (...files: FileOutcome[]) => ({ files, outside: [] });

describe("files that failed", () => {
  const read = (name: string): string => (name === "p" ? 'import fc from "fast-check";' : "");
  const again = (given: Parameters<typeof filesToRunAgain>[0]): string[] => filesToRunAgain(given, read);

  it("are run once more where they are a few, without properties, and nothing else went wrong", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => file(name, 1, ["no"]));
    expect(again(outcome(file("x", 3), a!, b!, c!))).toEqual(["a", "b", "c"]);
    expect(again(outcome(a!, b!, c!, d!))).toEqual([]);
    expect(again(outcome(a!, file("p", 1, ["no"])))).toEqual([]);
    expect(again(outcome(a!, file("p", 1)))).toEqual(["a"]);
    expect(again({ ...outcome(a!), outside: ["an unhandled rejection"] })).toEqual([]);
  });

  it("count as they did the second time, where all of them passed then", () => {
    const first = outcome(file("x", 3), file("a", 1, ["a > b: no"]), file("h", 0, ["h: hook"]));
    expect(withSecondRun(first, outcome(file("a", 2), file("h", 40)))).toEqual({
      outcome: outcome(file("x", 3), file("a", 2), file("h", 40)),
      unsteady: ["a > b: no", "h: hook"],
    });
    expect(withSecondRun(first, outcome(file("a", 1, ["a > b: no"]), file("h", 40)))).toBeUndefined();
    expect(withSecondRun(first, outcome(file("a", 1, [], 1), file("h", 40)))).toBeUndefined();
    expect(withSecondRun(first, outcome(file("a", 2), file("h", 10, [], 30)))).toBeUndefined();
    expect(withSecondRun(first, outcome(file("a", 2)))).toBeUndefined();
    expect(withSecondRun(first, { ...outcome(file("a", 2), file("h", 40)), outside: ["no"] })).toBeUndefined();
  });
});
