import type * as arrow from "apache-arrow";

/** The texts of an ENUM, in the order in which texts are sorted, and the place among them of each code of a dictionary. */
export interface Enumeration {
  readonly texts: readonly string[];
  readonly rankOf: Uint8Array;
}

/** A larger one costs more than it saves: node-api takes a type apart for every vector. */
const mostTexts = 256;

/**
 * The dictionary of a column, where it is one of few texts that all batches share or that grew from batch to batch. DuckDB
 * sorts an ENUM by its codes; sorted texts, as bytes, make that the order of the texts.
 */
export function enumerationOf(batches: readonly arrow.RecordBatch[], column: number): Enumeration | undefined {
  const dictionaries = batches.map((batch) => batch.data.children[column]?.dictionary);
  const last = dictionaries.at(-1);
  if (last === undefined || last.length === 0 || last.length > mostTexts || last.nullCount > 0) return undefined;
  if (!dictionaries.every((dictionary) => dictionary !== undefined && grewFrom(last, chunksOf(dictionary))))
    return undefined;
  const texts = Array.from(last, String);
  const sorted = texts
    .map((text, code) => ({ text, code, bytes: Buffer.from(text) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  if (new Set(texts).size !== texts.length) return undefined;
  const rankOf = new Uint8Array(texts.length);
  for (const [rank, { code }] of sorted.entries()) rankOf[code] = rank;
  return { texts: sorted.map(({ text }) => text), rankOf };
}

/** Gives the texts of a dictionary; those of one that grew since the last call are not read again. */
export function dictionaryTexts(): (dictionary: arrow.Vector) => readonly (string | null)[] {
  let chunks: readonly arrow.Data[] = [];
  let texts: (string | null)[] = [];
  return (dictionary) => {
    const now = chunksOf(dictionary);
    if (chunks !== now) {
      if (!grewFrom(dictionary, chunks)) texts = [];
      for (let code = texts.length; code < dictionary.length; code += 1)
        texts.push(dictionary.get(code) as string | null);
      chunks = now;
    }
    return texts;
  };
}

const chunksOf = (dictionary: arrow.Vector): readonly arrow.Data[] => dictionary.data as readonly arrow.Data[];

/** Whether a dictionary begins with these chunks. */
const grewFrom = (dictionary: arrow.Vector, chunks: readonly arrow.Data[]): boolean =>
  chunks.every((chunk, at) => chunk === chunksOf(dictionary)[at]);
