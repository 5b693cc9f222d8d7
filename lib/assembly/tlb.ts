// Batches of references through a TLB whose structures are sets in recency order, with one page size and a first level apart for
// fetches and data. What LayeredTlb of lib/hardware/tlb.ts does row by row, which is the reference; it reads and writes the same
// state: its arrays are views of this memory. Keys are doubles, compared by their bits.

/** How many rows are handed over at once. */
const ROWS: usize = 8192;

/** Where what TypeScript sees lies: see lib/hardware/tlb-assembly.ts. There is nothing else in this memory. */
const REFERENCES: usize = 1024;
const LATER_HITS: usize = REFERENCES + 24;
const LAST: usize = REFERENCES + 32;
const STOPS: usize = REFERENCES + 40;
const MISSES: usize = REFERENCES + 64;
/** Of a side's route: for each stop the address of its keys, its mask, its ways and its level. */
const ROUTES: usize = REFERENCES + 256;
const STOP: usize = 16;
const ROUTE: usize = 8 * STOP;
const PAGES: usize = ROUTES + 2 * ROUTE;
const COUNTS: usize = PAGES + 4 * ROWS;
const KINDS: usize = COUNTS + 4 * ROWS;
const KEYS: usize = KINDS + ROWS;

/** Room for so many keys; gives where everything begins, 0 where there is no such memory. */
export function create(keys: u32): usize {
  const missing = <i32>((KEYS + <usize>keys * 8 + 0xffff) >> 16) - memory.size();
  return missing > 0 && memory.grow(missing) < 0 ? 0 : REFERENCES;
}

function setOf(stop: usize, tag: u32): usize {
  return <usize>load<u32>(stop) + <usize>((tag & load<u32>(stop, 4)) * load<u32>(stop, 8)) * 8;
}

/**
 * Puts a key that is not in front there of its set; gives whether it was in it. What stood before it moves up by one place, in the
 * pass that looks for it: where it is not found, that is what filling does.
 */
function use(set: usize, ways: u32, key: u64): bool {
  let before = load<u64>(set);
  store<u64>(set, key);
  for (let at = set + 8, end = set + <usize>ways * 8; at < end; at += 8) {
    const own = load<u64>(at);
    store<u64>(at, before);
    if (own == key) return true;
    before = own;
  }
  return false;
}

function count(counter: usize): void {
  store<f64>(counter, load<f64>(counter) + 1);
}

/** The first structure had nothing, and has the page now: asks the further ones, up to one that has it; those before are filled. */
function lookFurther(route: usize, stops: u32, tag: u32, key: u64, kind: u32): void {
  const misses = MISSES + <usize>kind * 8;
  count(misses + <usize>load<u32>(route, 12) * 24);
  for (let at: u32 = 1; at < stops; at++) {
    const stop = route + <usize>at * STOP;
    const set = setOf(stop, tag);
    if (load<u64>(set) == key || use(set, load<u32>(stop, 8), key)) {
      count(LATER_HITS);
      return;
    }
    count(misses + <usize>load<u32>(stop, 12) * 24);
  }
}

function add(counter: usize, by: u64): void {
  store<f64>(counter, load<f64>(counter) + <f64>by);
}

function sum64(sums: v128, four: v128): v128 {
  return i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(four), i64x2.extend_high_i32x4_u(four)));
}

function lanes(sums: v128): u64 {
  return i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
}

