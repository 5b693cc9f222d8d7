import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { markdownFiles, root, tokensOf } from "./markdown-files.ts";

const cli = join(root, "dist/kernel/cli.js");
const files = ["README.md", "CONTRIBUTING.md", "lib/run/CLUSTER.md", ...markdownFiles("docs")];
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** The commands of a page: lines of its blocks of shell, and what else is set as code, each without its comment. */
function commandsOf(file: string): string[] {
  return tokensOf(join(root, file))
    .flatMap((token) => {
      if (token.type === "codespan") return [token.text as string];
      return token.type === "code" && token.lang === "sh" ? (token.text as string).split("\n") : [];
    })
    .map((line) =>
      line
        .replace(/\s+#.*$/u, "")
        .replace(/^\s*(?:npx |node dist\/kernel\/cli\.js |\$ )+/u, (start) =>
          start.includes("cli.js") ? "veelab " : start.trim() === "$" || start.trim() === "npx" ? "" : start,
        ),
    );
}

const words = (command: string): string[] => command.match(/"(?:\\.|[^"])*"|'[^']*'|\S+/gu) ?? [];

const helps = new Map<string, string>();

/** What a command says of itself; undefined where it is none. */
function help(...command: string[]): string | undefined {
  const name = command.join(" ");
  if (!helps.has(name)) {
    const { status, stdout } = spawnSync(process.execPath, [cli, ...command, "--help"], { encoding: "utf8" });
    helps.set(name, status === 0 ? stdout : "");
  }
  return helps.get(name) === "" ? undefined : helps.get(name);
}

/** What is wrong with a command of ours; undefined where it and its options are there. */
function problem(command: string): string | undefined {
  const [program, first, ...rest] = words(command);
  if (program === "npm") {
    if (first === "start" || first === "test")
      return scripts[first] === undefined ? `${command}: no script` : undefined;
    return first === "run" && scripts[rest[0] ?? ""] === undefined ? `${command}: no script` : undefined;
  }
  if (program !== "veelab" || first === undefined || /^[A-Z(…-]/u.test(first)) return undefined;
  if (help(first) === undefined) return `${command}: no command ${first}`;
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  const [sub] = own;
  const isGroup = first === "capture" && sub !== undefined && /^[a-z]/u.test(sub);
  const text = isGroup ? help(first, sub) : help(first);
  if (text === undefined) return `${command}: no command ${first} ${String(sub)}`;
  const unknown = own.filter(
    (word) => /^--?[a-z]/u.test(word) && !new RegExp(`(?<![\\w-])${word.split("=")[0]!}(?![\\w-])`, "u").test(text),
  );
  return unknown.length > 0 ? `${command}: no option ${unknown.join(", ")}` : undefined;
}

describe("the commands of the documentation", () => {
  beforeAll(() => {
    if (!existsSync(cli)) throw new Error("they are asked of the built product, and dist is missing: npm run build");
  });

  it.each(files)("%s names commands and options that are there", (file) => {
    expect(
      commandsOf(file)
        .map(problem)
        .filter((each) => each !== undefined),
    ).toEqual([]);
  });

  it("a command or an option that is not there is told", () => {
    expect(problem("veelab rum first.ipynb")).toBe("veelab rum first.ipynb: no command rum");
    expect(problem("veelab run --chek first.ipynb")).toBe("veelab run --chek first.ipynb: no option --chek");
    expect(problem("veelab capture lackey -o a.arrow --sed 1 -- ls --sed")).toContain("no option --sed");
    expect(problem("npm run reprodce")).toBe("npm run reprodce: no script");
  });
});
