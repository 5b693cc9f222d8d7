/**
 * Names in the order in which they are tried, as Jupyter makes them: `untitled.txt`, `untitled1.txt`, …. The number stands
 * before all endings (`a-Copy1.tar.gz`), of a notebook before the last (`v1.2-Copy1.ipynb`).
 */
export function* namesLike(name: string, insert: string): Generator<string, never> {
  const dot = name.endsWith(".ipynb") ? name.lastIndexOf(".") : name.indexOf(".");
  const stem = dot === -1 ? name : name.slice(0, dot);
  const ends = name.slice(stem.length);
  yield name;
  for (let count = 1; ; count += 1) yield `${stem}${insert}${count}${ends}`;
}

/** The name from which copies are counted: a copy of a copy is one more of the original. */
export function withoutCopyMark(name: string): string {
  return name.replaceAll(/-Copy\d*\./gu, ".");
}
