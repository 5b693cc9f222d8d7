import * as arrow from "apache-arrow";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openSource } from "../source/source.ts";
import { type CatalogueField, type CatalogueSource, tableSchemaType } from "../catalogue-type.ts";
import type { ColumnType } from "../column-type.ts";
import { readCsv } from "../readers/csv.ts";
import { writeArrow } from "../write/arrow.ts";
import { boundColumns } from "./bounds.ts";
import { type Unmeasured, updateCatalogue } from "../catalogue-update.ts";

/** What a published table's CSV file cannot say: the JSON file of the same name beside it. */
interface PublishedTable {
  readonly title: string;
  readonly description: string;
  readonly sources: readonly CatalogueSource[];
  readonly fields: readonly PublishedField[];
  /** Text columns such as ">150000" or "75..140" that get numeric companions `<name>_min` and `<name>_max`. */
  readonly bounds?: readonly string[];
}

interface PublishedField {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: string;
  readonly description: string;
}

/** The published tables, one for each CSV file in `published` of the datasets' folder, in the order of their names. */
export async function publishedTables(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(folder, "published"));
  return files
    .filter((file) => file.endsWith(".csv"))
    .map((file) => file.slice(0, -".csv".length))
    .sort();
}

/**
 * Builds `data/published/NAME.arrow` and its catalogue entry from `published/NAME.csv` and `published/NAME.json`, for each name.
 *
 * @param folder - the datasets' folder
 */
export async function buildPublished(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(join(folder, "data/published"), { recursive: true });
  await updateCatalogue(folder, await Promise.all(names.map((name) => build(folder, name))));
}

async function build(folder: string, name: string): Promise<Unmeasured> {
  const source = join(folder, "published", `${name}.csv`);
  const table = JSON.parse(await readFile(join(folder, "published", `${name}.json`), "utf8")) as PublishedTable;
  const schema = Object.fromEntries(table.fields.map((column) => [column.name, column.type]));
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of readCsv(source, (await openSource(source)).chunks(), { schema })) batches.push(batch);
  const read = new arrow.Table(batches);
  const columns = new Map<string, arrow.Vector>();
  const fields: CatalogueField[] = [];
  for (const column of table.fields) {
    const values = read.getChild(column.name)!;
    columns.set(column.name, values);
    fields.push(field(column));
    if (table.bounds?.includes(column.name) !== true) continue;
    for (const [companion, bounds] of Object.entries(boundColumns(column.name, values))) columns.set(companion, bounds);
    fields.push(...companions(column));
  }
  const path = `data/published/${name}.arrow`;
  await writeArrow(join(folder, path), new arrow.Table(Object.fromEntries(columns)), {
    metadata: { title: table.title, sources: table.sources.map((from) => from.path ?? from.title).join(" ") },
  });
  return {
    name: `published/${name}`,
    path,
    title: table.title,
    description: table.description,
    format: "arrow",
    mediatype: "application/vnd.apache.arrow.file",
    sources: table.sources,
    licenses: [
      {
        name: "Apache-2.0",
        title: "Apache License 2.0 for the arrangement; the numbers are facts, quoted from the sources named here",
        path: "https://www.apache.org/licenses/LICENSE-2.0",
      },
    ],
    rows: read.numRows,
    schema: { fields },
  };
}

function field({ name, type, unit, description }: PublishedField): CatalogueField {
  return { name, type: tableSchemaType(type), arrowType: type, unit, description };
}

function companions({ name, unit }: PublishedField): CatalogueField[] {
  const of = (end: string, bound: string): CatalogueField =>
    field({
      ...{ name: `${name}_${end}`, type: "float64", unit },
      description: `${bound} that ${name} states; exclusive after ${end === "min" ? ">" : "<"}, empty if none or ambiguous`,
    });
  return [of("min", "Lower bound"), of("max", "Upper bound")];
}
