// Writes THIRD-PARTY-NOTICES.md: `node kernel/release/notices.mjs`, after a change of package-lock.json or of the catalogue.
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { lockedPackages } from "./licences.mjs";

/**
 * What the package holds that others wrote, and what is installed with it.
 *
 * @param {string} root
 * @returns {string}
 */
export function notices(root) {
  return `# Third-party notices

veelab itself is under the Apache License 2.0 ([LICENSE](LICENSE)). This page is written by \`node kernel/release/notices.mjs\`.

## In the package

- **The page** (\`kernel/page/dist\`) is made of JupyterLab, Jupyter Notebook, Lumino, MathJax, Vega, CodeMirror and many others. Each is named, with its
  version and its licence in full, in \`kernel/page/dist/THIRD-PARTY-NOTICES.txt\`, which the page's build writes from what it bundled. It holds the icon
  fonts of Font Awesome (OFL-1.1, icons CC-BY-4.0) and MathJax's (Apache-2.0). Of elkjs (EPL-2.0), the source is what npm has under its name and version.
- **Data** under other licences than veelab's; the texts are in \`LICENSES\`:
${otherData(root).join("\n")}

## Installed beside it

npm brings these packages, unchanged and each under its own licence, whose text is in its folder. The versions are those of the lock file,
by which veelab is tested; an installation may have newer ones that package.json admits. Native packages are there for several platforms; an installation
brings one of each.

| package | version | licence |
| --- | --- | --- |
${installed(root).join("\n")}
`;
}

function otherData(root) {
  const { resources } = JSON.parse(readFileSync(join(root, "datasets/datapackage.json"), "utf8"));
  return resources.flatMap(({ name, path, licenses, sources }) => {
    const others = licenses.filter((licence) => licence.name !== "Apache-2.0");
    if (others.length === 0) return [];
    const from = sources
      .filter((source) => source.path !== undefined)
      .map((source) => `${source.title} (${source.path})`);
    return [
      `  - \`${name}\` (\`datasets/${path}\`): ${others.map((licence) => `${licence.title}, ${licence.name}`).join("; ")}. Source: ${from.join("; ")}.`,
    ];
  });
}

function installed(root) {
  const lines = lockedPackages(root)
    .filter(({ dev }) => !dev)
    .map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return [...new Set(lines)].sort();
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === self) {
  const root = dirname(dirname(dirname(self)));
  writeFileSync(join(root, "THIRD-PARTY-NOTICES.md"), notices(root));
}
