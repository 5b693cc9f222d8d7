import { describe, expect, it } from "vitest";
import { clock, progressBundle, stoppedBundle, type ProgressState } from "../progress-bundle.ts";

const state: ProgressState = { done: 12, total: 40, label: "sweep", note: "ways=4", seconds: 3 };
const text = (changes: Partial<ProgressState>): unknown => progressBundle({ ...state, ...changes })["text/plain"];
const html = (changes: Partial<ProgressState>): unknown => progressBundle({ ...state, ...changes })["text/html"];

describe("a progress bar", () => {
  it("says how much is done, what comes, the time and what may be left", () => {
    expect(text({})).toBe("sweep  [######--------------]  12 of 40  0:03, about 0:07 left  ways=4");
    expect(html({})).toContain('<progress max="40" value="12"');
    expect(html({})).toContain('aria-label="sweep: 12 of 40"');
  });

  it("guesses nothing before the first step, after the last, and where the total is not known", () => {
    expect(text({ done: 0, note: "" })).toBe("sweep  [--------------------]  0 of 40  0:03");
    expect(text({ done: 40, note: "" })).toBe("sweep  [####################]  40 of 40  0:03");
    expect(text({ total: null, label: "", note: "" })).toBe("12 done  0:03");
    expect(html({ total: null })).toContain("<progress style");
    expect(text({ done: 0, total: 0, label: "", note: "" })).toBe("[--------------------]  0 of 0  0:03");
  });

  it("keeps what it is told as text, and on its line", () => {
    expect(html({ note: "<b>&", label: '"' })).toContain("&#60;b&#62;&#38;");
    expect(String(text({ note: "x".repeat(500) })).length).toBeLessThan(200);
  });

  it("rounds the count, and keeps a note of several lines on one", () => {
    expect(text({ done: 0.1 + 0.2, total: null, label: "", note: "a\n b" })).toBe("0.3 done  0:03  a b");
  });

  it("says after an interrupt how far it came, without times", () => {
    expect(stoppedBundle(state)).toEqual({ "text/plain": "sweep: stopped after 12 of 40" });
    expect(stoppedBundle({ ...state, label: "", total: null })).toEqual({ "text/plain": "stopped after 12 done" });
  });

  it.each([
    [0.9, "0:00"],
    [65, "1:05"],
    [3599, "59:59"],
    [3605, "1:00:05"],
  ])("shows %d s as %s", (seconds, shown) => {
    expect(clock(seconds)).toBe(shown);
  });
});
