import type { DuckDBConnection } from "@duckdb/node-api";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How much of the machine a query may take. */
export interface EngineOptions {
  /** Memory for DuckDB's own data; what does not fit goes to a temporary folder. 2048 when not given. */
  readonly memoryLimitMb?: number;
  /** Threads; all processors when not given. */
  readonly threads?: number;
}

/** What a query may take when nothing else is asked for. */
export const defaultMemoryLimitMb = 2048;

/**
 * Runs something on a DuckDB of its own. It loads a large native library the first time, has no home folder and takes no
 * extensions from the net; its temporary folder is removed when the generator ends, however it ends.
 */
export async function* withEngine<T>(
  { memoryLimitMb = defaultMemoryLimitMb, threads }: EngineOptions,
  use: (connection: DuckDBConnection) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(tmpdir(), "veelab-query-"));
  try {
    // On disk, so that tables which do not fit in memory can be there.
    const instance = await DuckDBInstance.create(join(folder, "tables.duckdb"), {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      memory_limit: `${memoryLimitMb}MB`,
      temp_directory: join(folder, "spilled"),
      ...(threads === undefined ? {} : { threads: String(threads) }),
    });
    const connection = await instance.connect();
    try {
      yield* use(connection);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
