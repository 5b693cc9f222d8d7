import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSizes } from "../check-sizes.ts";
import { gather, type Places } from "../gather.ts";
import { importedPackages } from "../imported-packages.ts";
import { pin, type PinnedOptions } from "../lock.ts";
import { writeZip } from "../write-zip.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "veelab-bundle-parts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  file("veelab/package.json");
});
const file = (path: string, text = ""): string => {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
};

describe("what a bundle takes along", () => {
  const places = (more: Partial<Places> = {}): Places => ({
    ...{ root: join(folder, "work"), veelab: join(folder, "veelab"), include: [], notebooks: [file("work/a.ipynb")] },
    ...more,
  });

  it("is what is read in the folder, and veelab's datasets; not code of veelab and of packages", async () => {
    const data = file("work/data/a b.csv");
    const looked = file("work/model.ts");
    const own = ["dist/kernel/main.js", "datasets/datapackage.json", "node_modules/x/i.js"].map((path) =>
      file(`veelab/${path}`),
    );
    const dataset = file("veelab/datasets/data/guest/one.arrow.gz");
    const missing = join(folder, "work/gone.csv");
    const given = places();
    const read = [data, dataset, missing, file("work/node_modules/y/i.js"), ...own, ...given.notebooks];
    expect(await gather({ began: 0, read, looked: [looked, "/etc/hostname"] }, given)).toEqual({
      ...{ files: ["data/a b.csv", "model.ts"], datasets: ["datasets/data/guest/one.arrow.gz"] },
    });
  });

  it("has the datasets of a veelab that is a package, too", async () => {
    const veelab = join(folder, "work/node_modules/veelab");
    const dataset = file("work/node_modules/veelab/datasets/data/one.arrow");
    const given = places({ veelab });
    expect(
      await gather({ began: 0, read: [dataset, file("work/node_modules/veelab/dist/x.js")], looked: [] }, given),
    ).toEqual({
      ...{ files: [], datasets: ["datasets/data/one.arrow"] },
    });
  });

  it("is found through a link to the folder", async () => {
    file("work/a.csv");
    symlinkSync(join(folder, "work"), join(folder, "linked"));
    const linked = places({ root: join(folder, "linked") });
    expect((await gather({ began: 0, read: [join(folder, "linked/a.csv")], looked: [] }, linked)).files).toEqual([
      "a.csv",
    ]);
  });

  it("is refused outside of the folder, and hidden", async () => {
    const outside = process.execPath;
    await expect(gather({ began: 0, read: [outside], looked: [] }, places())).rejects.toThrow(
      `expected files in ${join(folder, "work")}, which a bundle takes along, got one outside that a notebook reads`,
    );
    const data = file("data.txt");
    await expect(gather({ began: Date.now() + 1e4, read: [data], looked: [] }, places())).rejects.toThrow(
      `${data}: expected files in ${join(folder, "work")}, which a bundle takes along, got one outside`,
    );
    // A temporary file that the run made.
    expect((await gather({ began: 0, read: [data, "/proc/version"], looked: [] }, places())).files).toEqual([]);
    expect((await gather({ began: 0, read: [], looked: [outside] }, places())).files).toEqual([]);
    const hidden = file("work/.env", "TOKEN=1");
    await expect(gather({ began: 0, read: [hidden], looked: [] }, places())).rejects.toThrow(
      `${hidden}: expected no hidden file, which may hold what is not for others`,
    );
    expect((await gather({ began: 0, read: [], looked: [hidden] }, places())).files).toEqual([]);
    expect((await gather({ began: 0, read: [hidden], looked: [] }, places({ include: [hidden] }))).files).toEqual([
      ".env",
    ]);
    // A link in the folder shows what it leads to.
    for (const [name, target] of [
      ["out.txt", process.execPath],
      ["shown.txt", hidden],
    ] as const) {
      const link = join(folder, "work", name);
      symlinkSync(target, link);
      await expect(gather({ began: 0, read: [link], looked: [] }, places())).rejects.toThrow(`${link}: expected`);
      expect((await gather({ began: 0, read: [link], looked: [] }, places({ include: [link] }))).files).toEqual([name]);
    }
    await expect(gather({ began: 0, read: [], looked: [] }, places({ include: [join(folder, "no")] }))).rejects.toThrow(
      "--include: expected a file, got",
    );
  });
});

it("a file above 100 MiB is refused, but for one that is to be had elsewhere", async () => {
  truncateSync(file("big.bin"), 100 * 2 ** 20 + 1);
  const check = (more: object, files = ["big.bin"]): Promise<void> =>
    checkSizes(folder, files, { withLarge: false, elsewhere: new Map(), ...more });
  await expect(check({})).rejects.toThrow(
    "big.bin: expected at most 104,857,600 bytes, got 104,857,601 (--with-large takes it along, --from big.bin=URL says where it is to be had)",
  );
  await check({ withLarge: true });
  await check({ elsewhere: new Map([[join(folder, "big.bin"), "https://example.org/big.bin"]]) });
  const other = new Map([[join(folder, "other"), "https://example.org/other"]]);
  await expect(check({ elsewhere: other })).rejects.toThrow("--from: expected a file that a notebook reads, got");
});

