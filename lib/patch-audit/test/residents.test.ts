import { tableFromArrays } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { stream } from "../../../datasets/index.ts";
import { type CodeFile, database, readDatabase, residents } from "../index.ts";

const image = (...hashes: bigint[]) => tableFromArrays({ hash: BigUint64Array.from(hashes) });

const file = (path: string, version: string, hashes: bigint[], release: "old" | "new" = "new"): CodeFile => ({
  package: "p",
  version,
  release,
  file: path,
  addressPages: hashes.map((_, page) => page),
  hashes,
});

describe("a memory image", () => {
  // Page 1 is in both versions of a, page 9 in a and in b.
  const known = database([file("a", "1", [1n, 2n, 9n], "old"), file("a", "2", [1n, 3n, 9n]), file("b", "2", [4n, 9n])]);
  const versions = async (...hashes: bigint[]) =>
    (await residents(image(...hashes), known)).map((row) => `${row.file} ${row.versions.join("|")} ${row.verdict}`);

  it("by hand: what names a version, and what does not", async () => {
    expect(await versions(7n, 8n)).toEqual([]);
    // In two files: it names none.
    expect(await versions(9n)).toEqual([]);
    // In both versions of one file: these are named together.
    expect(await versions(1n)).toEqual(["a 1|2 ambiguous"]);
    expect(await versions(1n, 2n)).toEqual(["a 1 unpatched"]);
    // The old one still mapped, the new one in the page cache.
    expect(await versions(1n, 2n, 3n, 4n)).toEqual(["a 1 unpatched", "a 2 up to date", "b 2 up to date"]);
  });

  it("counts different pages once", async () => {
    expect(await residents(image(4n, 4n, 9n), known)).toEqual([
      { package: "p", versions: ["2"], file: "b", verdict: "up to date", pages: 2, ownPages: 1, ofPages: 2 },
    ]);
  });

  it("of three versions, those that have all pages that were found", async () => {
    const three = database([
      file("a", "1", [1n, 2n, 5n], "old"),
      file("a", "2", [1n, 2n, 6n], "old"),
      file("a", "3", [1n, 3n, 7n]),
    ]);
    const found = await residents(image(1n, 2n), three);
    expect(found).toMatchObject([{ versions: ["1", "2"], verdict: "unpatched", pages: 2, ownPages: 2 }]);
  });
});

describe("a real guest", { timeout: 60_000 }, () => {
  it("the version of libc is the one that was installed in it, and nothing is found that was not", async () => {
    const known = await readDatabase(stream("packages/code-pages"));
    for (const name of ["guest/code-pages-sqlite", "guest/pages-sqlite"]) {
      let installed = "";
      for await (const batch of stream(name, { columns: ["hash"] })) installed = batch.schema.metadata.get("guest")!;
      const found = await residents(stream(name, { columns: ["hash"] }), known);
      expect(found.length).toBeGreaterThan(0);
      for (const { package: of, versions, verdict } of found) {
        expect(installed.split(" ")).toContain(`${of}=${versions.join()}`);
        expect(verdict).toBe("up to date");
      }
    }
  });
});
