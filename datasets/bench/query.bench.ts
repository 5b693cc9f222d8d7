// Queries over 20 million requests against DuckDB called directly in the same run, and Parquet files against DuckDB's COPY.
// Each pair runs in turns, so that a busy moment of the machine meets both.
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "../open.ts";
import { query } from "../query.ts";
import { writeParquet } from "../write/parquet.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { median, rounds } from "./processor-seconds.ts";

const requests = 20_000_000;
const written = 4_000_000;

const folder = await mkdtemp(join(tmpdir(), "veelab-bench-"));
const path = (name: string) => join(folder, name);

async function report(
  what: string,
  ours: () => Promise<unknown>,
  peer: string,
  theirs: () => Promise<unknown>,
): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + 1; round += 1)
    for (const [at, run] of [ours, theirs].entries()) {
      const start = performance.now();
      await run();
      // The first round warms up.
      if (round > 0) times[at as 0 | 1].push(performance.now() - start);
    }
  // In turns: the median of their ratios, which a busy moment moves least.
  const ratio = median(times[1].map((other, round) => other / times[0][round]!));
  const ms = median(times[0]);
  figure(what, ms, "ms", { peers: { [peer]: ratio * ms } });
}

try {
  const connection = await (await DuckDBInstance.create(":memory:", { memory_limit: "2048MB" })).connect();
  const trace = (rows: number) =>
    `select (i * 180000)::double as "timeNs", case when hash(i) % 3 = 0 then 'read' else 'write' end as op,
      (hash(i, 1) % 50000000 * 4096)::double as "offsetBytes", ((1 + hash(i, 2) % 16) * 4096)::double as "sizeBytes",
      (hash(i, 3) % 200)::uinteger as device from range(${rows}) t(i)`;
  await connection.run(`copy (${trace(requests)}) to '${path("t.parquet")}' (format parquet)`);
  await connection.run(`copy (${trace(requests)}) to '${path("t.csv")}' (format csv)`);
  await connection.run(`copy (${trace(written)}) to '${path("w.parquet")}' (format parquet)`);
  const table = await open(path("w.parquet"));
  await connection.run(`create table w as from '${path("w.parquet")}'`);

  const grouped = (from: string) => `select device, op, count(*)::double as requests, sum("sizeBytes") as bytes,
    max("offsetBytes") as highest from ${from} group by device, op order by device, op`;
  for (const file of ["t.parquet", "t.csv"]) {
    const sql = grouped(`'${path(file)}'`);
    await report(
      `grouped aggregate, ${requests / 1e6} M rows of ${file.slice(2)}, to an Arrow table`,
      () => query(sql),
      "DuckDB to its rows",
      async () => (await connection.runAndReadAll(sql)).getRows(),
    );
  }
  await report(
    `grouped aggregate, ${written / 1e6} M rows of an Arrow table`,
    () => query(grouped("t"), { tables: { t: table } }),
    "DuckDB over a table of its own",
    async () => (await connection.runAndReadAll(grouped("w"))).getRows(),
  );
  await report(
    `${written / 1e6} M rows of a Parquet file, to an Arrow table`,
    () => query(`from '${path("w.parquet")}'`),
    "DuckDB to its columns of values",
    async () => (await connection.runAndReadAll(`from '${path("w.parquet")}'`)).getColumns(),
  );
  const copy = (name: string) => `copy w to '${path(name)}' (format parquet, compression zstd)`;
  await report(
    `Parquet file of an Arrow table, ${written / 1e6} M rows`,
    () => writeParquet(path("ours.parquet"), table),
    "DuckDB's COPY of a table of its own",
    () => connection.run(copy("theirs.parquet")),
  );
  await report(
    `Parquet file of a stream, ${written / 1e6} M rows`,
    () => writeParquet(path("ours.parquet"), table.batches),
    "DuckDB's COPY of a table of its own",
    () => connection.run(copy("theirs.parquet")),
  );
  connection.closeSync();
} finally {
  await rm(folder, { recursive: true, force: true });
}
