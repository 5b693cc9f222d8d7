import type { Schema } from "apache-arrow";

/**
 * Whether two schemas have the same columns: names, order and types. Unlike apache-arrow's own comparison it passes over the
 * numbers that dictionaries have, which say nothing of the columns. Linear in the columns.
 */
export const sameColumns = (a: Schema, b: Schema): boolean =>
  a.fields.length === b.fields.length &&
  a.fields.every(({ name, type }, at) => {
    const other = b.fields[at]!;
    return other.name === name && String(other.type as unknown) === String(type as unknown);
  });
