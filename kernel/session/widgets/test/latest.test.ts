import { describe, expect, it } from "vitest";
import { latest } from "../latest.ts";

describe("latest", () => {
  it("keeps of the calls that come while one goes on only the last", async () => {
    const seen: string[] = [];
    const open: (() => void)[] = [];
    const call = latest(
      (value: string, previous: string) => {
        seen.push(`${previous}>${value}`);
        return new Promise<void>((resolve) => open.push(resolve));
      },
      ([, previous], [value]) => [value, previous] as [string, string],
    );
    const first = call("a", "");
    expect(call("b", "a")).toBeUndefined();
    expect(call("c", "b")).toBeUndefined();
    expect(seen).toEqual([">a"]);
    open[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(seen).toEqual([">a", "a>c"]);
    open[1]?.();
    await first;
    void call("d", "c");
    expect(seen).toEqual([">a", "a>c", "c>d"]);
  });

  it("goes on after a call that fails, whose caller is told", async () => {
    let count = 0;
    const call = latest(
      () => {
        count += 1;
        return Promise.reject(new Error(`call ${count}`));
      },
      (waiting) => waiting,
    );
    await expect(call()).rejects.toThrow("call 1");
    await expect(call()).rejects.toThrow("call 2");
  });
});
