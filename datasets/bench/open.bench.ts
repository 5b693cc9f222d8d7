// How fast files become Arrow tables, against peers in the same run: apache-arrow alone, DuckDB.
import { DuckDBInstance } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { open } from "../open.ts";
import { writeArrow } from "../write/arrow.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { median, rounds } from "./processor-seconds.ts";

const rows = 1_000_000;

const folder = await mkdtemp(join(tmpdir(), "veelab-bench-"));
const path = (name: string) => join(folder, name);

async function milliseconds(run: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    const start = performance.now();
    const got = await run();
    if (got !== rows) throw new Error(`expected ${rows} rows, got ${got}`);
    // The first round warms up.
    if (round > 0) times.push(performance.now() - start);
  }
  return median(times);
}

async function report(
  what: string,
  ours: () => Promise<number>,
  peer: string,
  theirs: () => Promise<number>,
): Promise<void> {
  const [mine, other] = [await milliseconds(ours), await milliseconds(theirs)];
  figure(what, mine, "ms", { peers: { [peer]: other } });
}

try {
  const lines = function* (): Generator<string> {
    yield "time,page,share,name\n";
    for (let row = 0; row < rows; row += 1)
      yield `${row},${(row * 7919) % 65536},${((row % 1000) / 1000).toFixed(3)},vm ${row % 200}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path("t.csv")));
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const schema = { time: "int32", page: "uint32", share: "float64", name: "utf8" } as const;
  const types = "{'time': 'INTEGER', 'page': 'UINTEGER', 'share': 'DOUBLE', 'name': 'VARCHAR'}";
  const csv = `read_csv('${path("t.csv")}', header = true, columns = ${types})`;
  await connection.run(`copy (select * from ${csv}) to '${path("t.parquet")}' (format parquet)`);
  await writeArrow(path("t.arrow"), await open(path("t.csv"), { schema }));

  /** A query's result as DuckDB's own columns of values. */
  const columnsOf = async (from: string): Promise<number> =>
    (await (await connection.run(`select * from ${from}`)).getColumns())[0]!.length;

  await report(
    "Arrow file, 1 M rows, checked",
    async () => (await open(path("t.arrow"))).numRows,
    "apache-arrow unchecked",
    async () => arrow.tableFromIPC(await readFile(path("t.arrow"))).numRows,
  );
  await report(
    "CSV with a schema to Arrow, 1 M rows",
    async () => (await open(path("t.csv"), { schema })).numRows,
    "DuckDB to a table of its own",
    async () => {
      await connection.run(`create or replace table t as select * from ${csv}`);
      return rows;
    },
  );
  await report(
    "CSV with inference to Arrow, 1 M rows",
    async () => (await open(path("t.csv"))).numRows,
    "DuckDB to its columns of values",
    () => columnsOf(csv),
  );
  await report(
    "Parquet to Arrow, 1 M rows",
    async () => (await open(path("t.parquet"))).numRows,
    "DuckDB to its columns of values",
    () => columnsOf(`read_parquet('${path("t.parquet")}')`),
  );
  connection.closeSync();
} finally {
  await rm(folder, { recursive: true, force: true });
}
