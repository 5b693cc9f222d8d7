import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { run } from "../index.ts";
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
