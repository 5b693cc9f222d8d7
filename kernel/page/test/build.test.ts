import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";

import { licences, noticeText } from "../build/notices.mjs";
import { sourcesHash } from "../build/sources.mjs";

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const folders: string[] = [];

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "veelab-page-"));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("when a build is stale", () => {
  function copy(): string {
    const copied = join(temporary(), "kernel/page");
    for (const name of ["build", "build.mjs", "package-lock.json", "package.json", "src"])
      cpSync(join(page, name), join(copied, name), { recursive: true });
    cpSync(join(page, "../../package.json"), join(copied, "../../package.json"));
    return copied;
  }

  test("another checkout of the same sources has the same hash", () => {
    expect(sourcesHash(copy())).toBe(sourcesHash(page));
  });

  test.each(["src/left-out.json", "src/icons/favicon.svg", "build/bundle.mjs", "package-lock.json"])(
    "a change of %s changes it",
    (file) => {
      const copied = copy();
      writeFileSync(join(copied, file), `${readFileSync(join(copied, file), "utf8")} `);
      expect(sourcesHash(copied)).not.toBe(sourcesHash(page));
    },
  );

  test("a new source changes it; what a build or npm leaves does not", () => {
    const copied = copy();
    mkdirSync(join(copied, "dist"));
    writeFileSync(join(copied, "dist/manifest.json"), "{}");
    expect(sourcesHash(copied)).toBe(sourcesHash(page));
    writeFileSync(join(copied, "src/new.ts"), "");
    expect(sourcesHash(copied)).not.toBe(sourcesHash(page));
  });
});

describe("what is said of a package", () => {
  function packaged(description: object, files: Record<string, string> = {}): string {
    const folder = temporary();
    writeFileSync(join(folder, "package.json"), JSON.stringify(description));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  test("its own licence and notice, in full", () => {
    const files = { "LICENSE.md": "Licence text", NOTICE: "Notice text", "index.js": "" };
    const [said] = licences([packaged({ name: "a", version: "1.2.3", license: "EPL-2.0" }, files)]);
    expect(said).toEqual({
      name: "a",
      versionInfo: "1.2.3",
      licenseId: "EPL-2.0",
      extractedText: "Licence text\n\nNotice text",
    });
  });

  test("where it carries no text: the licence's own, under its author", () => {
    const description = { name: "b", version: "1.0.0", license: "BSD-3-Clause", author: { name: "Project Jupyter" } };
    const [said] = licences([packaged(description)]);
    expect(said?.extractedText).toMatch(/^Copyright \(c\) Project Jupyter\n\nRedistribution and use/u);
  });

  test.each([
    [{ license: { type: "MIT" } }, {}],
    [{ licenses: [{ type: "MIT" }] }, {}],
    [{}, { license: "The MIT License (MIT)" }],
  ])("old ways to name a licence: %o %o", (fields, files) => {
    const [said] = licences([packaged({ name: "c", version: "1.0.0", ...fields }, files)]);
    expect(said?.licenseId).toBe("MIT");
  });

  test("the notice has all of them, by name", () => {
    const both = ["z", "a"].map((name) =>
      packaged({ name, version: "1.0.0", license: "MIT" }, { LICENSE: `of ${name}` }),
    );
    expect(noticeText(licences(both))).toMatch(/a 1\.0\.0 \(MIT\)\n\nof a\n[^]*z 1\.0\.0 \(MIT\)\n\nof z\n/u);
  });
});

describe.skipIf(!existsSync(join(page, "dist/manifest.json")))("the built page", () => {
  const read = (file: string) => JSON.parse(readFileSync(join(page, "dist", file), "utf8"));
  const manifest = existsSync(join(page, "dist/manifest.json")) ? read("manifest.json") : undefined;
  const names = (): string[] =>
    ["notebook", "lab"].flatMap((shell) => {
      const { scripts, styles, preloads } = manifest.shells[shell];
      return [...scripts, ...styles, ...Object.values<string[]>(preloads).flat()];
    });

  test("has every script and style that the server is told of, under a name that says what it holds", () => {
    expect(names().length).toBeGreaterThan(10);
    for (const name of names()) {
      expect(name).toMatch(/\.[0-9a-f]{16}\.(js|css)$/u);
      expect(existsSync(join(page, "dist/static", name)), name).toBe(true);
    }
  });

  test("has its large files compressed", () => {
    for (const name of names()) {
      const bytes = readFileSync(join(page, "dist/static", name)).length;
      expect(existsSync(join(page, "dist/static", `${name}.gz`)), name).toBe(bytes >= 1024);
    }
  });

  test("has a schema for all settings, ours too, and none for plugins that are left out", () => {
    const ids = Object.keys(manifest.settings);
    expect(ids).toContain("@veelab/page:actions");
    expect(ids).toContain("@jupyterlab/notebook-extension:tracker");
    for (const id of ids) expect(read(manifest.settings[id].schema), id).toHaveProperty("type", "object");
    const leftOut = JSON.parse(readFileSync(join(page, "src/left-out.json"), "utf8"));
    expect(ids.filter((id) => id in leftOut)).toEqual([]);
  });

  test("overrides only settings that there are", () => {
    for (const [id, values] of Object.entries<object>(manifest.overrides)) {
      const { properties } = read(manifest.settings[id].schema);
      for (const name of Object.keys(values)) expect(properties, `${id} ${name}`).toHaveProperty([name]);
    }
  });

  test("has the themes with all that they show", () => {
    for (const theme of ["light", "dark", "dark-high-contrast"]) {
      const css = readFileSync(join(page, `dist/themes/@jupyterlab/theme-${theme}-extension/index.css`), "utf8");
      expect(css).toContain("variables.css");
    }
  });

  test("names the licences of what it holds", () => {
    const { packages } = read("third-party-licenses.json").bundles.veelab;
    const licence = (name: string) => packages.find((each: { name: string }) => each.name === name)?.licenseId;
    expect(licence("elkjs")).toBe("EPL-2.0");
    expect(licence("@fortawesome/fontawesome-free")).toBe("(CC-BY-4.0 AND OFL-1.1 AND MIT)");
    expect(licence("@jupyterlab/notebook")).toBe("BSD-3-Clause");
    expect(licence("@rspack/core")).toBeUndefined();
    expect(readFileSync(join(page, "dist/THIRD-PARTY-NOTICES.txt"), "utf8")).toContain("Eclipse Public License");
  });

  test("holds no name of the machine that built it", () => {
    expect(JSON.stringify(manifest)).not.toContain(dirname(page));
    for (const name of names()) {
      expect(readFileSync(join(page, "dist/static", name), "utf8").includes(dirname(page)), name).toBe(false);
    }
  });
});
