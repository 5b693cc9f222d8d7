// Builds datasets/data/published/*.arrow and their catalogue entries from datasets/published/*.csv:
//   node dist/datasets/build/published.js
import * as arrow from "apache-arrow";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openSource } from "../source/source.ts";
import { type CatalogueField, tableSchemaType } from "../catalogue-type.ts";
import type { ColumnType } from "../column-type.ts";
import { packageRoot } from "../package-root.ts";
import { readCsv } from "../readers/csv.ts";
import { writeArrow } from "../write/arrow.ts";
import { boundColumns } from "./bounds.ts";
import { type PublishedTable, publishedTables } from "./published-resources.ts";
import { type Unmeasured, updateCatalogue } from "../catalogue-update.ts";

const folder = join(packageRoot(), "datasets");

const field = (name: string, arrowType: ColumnType, unit: string, description: string): CatalogueField => ({
  name,
  type: tableSchemaType(arrowType),
  arrowType,
  unit,
  description,
});

const companions = (of: CatalogueField): CatalogueField[] => [
  field(
    `${of.name}_min`,
    "float64",
    of.unit,
    `Lower bound that ${of.name} states; exclusive after >, empty if none or ambiguous`,
  ),
  field(
    `${of.name}_max`,
    "float64",
    of.unit,
    `Upper bound that ${of.name} states; exclusive after <, empty if none or ambiguous`,
  ),
];

async function build(table: PublishedTable): Promise<Unmeasured> {
  const source = join(folder, "published", `${table.csv}.csv`);
  const schema = Object.fromEntries(table.fields.map(([name, type]) => [name, type]));
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of readCsv(source, (await openSource(source)).chunks(), { schema })) batches.push(batch);
  const read = new arrow.Table(batches);
  const columns = new Map<string, arrow.Vector>();
  const fields: CatalogueField[] = [];
  for (const [name, type, unit, description] of table.fields) {
    const column = field(name, type, unit, description);
    const values = read.getChild(name)!;
    columns.set(name, values);
    fields.push(column);
    if (table.bounds?.includes(name) !== true) continue;
    for (const [companion, bounds] of Object.entries(boundColumns(name, values))) columns.set(companion, bounds);
    fields.push(...companions(column));
  }
  const path = `data/published/${table.csv}.arrow`;
  await writeArrow(join(folder, path), new arrow.Table(Object.fromEntries(columns)), {
    metadata: { title: table.title, sources: table.sources.map((source) => source.path ?? source.title).join(" ") },
  });
  return {
    name: `published/${table.csv}`,
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

await mkdir(join(folder, "data/published"), { recursive: true });
await updateCatalogue(folder, await Promise.all(publishedTables.map(build)));
