import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeWork } from "./native-work.ts";

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

/** What runs on an engine says when it leaves nothing behind, so that the next one may have the engine. */
export interface Engine {
  readonly connection: DuckDBConnection;
  isClean: boolean;
}

/** A DuckDB in memory, and the folder that its data go to where they do not fit. */
interface Instance {
  readonly database: DuckDBInstance;
  readonly folder: string;
}

/** An engine that waits for the next one who wants the same: making one takes longer than many a query. */
let idle: (Instance & { readonly key: string; readonly timer: NodeJS.Timeout }) | undefined;
const idleMs = 10_000;

/**
 * Runs something on a DuckDB of its own. It loads a large native library the first time, has no home folder and takes no
 * extensions from the net; its temporary folder is removed when the generator ends, however it ends.
 */
export async function* withEngine<T>(
  options: EngineOptions,
  use: (engine: Engine) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const { signal, memoryLimitMb = defaultMemoryLimitMb, threads, temporaryFolder = tmpdir() } = options;
  signal?.throwIfAborted();
  const key = JSON.stringify([memoryLimitMb, threads, temporaryFolder]);
  const { instance, connection } = await nativeWork(nothing, async () => {
    const instance = takeIdle(key) ?? (await makeInstance(memoryLimitMb, threads, temporaryFolder));
    return { instance, connection: await instance.database.connect() };
  });
  const engine: Engine = { connection, isClean: false };
  const interrupt = () => {
    connection.interrupt();
  };
  signal?.addEventListener("abort", interrupt);
  const results = use(engine)[Symbol.asyncIterator]();
  let isDone: boolean | undefined = false;
  try {
    while (!isDone) {
      const next = await nativeWork(interrupt, () => results.next());
      isDone = next.done;
      if (!next.done) yield next.value;
    }
  } catch (error) {
    isDone = true;
    engine.isClean = false;
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    if (!isDone) await nativeWork(interrupt, async () => results.return?.());
    connection.closeSync();
    // Where something was written, the folder is there.
    if (engine.isClean && idle === undefined && !existsSync(instance.folder)) keepIdle(key, instance);
    else await close(instance);
  }
}

const nothing = (): void => undefined;

async function makeInstance(memoryLimitMb: number, threads: number | undefined, place: string): Promise<Instance> {
  const { DuckDBInstance: Database } = await import("@duckdb/node-api");
  const folder = join(place, `veelab-query-${randomUUID()}`);
  const database = await Database.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: folder,
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  return { database, folder };
}

function takeIdle(key: string): Instance | undefined {
  if (idle?.key !== key) return undefined;
  const { database, folder, timer } = idle;
  clearTimeout(timer);
  idle = undefined;
  return { database, folder };
}

function keepIdle(key: string, { database, folder }: Instance): void {
  const timer = setTimeout(() => {
    idle = undefined;
    database.closeSync();
  }, idleMs).unref();
  idle = { key, database, folder, timer };
}

async function close({ database, folder }: Instance): Promise<void> {
  database.closeSync();
  await rm(folder, { recursive: true, force: true });
}
