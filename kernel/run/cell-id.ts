import { createHash } from "node:crypto";

/** Whether nbformat 4.5 takes a text as a cell's id. */
export function isCellId(text: string): boolean {
  return /^[a-zA-Z0-9_-]{1,64}$/u.test(text);
}

/**
 * An id for a cell that has none: eight hexadecimal digits of a hash of its place and text, so that the same notebook
 * gets the same ids each time. Where `taken` has it already, hashed again.
 */
export function cellId(index: number, source: string, taken: ReadonlySet<string>): string {
  for (let round = 0; ; round += 1) {
    const id = createHash("sha256").update(`${index}\0${round}\0${source}`).digest("hex").slice(0, 8);
    if (!taken.has(id)) return id;
  }
}
