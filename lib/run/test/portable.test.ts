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

  it.each<[string, string, string]>([
    ["require", "model.cjs", `({ n }) => ({ x: require("./model.cjs").scale * n })`],
    ["require without its ending", "model.cjs", `({ n }) => ({ x: require("./outer").scale * n })`],
    ["a template", "model.mjs", "async ({ n }) => ({ x: (await import(`./model.mjs`)).scale * n })"],
  ])("knows what is imported by %s", async (_, file, text) => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, "outer.js"), 'exports.scale = require("./model.cjs").scale;');
      await writeFile(join(directory, "package.json"), '{ "type": "commonjs" }');
      const importing = (0, eval)(text) as () => unknown;
      const write = (scale: number): Promise<void> => {
        const head = file.endsWith(".mjs") ? "export const " : "exports.";
        return writeFile(join(directory, file), `${head}scale = ${scale};`);
      };
      await write(1);
      const { portable } = await portableRun({ n: [1] }, importing, { share: {}, seed: 0, directory });
      const bytes = toBytes(portable);
      expect(fromBytes(bytes).importsHash).toBe(portable.importsHash);
      await write(2);
      expect(() => fromBytes(bytes)).toThrow("got other texts or versions");
    });
  });

  it("are refused where it computes what it imports, by itself or in a file", async () => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, "loader.cjs"), "exports.load = (name) => require(name);");
      const bytesOf = async (text: string): Promise<Uint8Array> => {
        const importing = (0, eval)(text) as () => unknown;
        return toBytes((await portableRun({ n: [1] }, importing, { share: {}, seed: 0, directory })).portable);
      };
      await expect(bytesOf("async ({ n }) => import(`./m${n}.mjs`)")).rejects.toThrow(
        'on: expected imports whose modules are written out, as it must be known whether they are the same: import("./model.ts"), got import(`./m${n}.mjs`)',
      );
      await expect(bytesOf('() => require("./loader.cjs").load("./m.cjs")')).rejects.toThrow(
        `got require(name) in ${join(directory, "loader.cjs")}`,
      );
    });
  });
});
