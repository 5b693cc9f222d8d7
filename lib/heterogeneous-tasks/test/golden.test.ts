import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { platform2011, platformToday, run, simulate } from "../index.ts";
import { programs } from "./programs.ts";

const golden = JSON.parse(readFileSync(new URL("golden/programs.json", import.meta.url), "utf8")) as Readonly<
  Record<string, string>
>;

// A hash of the results' bits: every device has to give those of the whole numbers, and this one those of all.
it.each(programs)("%s gives the bits that it gave", (name, graph, input) => {
  const hash = createHash("sha256")
    .update(new Uint8Array(run(graph, input).buffer))
    .digest("hex");
  expect(hash).toBe(golden[name]);
});

const platforms = { 2011: platform2011, today: platformToday };

it.each(["2011", "today"] as const)("the simulator gives what it gave, with the prices of %s", (era) => {
  const platform = platforms[era];
  const rows = programs.map(([label, of]) => {
    const place = { from: 1, to: of.nodes.length - 2, device: "gpu" };
    return simulate([{ label, graph: of, places: [place] }], { platform, batch: 64, batches: 5, inFlight: 2 }).row;
  });
  expect(rows).toEqual(JSON.parse(readFileSync(new URL(`golden/simulated-${era}.json`, import.meta.url), "utf8")));
});
