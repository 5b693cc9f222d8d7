import * as arrow from "apache-arrow";
import { formatNames, namedFormat } from "../format.ts";
import { head } from "../import.ts";
import { queryStream } from "../query.ts";
import { csvText } from "../write/csv.ts";
import { write } from "../write/write.ts";
import { commandOf, onlyFile, UsageError, wholeNumber } from "./arguments.ts";
import { textTable } from "./text-table.ts";

/** `veelab head` */
export const headOfFile: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab head",
  help: `Usage: veelab head [options] FILE

Prints the first rows of a trace, a table or a dataset of the catalogue.

  -n, --rows N       so many rows; 10 when not given
  --as FORMAT        read it as this format
  -h, --help         print this
`,
  options: { rows: { type: "string", short: "n" }, as: { type: "string" } },
  async run({ values, positionals }) {
    const file = onlyFile("veelab head", positionals);
    const table = await head(
      file,
      wholeNumber("rows", values.rows) ?? 10,
      values.as === undefined ? {} : { as: values.as },
    );
    process.stdout.write(textTable(table));
    return 0;
  },
});

/** More rows than this are not read by a person. */
const shownRows = 1000;

/** `veelab sql` */
export const sql: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab sql",
  help: `Usage: veelab sql [options] QUERY

Runs a query (DuckDB's SQL) over files and datasets of the catalogue, and prints its result.

  -o, --out PATH     write the result: .arrow, .arrow.gz, .parquet or .csv
  --csv              print CSV instead of an aligned table
  --memory MB        memory for the query's data, 2048 when not given; what does not fit goes to a temporary folder
  -h, --help         print this

Examples:
  veelab sql "select op, count(*), sum(\\"sizeBytes\\") / 1e9 as gb from 'disk.csv.zst' group by op"
  veelab sql "from \\"memory/gcc-cc1\\" where kind = 2" -o writes.parquet
`,
  options: { out: { type: "string", short: "o" }, csv: { type: "boolean" }, memory: { type: "string" } },
  async run({ values, positionals }) {
    const [text, ...more] = positionals;
    if (text === undefined || more.length > 0)
      throw new UsageError(`expected one query, in quotes, got ${positionals.length} (see veelab sql --help)`);
    const memoryLimitMb = wholeNumber("memory", values.memory);
    const batches = queryStream(text, memoryLimitMb === undefined ? {} : { memoryLimitMb });
    if (values.out !== undefined) await write(values.out, batches);
    else if (values.csv === true) for await (const lines of csvText(batches)) process.stdout.write(lines);
    else {
      const kept: arrow.RecordBatch[] = [];
      let rows = 0;
      for await (const batch of batches) {
        if (rows < shownRows) kept.push(batch.slice(0, shownRows - rows));
        rows += batch.numRows;
      }
      process.stdout.write(textTable(new arrow.Table(kept)));
      if (rows > shownRows)
        process.stdout.write(`… of ${rows.toLocaleString("en")} rows (--csv or --out gives all of them)\n`);
    }
    return 0;
  },
});

/** `veelab formats` */
export const listFormats: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab formats",
  help: `Usage: veelab formats

Lists the formats that are read: name, kind, title; those marked w are written, too (veelab convert --to NAME).
`,
  options: {},
  run() {
    const rows = formatNames().map((name) => {
      const format = namedFormat(name);
      return typeof format === "string"
        ? {
            name,
            kind: "table",
            w: "w",
            title: { arrow: "Arrow IPC file or stream, Feather V2", parquet: "Parquet", csv: "CSV with a header" }[
              format
            ],
          }
        : { name, kind: format.kind, w: format.write === undefined ? "" : "w", title: format.title };
    });
    const columns = (["name", "kind", "w", "title"] as const).map(
      (key) =>
        [
          key,
          arrow.vectorFromArray(
            rows.map((row) => row[key]),
            new arrow.Utf8(),
          ),
        ] as const,
    );
    process.stdout.write(textTable(new arrow.Table(Object.fromEntries(columns))));
    return Promise.resolve(0);
  },
});
