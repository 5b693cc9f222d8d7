import { headBytes } from "./head.ts";
import type { Layout } from "./layout.ts";
import type { Line } from "./line.ts";
import type { Rows } from "./rows.ts";
import { headerKey } from "./write-lines.ts";

/**
 * Reads a line before the first row as part of the file's header, which the metadata keep (64 KiB of it at most) and
 * `writeLines` writes again.
 */
export function headerLine(line: Line, rows: Rows<Layout>): void {
  const header = rows.metadata.get(headerKey) ?? "";
  if (header.length < headBytes) rows.metadata.set(headerKey, `${header}${line.text()}\n`);
  line.rest();
}
