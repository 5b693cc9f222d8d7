import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { JsonObject } from "../../../protocol/json.ts";
import type { Notebook } from "../../../run/notebook.ts";
import { createContents, type Contents } from "../contents.ts";
import { createSignatures } from "../signatures.ts";

let base: string;
let contents: Contents;
const start = (data = "data"): Contents => createContents({ root: join(base, "root"), dataFolder: join(base, data) });

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "veelab-trust-"));
  await mkdir(join(base, "root"));
  contents = start();
});
afterEach(() => rm(base, { recursive: true }));

const html = { output_type: "display_data", data: { "text/html": "<script>alert(1)</script>" }, metadata: {} };
const printed = { output_type: "stream", name: "stdout", text: "1" };
const cell = (outputs: readonly JsonObject[], metadata: JsonObject = {}): JsonObject => ({
  cell_type: "code",
  id: "a",
  metadata,
  source: "f()",
  execution_count: 1,
  outputs,
});
const notebook = (...cells: readonly JsonObject[]): JsonObject => ({
  cells,
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const save = (content: JsonObject): Promise<unknown> => contents.save("n.ipynb", { type: "notebook", content });
/** What the cells of the notebook say of themselves when it is opened. */
const trusted = async (of = contents, path = "n.ipynb"): Promise<unknown[]> => {
  const { content } = await of.get(path);
  return (content as Notebook).cells.map(({ metadata }) => metadata["trusted"]);
};

describe("a notebook", () => {
  it("is trusted when the page vouches for all its outputs", async () => {
    await save(notebook(cell([html], { trusted: true }), cell([printed])));
    expect(await trusted()).toEqual([true, true]);
  });

  it.each([
    ["says nothing of", {}],
    ["distrusts", { trusted: false }],
    ["says other than true of", { trusted: "yes" }],
  ])("is not trusted when the page %s an output that could run a script", async (_, metadata) => {
    await save(notebook(cell([printed], { trusted: true }), cell([html], metadata)));
    expect(await trusted()).toEqual([false, false]);
  });

  it("is trusted where it shows nothing but text, or nothing", async () => {
    const error = { output_type: "error", ename: "E", evalue: "", traceback: [] };
    await save(notebook(cell([printed, error], { trusted: false }), cell([])));
    expect(await trusted()).toEqual([true, true]);
    await contents.untitled("", { type: "notebook" });
    expect(await trusted(contents, "Untitled.ipynb")).toEqual([]);
  });

  it("never carries its trust in its file", async () => {
    await save(notebook(cell([html], { trusted: true, tags: ["a"] })));
    const text = await readFile(join(base, "root", "n.ipynb"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ cells: [{ metadata: { tags: ["a"] } }] });
    expect(text).not.toContain("trusted");
    await writeFile(join(base, "root", "n.ipynb"), JSON.stringify(notebook(cell([html], { trusted: true }))));
    await rm(join(base, "data"), { recursive: true });
    expect(await trusted(start())).toEqual([false]);
  });

  it("from a stranger is trusted when the user says so, as it is then", async () => {
    const file = join(base, "root", "n.ipynb");
    await writeFile(file, JSON.stringify(notebook(cell([html]))));
    expect(await trusted()).toEqual([false]);
    await contents.trust("n.ipynb");
    expect(await trusted()).toEqual([true]);
    await writeFile(
      file,
      JSON.stringify(notebook(cell([{ ...html, data: { "text/html": "<script>alert(2)</script>" } }]))),
    );
    expect(await trusted()).toEqual([false]);
  });

  it("is the same however its file is laid out", async () => {
    await save(notebook(cell([html], { trusted: true })));
    const file = join(base, "root", "n.ipynb");
    await writeFile(file, JSON.stringify(JSON.parse(await readFile(file, "utf8")) as JsonObject));
    expect(await trusted()).toEqual([true]);
  });

  it("keeps its trust when it is copied, renamed, and had back from its checkpoint", async () => {
    await save(notebook(cell([html], { trusted: true })));
    await contents.checkpoints.create("n.ipynb");
    await contents.copy("n.ipynb", "");
    await contents.rename("n.ipynb", "m.ipynb");
    expect(await trusted(contents, "n-Copy1.ipynb")).toEqual([true]);
    await contents.save("m.ipynb", { type: "notebook", content: notebook(cell([html], { trusted: false })) });
    expect(await trusted(contents, "m.ipynb")).toEqual([true]);
    await contents.checkpoints.restore("m.ipynb", "checkpoint");
    expect(await trusted(contents, "m.ipynb")).toEqual([true]);
  });

  it("is trusted by the next server of this user, and by no other's", async () => {
    await save(notebook(cell([html], { trusted: true })));
    expect(await trusted(start())).toEqual([true]);
    expect(await trusted(start("other"))).toEqual([false]);
  });

  it("is not trusted by signatures that were made with another key", async () => {
    await save(notebook(cell([html], { trusted: true })));
    await mkdir(join(base, "stolen"));
    await writeFile(
      join(base, "stolen", "notebook-signatures"),
      await readFile(join(base, "data", "notebook-signatures")),
    );
    expect(await trusted(start("stolen"))).toEqual([false]);
  });

  it("loses its trust by any change", async () => {
    const book = notebook(cell([html], { trusted: true, a: 1 }), {
      cell_type: "markdown",
      id: "b",
      metadata: {},
      source: "text",
    });
    await save(book);
    const file = join(base, "root", "n.ipynb");
    const text = await readFile(file, "utf8");
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom("a", "1", '"', " ", "{", "\\"), async (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        await writeFile(file, changed);
        const now = await trusted().catch(() => [false]);
        const same = await contents.notebook("n.ipynb").then(
          ({ notebook: read }) => JSON.stringify(read),
          () => undefined,
        );
        await writeFile(file, text);
        const original = JSON.stringify((await contents.notebook("n.ipynb")).notebook);
        expect(now[0]).toBe(same === original);
      }),
      { numRuns: 150 },
    );
  });

  it.each(["x.txt", "d", "no.ipynb"])("is all that can be trusted: not %s", async (path) => {
    await writeFile(join(base, "root", "x.txt"), "x");
    await mkdir(join(base, "root", "d"));
    await expect(contents.trust(path)).rejects.toMatchObject({ name: "HttpError" });
  });
});

