// A block trace of 20 million requests (Alibaba's CSV, about 800 MB) to columns in memory: ours against DuckDB, pandas and polars on
// the same file, each in a process of its own that reports its wall time, processor time and peak memory. pandas is used where
// python3 has it (Debian: python3-pandas), polars where npm install --no-save nodejs-polars nodejs-polars-linux-x64-gnu put it.
import * as arrow from "apache-arrow";
import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { blockOperations } from "../formats/kinds.ts";
import { codes } from "../formats/layout.ts";
import { traceRows } from "../formats/rows.ts";
import { open, stream } from "../open.ts";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { median } from "./processor-seconds.ts";
import { alibaba } from "../readers/block/alibaba.ts";
import { writeArrow } from "../write/arrow.ts";

const requests = 20_000_000;
const rounds = 3;

interface Outcome {
  readonly rows: number;
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakMb: number;
}

const duckColumns = "{'device': 'UINTEGER', 'op': 'VARCHAR', 'offset': 'BIGINT', 'size': 'BIGINT', 'time': 'BIGINT'}";

/** How each engine counts a file's rows after reading them, once its library is there: loading it is not measured. */
type Count = (path: string) => number | Promise<number>;
const engines: Readonly<Record<string, () => Count | Promise<Count>>> = {
  "veelab, table": () => async (path) => (await open(path)).numRows,
  "veelab, Arrow file": () => async (path) => {
    let rows = 0;
    const counted = async function* (): AsyncGenerator<arrow.RecordBatch, void> {
      for await (const batch of stream(path)) {
        rows += batch.numRows;
        yield batch;
      }
    };
    await writeArrow(`${path}.arrow`, counted());
    return rows;
  },
  DuckDB: async () => {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    return async (path) => {
      const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
      await connection.run(`create table t as from read_csv('${path}', header = false, columns = ${duckColumns})`);
      return Number((await (await connection.run("select count(*) from t")).getRows())[0]![0]);
    };
  },
  polars: async () => {
    const name = "nodejs-polars";
    const { default: polars } = (await import(name)) as {
      default: { readCSV: (path: string, options: object) => { height: number } };
    };
    return (path) => polars.readCSV(path, { hasHeader: false }).height;
  },
};

const pandas = `
import json, resource, sys, time
import pandas
start, before = time.perf_counter(), time.process_time()
names = ["device", "op", "offset", "size", "time"]
rows = len(pandas.read_csv(sys.argv[1], header=None, names=names, dtype={"op": "category"}))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"rows": rows, "wallS": time.perf_counter() - start, "cpuS": time.process_time() - before, "peakMb": used.ru_maxrss / 1000}))
`;

/** In the child: one engine, once. */
async function measure(engine: string, path: string): Promise<void> {
  const count = await engines[engine]!();
  const start = performance.now();
  const before = process.cpuUsage();
  const rows = await count(path);
  const wallS = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const outcome: Outcome = { rows, wallS, cpuS: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1000 };
  console.log(JSON.stringify(outcome));
}

function* trace(): Generator<arrow.RecordBatch, void> {
  const layout = {
    timeNs: "float64",
    op: codes(blockOperations),
    offsetBytes: "float64",
    sizeBytes: "float64",
    device: "uint32",
  } as const;
  const rows = traceRows(layout, 65_536);
  rows.metadata.set("veelab.origin", "1577808000000000").set("veelab.tickNs", "1000");
  let state = 12_345;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  let time = 0;
  for (let request = 0; request < requests; request += 1) {
    const { columns, count } = rows;
    time += 1000 * below(360);
    columns.timeNs[count] = time;
    columns.op[count] = below(3) === 0 ? 0 : 1;
    columns.offsetBytes[count] = below(50_000_000) * 4096;
    columns.sizeBytes[count] = (1 + below(16)) * 4096;
    columns.device[count] = below(200);
    rows.count += 1;
    if (rows.count === 65_536) yield rows.take();
  }
  if (rows.count > 0) yield rows.take();
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-bench-"));
  try {
    const path = join(folder, "trace.csv");
    const batches = Readable.from(trace()) as AsyncIterable<arrow.RecordBatch>;
    await pipeline(Readable.from(alibaba.write!(batches)), createWriteStream(path));
    const self = fileURLToPath(import.meta.url);
    const all: Readonly<Record<string, readonly [string, readonly string[]]>> = {
      ...Object.fromEntries(Object.keys(engines).map((engine) => [engine, [process.execPath, [self, engine, path]]])),
      // We use one thread; polars reads with all processors, and here with one.
      "polars, one thread": ["env", ["POLARS_MAX_THREADS=1", process.execPath, self, "polars", path]],
      pandas: ["python3", ["-c", pandas, path]],
    };
    const outcomes = new Map<string, Outcome[]>();
    // Round by round, so that a busy moment of the machine meets all engines alike.
    for (let round = 0; round < rounds; round += 1)
      for (const [engine, [command, args]] of Object.entries(all)) {
        const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        if (status !== 0) continue;
        const outcome = JSON.parse(stdout) as Outcome;
        if (outcome.rows !== requests) throw new Error(`${engine}: expected ${requests} rows, got ${outcome.rows}`);
        outcomes.set(engine, [...(outcomes.get(engine) ?? []), outcome]);
      }
    const own = ["veelab, table", "veelab, Arrow file"];
    const peers = Object.keys(all).filter((engine) => !own.includes(engine));
    for (const peer of peers)
      if (!outcomes.has(peer)) missing(peer, "its package; see the beginning of datasets/bench/block-csv.bench.ts");
    for (const engine of own)
      for (const [what, unit, of] of [
        ["time", "s", ({ wallS }: Outcome) => wallS],
        ["processor time", "s", ({ cpuS }: Outcome) => cpuS],
        ["most memory", "MB", ({ peakMb }: Outcome) => peakMb],
      ] as const) {
        const middle = (name: string): number | undefined => {
          const values = outcomes.get(name)?.map(of);
          return values && median(values);
        };
        figure(`${engine.replace("veelab, ", "to a ")}: ${what}`, middle(engine)!, unit, {
          peers: Object.fromEntries(peers.map((peer) => [peer, middle(peer)])),
        });
      }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [engine, path] = process.argv.slice(2);
if (engine !== undefined && path !== undefined) await measure(engine, path);
else await compare();
