import * as arrow from "apache-arrow";
import { catalogue, verifyCatalogue } from "../catalogue.ts";
import { addToCatalogue } from "../catalogue-update.ts";
import { commandOf, onlyFile, UsageError } from "./arguments.ts";
import { textTable } from "./text-table.ts";

/** `veelab catalog` */
export const catalog: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab catalog",
  help: `Usage: veelab catalog list [--folder DIR]
       veelab catalog verify [--folder DIR]
       veelab catalog add FILE [--name NAME] [--title TEXT] [--description TEXT] [--source TEXT] [--license SPDX] [--folder DIR]
                          [--replace]

Lists or verifies (size and SHA-256) the datasets that come with veelab, or those of a folder's own catalogue; adds a
file to the catalogue of a folder (the working directory when not given), a Data Package in datapackage.json. In that
folder, open("NAME") and from "NAME" then find it.

  --replace          put FILE in the place of an entry of the same name
  -h, --help         print this

Exit status: 0 done, 1 a dataset is damaged or cannot be read, 2 cannot be used.
`,
  options: {
    folder: { type: "string" },
    name: { type: "string" },
    title: { type: "string" },
    description: { type: "string" },
    source: { type: "string" },
    license: { type: "string" },
    replace: { type: "boolean" },
  },
  async run({ values: { folder, ...addition }, positionals: [verb, ...files] }) {
    if (verb === "add") {
      const { name, rows, bytes } = await addToCatalogue(onlyFile("veelab catalog", files), addition, folder);
      process.stdout.write(`${name}: ${rows.toLocaleString("en")} rows, ${bytes.toLocaleString("en")} bytes\n`);
      return 0;
    }
    if (files.length > 0 || Object.keys(addition).length > 0 || (verb !== "list" && verb !== "verify"))
      throw new UsageError("expected list, verify or add FILE (see veelab catalog --help)");
    if (verb === "list") {
      const { entries } = await catalogue(folder);
      const table = new arrow.Table({
        name: arrow.vectorFromArray(
          entries.map((entry) => entry.name),
          new arrow.Utf8(),
        ),
        rows: arrow.vectorFromArray(
          entries.map((entry) => entry.rows),
          new arrow.Float64(),
        ),
        bytes: arrow.vectorFromArray(
          entries.map((entry) => entry.bytes),
          new arrow.Float64(),
        ),
        title: arrow.vectorFromArray(
          entries.map((entry) => entry.title),
          new arrow.Utf8(),
        ),
      });
      process.stdout.write(textTable(table));
      return 0;
    }
    const results = await verifyCatalogue(folder);
    for (const { name, problem } of results) process.stdout.write(`${name}: ${problem ?? "verified"}\n`);
    return results.some(({ problem }) => problem !== null) ? 1 : 0;
  },
});
