import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromBytes, portableRun, toBytes } from "../portable.ts";
import { withFolder } from "./cluster-sweep.ts";

describe("a portable run as bytes", () => {
  // Made from text: the tests' own compiler would rewrite the import.
  const run = (0, eval)(`async ({ n }) => ({ x: (await import("./model.js")).scale * n })`) as () => unknown;

  it("is refused where what it imports is not what the coordinator has, and differs where that has changed", async () => {
    await withFolder(async (directory) => {
      const bytes = async (): Promise<Buffer> => {
        const { portable } = await portableRun({ n: [1] }, run, { share: {}, seed: 0, directory });
        return Buffer.from(toBytes(portable));
      };
      const model = (text: string): Promise<void> => writeFile(join(directory, "model.js"), text);
      const inner = (text: string): Promise<void> => writeFile(join(directory, "inner.js"), text);
      await model('export { scale } from "./inner.js";\n');
      await inner("export const scale = 2;\n");
      const first = await bytes();
      expect(await bytes()).toEqual(first);
      expect(fromBytes(first).imports).toEqual(["./model.js"]);
      await inner("export const scale = 3;\n");
      expect((await bytes()).equals(first)).toBe(false);
      expect(() => fromBytes(first)).toThrow(
        `worker: expected what the sweep imports (./model.js from ${directory}) as its coordinator has it, got other texts or versions`,
      );
      await inner("export const scale = 2;\n");
      expect(fromBytes(first).directory).toBe(directory);
    });
  });
});
