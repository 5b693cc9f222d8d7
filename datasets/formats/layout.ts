import type { ColumnType } from "../column-type.ts";
import type { Dictionary } from "./dictionary.ts";
import type { SeldomColumn, SeldomNumber } from "./seldom-column.ts";
import type { TextColumn } from "./text-column.ts";

/** A column of a few texts that are known beforehand; its values are their places in the list. */
export interface CodesColumn {
  readonly codes: readonly string[];
}

/** A column that need not have a value in every row; `rows.setNull` says so. */
export interface OptionalColumn<T extends PlainColumn = PlainColumn> {
  readonly optional: T;
}

type NumberColumn = Exclude<ColumnType, "utf8" | "timestamp" | "date" | "int64">;

/** What a column holds: numbers (a bool is 0 or 1), texts that are all different, or texts that occur often (a dictionary that grows). */
export type PlainColumn = NumberColumn | "text" | "words" | CodesColumn;

/** A column whose values change seldom, and that need not have one. */
export interface SeldomLayout {
  readonly seldom: SeldomNumber;
}

/** A trace's columns, in order. */
export type Layout = Readonly<Record<string, PlainColumn | OptionalColumn | SeldomLayout>>;

/** A column of codes: `op: codes(blockOperations)`. */
export const codes = (list: readonly string[]): CodesColumn => ({ codes: list });

/** A column that may be null. */
export const optional = <const T extends PlainColumn>(column: T): OptionalColumn<T> => ({ optional: column });

/** A column whose value holds until another one is set. */
export const seldom = (number: SeldomNumber): SeldomLayout => ({ seldom: number });

/** What a row's value is stored in. A uint64 takes two places of 32 bits, the lower half first. */
type StoreOf<T> =
  T extends OptionalColumn<infer P>
    ? StoreOf<P>
    : T extends SeldomLayout
      ? SeldomColumn
      : T extends "float64"
        ? Float64Array
        : T extends "float32"
          ? Float32Array
          : T extends "int8"
            ? Int8Array
            : T extends "int16"
              ? Int16Array
              : T extends "int32"
                ? Int32Array
                : T extends "uint8" | "bool" | CodesColumn
                  ? Uint8Array
                  : T extends "uint16"
                    ? Uint16Array
                    : T extends "uint32" | "uint64"
                      ? Uint32Array
                      : T extends "words"
                        ? Dictionary
                        : T extends "text"
                          ? TextColumn
                          : never;

/** A layout's columns while a batch is filled. The arrays are other ones for each batch. */
export type Columns<L extends Layout> = { readonly [K in keyof L]: StoreOf<L[K]> };
