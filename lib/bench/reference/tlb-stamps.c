/*
 * The benchmark's peer in C: a two-level TLB (split first level, unified second) whose entries carry the time of their last
 * use, as one writes it first; each reference of a run is looked up. Usage: tlb-stamps FILE ROUNDS, where FILE holds
 * runs (runs.h). Prints, after one round that warms up, the CPU seconds of each round, and at last the misses of the two
 * levels in one round from a cold start.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runs.h"

#define FREE UINT64_MAX

struct array {
  uint64_t *keys, *used;
  uint32_t ways, mask;
};

static uint64_t now;

static struct array make(uint32_t entries, uint32_t ways) {
  struct array made = {malloc(entries * sizeof(uint64_t)), calloc(entries, sizeof(uint64_t)), ways, entries / ways - 1};
  for (uint32_t i = 0; i < entries; i++) made.keys[i] = FREE;
  return made;
}

static inline int touch(struct array *array, uint64_t key) {
  uint32_t first = (key & array->mask) * array->ways;
  for (uint32_t way = first; way < first + array->ways; way++)
    if (array->keys[way] == key) {
      array->used[way] = now;
      return 1;
    }
  return 0;
}

static inline void fill(struct array *array, uint64_t key) {
  uint32_t first = (key & array->mask) * array->ways, victim = first;
  for (uint32_t way = first + 1; way < first + array->ways; way++)
    if (array->used[way] < array->used[victim]) victim = way;
  array->keys[victim] = key;
  array->used[victim] = now;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  if (!read_runs(argv[1])) return 2;
  uint64_t misses[2] = {0, 0}, references[3] = {0, 0, 0};
  for (int round = 0, rounds = atoi(argv[2]); round <= rounds; round++) {
    struct array first[2] = {make(128, 4), make(64, 4)}, second = make(512, 4);
    misses[0] = misses[1] = 0;
    clock_t start = clock();
    for (uint32_t row = 0; row < rows; row++) {
      int side = kind[row] != 0;
      references[kind[row]] += count[row];
      for (uint32_t left = count[row]; left > 0; left--) {
        now++;
        if (touch(&first[side], page[row])) continue;
        misses[0]++;
        if (!touch(&second, page[row])) {
          misses[1]++;
          fill(&second, page[row]);
        }
        fill(&first[side], page[row]);
      }
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (round > 0) printf("%.6f\n", seconds);
    free(first[0].keys), free(first[1].keys), free(second.keys);
    free(first[0].used), free(first[1].used), free(second.used);
  }
  print_misses(misses, references);
  return 0;
}
