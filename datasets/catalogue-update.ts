import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { DataType, Schema } from "apache-arrow";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Catalogue, catalogue, catalogueFile, hashOf, leadsOut, readPackage } from "./catalogue.ts";
import { checkedEntries } from "./catalogue-check.ts";
import { type CatalogueEntry, type CatalogueField, type DataPackage, tableSchemaType } from "./catalogue-type.ts";
import { checkNames } from "./options.ts";
import { columnTypeOf, columnTypes } from "./column-type.ts";
import { OptionError } from "./errors.ts";
import { stream } from "./open.ts";
import { writeAtomically } from "./write/atomic.ts";

/** An entry before its file is measured. */
export type Unmeasured = Omit<CatalogueEntry, "hash" | "bytes">;

const empty: DataPackage = {
  $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
  name: "veelab",
  title: "Datasets of veelab",
  description:
    'Published numbers of the papers of VEE 2011 and traces captured from real programs, as Arrow. Open one by its name: open("published/selective-paging-table-1").',
  resources: [],
};

/** Puts entries in the catalogue in place of those of the same name; the files' hashes and sizes are taken from the disk. */
export async function updateCatalogue(
  folder: string,
  entries: readonly Unmeasured[],
  descriptor: DataPackage = empty,
): Promise<void> {
  const path = join(folder, catalogueFile);
  const old = existsSync(path) ? await readPackage(path) : descriptor;
  const measured = await Promise.all(
    entries.map(async (entry): Promise<CatalogueEntry> => {
      const file = join(folder, entry.path);
      const { schema, ...rest } = entry;
      return { ...rest, hash: await hashOf(file), bytes: (await stat(file)).size, schema };
    }),
  );
  const names = new Set(entries.map(({ name }) => name));
  const resources = [...old.resources.filter(({ name }) => !names.has(name)), ...measured].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  checkedEntries(path, resources);
  const text = `${JSON.stringify({ ...(old === descriptor || descriptor === empty ? descriptor : old), resources }, undefined, 2)}\n`;
  await writeAtomically(path, (handle) => handle.writeFile(text));
}

/** What {@link addToCatalogue} says of a file; what is left out is empty or taken from the file. */
export interface CatalogueAddition {
  /** The name that `open` will take; the file's name without its endings when not given. */
  readonly name?: string;
  /** One line. */
  readonly title?: string;
  /** What the rows are, and what to know before using them. */
  readonly description?: string;
  /** Where the data come from. */
  readonly source?: string;
  /** The licence's SPDX identifier. */
  readonly license?: string;
  /** Whether it may take the place of an entry of the same name, whose title, description, source and licence stay where none is given, as do the units and descriptions of columns that it still has; not when not given. */
  readonly replace?: boolean;
}

/**
 * Puts a file in the catalogue of a folder (a Data Package, `datapackage.json`, made when there is none): its columns, rows, size and SHA-256.
 * In that folder, `open` then takes its name and verifies it. The file must lie in the folder or below. Reads the whole file.
 *
 * Throws as `open` does for a file that cannot be read, and OptionError for one outside the folder, for columns that no {@link ColumnType} names (nested values, bytes, times of day), and for a
 * name of the package's own catalogue, or of the folder's without `replace`.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { addToCatalogue, verifyCatalogue } from "veelab/datasets";
 *
 * const folder = await mkdtemp(join(tmpdir(), "veelab-catalogue-"));
 * await writeFile(join(folder, "load.csv"), "time,load\n0,0.5\n1,0.7\n");
 * await addToCatalogue(join(folder, "load.csv"), { title: "Load of a server" }, folder);
 * console.log(await verifyCatalogue(folder)); // [ { name: "load", problem: null } ]
 * ```
 */
