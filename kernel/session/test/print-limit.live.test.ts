import { expect, it } from "vitest";
import { PrintLimit, printVariable } from "../print-limit.ts";
import { startKernel } from "./live-kernel.ts";

it("a cell that prints a gigabyte ends with what may pass, and is told of the rest", { timeout: 240_000 }, async () => {
  const kernel = await startKernel();
  const run = await kernel.execute(
    "const line = 'x'.repeat(999_999); for (let n = 0; n < 1000; n++) console.log(line);",
  );
  const next = await kernel.execute("console.log('next')");
  await kernel.stop();
  expect(run.reply).toMatchObject({ status: "ok" });
  expect(run.text().length).toBe(128_000_000);
  expect(run.text("stderr")).toMatch(
    /^\nveelab: a cell may print 128 million characters;.*\nveelab: about 872 million characters were left out\n$/,
  );
  expect([next.text(), next.text("stderr")]).toEqual(["next\n", ""]);
});

it("the limit is the environment's, and also one of changes between the streams", async () => {
  const kernel = await startKernel(undefined, { [printVariable]: "1" });
  const cut = await kernel.execute("for (let n = 0; n < 1_500_000; n++) process.stdout.write('é');");
  const turns = await kernel.execute("for (let n = 0; n < 10_000; n++) { console.log(1); console.error(2); }");
  await kernel.stop();
  expect(cut.text()).toBe("é".repeat(1_000_000));
  expect(turns.outputs.filter(({ type }) => type === "stream").length).toBeLessThan(1_000_000 / 256 + 10);
  expect(turns.text("stderr")).toContain("veelab: about 5 million characters were left out\n");
});

it("0 is no limit, and what is no number is none of the environment's", () => {
  const passing = (given: string): number =>
    new PrintLimit({ [printVariable]: given }).take({ amount: 0, last: "stdout" }, "stdout", 1e9);
  expect(["0", "2.5", "many", "-1"].map(passing)).toEqual([1e9, 2.5e6, 128e6, 128e6]);
});
