import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { serveNewFolder, type Served } from "./served.ts";

let served: Served;
beforeEach(async () => {
  served = await serveNewFolder();
  await mkdir(join(served.root, "d"));
  await writeFile(join(served.root, "d", "n.ipynb"), '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}');
  await writeFile(join(served.root, "x.txt"), "x");
  await symlink("/etc", join(served.root, "out"));
  await writeFile(join(served.base, "canary"), "canary");
});
afterEach(() => served.close());

const method = fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE");
const path = fc.constantFrom(
  "/api/contents",
  "/api/contents/",
  "/api/contents/d",
  "/api/contents/d/n.ipynb",
  "/api/contents/d/n.ipynb/checkpoints",
  "/api/contents/d/n.ipynb/checkpoints/checkpoint",
  "/api/contents/d/n.ipynb/trust",
  "/api/contents/x.txt",
  "/api/contents/new.ipynb",
  "/api/contents/out/passwd",
  "/files/x.txt",
  "/files/d",
  "/api/nbconvert",
  "/nbconvert/html/d/n.ipynb",
  "/nbconvert/script/x.txt",
);
const word = fc.constantFrom(
  "type",
  "format",
  "content",
  "hash",
  "path",
  "chunk",
  "ext",
  "copy_from",
  "name",
  "download",
  "__proto__",
  "metadata",
);
const text = fc.oneof(
  fc.constantFrom(
    "notebook",
    "file",
    "directory",
    "text",
    "base64",
    "json",
    "0",
    "1",
    "-1",
    "x.txt",
    "d",
    "d/n.ipynb",
    "../canary",
    ".x",
    "out/x",
    "YWJj",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const query = fc.array(fc.tuple(word, text), { maxLength: 4 }).map((pairs) => new URLSearchParams(pairs).toString());

describe("no request makes the server err", () => {
  const check = async (
    asked: string,
    target: string,
    body: Buffer | undefined,
    headers: Record<string, string> = {},
  ): Promise<void> => {
    const { status, json, bytes } = await served.ask(asked, target, {
      ...(body === undefined ? {} : { body }),
      headers,
    });
    expect(status, `${asked} ${target} ${body?.toString() ?? ""}: ${served.log.join("\n")}`).toBeLessThan(500);
    expect(served.log).toEqual([]);
    if (status < 400 || asked === "HEAD") return;
    expect((json as { message: string }).message, bytes.toString()).toMatch(/\S/u);
    expect((json as { message: string }).message).not.toContain(served.base);
    expect((json as { message: string }).message.includes("\n")).toBe(false);
  };

  it("of random bytes", async () => {
    await fc.assert(
      fc.asyncProperty(method, path, query, fc.uint8Array({ maxLength: 60 }), (asked, target, search, body) =>
        check(asked, `${target}?${search}`, Buffer.from(body)),
      ),
      { numRuns: 500 },
    );
    expect(await readFile(join(served.base, "canary"), "utf8")).toBe("canary");
  }, 120_000);

  it("of any JSON", async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, fc.integer());
    const body = fc.oneof(fc.dictionary(word, value, { maxKeys: 5 }), value);
    await fc.assert(
      fc.asyncProperty(method, path, query, body, (asked, target, search, sent) =>
        check(asked, `${target}?${search}`, Buffer.from(JSON.stringify(sent))),
      ),
      { numRuns: 800 },
    );
    expect(await readFile(join(served.base, "canary"), "utf8")).toBe("canary");
  }, 120_000);

  it("of notebooks that are almost notebooks", async () => {
    const nearly = <T>(likely: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
      fc.oneof({ weight: 6, arbitrary: likely }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });
    const lines = fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 }));
    const output = nearly(
      fc.record(
        {
          output_type: nearly(fc.constantFrom("stream", "display_data", "execute_result", "error")),
          data: nearly(fc.dictionary(fc.constantFrom("text/plain", "text/html", "application/json"), nearly(lines))),
          metadata: nearly(fc.constant({})),
          text: nearly(lines),
          name: nearly(fc.constant("stdout")),
          traceback: nearly(fc.array(fc.string())),
        },
        { requiredKeys: ["output_type"] },
      ),
    );
    const cell = nearly(
      fc.record(
        {
          cell_type: nearly(fc.constantFrom("code", "markdown", "raw")),
          id: nearly(fc.constantFrom("a", "b", "not an id")),
          metadata: nearly(fc.constantFrom({}, { trusted: true }, { trusted: "x" })),
          source: nearly(lines),
          outputs: nearly(fc.array(output, { maxLength: 2 })),
          attachments: nearly(fc.constant({ a: { "image/png": "x" } })),
        },
        { requiredKeys: ["cell_type"] },
      ),
    );
    const notebook = nearly(
      fc.record(
        {
          cells: nearly(fc.array(cell, { maxLength: 3 })),
          metadata: nearly(fc.constant({})),
          nbformat: nearly(fc.constant(4)),
          nbformat_minor: nearly(fc.constantFrom(0, 4, 5)),
        },
        { requiredKeys: [] },
      ),
    );
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(notebook, async (content) => {
        await check("PUT", "/api/contents/d/n.ipynb", Buffer.from(JSON.stringify({ type: "notebook", content })));
        // What was taken is a notebook, and stays one; in the file as in the answer.
        await check("GET", "/api/contents/d/n.ipynb", undefined);
        const { status, json } = await served.ask("GET", "/api/contents/d/n.ipynb");
        expect(status).toBe(200);
        const read = (json as { content: unknown }).content;
        const again = await served.ask("PUT", "/api/contents/copy.ipynb", {
          body: { type: "notebook", content: read },
        });
        expect(again.status).toBeLessThan(300);
        expect(await readFile(join(served.root, "copy.ipynb"), "utf8")).toBe(
          (await served.ask("GET", "/nbconvert/notebook/d/n.ipynb")).bytes.toString(),
        );
        await check("GET", "/nbconvert/html/d/n.ipynb", undefined);
        saved += 1;
      }),
      { numRuns: 120 },
    );
    expect(saved).toBeGreaterThan(0);
  }, 120_000);

  it("of any file", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.string({ unit: "binary" }).map((json) => Buffer.from(json)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, query, fc.constantFrom("f.ipynb", "f.txt", "f"), async (content, search, name) => {
        await writeFile(join(served.root, name), content);
        await check("GET", `/api/contents/${name}?${search}`, undefined);
        await check("GET", `/nbconvert/html/${name}?${search}`, undefined);
        const whole = await served.ask("GET", `/files/${name}`);
        expect(whole.bytes).toEqual(Buffer.from(content));
        const model = (await served.ask("GET", `/api/contents/${name}?type=file`)).json as {
          content: string;
          format: "text" | "base64";
        };
        expect(Buffer.from(model.content, model.format === "text" ? "utf8" : "base64")).toEqual(Buffer.from(content));
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it("of any header", async () => {
    const header = fc.string({ maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(header, header, header, (range, etag, since) =>
        check("GET", "/files/x.txt", undefined, {
          range: `bytes=${range}`,
          "if-none-match": etag,
          "if-range": etag,
          "if-modified-since": since,
        }),
      ),
      { numRuns: 200 },
    );
  }, 120_000);
});