export async function addToCatalogue(
  file: string,
  addition: CatalogueAddition = {},
  folder: string = process.cwd(),
): Promise<CatalogueEntry> {
  checkNames(addition, ["name", "title", "description", "source", "license", "replace"]);
  const { name: given, title, description, source, license, replace = false } = addition;
  if (typeof replace !== "boolean") throw new OptionError("replace", "true or false", replace);
  const path = relative(folder, file).split(sep).join("/");
  for (const [option, text, expected, holds] of [
    ["name", given ?? "-", "a name without line ends or other control characters", /^[^\p{Cc}]+$/u],
    ["title", title ?? "-", "one line", /^[^\p{Cc}]+$/u],
    ["description", description ?? "", "a text", /^/],
    ["source", source ?? "", "a text", /^/],
    ["license", license ?? "", "an SPDX identifier", /^[\w.+-]*$/],
  ] as const)
    if (typeof text !== "string" || !holds.test(text)) throw new OptionError(option, expected, text);
  if (path === ".." || path.startsWith("../") || isAbsolute(path))
    throw new OptionError("file", `a file in ${folder}`, file);
  // A file that is not there is told by the reading.
  const elsewhere = await leadsOut(folder, file).catch(() => undefined);
  if (elsewhere !== undefined)
    throw new OptionError("file", `a file in ${folder}, not a link that leaves it`, elsewhere);
  const name = given ?? path.replace(/(\.\w+)?(\.(gz|zst|lz4|xz|zip))?$/, "");
  if (name === "") throw new OptionError("name", "a name", name);
  const entryIn = ({ entries }: Catalogue) => entries.find((entry) => entry.name === name);
  if (entryIn(await catalogue()) !== undefined)
    throw new OptionError("name", "a name that no dataset of veelab's has", name);
  const replaced = existsSync(join(folder, catalogueFile)) ? entryIn(await catalogue(folder)) : undefined;
  if (!replace && replaced !== undefined)
    throw new OptionError("name", "a name that the folder's catalogue does not have, or the option replace", name);
  let rows = 0;
  let schema: Schema | undefined;
  for await (const batch of stream(resolve(folder, path))) {
    schema ??= batch.schema;
    rows += batch.numRows;
  }
  const fields = schema!.fields.map(({ name: field, type }): CatalogueField => {
    const arrowType = columnTypeOf(type as DataType);
    if (arrowType === undefined)
      throw new OptionError(field, `a column of ${columnTypes.join(", ")}`, String(type as unknown));
    const { unit = unitOf(field), description = "" } = replaced?.schema.fields.find((of) => of.name === field) ?? {};
    return { name: field, type: tableSchemaType(arrowType), arrowType, unit, description };
  });
  const entry: Unmeasured = {
    name,
    path,
    title: title ?? replaced?.title ?? basename(path),
    description: description ?? replaced?.description ?? "",
    format: basename(path).replace(/^[^.]*\./, ""),
    mediatype: "application/octet-stream",
    sources: source === undefined ? (replaced?.sources ?? []) : source === "" ? [] : [{ title: source }],
    licenses: license === undefined ? (replaced?.licenses ?? []) : licensesOf(license),
    rows,
    schema: { fields },
  };
  await updateCatalogue(folder, [entry], {
    ...empty,
    name: "datasets",
    title: "Datasets",
    description: "Made by veelab catalog add",
  });
  return (await catalogue(folder)).get(name);
}

const licensesOf = (license: string): CatalogueEntry["licenses"] =>
  license === "" ? [] : [{ name: license, title: license, path: `https://spdx.org/licenses/${license}` }];

/** The unit that a column's name ends in, as the normal forms of traces have it. */
function unitOf(name: string): string {
  const ending = /(?<=[a-z\d])(Ns|Us|Ms|S|Seconds|Bytes|Mbps|Percent)$/.exec(name)?.[1];
  const units: Readonly<Record<string, string>> = { Ns: "ns", Us: "µs", Ms: "ms", S: "s", Seconds: "s", Bytes: "B" };
  return ending === undefined ? "" : (units[ending] ?? { Mbps: "Mb/s", Percent: "%" }[ending] ?? "");
}
