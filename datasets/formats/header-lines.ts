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

/** Reads a table's line of titles if this is the file's first line and says exactly that, and keeps it as {@link headerLine}. */
export function titleLine(line: Line, rows: Rows<Layout>, title: string): boolean {
  if (line.number > 1) return false;
  const from = line.at;
  const isTitle = line.take(title) && line.isAtEnd;
  line.at = from;
  if (isTitle) headerLine(line, rows);
  return isTitle;
}
