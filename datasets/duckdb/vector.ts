import type { DuckDBVector } from "@duckdb/node-api";

/** The module of DuckDB, which is loaded where a query runs. */
export type DuckDB = typeof import("@duckdb/node-api");

/** Rows of DuckDB's vectors. */
export const vectorRows = 2048;

/**
 * What node-api's vectors are made of. Its public methods take and give one value at a time; a column of numbers is copied
 * whole. The version of node-api is pinned, and the tests go through every type.
 */
interface Inside {
  /** Of a vector of numbers: DuckDB's own memory, valid while the chunk is. */
  readonly items: {
    [at: number]: number | bigint;
    subarray(from: number, upTo: number): ArrayLike<number> | ArrayLike<bigint>;
    set(values: ArrayLike<number> | ArrayLike<bigint>): void;
  };
  /** Of a vector of texts: 16 bytes each, the length and then the text or where it is. */
  readonly dataView: DataView;
  readonly validity: {
    /** A bit for each row, set where there is a value; null when all are. */
    readonly data: BigUint64Array | null;
    readonly offset: number;
    setItemValid(row: number, valid: boolean): void;
  };
}

/** The inside of a vector. */
export const insideOf = (vector: DuckDBVector): Inside => vector as unknown as Inside;

/** What gives the bytes of a text of a vector: node-api has a way to them for vectors of bytes only, which look the same. */
export function bytesOf(duckdb: DuckDB, vector: DuckDBVector): (row: number) => Uint8Array {
  const { dataView, validity } = insideOf(vector);
  const bytes = new duckdb.DuckDBBlobVector(dataView, validity as never, undefined as never, 0, vector.itemCount);
  return (row) => bytes.getItemBytes(row)!;
}