/** Counts the references of so many rows by kind; gives how many rows those are before one that has no count or no such kind. */
function countReferences(rows: u32): u32 {
  let passed: u32 = 0;
  let all: u64 = 0;
  let data: u64 = 0;
  let writes: u64 = 0;
  const none = i32x4.splat(0);
  const two = i32x4.splat(2);
  let allOf = none;
  let dataOf = none;
  let writesOf = none;
  for (; passed + 4 <= rows; passed += 4) {
    const times = v128.load((<usize>passed) << 2, COUNTS);
    const kinds = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(<usize>passed, KINDS)));
    if (v128.any_true(v128.or(i32x4.eq(times, none), i32x4.gt_u(kinds, two)))) break;
    allOf = sum64(allOf, times);
    dataOf = sum64(dataOf, v128.and(times, i32x4.gt_u(kinds, none)));
    writesOf = sum64(writesOf, v128.and(times, i32x4.eq(kinds, two)));
  }
  for (; passed < rows; passed++) {
    const times = load<u32>((<usize>passed) << 2, COUNTS);
    const kind = <u32>load<u8>(<usize>passed, KINDS);
    if (times == 0 || kind > 2) break;
    all += times;
    if (kind != 0) data += times;
    if (kind == 2) writes += times;
  }
  all += lanes(allOf);
  data += lanes(dataOf);
  writes += lanes(writesOf);
  add(REFERENCES, all - data);
  add(REFERENCES + 8, data - writes);
  add(REFERENCES + 16, writes);
  return passed;
}

/** Of 16 rows, a bit for each that has another page or kind than the row before it: the others are repeats. */
function changesOf(row: usize): u32 {
  const at = row << 2;
  const first = i16x8.narrow_i32x4_s(
    i32x4.eq(v128.load(at, PAGES), v128.load(at, PAGES - 4)),
    i32x4.eq(v128.load(at, PAGES + 16), v128.load(at, PAGES + 12)),
  );
  const second = i16x8.narrow_i32x4_s(
    i32x4.eq(v128.load(at, PAGES + 32), v128.load(at, PAGES + 28)),
    i32x4.eq(v128.load(at, PAGES + 48), v128.load(at, PAGES + 44)),
  );
  const kinds = i8x16.eq(v128.load(row, KINDS), v128.load(row, KINDS - 1));
  return ~i8x16.bitmask(v128.and(kinds, i8x16.narrow_i16x8_s(first, second))) & 0xffff;
}

/** So many rows are looked at to see whether most have another page or kind than the row before. */
const LOOKED: u32 = 64;

/** Whether rows are runs, whose neighbours differ: going over all of them is then faster than looking for changes. */
function areRuns(rows: u32): bool {
  if (rows < LOOKED) return true;
  let changes: u32 = 0;
  for (let row: u32 = 0; row < LOOKED; row += 16) changes += <u32>popcnt<u32>(changesOf(row));
  return changes > LOOKED / 2;
}

/** So many rows; gives how many were passed, fewer where one has no count or no such kind. */
export function access(rows: u32, shift: u32, keyBase: f64): u32 {
  const passed = countReferences(rows);
  const skipsRepeats = !areRuns(passed);
  // Of a block of 16 rows, those that are still to be looked at; before the first row there is none to repeat.
  let block: u32 = 0;
  let changes: u32 = skipsRepeats ? changesOf(0) | 1 : 0;
  for (let next: u32 = 0; ;) {
    let row = next++;
    if (skipsRepeats) {
      while (changes == 0) {
        block += 16;
        if (block >= passed) return passed;
        changes = changesOf(block);
      }
      row = block + ctz<u32>(changes);
      changes &= changes - 1;
    }
    if (row >= passed) break;
    const page = load<u32>((<usize>row) << 2, PAGES);
    const kind = <u32>load<u8>(<usize>row, KINDS);
    // By arithmetic, not by a branch: nobody can foresee which of the two comes.
    const side = (kind + 1) >> 1;
    // -1 stands for none as well as for the last page there is: that one is always looked up.
    if (page == load<u32>(side << 2, LAST) && page != 0xffffffff) continue;
    store<u32>(side << 2, page, LAST);
    const route = ROUTES + <usize>side * ROUTE;
    const tag = page >> shift;
    const key = reinterpret<u64>(<f64>tag + keyBase);
    const set = setOf(route, tag);
    if (load<u64>(set) == key || use(set, load<u32>(route, 8), key)) continue;
    lookFurther(route, load<u32>(side << 2, STOPS), tag, key, kind);
  }
  return passed;
}
