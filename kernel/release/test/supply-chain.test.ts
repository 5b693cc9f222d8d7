import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../package-root.ts";
import { isAllowed, lockedPackages } from "../licences.mjs";
import { notices } from "../notices.mjs";

const root = packageRoot();
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly allowScripts?: Record<string, boolean>;
}

describe.each([".", "kernel/page", "kernel/release/nodes"])("the lock file of %s", (folder) => {
  const packages = lockedPackages(join(root, folder));
  const manifest = json(`${folder}/package.json`) as Manifest;
  const names = (chosen: typeof packages): string[] => [...new Set(chosen.map(({ name }) => name))].sort();

  it("is that of its package.json", () => {
    const { packages: locked } = json(`${folder}/package-lock.json`) as { packages: Record<string, Manifest> };
    expect(locked[""]!.dependencies).toEqual(manifest.dependencies);
    expect(locked[""]!.devDependencies).toEqual(manifest.devDependencies);
  });

  it("pins every package by a hash, from the registry alone", () => {
    expect(packages.length).toBeGreaterThan(2);
    expect(packages.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""))).toEqual([]);
    expect(packages.filter(({ link, resolved }) => link || resolved !== undefined)).toEqual([]);
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version).toMatch(/^(npm:[\w@/-]+@)?[\^~]?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  it("brings no install script but those named in allowScripts, which do not run", () => {
    expect(names(packages.filter(({ hasInstallScript }) => hasInstallScript))).toEqual(
      Object.keys(manifest.allowScripts ?? {}).sort(),
    );
    expect(Object.values(manifest.allowScripts ?? {})).not.toContain(true);
  });

  it("brings no licence that is not allowed", () => {
    // Node's package of that version names none; Node's own licence is MIT.
    const unnamed = packages.filter(({ licence }) => licence === undefined);
    expect(unnamed.map(({ path }) => path)).toEqual(folder.endsWith("nodes") ? ["node_modules/node-oldest"] : []);
    expect(packages.filter(({ licence }) => licence !== undefined && !isAllowed(licence))).toEqual([]);
  });
});

describe("licences", () => {
  it("of an expression: one of the choices, all that come together", () => {
    expect(["MIT", "(MPL-2.0 OR GPL-3.0)", "MIT AND OFL-1.1", "(CC-BY-4.0 AND MIT)"].filter(isAllowed)).toHaveLength(4);
    expect(["GPL-3.0", "(GPL-3.0 OR AGPL-3.0)", "MIT AND GPL-2.0", "", "UNLICENSED"].filter(isAllowed)).toEqual([]);
  });

  it("THIRD-PARTY-NOTICES.md is what node kernel/release/notices.mjs writes, and the package has it", () => {
    expect(readFileSync(join(root, "THIRD-PARTY-NOTICES.md"), "utf8")).toBe(notices(root));
    expect((json("package.json") as { files: string[] }).files).toEqual(
      expect.arrayContaining(["LICENSES", "THIRD-PARTY-NOTICES.md"]),
    );
  });

  const listed = "kernel/page/dist/third-party-licenses.json";
  it.skipIf(!existsSync(join(root, listed)))("the page names each package in it, with its licence's text", () => {
    const { bundles } = json(listed) as {
      bundles: {
        veelab: { packages: { name: string; versionInfo: string; licenseId: string; extractedText: string }[] };
      };
    };
    const { packages } = bundles.veelab;
    const text = readFileSync(join(root, "kernel/page/dist/THIRD-PARTY-NOTICES.txt"), "utf8");
    expect(packages.length).toBeGreaterThan(100);
    for (const { name, versionInfo, licenseId, extractedText } of packages) {
      expect(isAllowed(licenseId), `${name}: ${licenseId}`).toBe(true);
      expect(extractedText.length, name).toBeGreaterThan(300);
      expect(text).toContain(`${name} ${versionInfo} (${licenseId})\n\n${extractedText}`);
    }
  });
});

describe("data", () => {
  const { resources } = json("datasets/datapackage.json") as {
    resources: {
      name: string;
      hash: string;
      licenses: { name: string }[];
      sources: { title: string; path?: string }[];
      provenance?: object;
    }[];
  };

  it("each dataset has a hash, a licence whose text is here, and says where it came from", () => {
    for (const { name, hash, licenses, sources, provenance } of resources) {
      expect(hash, name).toMatch(/^sha256:[0-9a-f]{64}$/);
      for (const licence of licenses) {
        const text = licence.name === "Apache-2.0" ? "LICENSE" : `LICENSES/${licence.name}.txt`;
        expect(existsSync(join(root, text)), `${name}: ${text}`).toBe(true);
      }
      expect(sources.every(({ title }) => title.length > 10) && sources.length > 0, name).toBe(true);
      // What was published is quoted; anything else was made here, by a command.
      expect(provenance === undefined, name).toBe(name.startsWith("published/"));
    }
  });
});
