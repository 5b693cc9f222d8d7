import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { readdir } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attachment } from "../attachment.ts";
import { byteRange } from "../byte-range.ts";
import { serveNewFolder, type Answer, type Served } from "./served.ts";

let served: Served;
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
beforeAll(async () => {
  served = await serveNewFolder();
  await writeFile(join(served.root, "x.bin"), bytes);
  await writeFile(join(served.root, "empty.txt"), "");
});
afterAll(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  served.ask("GET", `/files/${path}`, { headers });

describe("a file as it is", () => {
  it("comes whole, in a sandbox, with what a browser needs to keep it", async () => {
    const { status, headers, bytes: body } = await get("x.bin");
    expect([status, body.equals(bytes)]).toEqual([200, true]);
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "300000",
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox") as string,
      etag: expect.stringMatching(/^".+"$/u) as string,
    });
    expect(headers["content-security-policy"]).not.toContain("allow-same-origin");
    expect(headers["content-disposition"]).toBeUndefined();
  });

  it("comes without its bytes for HEAD, and without any where there are none", async () => {
    const head = await served.ask("HEAD", "/files/x.bin");
    expect([head.status, head.headers["content-length"], head.bytes.length]).toEqual([200, "300000", 0]);
    const empty = await get("empty.txt", { range: "bytes=0-" });
    expect([empty.status, (await get("empty.txt")).status, (await get("empty.txt")).headers["content-length"]]).toEqual(
      [416, 200, "0"],
    );
  });

  it.each([
    ["bytes=0-0", 0, 1],
    ["bytes=100-199", 100, 200],
    ["bytes=299999-", 299_999, 300_000],
    ["bytes=-5", 299_995, 300_000],
    ["bytes=-999999", 0, 300_000],
    ["bytes=299990-999999", 299_990, 300_000],
  ])("comes in part: %s", async (range, from, to) => {
    const { status, headers, bytes: body } = await get("x.bin", { range });
    expect([status, headers["content-range"], body.equals(bytes.subarray(from, to))]).toEqual([
      206,
      `bytes ${from}-${to - 1}/300000`,
      true,
    ]);
    expect(headers["content-length"]).toBe(String(to - from));
  });

  it.each(["bytes=300000-", "bytes=-0", "bytes=9999999-99999999"])("has no such part: %s", async (range) => {
    const { status, headers } = await get("x.bin", { range });
    expect([status, headers["content-range"]]).toEqual([416, "bytes */300000"]);
  });

  it.each(["bytes=0-1,5-6", "bytes=5-1", "lines=0-1", "bytes=", "bytes=-", "bytes=a-b", "x"])(
    "comes whole for %s",
    async (range) => {
      expect((await get("x.bin", { range })).status).toBe(200);
    },
  );

  it("is not sent again to who has it, and is once it has changed", async () => {
    await writeFile(join(served.root, "y.txt"), "one");
    const { etag, "last-modified": modified } = (await get("y.txt")).headers;
    const known = await get("y.txt", { "if-none-match": `"other", ${etag!}` });
    expect([known.status, known.bytes.length, known.headers.etag]).toEqual([304, 0, etag]);
    expect((await get("y.txt", { "if-modified-since": modified! })).status).toBe(304);
    expect((await get("y.txt", { "if-none-match": '"other"', "if-modified-since": modified! })).status).toBe(200);
    expect((await get("y.txt", { range: "bytes=0-0", "if-range": etag! })).status).toBe(206);
    expect((await get("y.txt", { range: "bytes=0-0", "if-range": '"other"' })).status).toBe(200);
    await utimes(join(served.root, "y.txt"), new Date(), new Date(Date.now() + 5000));
    expect((await get("y.txt", { "if-none-match": etag! })).status).toBe(200);
    expect((await get("y.txt", { "if-modified-since": modified! })).status).toBe(200);
  });

  it.each([
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.csv", "text/csv; charset=utf-8"],
    ["a.ts", "text/x-typescript; charset=utf-8"],
    ["A.PNG", "image/png"],
    ["a.html", "text/html"],
    ["a.svg", "image/svg+xml"],
    ["a.ipynb", "application/x-ipynb+json"],
    ["a.json", "application/json"],
    ["a.unknown", "application/octet-stream"],
    ["constructor", "application/octet-stream"],
  ])("has its type by its name: %s", async (name, type) => {
    await writeFile(join(served.root, name), "x");
    const { headers } = await get(name);
    expect(headers["content-type"]).toBe(type);
    expect(headers["content-disposition"] !== undefined).toBe(name.endsWith(".ipynb"));
  });

  it("is saved under its name, whatever letters that has", async () => {
    await writeFile(join(served.root, 'a "b" ü€\r\n;.txt'), "x");
    const { status, headers } = await get(`${encodeURIComponent('a "b" ü€\r\n;.txt')}?download=1`);
    expect(status).toBe(200);
    expect(headers["content-disposition"]).toBe(
      "attachment; filename=\"a _b_ ____;.txt\"; filename*=UTF-8''a%20%22b%22%20%C3%BC%E2%82%AC%0D%0A%3B.txt",
    );
  });

  it.each(["", "d", "no", "d/no", "x.bin/y"])("is nothing else: %s", async (path) => {
    await mkdir(join(served.root, "d"), { recursive: true });
    expect([400, 404]).toContain((await get(path)).status);
  });

  it("is closed when the client goes, and when it has all", async () => {
    const open = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
    await writeFile(join(served.root, "large.bin"), Buffer.alloc(64 * 1024 * 1024));
    const before = await open();
    for (let i = 0; i < 10; i += 1) {
      await new Promise<void>((resolve, reject) => {
        const asked = request(`${served.address}/files/large.bin`, { headers: { authorization: "token test" } });
        asked.on("response", (response) => {
          response.once("data", () => {
            asked.destroy();
            resolve();
          });
        });
        asked.on("error", reject);
        asked.end();
      });
      await get("x.bin");
      await get("x.bin", { range: "bytes=-0" });
      await get("x.bin", { "if-none-match": "*" });
      await served.ask("HEAD", "/files/x.bin");
    }
    await expect.poll(open, { timeout: 5000 }).toBeLessThanOrEqual(before + 1);
    // Going away is no error of the server's.
    (served.log as string[]).splice(0);
    await rm(join(served.root, "large.bin"));
  });
});

describe("byteRange", () => {
  it("is within the file, and is what was asked for", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(60), fc.nat(60), (size, from, to) => {
        const range = byteRange(`bytes=${from}-${to}`, size);
        if (to < from) expect(range).toBe("whole");
        else if (from >= size) expect(range).toBe("none");
        else expect(range).toEqual({ start: from, end: Math.min(to, size - 1) });
        const tail = byteRange(`bytes=-${to}`, size);
        if (to === 0 || size === 0) expect(tail).toBe("none");
        else expect(tail).toEqual({ start: Math.max(0, size - to), end: size - 1 });
      }),
    );
  });

  it("survives any header", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (header, size) => {
        const range = byteRange(`bytes=${header}`, size);
        if (typeof range === "object")
          expect(range.start <= range.end && range.end < size && range.start >= 0).toBe(true);
      }),
    );
  });
});

describe("attachment", () => {
  it("is a header of one line, from which the name can be had back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
        fc.pre(!/\p{Surrogate}/u.test(name));
        const header = attachment(name);
        expect(header).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w.!~%-]+$/u);
        expect(header).toMatch(/^[\x20-\x7e]*$/u);
        expect(decodeURIComponent(header.slice(header.lastIndexOf("'") + 1))).toBe(name);
      }),
    );
  });
});
