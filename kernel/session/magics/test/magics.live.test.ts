import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toCodePoints } from "../../language/code-points.ts";
import { startKernel, type LiveKernel } from "../../test/live-kernel.ts";
import { magicForms } from "../names.ts";

let folder: string;
let kernel: LiveKernel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "veelab-magics-"));
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

const printed = async (code: string): Promise<string> => (await kernel.execute(code)).text();
const failure = async (code: string): Promise<unknown> => (await kernel.execute(code)).reply["evalue"];

describe("commands of the shell", () => {
  it("print as they go, and tell a status that is not 0", async () => {
    const sent = kernel.send(
      "!echo one; while [ ! -e go ]; do sleep 0.01; done; echo two >&2; exit 3\n!touch went\n6 * 7",
    );
    await sent.seen((all) => all.some(({ content }) => content["text"] === "one\n"));
    writeFileSync(join(folder, "go"), "");
    const run = await sent.ended;
    expect(run.text("stderr")).toMatch(/^two\n!echo one.*: exit status 3\n$/);
    expect([run.result(), existsSync(join(folder, "went"))]).toEqual(["42", true]);
  });

  it.each([
    ["interrupted with all that they started", "!sh -c 'echo $$; sleep 1000; true' ; true"],
    [
      "ended with all that they started, where that does not heed the interrupt",
      `!sh -c 'trap "" INT; echo $$; while :; do sleep 0.2; done'; true`,
    ],
  ])("are %s", async (_, command) => {
    const sent = kernel.send(command);
    let pid = 0;
    await sent.seen((all) => {
      pid = Number(all.find(({ type }) => type === "stream")?.content["text"]);
      return pid > 0;
    });
    await kernel.interrupt();
    expect((await sent.ended).reply["ename"]).toBe("Interrupted");
    expect(await printed(`!while kill -0 ${pid} 2>/dev/null; do sleep 0.01; done; echo gone`)).toBe("gone\n");
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });

  it("of a cell get its arguments and fail it", async () => {
    expect(await printed("%%bash a 'b'\nfor each in $1 $2; do\n  echo \"[$each]\"\ndone")).toBe("[a]\n['b']\n");
    expect(await failure("%%sh\nexit 4")).toBe("%%sh: expected exit status 0, got 4");
  });

  it("have values of the notebook, of earlier cells and of the lines above", async () => {
    writeFileSync(join(folder, "a file.txt"), "one\ntwo\n");
    await kernel.execute("const file = 'a file.txt'; const list = ['x', 'y', 3]; const deep = { a: { b: 1n } };");
    expect(await printed('!wc -l < "$file"; echo {list} {deep} {deep.a.b + 1n} {null ?? list.length}')).toBe(
      "2\nx y 3 { a: { b: 1n } } 2n 3\n",
    );
    expect(
      await printed("const here = 'above';\n!below=shell; echo {here} $below $HOME_IS_NOT_SET.\nconst below = 1;"),
    ).toBe("above shell .\n");
    expect(await printed("!list=own; echo {await Promise.resolve(list[0])} {{list}} $$list")).toBe("x {list} own\n");
    expect(await printed('%%bash {list}\necho "{list} $2"')).toBe("{list} y\n");
    expect(await printed("%env WHERE={list[1]}\n!echo $WHERE")).toBe("env: WHERE=y\ny\n");
    expect(await failure("!echo {deep.a.c.d}")).toMatch(/^Cannot read properties of undefined/);
    const wrong = await kernel.execute("1;\n!echo {deep.a.c.d}");
    expect(wrong.reply["traceback"]).toEqual(expect.arrayContaining([expect.stringContaining(":2")]));
  });

  it("leave TypeScript alone", async () => {
    await kernel.execute("let ready = true");
    expect((await kernel.execute("!ready")).result()).toBe("false");
    expect((await kernel.execute("%env\n!ready && ready")).result()).toBe("false");
  });
});

