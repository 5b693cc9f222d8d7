import * as arrow from "apache-arrow";
import { stat } from "node:fs/promises";
import { formatNames, namedFormat } from "../format.ts";
import { head } from "../import.ts";
import { queryStream } from "../query.ts";
import { csvText } from "../write/csv.ts";
import { write } from "../write/write.ts";
import { commandOf, onlyFile, sizeMb, UsageError, wholeNumber } from "./arguments.ts";
import { interruptible } from "./interruption.ts";
import { jsonLines } from "./json-lines.ts";
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
      wholeNumber("rows", values.rows, 1) ?? 10,
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

Runs a query (DuckDB's SQL) over files of any format that is read and datasets of the catalogue, and prints its result.

  -o, --out PATH     write the result: .arrow, .arrow.gz, .parquet or .csv
  --format NAME      print table (the default, up to 1,000 rows), csv, or json (an object a line)
  --memory SIZE      memory for the query's data, 2GB when not given; what does not fit goes to a temporary folder
  -h, --help         print this

Examples:
  veelab sql "select op, count(*), sum(\\"sizeBytes\\") / 1e9 as gb from 'disk.csv.zst' group by op"
  veelab sql "from \\"memory/gcc-cc1\\" where kind = 2" -o writes.parquet

Exit status: 0 done, 1 a file that cannot be read, 2 cannot be used, 130 interrupted (143 by SIGTERM), which leaves no file.
`,
  options: { out: { type: "string", short: "o" }, format: { type: "string" }, memory: { type: "string" } },
  async run({ values: { out, format = "table", memory }, positionals }) {
    const [text, ...more] = positionals;
    if (text === undefined || more.length > 0)
      throw new UsageError(`expected one query, in quotes, got ${positionals.length} (see veelab sql --help)`);
    if (!["table", "csv", "json"].includes(format))
      throw new UsageError(`--format: expected table, csv or json, got ${JSON.stringify(format)}`);
    const memoryLimitMb = sizeMb("memory", memory);
    let rows = 0;
    await interruptible(
      async (signal) => {
        const batches = queryStream(text, { signal, ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }) });
        if (out !== undefined)
          await write(
            out,
            counted(batches, (more) => (rows += more)),
            { signal },
          );
        else if (format === "table") await printTable(batches);
        else
          for await (const lines of format === "csv" ? csvText(batches) : jsonLines(batches)) {
            process.stdout.write(lines);
            signal.throwIfAborted();
          }
      },
      out === undefined ? "interrupted" : undefined,
    );
    if (out !== undefined)
      process.stdout.write(
        `${out}: ${rows.toLocaleString("en")} rows, ${(await stat(out)).size.toLocaleString("en")} bytes\n`,
      );
    return 0;
  },
});

async function* counted(
  batches: AsyncIterable<arrow.RecordBatch>,
  onRows: (rows: number) => void,
): AsyncGenerator<arrow.RecordBatch, void> {
  for await (const batch of batches) {
    onRows(batch.numRows);
    yield batch;
  }
}

/** Prints the first rows, and says how many there are. */
async function printTable(batches: AsyncIterable<arrow.RecordBatch>): Promise<void> {
  const kept: arrow.RecordBatch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    if (rows < shownRows) kept.push(batch.slice(0, shownRows - rows));
    rows += batch.numRows;
  }
  process.stdout.write(textTable(new arrow.Table(kept)));
  if (rows > shownRows)
    process.stdout.write(`… of ${rows.toLocaleString("en")} rows (--format csv or --out gives all of them)\n`);
}

/** `veelab formats` */
export const listFormats: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab formats",
  help: `Usage: veelab formats

Lists the formats that are read: name, kind, title; those marked w are written, too (veelab convert --to NAME).
`,
  options: {},
  run({ positionals }) {
    if (positionals.length > 0)
      throw new UsageError(`expected nothing more, got ${positionals.join(" ")} (see veelab formats --help)`);
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
