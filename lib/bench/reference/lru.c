/*
 * The benchmark's peer in C: the same LRU cache as veelab/traces simulates (a hash table with linear probing over nodes of 16 bytes in
 * a doubly linked list, the key used last in front; the place of a key to come is looked at before its turn). Usage: lru FILE KEYS ENTRIES, where FILE holds KEYS keys of 64 bits, little
 * endian. Prints the CPU seconds of using them all once, and the misses.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct node {
  uint64_t key;
  uint32_t previous, next;
};

static struct node *nodes;
static uint32_t *table, mask, used, capacity;
static int shift;

/* How many keys ahead, as in lib/assembly/lru.ts. */
enum { AHEAD = 8 };

static inline uint32_t home(uint64_t key) { return key * 0x9e3779b97f4a7c15u >> shift; }

static void removeKey(uint32_t node) {
  uint32_t at = home(nodes[node].key);
  while (table[at] != node) at = (at + 1) & mask;
  for (uint32_t from = at;;) {
    from = (from + 1) & mask;
    uint32_t moved = table[from];
    if (!moved) break;
    if (((from - home(nodes[moved].key)) & mask) < ((from - at) & mask)) continue;
    table[at] = moved;
    at = from;
  }
  table[at] = 0;
}

/* Node 0 is the list's head; in the table 0 stands for none. */
static inline uint32_t use(uint64_t key) {
  uint32_t missed = 0, at = home(key), node;
  while ((node = table[at]) && nodes[node].key != key) at = (at + 1) & mask;
  if (node) {
    if (nodes[0].next == node) return 0;
    nodes[nodes[node].previous].next = nodes[node].next;
    nodes[nodes[node].next].previous = nodes[node].previous;
  } else {
    missed = 1;
    if (used < capacity)
      node = ++used;
    else {
      node = nodes[0].previous;
      nodes[0].previous = nodes[node].previous;
      nodes[nodes[node].previous].next = 0;
      removeKey(node);
      at = home(key);
      while (table[at]) at = (at + 1) & mask;
    }
    nodes[node].key = key;
    table[at] = node;
  }
  nodes[node].previous = 0;
  nodes[node].next = nodes[0].next;
  nodes[nodes[0].next].previous = node;
  nodes[0].next = node;
  return missed;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "rb");
  uint32_t count = atoi(argv[2]);
  capacity = atoi(argv[3]);
  int bits = 3;
  while (1ul << bits < 2ul * capacity) bits++;
  shift = 64 - bits;
  mask = (1u << bits) - 1;
  table = calloc(mask + 1ul, sizeof *table);
  nodes = calloc(capacity + 1ul, sizeof *nodes);
  uint64_t *keys = calloc(count + AHEAD, sizeof *keys);
  if (!file || fread(keys, sizeof *keys, count, file) != count) return 2;
  uint32_t misses = 0;
  clock_t start = clock();
  for (uint32_t at = 0; at < count; at++) {
    __builtin_prefetch(&nodes[table[home(keys[at + AHEAD])]]);
    misses += use(keys[at]);
  }
  printf("%.6f %u\n", (double)(clock() - start) / CLOCKS_PER_SEC, misses);
  return 0;
}
