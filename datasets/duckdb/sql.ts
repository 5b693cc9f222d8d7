import { resolve } from "node:path";

/** A name as SQL has it, whatever it holds. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL has it. */
export const textOf = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** DuckDB takes a file's name as a pattern (`trace[1].parquet` would read `trace1.parquet`), and one that begins with ~ as the home folder's. */
export const literally = (path: string): string => resolve(path).replace(/[*?[]/g, "[$&]");