describe("magics", () => {
  it("measure", async () => {
    const timed = await kernel.execute("%time const six = await Promise.resolve(6)\nsix");
    expect(timed.text()).toMatch(/^CPU times: user \S+ \S+, sys: \S+ \S+, total: \S+ \S+\nWall time: \S+ \S+\n$/);
    expect(timed.result()).toBe("6");
    expect((await kernel.execute("%%time\nlet seven = six + 1;\nseven")).result()).toBe("7");
    expect(await printed("%timeit -n 10 -r 3 six * seven")).toMatch(
      /per loop \(mean ± std\. dev\. of 3 runs, 10 loops each/,
    );
    const counted = await kernel.execute("let often = 0;\n%timeit -n 3 -r 2 often = often + 1\noften");
    expect(counted.result()).toBe("6");
    const both = await printed("%%time\n!echo a\n%cd .");
    expect(both).toMatch(/^a\n.*\nCPU times: .*\nWall time: .*\n$/);
    expect(await printed("%%timeit -n 2 -r 1\n!echo a\noften")).toMatch(/^a\na\n\S+ .* per loop/);
    expect(await failure("%time")).toBe("expected %time STATEMENTS or %%time (above a cell), got nothing");
  });

  it("know the environment and folders", async () => {
    expect(await printed("%env MAGIC=a b\n!echo $MAGIC")).toBe("env: MAGIC=a b\na b\n");
    expect((await kernel.execute("%env MAGIC")).result()).toBe("'a b'");
    mkdirSync(join(folder, "below"));
    expect((await kernel.execute("%cd below\n%pwd")).result()).toMatch(/\/below'$/);
    await kernel.execute("%cd -");
    expect((await kernel.execute("%pwd")).result()).not.toMatch(/\/below'$/);
    expect(await failure("%cd nowhere")).toBe("%cd: expected a folder, got nowhere");
  });

  it("show forms", async () => {
    for (const [name, type] of [
      ["html", "text/html"],
      ["markdown", "text/markdown"],
      ["javascript", "text/javascript"],
      ["latex", "text/latex"],
      ["svg", "image/svg+xml"],
    ] as const) {
      const { outputs } = await kernel.execute(`%%${name}\n<b>\n%cd`);
      expect(outputs.find(({ type }) => type === "display_data")?.content["data"]).toEqual({ [type]: "<b>\n%cd" });
    }
  });

  it("write and load files", async () => {
    expect(await printed("%%writefile written.ts\nexport const w = 1;")).toBe("Wrote written.ts\n");
    await kernel.execute("%%writefile -a written.ts\nexport const v = 2;");
    expect(readFileSync(join(folder, "written.ts"), "utf8")).toBe("export const w = 1;\nexport const v = 2;\n");
    expect((await kernel.execute("import { v } from './written';\nv")).result()).toBe("2");
    const text = "// %load written.ts\nexport const w = 1;\nexport const v = 2;\n";
    expect((await kernel.execute("%load written.ts")).reply["payload"]).toEqual([
      { source: "set_next_input", text, replace: true },
    ]);
    expect(await printed('%%writefile "a b.txt"\nc')).toBe("Wrote a b.txt\n");
    expect(readFileSync(join(folder, "a b.txt"), "utf8")).toBe("c\n");
    expect((await kernel.execute("%load 'a b.txt'")).reply["payload"]).toEqual([
      { source: "set_next_input", text: "// %load 'a b.txt'\nc\n", replace: true },
    ]);
    expect(await failure("%load ~/no such file")).toBe("%load: expected a file that can be read, got ~/no such file");
    expect(await failure("%load nothing.ts")).toBe("%load: expected a file that can be read, got nothing.ts");
  });

  it("list variables", async () => {
    const other = await startKernel(folder);
    await other.execute("const text = 'a'.repeat(100);\nclass C { a = 1 }\nlet c = new C();\nfunction f(): void {}");
    await other.execute("throw new Error(); const unborn = 1;");
    const who = (await other.execute("let last = [1, 2];\n%who")).text();
    const whos = (await other.execute("%whos")).text();
    const arrays = (await other.execute("%who Array")).text();
    await other.stop();
    expect(who).toBe("C  c  f  last  text\n");
    expect(arrays).toBe("last\n");
    expect(whos.replace(/ +/g, " ").split("\n")).toEqual([
      "Variable Type Value",
      "C class [class C]",
      "c C C { a: 1 }",
      "f function [Function: f]",
      "last Array [ 1, 2 ]",
      expect.stringMatching(/^text string 'a{50,60}…$/),
      "",
    ]);
  });

  it("explain themselves", async () => {
    const list = await printed("%lsmagic");
    const help = await printed("%help");
    for (const name of Object.keys(magicForms)) {
      expect(list).toContain(`%${name}`);
      expect(help).toContain(`%${name} `);
      expect(await printed(`%${name}?`)).toMatch(new RegExp(`^%%?${name}\\b[^]*\\n\\n[A-Z][^]*\\.\\n$`));
    }
    expect(await printed("%help !")).toContain("!COMMAND");
    expect(await failure("%help me")).toBe("%help: expected the name of a magic (%lsmagic lists them), got me");
    expect(await failure("%timit 1")).toBe("%timit: expected the name of a magic (%lsmagic lists them), got timit");
    expect(await failure("%%cd\n1")).toBe("expected %cd FOLDER or %cd - or %cd, got %%cd");
  });

  it("install a package that the same cell imports", async () => {
    const source = join(folder, "source of nine");
    mkdirSync(source);
    writeFileSync(
      join(source, "package.json"),
      JSON.stringify({ name: "nine", version: "1.0.0", main: "index.js", bin: "bin.js" }),
    );
    writeFileSync(join(source, "bin.js"), "#!/usr/bin/env node\nconsole.log(process.argv.slice(2).join());\n");
    writeFileSync(join(source, "index.js"), "exports.nine = 9;\n");
    expect(await failure("import { nine } from 'nine'")).toContain('Cannot find the package "nine"');
    const run = await kernel.execute(
      "%npm install --offline --install-links './source of nine'\nimport { nine } from 'nine';\nnine",
    );
    expect([run.text("stderr"), run.result()]).toEqual(["", "9"]);
    expect(run.text()).toContain("added 1 package");
    expect(existsSync(join(folder, "node_modules/nine/index.js"))).toBe(true);
    expect(await printed("%npm exec --offline -- nine a --b")).toBe("a,--b\n");
    expect(await failure("%npm no-such-thing")).toBe("%npm: expected exit status 0, got 1");
  });
});

describe("what looks at a cell that is typed", () => {
  const ask = (type: string, content: Record<string, string | number>) =>
    kernel.client.request("shell", type, content).reply;

  it("completes the names of magics, and what is TypeScript behind them", async () => {
    const complete = async (code: string): Promise<unknown> => {
      const {
        matches,
        cursor_start: start,
        cursor_end: end,
      } = await ask("complete_request", {
        code,
        cursor_pos: toCodePoints(code, code.length),
      });
      return [(matches as string[]).slice(0, 4), start, end];
    };
    expect(await complete("%ti")).toEqual([["%time", "%timeit"], 0, 3]);
    expect(await complete("'😀';\n  %en")).toEqual([["%env"], 7, 10]);
    expect(await complete("%%ti")).toEqual([["%%time", "%%timeit"], 0, 4]);
    expect(await complete("%%ht")).toEqual([["%%html"], 0, 4]);
    expect(await complete("%cd ..\nlet abcde = 1;\n%time abcd")).toEqual([["abcde"], 28, 32]);
    expect(await complete("!echo Mat")).toEqual([[], 9, 9]);
  });

  it("explains a magic", async () => {
    const { found, data } = await ask("inspect_request", { code: "1;\n%cd x", cursor_pos: 5, detail_level: 0 });
    expect([found, (data as Record<string, string>)["text/plain"]]).toEqual([
      true,
      expect.stringContaining("%cd FOLDER"),
    ]);
  });

  it("tells whether it is whole", async () => {
    const status = async (code: string): Promise<unknown> => (await ask("is_complete_request", { code }))["status"];
    expect(await status("%cd ..\n!ls -la 'x")).toBe("complete");
    expect(await status("a.b?")).toBe("complete");
    expect(await status("%time f(")).toBe("incomplete");
    expect(await status("%%bash\necho 1")).toBe("incomplete");
    expect(await status("%%bash\necho 1\n\n")).toBe("complete");
    expect(await status("%%bash?")).toBe("complete");
    expect(await status("%cd ..\nlet 1")).toBe("invalid");
  });

  it("finds type errors in their own places, and none in magics", async () => {
    const checking = await startKernel(folder, { VEELAB_CHECK_TYPES: "report" });
    const problems = async (code: string): Promise<unknown[]> => {
      const { outputs } = await checking.execute(code);
      const type = "application/vnd.veelab.problems+json";
      return outputs
        .flatMap(({ content }) => (content["data"] as Record<string, unknown[]> | undefined)?.[type] ?? [])
        .map((problem) => {
          const { line, column, code } = problem as Record<string, number>;
          return [line, column, code];
        });
    };
    const found = [
      await problems("%cd .\n!ls\n%time let n: number = 'a'"),
      await problems("!ls -la\n%%whatever"),
      await problems("%%bash\necho 1"),
      await problems("%%time\nn.length"),
      await problems("%timeit -n 1 -r 1 n + 1"),
    ];
    await checking.stop();
    expect(found).toEqual([[[3, 11, 2322]], expect.anything(), [], [[2, 3, 2339]], []]);
  });
});
