/*
 * The benchmark's peer in C: LRU stack distances as veelab/traces counts them while no key is sampled out (a hash table with linear
 * probing; a bit for each place of a last use and a Fenwick tree over words of 64 bits; places numbered anew when they are used up). Usage: stack-distance FILE KEYS MOST, where
 * FILE holds KEYS keys of 64 bits in floating point, of which at most MOST differ. Prints the CPU seconds of using them all once, the
 * first uses, and the hits of caches of 2^0, 2^2, ... 2^14 entries.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { OCTAVE = 32, BUCKETS = OCTAVE * 49 };

static uint32_t most, size, slots, next = 1, mask;
static double *keys, last = -1, counts[BUCKETS], cold;
static int32_t *places, *table, *tree, *slot_at;
static uint64_t *bits;
static uint32_t words;

/* MurmurHash3's finalizer over both halves, as lib/traces/distinct.ts has it. */
static inline uint32_t hash_of(double key) {
  uint64_t whole = (uint64_t)key;
  uint32_t h = (uint32_t)whole ^ (uint32_t)(whole >> 32) * 0x9e3779b1u;
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return h ^ h >> 16;
}

static inline uint32_t bucket_of(uint32_t distance) {
  if (distance < 2 * OCTAVE) return distance;
  uint32_t octave = 31 - __builtin_clz(distance);
  return OCTAVE * (octave - 5) + (distance >> (octave - 5));
}

static inline void flip(uint32_t place, int32_t by) {
  uint32_t word = (place - 1) >> 6;
  bits[word] ^= 1ull << ((place - 1) & 63);
  for (uint32_t at = word + 1; at <= words; at += at & -at) tree[at] += by;
}

static inline int32_t up_to(uint32_t place) {
  uint32_t word = place >> 6;
  int32_t sum = __builtin_popcountll(bits[word] & ((1ull << (place & 63)) - 1));
  for (uint32_t at = word; at > 0; at -= at & -at) sum += tree[at];
  return sum;
}

static void compact(void) {
  uint32_t to = 1;
  for (uint32_t place = 1; place < next; place++) {
    int32_t slot = slot_at[place];
    if (slot < 0) continue;
    slot_at[to] = slot;
    places[slot] = to++;
  }
  next = to;
  uint32_t taken = next - 1;
  for (uint32_t word = 0; word <= words; word++)
    bits[word] = 64 * word + 64 <= taken ? ~0ull : 64 * word >= taken ? 0 : (1ull << (taken & 63)) - 1;
  for (uint32_t at = 1; at <= words; at++) {
    int32_t from = 64 * (at - (at & -at)), end = 64 * at < taken ? 64 * at : taken;
    tree[at] = end > from ? end - from : 0;
  }
}

static inline void append(uint32_t slot) {
  if (next > size) compact();
  places[slot] = next;
  slot_at[next] = slot;
  flip(next++, 1);
}

static inline void use(double key) {
  if (key == last) {
    counts[0]++;
    return;
  }
  last = key;
  uint32_t at = hash_of(key) & mask;
  for (int32_t slot; (slot = table[at]); at = (at + 1) & mask) {
    if (keys[slot - 1] != key) continue;
    uint32_t place = places[slot - 1];
    counts[bucket_of(slots - up_to(place))]++;
    if (place == next - 1) return;
    flip(place, -1);
    slot_at[place] = -1;
    append(slot - 1);
    return;
  }
  table[at] = slots + 1;
  cold++;
  keys[slots] = key;
  append(slots++);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "rb");
  uint32_t count = atoi(argv[2]);
  most = atoi(argv[3]);
  words = (most + 15) / 16;
  size = 64 * words;
  uint32_t entries = 1;
  while (entries < 2 * most + 2) entries *= 2;
  mask = entries - 1;
  keys = calloc(most + 1, sizeof *keys);
  places = calloc(most + 1, sizeof *places);
  table = calloc(entries, sizeof *table);
  tree = calloc(words + 1, sizeof *tree);
  bits = calloc(words + 1, sizeof *bits);
  slot_at = calloc(size + 1, sizeof *slot_at);
  double *uses = calloc(count, sizeof *uses);
  if (!file || fread(uses, sizeof *uses, count, file) != count) return 2;
  clock_t start = clock();
  for (uint32_t at = 0; at < count; at++) use(uses[at]);
  printf("%.6f %.0f", (double)(clock() - start) / CLOCKS_PER_SEC, cold);
  double hits = 0;
  for (uint32_t bucket = 0, power = 0; power <= 14; power += 2) {
    for (; bucket < bucket_of(1u << power); bucket++) hits += counts[bucket];
    printf(" %.0f", hits);
  }
  printf("\n");
  return 0;
}
