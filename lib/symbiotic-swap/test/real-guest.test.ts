import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { toRows } from "../../core/table.ts";
import { cachedDisk, clock, costs2011, exactLru, swap, sweeper, twoLists } from "../index.ts";

// What Linux counted of itself while it swapped in QEMU. The simulator gets the program's references and the frames that the program was seen to
// have; nothing is fitted.
describe("a real guest that swaps", async () => {
  const rows = toRows(await open("guest/swap-counts"));
  const runs = (["sweep", "random"] as const).flatMap((pattern) =>
    (["read", "write"] as const).map((kind) => ({ pattern, kind })),
  );
  const policies = [exactLru(), clock(), twoLists()];

  it.each(runs.flatMap((run) => policies.map((reclaim) => ({ ...run, reclaim }))))(
    "reads and writes as many pages as $reclaim.label, $pattern $kind",
    async ({ pattern, kind, reclaim }) => {
      const later = rows.filter(
        (row) => row["pattern"] === pattern && row["kind"] === kind && Number(row["round"]) > 0,
      );
      const sum = (name: string): number => later.reduce((total, row) => total + Number(row[name]), 0);
      const rounds = later.length;
      const pages = Number(later[0]!["pages"]);
      const frames = Math.round(sum("residentPages") / rounds);
      const run = (count: number) =>
        swap(sweeper({ pattern, kind, pages, rounds: count, seed: 1 }), {
          ...{ frames, slots: 3 * pages + 255, mechanism: cachedDisk({ cachePages: 0 }), reclaim, costs: costs2011 },
        });
      const [whole, setUp] = [await run(rounds), await run(0)];
      // 5 % of Linux's count: it reclaims 32 pages at a time, and the program has some pages of its own.
      for (const name of ["pagesIn", "pagesOut"] as const)
        expect(Math.abs((whole[name] - setUp[name]) / sum(name) - 1)).toBeLessThan(0.05);
    },
  );
});
