// Writes the README's table of verdicts from the committed notebooks: node docs/verdicts.mjs, after npm run build.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { committedPapers, verdictTable, withVerdicts } from "../dist/kernel/run/report/verdict-table.js";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const table = verdictTable(await committedPapers(fileURLToPath(new URL("../notebooks", import.meta.url))));
await writeFile(readme, withVerdicts(await readFile(readme, "utf8"), table));
