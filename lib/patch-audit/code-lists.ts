import type { Database } from "./database.ts";

/** The code pages of each binary. */
export interface CodeLists {
  /** Where each binary's pages begin in the arrays below; one more at the end. */
  readonly first: Uint32Array;
  /** The page id. */
  readonly id: Uint32Array;
  /** The place in memory, in pages from the first that the file loads. */
  readonly addressPage: Uint32Array;
}

/** The database turned round: from binaries to pages, these in order of their ids. Linear time. */
export function codeLists({ binaries, distinctPages, firstPosting, postingBinary, postingPage }: Database): CodeLists {
  const first = new Uint32Array(binaries.length + 1);
  for (const binary of postingBinary) first[binary + 1]! += 1;
  for (let binary = 0; binary < binaries.length; binary += 1) first[binary + 1]! += first[binary]!;
  const next = first.slice();
  const id = new Uint32Array(postingBinary.length);
  const addressPage = new Uint32Array(postingBinary.length);
  for (let page = 0; page < distinctPages; page += 1)
    for (let posting = firstPosting[page]!; posting < firstPosting[page + 1]!; posting += 1) {
      const at = next[postingBinary[posting]!]!++;
      id[at] = page;
      addressPage[at] = postingPage[posting]!;
    }
  return { first, id, addressPage };
}
