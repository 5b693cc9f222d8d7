// A second implementation of the nested walk, as plain as can be. A guest table is known by the path of indices to it,
// as a string; so is a nested table. Which guest-physical frame a guest table has does not matter to the number of
// entries read, only which nested tables its translation passes, so frames are numbered in the order of first use, as
// in the product: the root, then for every page in turn its new tables from the root down, then the page itself.

interface Sizes {
  readonly pde?: number | undefined;
  readonly pdpte?: number | undefined;
  readonly pml4e?: number | undefined;
  readonly nestedPde?: number | undefined;
  readonly nestedTlb?: number | undefined;
}

/** A fully associative LRU cache; absent, it holds nothing. */
class Recent {
  readonly names: string[] = [];
  readonly entries: number;

  constructor(entries: number | undefined) {
    this.entries = entries ?? 0;
  }

  has(name: string): boolean {
    const at = this.names.indexOf(name);
    if (at < 0) return false;
    this.names.splice(at, 1);
    this.names.unshift(name);
    return true;
  }

  add(name: string): void {
    if (this.has(name)) return;
    this.names.unshift(name);
    this.names.length = Math.min(this.names.length, this.entries);
  }
}

/** The indices into the tables of each level, the root's first. */
function indices(page: number, bits: readonly number[]): number[] {
  let rest = BigInt(page);
  const parts: number[] = [];
  for (const width of [...bits].reverse()) {
    parts.unshift(Number(rest % (1n << BigInt(width))));
    rest /= 1n << BigInt(width);
  }
  return parts;
}

/** A walk function over a guest whose pages are `mapped` beforehand, in this order. Gives the entries read. */
export function naiveNestedWalk(
  guestBits: readonly number[],
  nestedBits: readonly number[],
  mapped: readonly number[],
  sizes: Sizes,
): (page: number) => number {
  const frames = new Map<string, number>([["", 0]]);
  for (const page of mapped) {
    const way = indices(page, guestBits);
    // The product takes a page's frame before the tables on the way to it are made.
    const leaf = way.join(".");
    if (frames.has(leaf)) continue;
    frames.set(leaf, frames.size);
    for (let depth = 1; depth < way.length; depth++) {
      const table = way.slice(0, depth).join(".");
      if (!frames.has(table)) frames.set(table, frames.size);
    }
  }
  const levels = guestBits.length;
  const guestCaches = new Map([
    [2, new Recent(sizes.pde)],
    [3, new Recent(sizes.pdpte)],
    [4, new Recent(sizes.pml4e)],
  ]);
  const nestedPde = new Recent(sizes.nestedPde);
  const nestedTlb = new Recent(sizes.nestedTlb);

  const translate = (frame: number): number => {
    if (nestedTlb.has(String(frame))) return 0;
    const way = indices(frame, nestedBits);
    const pde = way.slice(0, -1).join(".");
    const reads = nestedPde.has(pde) ? 1 : nestedBits.length;
    nestedPde.add(pde);
    nestedTlb.add(String(frame));
    return reads;
  };

  return (page) => {
    const way = indices(page, guestBits);
    let start = levels;
    let cached = false;
    for (let level = 2; level <= levels && !cached; level++)
      if (guestCaches.get(level)?.has(way.slice(0, levels - level + 1).join(".")) === true) {
        start = level - 1;
        cached = true;
      }
    let reads = 0;
    for (let level = start; level >= 1; level--) {
      const table = way.slice(0, levels - level).join(".");
      if (!(cached && level === start)) {
        reads += translate(frames.get(table)!);
        if (level < start) guestCaches.get(level + 1)?.add(table);
      }
      reads++;
    }
    return reads + translate(frames.get(way.join("."))!);
  };
}
