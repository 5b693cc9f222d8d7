import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isName, namesIn, pathIn, splitPath } from "../api-path.ts";
import { namesLike, withoutCopyMark } from "../free-name.ts";
import { mimeTypeOf } from "../mime-types.ts";
import { isoTime } from "../model.ts";
import { refusal } from "../refusal.ts";
import { bytesSent } from "../sent-file.ts";
import { createSerial } from "../serial.ts";

describe("names", () => {
  it.each(["", ".", "..", "a/b", "a\\b", "a\0", "\ud800"])("are none: %j", (name) => {
    expect([isName(name, false), isName(name, true)]).toEqual([false, false]);
  });

  it("are hidden where they begin with a dot", () => {
    expect([isName(".a", false), isName(".a", true), isName("...", false), isName("a.", false)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it("make a path and come out of it again", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).filter((name) => !name.includes("/")),
          { minLength: 1 },
        ),
        (names) => {
          const path = names.reduce((folder, name) => pathIn(folder, name), "");
          expect(namesIn(`/${path}//`)).toEqual(names);
          expect(splitPath(path)).toEqual({ folder: names.slice(0, -1).join("/"), name: names.at(-1) });
        },
      ),
    );
  });

  const tries = (name: string, insert: string): string[] => {
    const names = namesLike(name, insert);
    return [names.next().value, names.next().value, names.next().value];
  };
  it.each([
    ["untitled.txt", "", ["untitled.txt", "untitled1.txt", "untitled2.txt"]],
    ["untitled", "", ["untitled", "untitled1", "untitled2"]],
    ["Untitled Folder", " ", ["Untitled Folder", "Untitled Folder 1", "Untitled Folder 2"]],
    ["a.tar.gz", "-Copy", ["a.tar.gz", "a-Copy1.tar.gz", "a-Copy2.tar.gz"]],
    ["v1.2.ipynb", "-Copy", ["v1.2.ipynb", "v1.2-Copy1.ipynb", "v1.2-Copy2.ipynb"]],
  ])("like %s", (name, insert, wanted) => {
    expect(tries(name, insert)).toEqual(wanted);
  });

  it("of a copy are counted from the original's", () => {
    expect(["a-Copy1.txt", "a-Copy.txt", "a.txt", "a-Copy1"].map(withoutCopyMark)).toEqual([
      "a.txt",
      "a.txt",
      "a.txt",
      "a-Copy1",
    ]);
  });
});

describe("types", () => {
  it.each([
    ["a.txt", "text/plain"],
    ["A.JPG", "image/jpeg"],
    ["a.b.csv", "text/csv"],
    ["png", null],
    [".png", null],
    ["a.", null],
    ["a.__proto__", null],
    ["a.ipynb", null],
  ])("of %s", (name, wanted) => {
    expect(mimeTypeOf(name)).toBe(wanted);
  });
});

describe("times", () => {
  it.each([
    [1_700_000_000_123_456_789n, "2023-11-14T22:13:20.123456Z"],
    [0n, "1970-01-01T00:00:00.000000Z"],
    [999n, "1970-01-01T00:00:00.000000Z"],
    [-5_000_000_000n, "1970-01-01T00:00:00.000000Z"],
    [2n ** 63n * 1000n, "1970-01-01T00:00:00.000000Z"],
  ])("%s", (nanoseconds, wanted) => {
    expect(isoTime(nanoseconds)).toBe(wanted);
  });

  it("are in the order of their texts", () => {
    const time = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
    fc.assert(
      fc.property(time, time, (a, b) => {
        fc.pre(a / 1000n < b / 1000n);
        expect(isoTime(a) < isoTime(b)).toBe(true);
      }),
    );
  });
});

describe("what is sent", () => {
  it("comes out as it went in", () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.string({ unit: fc.constantFrom("a", "ü", "\u{1f600}", "\0", "\r") }),
        (bytes, text) => {
          expect(bytesSent(Buffer.from(bytes).toString("base64"), "base64", "x")).toEqual(Buffer.from(bytes));
          expect(bytesSent(text, "text", "x").toString("utf8")).toBe(text);
        },
      ),
    );
  });

  it("may be base64 in lines, as Python writes it", () => {
    expect(bytesSent("YWJj\nZGVm\n", "base64", "x").toString()).toBe("abcdef");
  });

  it("is never changed: it is taken as it is, or refused", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("A", "B", "a", "0", "1", "+", "/", "=", "-", "_", " ", "\n", "%", "é") }),
        (text) => {
          let bytes: Buffer;
          try {
            bytes = bytesSent(text, "base64", "x");
          } catch {
            return;
          }
          const given = text.replaceAll(/\s/gu, "");
          // The unused bits of the last letter are the only ones that may be lost.
          expect(bytes.toString("base64").replaceAll("=", "").slice(0, -1)).toBe(
            given.replaceAll("=", "").slice(0, -1),
          );
          expect(bytes.toString("base64").length).toBe(given.length);
        },
      ),
    );
  });
});

describe("tasks in turn", () => {
  it("run one after another, whatever becomes of each", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        async (scheduler, fates) => {
          const inTurn = createSerial();
          const order: number[] = [];
          let running = 0;
          const runs = fates.map((fails, index) =>
            inTurn(async () => {
              running += 1;
              expect(running).toBe(1);
              await scheduler.schedule(Promise.resolve());
              order.push(index);
              running -= 1;
              if (fails) throw new Error(String(index));
              return index;
            }),
          );
          const settled = Promise.allSettled(runs);
          await scheduler.waitFor(settled);
          expect(order).toEqual(fates.map((_, index) => index));
          expect((await settled).map(({ status }) => status === "rejected")).toEqual(fates);
        },
      ),
    );
  });
});

describe("a refusal", () => {
  const error = (code: string): Error => Object.assign(new Error("/home/someone/secret"), { code, syscall: "open" });
  it.each([
    ["ENOENT", 404],
    ["ENOTDIR", 404],
    ["ELOOP", 404],
    ["ENAMETOOLONG", 400],
    ["EACCES", 403],
    ["EROFS", 403],
    ["ENOSPC", 507],
    ["EDQUOT", 507],
    ["EISDIR", 400],
    ["EEXIST", 409],
    ["EMFILE", 503],
    ["EIO", 500],
  ])("%s is %i, in one sentence without the server's own paths", (code, status) => {
    const refused = refusal("a/b", error(code));
    expect(refused).toMatchObject({ name: "HttpError", status });
    expect((refused as Error).message).toContain('"a/b"');
    expect((refused as Error).message).not.toMatch(/home|\n/u);
  });

  it("is only of the file system's errors", () => {
    const other = new TypeError("x");
    expect(refusal("a", other)).toBe(other);
  });
});
