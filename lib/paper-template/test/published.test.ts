import { expect, it } from "vitest";
import { publishedNumbers } from "../index.ts";

it("the published numbers have a unit and a source, and are empty where none is known", async () => {
  const numbers = await publishedNumbers();
  expect(numbers.map(({ quantity }) => quantity)).toContain("mean wait of an exit");
  for (const { value, source } of numbers) {
    if (value === null) expect(source).toContain("not available");
    else expect(source).toMatch(/\[paper|\[abstract|\[found/);
  }
});
