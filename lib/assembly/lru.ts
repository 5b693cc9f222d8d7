// An LRU or FIFO cache of 64-bit keys: a hash table with linear probing over nodes in a doubly linked list, the key used (or
// brought in) last in front. A node is 16 bytes, so that a use of a key touches one line of its own and one of the table; links
// and the table hold the nodes' addresses, 0 for none. The reference is lib/bench/reference/typed-cache.ts.

/** Offsets within a node. */
const KEY = 0;
const PREVIOUS: usize = 8;
const NEXT: usize = 12;
const NODE: usize = 16;

let table: usize = 0;
let shift: u64 = 0;
/** The table's bytes less one entry. */
let mask: usize = 0;
/** Whether a use moves a key to the front. */
let moves: bool = false;
/** Keeps the looks ahead from being optimised away. */
let looked: u32 = 0;
/** How many keys ahead the table and the node are looked at, so that they are in the cache when their turn comes. */
const AHEAD: usize = 8;
/** The list's ends: the node used last follows it, the one to go stands before it. */
let head: usize = 0;
let end: usize = 0;
let free: usize = 0;

/** Room for so many entries, and for so many keys at a time; gives where the keys go, 0 where there is no such memory. */
export function create(entries: u32, keys: u32, movesToFront: bool): usize {
  moves = movesToFront;
  let bits: u64 = 3;
  while ((<u64>1) << bits < 2 * <u64>entries) bits++;
  shift = 64 - bits;
  table = (__heap_base + 15) & ~15;
  const tableBytes: usize = (<usize>4) << (<usize>bits);
  mask = tableBytes - 4;
  head = (table + tableBytes + 15) & ~15;
  free = head + NODE;
  end = free + <usize>entries * NODE;
  const pages = <i32>((end + (keys + AHEAD) * 8 + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return 0;
  store<u32>(head, <u32>head, PREVIOUS);
  store<u32>(head, <u32>head, NEXT);
  return end;
}

function home(key: u64): usize {
  return (<usize>((key * 0x9e3779b97f4a7c15) >> shift)) << 2;
}

/** Takes a key's entry out of the table; those behind it that it stood in the way of move up. */
function remove(node: usize): void {
  const base = table;
  const last = mask;
  let at = home(load<u64>(node, KEY));
  while (load<u32>(base + at) != <u32>node) at = (at + 4) & last;
  let from = at;
  for (;;) {
    from = (from + 4) & last;
    const moved = load<u32>(base + from);
    if (moved == 0) break;
    const wanted = home(load<u64>(moved, KEY));
    if (((from - wanted) & last) < ((from - at) & last)) continue;
    store<u32>(base + at, moved);
    at = from;
  }
  store<u32>(base + at, 0);
}

/** Uses of so many keys; gives how many missed. */
export function use(count: u32): u32 {
  let keys = end;
  const base = table;
  const last = mask;
  const list = head;
  const movesToFront = moves;
  let misses: u32 = 0;
  let touched: u32 = 0;
  let first = load<u32>(list, NEXT);
  for (const stop = keys + <usize>count * 8; keys < stop; keys += 8) {
    touched ^= load<u32>(<usize>load<u32>(base + home(load<u64>(keys, AHEAD * 8))));
    const key = load<u64>(keys);
    let at = home(key);
    let node = <usize>load<u32>(base + at);
    while (node != 0 && load<u64>(node, KEY) != key) {
      at = (at + 4) & last;
      node = load<u32>(base + at);
    }
    if (node != 0) {
      if (node == first || !movesToFront) continue;
      const previous = load<u32>(node, PREVIOUS);
      const next = load<u32>(node, NEXT);
      store<u32>(previous, next, NEXT);
      store<u32>(next, previous, PREVIOUS);
    } else {
      misses++;
      if (free < end) {
        node = free;
        free += NODE;
      } else {
        node = load<u32>(list, PREVIOUS);
        const previous = load<u32>(node, PREVIOUS);
        store<u32>(list, previous, PREVIOUS);
        store<u32>(previous, <u32>list, NEXT);
        if (<usize>first == node) first = <u32>list;
        remove(node);
        at = home(key);
        while (load<u32>(base + at) != 0) at = (at + 4) & last;
      }
      store<u64>(node, key, KEY);
      store<u32>(base + at, <u32>node);
    }
    store<u32>(node, <u32>list, PREVIOUS);
    store<u32>(node, first, NEXT);
    store<u32>(first, <u32>node, PREVIOUS);
    first = <u32>node;
  }
  store<u32>(list, first, NEXT);
  looked = touched;
  return misses;
}
