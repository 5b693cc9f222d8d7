import type { RecordBatch, Table } from "apache-arrow";
import { stream } from "../../datasets/open.ts";
import type { StreamOptions } from "../../datasets/options.ts";
import { query, type QueryOptions } from "../../datasets/query.ts";
import type { PartitionFiles } from "./partitions.ts";

/** A part of a trace, as the function of {@link mapTrace} sees it. */
export interface Partition extends Pick<PartitionFiles, "name" | "keys" | "files" | "bytes"> {
  /**
   * Runs SQL over the partition, which is the table `trace`: `select count(*) from trace`. DuckDB reads a single file where it is, only the columns
   * that the query asks for. It takes one thread, as each core has a partition of its own, unless `threads` says otherwise.
   */
  readonly query: (sql: string, options?: QueryOptions) => Promise<Table>;
  /** The partition's record batches, in the order of its files: what the characterisations of `veelab/traces` and the simulators take. */
  readonly stream: (options?: StreamOptions) => AsyncGenerator<RecordBatch, void>;
}

/** Opens a partition where its files are. */
export function openPartition({ name, keys, files, bytes }: PartitionFiles): Partition {
  async function* batches(options: StreamOptions = {}): AsyncGenerator<RecordBatch, void> {
    for (const file of files) yield* stream(file, options);
  }
  const [first = "", ...more] = files;
  return {
    ...{ name, keys, files, bytes },
    stream: batches,
    query: (sql, options = {}) =>
      query(sql, {
        threads: 1,
        ...options,
        tables: { trace: more.length === 0 ? first : batches(), ...options.tables },
      }),
  };
}
