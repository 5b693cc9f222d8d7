import { existsSync, readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const { name: product, exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** What a user can import: the specifier, and the module's source. An entry of `exports` with a star stands for each folder with such a source. */
export const apiEntries = Object.entries(exports)
  .filter(([, built]) => built?.endsWith("/index.js"))
  .flatMap(([subpath, built]) => starred(subpath, built.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts")))
  .map(({ subpath, source }) => ({ name: subpath === "." ? product : `${product}${subpath.slice(1)}`, source }))
  .sort((a, b) => (a.source < b.source ? -1 : 1));

function starred(subpath, source) {
  const [before, after] = source.split("*");
  if (after === undefined) return [{ subpath, source }];
  return readdirSync(new URL(before, root))
    .filter((name) => existsSync(new URL(`${before}${name}${after}`, root)))
    .map((name) => ({ subpath: subpath.replace("*", name), source: source.replace("*", name) }))
    .filter((entry) => !Object.hasOwn(exports, entry.subpath));
}
