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
  /** Where the temporary folder is made; the system's place when not given. It is removed at the end. */
  readonly temporaryFolder?: string;
  /** Ends the query. */
  readonly signal?: AbortSignal;
}

/** What a query may take when nothing else is asked for. */
export const defaultMemoryLimitMb = 2048;

/**
 * Runs something on a DuckDB of its own. It loads a large native library the first time, has no home folder and takes no
 * extensions from the net; its temporary folder is removed when the generator ends, however it ends.
 */
export async function* withEngine<T>(
  { memoryLimitMb = defaultMemoryLimitMb, threads, temporaryFolder = tmpdir(), signal }: EngineOptions,
  use: (connection: DuckDBConnection) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  signal?.throwIfAborted();
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(temporaryFolder, "veelab-query-"));
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
    const interrupt = () => {
      connection.interrupt();
    };
    signal?.addEventListener("abort", interrupt);
    try {
      yield* use(connection);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