describe("signatures", () => {
  const folder = (): string => join(base, "data");
  const mode = async (file: string): Promise<number> => (await stat(join(folder(), file))).mode & 0o777;
  const sign = (n: number): string => n.toString(16).padStart(64, "0");

  it("and the key are for this user alone", async () => {
    const signatures = createSignatures(folder(), 4);
    const key = await signatures.key();
    for (let i = 0; i < 20; i += 1) await signatures.add(sign(i));
    expect([key.length, await mode("notebook-key"), await mode("notebook-signatures"), await mode(".")]).toEqual([
      32, 0o600, 0o600, 0o700,
    ]);
    await chmod(join(folder(), "notebook-key"), 0o644);
    expect(await createSignatures(folder()).key()).toEqual(key);
    expect(await mode("notebook-key")).toBe(0o600);
    expect((await readdir(folder())).sort()).toEqual(["notebook-key", "notebook-signatures"]);
  });

  it("have one key, whoever asks first", async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => createSignatures(folder()).key()));
    expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(1);
    expect(await readFile(join(folder(), "notebook-key"))).toEqual(keys[0]);
  });

  it("never have an empty key", async () => {
    await mkdir(folder());
    await writeFile(join(folder(), "notebook-key"), "");
    const key = await createSignatures(folder()).key();
    expect(key.length).toBe(32);
    expect(await createSignatures(folder()).key()).toEqual(key);
  });

  it("are a bounded number: the ones that were not met for the longest time go", async () => {
    const signatures = createSignatures(folder(), 5);
    for (let i = 0; i < 9; i += 1) await signatures.add(sign(i));
    expect(await signatures.has(sign(0))).toBe(true);
    await signatures.add(sign(9));
    const again = createSignatures(folder(), 5);
    const kept = [];
    for (let i = 0; i < 10; i += 1) if (await again.has(sign(i))) kept.push(i);
    expect(kept).toEqual([0, 6, 7, 8, 9]);
    expect((await readFile(join(folder(), "notebook-signatures"), "utf8")).split("\n")).toHaveLength(6);
  });

  it("of two servers are known to both", async () => {
    const [one, two] = [createSignatures(folder()), createSignatures(folder())];
    await one.add(sign(1));
    await two.add(sign(2));
    expect([await one.has(sign(2)), await two.has(sign(1)), await one.has(sign(3))]).toEqual([true, true, false]);
    await two.add(sign(3));
    expect([await one.has(sign(3)), await one.has(sign(4))]).toEqual([true, false]);
  });

  it("outlive what a crash left of a line, and anything else in their file", async () => {
    await mkdir(folder());
    await writeFile(join(folder(), "notebook-signatures"), `${sign(1)}\nrubbish\n\0\n${sign(2).slice(0, 30)}`);
    const signatures = createSignatures(folder());
    await signatures.add(sign(3));
    const again = createSignatures(folder());
    expect([await again.has(sign(1)), await again.has(sign(2)), await again.has(sign(3))]).toEqual([true, false, true]);
  });

  it("last as long as the server where their folder is none", async () => {
    await writeFile(folder(), "a file");
    const signatures = createSignatures(folder());
    await signatures.add(sign(1));
    expect([await signatures.has(sign(1)), (await signatures.key()).length]).toEqual([true, 32]);
    expect(await signatures.key()).toEqual(await signatures.key());
  });
});
