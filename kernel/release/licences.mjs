// Which licences may be in what is installed or bundled, and what the lock files say of each package.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Permissive, or copyleft by file (MPL, EPL), of which nothing is changed here: none asks for anything of veelab's own code. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC-BY-4.0",
  "EPL-2.0",
  "ISC",
  "MIT",
  "MPL-2.0",
  "OFL-1.1",
  "Python-2.0",
  "Unlicense",
]);

/** Packages of the page whose package.json names no licence, with what their licence files say. */
const unnamed = new Map([
  ["compute-gcd", "MIT"],
  ["compute-lcm", "MIT"],
  ["khroma", "MIT"],
  ["validate.io-function", "MIT"],
  ["validate.io-integer", "MIT"],
  ["validate.io-integer-array", "MIT"],
  ["validate.io-number", "MIT"],
]);

/**
 * Whether an SPDX expression of names, AND, OR and one pair of parentheses can be met by licences that are allowed.
 *
 * @param {string} expression
 * @returns {boolean}
 */
export function isAllowed(expression) {
  const inside = expression.replace(/^\((.*)\)$/u, "$1");
  return inside.split(" OR ").some((choice) => choice.split(" AND ").every((name) => allowed.has(name)));
}

/**
 * The packages of a lock file.
 *
 * @param {string} folder the folder of the lock file
 * @returns {{ path: string, name: string, version: string, licence: string | undefined, integrity: string | undefined, resolved: string | undefined, link: boolean, hasInstallScript: boolean, dev: boolean }[]}
 */
export function lockedPackages(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  return Object.entries(packages)
    .filter(([path]) => path !== "")
    .map(([path, said]) => {
      const name = said.name ?? /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/u.exec(path)?.[1] ?? path;
      return {
        path,
        name,
        version: said.version,
        licence: said.license ?? unnamed.get(name),
        integrity: said.integrity,
        resolved: said.resolved,
        link: said.link === true,
        hasInstallScript: said.hasInstallScript === true,
        dev: said.dev === true || said.devOptional === true,
      };
    });
}
