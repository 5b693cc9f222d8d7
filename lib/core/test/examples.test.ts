import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiEntries } from "../../../docs/build/api-entries.mjs";
import { extract } from "./extract-examples.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const built = join(root, "dist/lib/core/index.js");
const entries = apiEntries.map(({ source }) => source);
const documented = extract(root, ["lib", "datasets", "kernel"], entries);
const { values } = documented;
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md"))
  .map((file) => `docs/${file.replaceAll("\\", "/")}`)
  .sort();
/** The examples of a page: each block of `ts`, and all blocks of `ts cell` together, which follow one another as a notebook's cells do. */
const pages = ["README.md", ...docs].flatMap((file) => {
  const blocks = Array.from(readFileSync(join(root, file), "utf8").matchAll(/^```ts( cell)?\n(.*?)^```/gms));
  const alone = blocks.filter(([, cell]) => cell === undefined).map(([, , code = ""]) => code);
  const cells = blocks.filter(([, cell]) => cell !== undefined).map(([, , code = ""]) => code);
  return [...alone, ...(cells.length > 0 ? [cells.join("\n")] : [])].map((code, index) => ({
    file,
    symbol: `example ${index + 1}`,
    code,
  }));
});
const examples = [...documented.examples, ...pages];

const compilerOptions: ts.CompilerOptions = {
  ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, lib: ["lib.es2023.d.ts"], types: ["node"] },
  ...{ strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true },
};

// Each example is a module of its own; what it prints is dropped, what it throws is reported under its number.
const RUNNER = `
import { writeFileSync } from "node:fs";
const [results, ...files] = process.argv.slice(2);
for (const method of ["log", "info", "warn", "error", "table"]) console[method] = () => {};
const outcomes = {};
for (const [number, file] of files.entries()) {
  outcomes[number] = "it ended the process";
  writeFileSync(results, JSON.stringify(outcomes));
  try {
    await import(file);
    outcomes[number] = "";
  } catch (error) {
    outcomes[number] = String(error?.stack ?? error);
  }
}
writeFileSync(results, JSON.stringify(outcomes));
`;

describe("the examples of the documentation", () => {
  let folder = "";
  const typeErrors = new Map<number, string>();
  let outcomes: Readonly<Record<string, string>> = {};

  beforeAll(() => {
    if (!existsSync(built))
      throw new Error("the examples import the built package, and dist is missing: npm run build");
    // Inside the package, so that "veelab" is the package itself, through its own exports.
    mkdirSync(join(root, "dist"), { recursive: true });
    folder = mkdtempSync(join(root, "dist/examples-"));
    const sources = examples.map(({ code }, number) => {
      const file = join(folder, `example-${number}.mts`);
      // An example without an import or export would not be a module.
      writeFileSync(file, `${code}\nexport {};\n`);
      return file;
    });
    const program = ts.createProgram(sources, compilerOptions);
    sources.forEach((file, number) => {
      const errors = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
      if (errors.length > 0) {
        typeErrors.set(
          number,
          errors.map((error) => ts.flattenDiagnosticMessageText(error.messageText, "\n")).join("\n"),
        );
      }
    });
    const modules = examples.map(({ code }, number) => {
      const file = join(folder, `example-${number}.mjs`);
      writeFileSync(file, ts.transpileModule(code, { compilerOptions, fileName: "example.mts" }).outputText);
      return file;
    });
    const runner = join(folder, "run.mjs");
    const results = join(folder, "results.json");
    writeFileSync(runner, RUNNER);
    const { error } = spawnSync(process.execPath, [runner, results, ...modules], {
      cwd: folder,
      timeout: 200_000,
      env: { ...process.env, VEELAB_STORE: join(folder, "store") },
    });
    if (error !== undefined) throw error;
    outcomes = ts.readConfigFile(results, (path) => ts.sys.readFile(path)).config as Readonly<Record<string, string>>;
  }, 300_000);

  afterAll(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  it.each(examples.map((example, number) => [`${example.file}: ${example.symbol}`, number] as const))(
    "%s",
    (where, number) => {
      expect(typeErrors.get(number) ?? "", `${where} does not type-check`).toBe("");
      expect(outcomes[String(number)], `${where} does not run`).toBe("");
    },
  );
});

describe("every value that a user can import has an example", () => {
  it.each(entries.filter((entry) => entry !== "kernel/index.ts"))("%s", (entry) => {
    const bare = values.filter((value) => value.entry === entry && value.examples === 0);
    expect(bare.map(({ file, symbol }) => `${file}: ${symbol}`)).toEqual([]);
  });
});