it("packages are those that a text imports by name, without the notebooks' own and Node's", () => {
  const texts = [
    'import { sweep } from "veelab";\nimport * as aq from "arquero";\nimport fs from "node:fs";\nimport { join } from "path";',
    'const d3 = await import("d3-array/src/bin.js");\nimport x from "@scope/name/sub";\nimport "./local.ts"; !ls\nrequire("semver")',
    '// import "commented"\nconst text = "import y from \\"quoted\\"";',
  ];
  expect(importedPackages(texts)).toEqual(["@scope/name", "d3-array", "semver"]);
});

describe("the lock file of a bundle", () => {
  const lock = {
    packages: {
      "": { name: "project" },
      "node_modules/a": {
        ...{ version: "1.0.0", integrity: "sha512-a", dependencies: { b: "^1" }, dev: true },
        resolved: "https://token@registry.example.org/a-1.0.0.tgz",
      },
      "node_modules/a/node_modules/b": { version: "1.5.0", optionalDependencies: { c: "*", absent: "*" } },
      "node_modules/b": { version: "2.0.0" },
      "node_modules/c": { version: "3.0.0", devOptional: true, os: ["darwin"] },
      "node_modules/linked": { resolved: "packages/linked", link: true },
      "node_modules/packed": { version: "1.0.0", resolved: "file:packed.tgz", integrity: "sha512-p" },
      "node_modules/secret": { version: "1.0.0", resolved: "git+https://me:TOKEN@example.org/secret.git#abc" },
      "node_modules/unused": { version: "1.0.0" },
    },
  };
  const options = (): PinnedOptions => ({
    ...{ name: "one-artifact", type: "module", imported: [] as string[], folder },
    tarball: { path: "vendor/veelab-0.1.0.tgz", bytes: new Uint8Array([1, 2, 3]) },
    veelab: {
      name: "veelab",
      version: "0.1.0",
      dependencies: { a: "^1" },
      overrides: { b: "$b", x: "1.0.0" },
      scripts: {},
    },
  });

  it("has what veelab needs, at every depth and for every platform, and nothing else", async () => {
    file("package-lock.json", JSON.stringify(lock));
    const { manifest, lock: text } = await pin(options());
    expect(JSON.parse(manifest)).toMatchObject({
      ...{ type: "module", private: true, dependencies: { veelab: "file:vendor/veelab-0.1.0.tgz" } },
      overrides: { b: "2.0.0", x: "1.0.0" },
    });
    const { packages } = JSON.parse(text) as { packages: Record<string, Record<string, unknown>> };
    expect(Object.keys(packages)).toEqual([
      ...["", "node_modules/a", "node_modules/a/node_modules/b", "node_modules/c", "node_modules/veelab"],
    ]);
    expect(packages["node_modules/a"]).toEqual({ version: "1.0.0", integrity: "sha512-a", dependencies: { b: "^1" } });
    expect(packages["node_modules/c"]).toEqual({ version: "3.0.0", os: ["darwin"], optional: true });
    expect(packages["node_modules/veelab"]).toEqual({
      ...{ version: "0.1.0", resolved: "file:vendor/veelab-0.1.0.tgz", dependencies: { a: "^1" } },
      integrity: `sha512-${createHash("sha512")
        .update(Uint8Array.of(1, 2, 3))
        .digest("base64")}`,
    });
  });

  it("has what the notebooks import, and says what is not installed", async () => {
    file("node_modules/.package-lock.json", JSON.stringify(lock));
    const { manifest, lock: text } = await pin({ ...options(), imported: ["unused"] });
    expect(JSON.parse(manifest)).toMatchObject({ dependencies: { unused: "1.0.0" } });
    expect(text).toContain('"node_modules/unused"');
    await expect(pin({ ...options(), imported: ["secret"] })).rejects.toThrow(
      "node_modules/secret: expected an address without a password",
    );
    await expect(pin({ ...options(), imported: ["d3"] })).rejects.toThrow(
      "d3: expected a package installed beside veelab's",
    );
    const needing = { ...options(), veelab: { ...options().veelab, dependencies: { gone: "1" } } };
    await expect(pin(needing)).rejects.toThrow(
      "node_modules/veelab: expected its package gone in the lock file, got none",
    );
    for (const local of ["linked", "packed"])
      await expect(
        pin({ ...options(), veelab: { ...options().veelab, dependencies: { [local]: "1" } } }),
      ).rejects.toThrow(`node_modules/${local}: expected a package that is to be had elsewhere, too, got`);
    rmSync(join(folder, "node_modules"), { recursive: true });
    await expect(pin(options())).rejects.toThrow(
      "expected a package-lock.json, from which a bundle's versions are, got none",
    );
  });
});

it("an archive has the same bytes in whichever order and zone it is written", async () => {
  const entries = [
    { path: "b.txt", content: new TextEncoder().encode("text".repeat(100)) },
    { path: "a/run.mjs", content: { file: file("work/run.mjs", "1") }, isExecutable: true },
  ];
  const zone = process.env["TZ"];
  try {
    process.env["TZ"] = "Pacific/Auckland";
    await writeZip(join(folder, "one.zip"), entries);
    process.env["TZ"] = "America/Lima";
    await writeZip(join(folder, "two.zip"), entries.toReversed());
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
  expect(readFileSync(join(folder, "one.zip"))).toEqual(readFileSync(join(folder, "two.zip")));
  await expect(
    writeZip(join(folder, "three.zip"), [{ path: "x", content: { file: join(folder, "no") } }]),
  ).rejects.toThrow("ENOENT");
});
