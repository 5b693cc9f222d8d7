// The licences of what the bundle holds: for people, and in the form that JupyterLab's licence viewer reads.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { licenceText } from "./licence-texts.mjs";

/**
 * The packages that a build put into its chunks, by the folders of their modules.
 *
 * @param {import("@rspack/core").Compilation} compilation
 * @returns {string[]} the folders of packages in node_modules
 */
export function bundledPackages({ modules, chunkGraph }) {
  const folders = new Set();
  for (const module of modules) {
    if (chunkGraph.getModuleChunks(module).length === 0) continue;
    for (const { resource, nameForCondition } of module.modules ?? [module]) {
      const path = resource ?? nameForCondition?.call(module);
      const folder = path === undefined ? undefined : packageFolder(path);
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders];
}

function packageFolder(path) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/u.exec(path)?.[0];
}

/**
 * What is to be said of each package.
 *
 * @param {readonly string[]} folders
 * @returns {{ name: string, versionInfo: string, licenseId: string, extractedText: string }[]} by name
 */
export function licences(folders) {
  const packages = folders.map((folder) => {
    const { name, version, license, licenses, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = licenceFiles(folder);
    // Before npm asked for an SPDX name, packages said it in other ways, or in a file alone.
    const licenseId = license?.type ?? license ?? licenses?.[0]?.type ?? (/MIT/u.exec(texts)?.[0] || "");
    const holder = author?.name ?? author ?? `the authors of ${name}`;
    return { name, versionInfo: version, licenseId, extractedText: texts || licenceText(licenseId, holder) };
  });
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function licenceFiles(folder) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/iu.test(name));
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim())
    .join("\n\n");
}

/** @param {ReturnType<typeof licences>} packages */
export function noticeText(packages) {
  const rule = "-".repeat(80);
  return [
    "The browser front end of veelab is made of the packages below, each under its own licence. The source of each is what\nnpm has under its name and version (https://www.npmjs.com).",
    ...packages.map(({ name, versionInfo, licenseId, extractedText }) =>
      [rule, `${name} ${versionInfo}${licenseId === "" ? "" : ` (${licenseId})`}`, "", extractedText].join("\n"),
    ),
    "",
  ].join("\n\n");
}
