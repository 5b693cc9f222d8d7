// What the server serves of each extension beside its code: the schemas of its settings, and themes.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Copies the settings' schemas of all packages, and our own, to `schemas/<package>/<plugin>.json`.
 *
 * @param {string} page the folder of the page's package
 * @param {string} out
 * @returns {Record<string, { schema: string, version: string }>} by a plugin's id: its schema in `out`
 */
export function copySchemas(page, out) {
  const leftOut = JSON.parse(readFileSync(join(page, "src/left-out.json"), "utf8"));
  const settings = {};
  for (const { name, version, folder, schemaDir } of [...extensions(page), ourOwn(page)]) {
    if (schemaDir === undefined) continue;
    for (const file of readdirSync(join(folder, schemaDir)).filter((each) => each.endsWith(".json"))) {
      const id = `${name}:${file.slice(0, -".json".length)}`;
      if (id in leftOut) continue;
      const schema = `schemas/${name}/${file}`;
      copy(join(folder, schemaDir, file), join(out, schema));
      settings[id] = { schema, version };
    }
  }
  return settings;
}

/** Copies the themes to `themes/<package>/index.css`, with the images and fonts beside them. */
export function copyThemes(page, out) {
  for (const { name, folder, themePath } of extensions(page)) {
    if (themePath === undefined) continue;
    const to = join(out, "themes", name);
    cpSync(dirname(join(folder, themePath)), to, { recursive: true });
    copy(join(folder, themePath), join(to, "index.css"));
  }
}

function* extensions(page) {
  const { dependencies } = JSON.parse(readFileSync(join(page, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const folder = join(page, "node_modules", name);
    const { version, jupyterlab } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (jupyterlab?.extension) yield { name, version, folder, ...jupyterlab };
  }
}

function ourOwn(page) {
  const { name } = JSON.parse(readFileSync(join(page, "package.json"), "utf8"));
  return { name, version: productVersion(page), folder: page, schemaDir: "src/schemas" };
}

/** The version of the product that the page belongs to. */
export function productVersion(page) {
  return JSON.parse(readFileSync(join(page, "../../package.json"), "utf8")).version;
}

function copy(from, to) {
  if (!existsSync(dirname(to))) mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
