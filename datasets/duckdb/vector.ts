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
  /** DuckDB's own. */
  readonly vector: unknown;
}

/** The inside of a vector. */
export const insideOf = (vector: DuckDBVector): Inside => vector as unknown as Inside;

/** Texts up to this length lie in the vector itself, behind their length; of others there is the place. */
export const inlineBytes = 12;

/** What gives the bytes of a text of a vector: node-api has a way to them for vectors of bytes only, which look the same. */
export function bytesOf(duckdb: DuckDB, vector: DuckDBVector): (row: number) => Uint8Array {
  const { dataView, validity } = insideOf(vector);
  const bytes = new duckdb.DuckDBBlobVector(dataView, validity as never, undefined as never, 0, vector.itemCount);
  return (row) => bytes.getItemBytes(row)!;
}

/** Fills a vector of texts: 16 bytes each of short ones, in one copy; the long ones by their rows. */
export function setTexts(
  duckdb: DuckDB,
  vector: DuckDBVector,
  short: BigUint64Array,
  long: readonly (readonly [row: number, bytes: Uint8Array])[],
): void {
  const { dataView, validity, vector: raw } = insideOf(vector);
  new duckdb.DuckDBUBigIntVector(short, validity as never, raw as never).flush();
  if (long.length === 0) return;
  const bytes = new duckdb.DuckDBBlobVector(dataView, validity as never, raw as never, 0, vector.itemCount);
  for (const [row, text] of long) bytes.setItem(row, new duckdb.DuckDBBlobValue(text));
  bytes.flush();
}
