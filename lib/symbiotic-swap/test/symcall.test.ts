import { describe, expect, it } from "vitest";
import { costs2011, costsToday, transitions, virtualCore } from "../index.ts";
import { bypassCycles, symcallCycles } from "../price.ts";

describe("a symcall", () => {
  it("is one entry and one exit more than the exit that it is made from", () => {
    const core = virtualCore(costs2011);
    core.exit(0, () => {
      expect(core.symcall(() => undefined)).toBe(true);
    });
    expect([core.entries, core.exits]).toEqual([2, 2]);
    // Two round trips and the saving of the context.
    expect(core.cycles).toBe(2 * 2000 + 2000);
  });

  it("does not nest, also not in an exit of its handler, and none is left active", () => {
    const core = virtualCore(costs2011);
    const answers: boolean[] = [];
    core.symcall(() => {
      answers.push(core.symcall(() => undefined));
      core.exit(0, () => {
        answers.push(
          core.active,
          core.symcall(() => undefined),
        );
      });
    });
    expect(answers).toEqual([false, true, false]);
    expect([core.active, core.entries, core.exits]).toEqual([false, 2, 2]);
    expect(core.symcall(() => undefined)).toBe(true);
  });

  it("is refused by a guest that takes none", () => {
    const core = virtualCore(costs2011);
    core.enabled = false;
    expect([core.symcall(() => undefined), core.cycles, core.exits]).toEqual([false, 0, 0]);
  });

  it("lets interrupts wait until it is over", () => {
    const core = virtualCore(costs2011);
    core.interrupt();
    core.symcall(() => {
      core.run(100);
      core.interrupt();
      core.run(30);
      // Entering the guest again after an exit of the handler delivers nothing either.
      core.exit(5);
      expect(core.waitedCycles).toEqual([0]);
    });
    // 30, an exit of 2005, the return of 2000.
    expect(core.waitedCycles).toEqual([0, 30 + 2005 + 2000]);
  });
});

describe("transitions", () => {
  it.each([costs2011, costsToday])("cost what a run is charged for them ($label)", (costs) => {
    const of = Object.fromEntries(transitions(costs).map(({ transition, cycles }) => [transition, cycles]));
    expect(of["bypassed fault"]).toBe(symcallCycles(costs) + bypassCycles(costs));
    expect(of["symcall"]! + costs.lookUpCycles).toBe(symcallCycles(costs));
    const exits = { ...costs, lookUpExits: 3 };
    const more = transitions(exits).find(({ transition }) => transition === "bypassed fault")!;
    expect([more.exits, more.cycles]).toEqual([5, symcallCycles(exits) + bypassCycles(exits)]);
  });
});
