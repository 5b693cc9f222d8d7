/*
 * The benchmark's peer in C: XXH64 of pages of 4 KiB, and which are zeros, as veelab/checkpointing computes them. Usage: page-hash
 * FILE PAGES ROUNDS. Prints the CPU seconds of a round, and the exclusive or of all hashes.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 4096 };
#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u

static inline uint64_t rotl(uint64_t x, int by) { return x << by | x >> (64 - by); }

static inline uint64_t word(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

static inline uint64_t turn(uint64_t lane, uint64_t value) { return rotl(lane + value * P2, 31) * P1; }

static inline uint64_t merge(uint64_t hash, uint64_t lane) { return (hash ^ rotl(lane * P2, 31) * P1) * P1 + P4; }

static int isZero(const uint8_t *at) {
  for (const uint8_t *end = at + PAGE; at < end; at += 64)
    if (word(at) | word(at + 8) | word(at + 16) | word(at + 24) | word(at + 32) | word(at + 40) | word(at + 48) | word(at + 56))
      return 0;
  return 1;
}

static uint64_t xxh64(const uint8_t *at) {
  uint64_t a = P1 + P2, b = P2, c = 0, d = 0 - P1;
  for (const uint8_t *end = at + PAGE; at < end; at += 32) {
    a = turn(a, word(at));
    b = turn(b, word(at + 8));
    c = turn(c, word(at + 16));
    d = turn(d, word(at + 24));
  }
  uint64_t hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
  hash = merge(merge(merge(merge(hash, a), b), c), d) + PAGE;
  hash = (hash ^ hash >> 33) * P2;
  hash = (hash ^ hash >> 29) * P3;
  return hash ^ hash >> 32;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "rb");
  uint32_t pages = atoi(argv[2]), rounds = atoi(argv[3]);
  uint8_t *memory = malloc((size_t)pages * PAGE);
  uint64_t *hashes = malloc(pages * sizeof *hashes);
  if (!file || fread(memory, PAGE, pages, file) != pages) return 2;
  double seconds = 0;
  for (uint32_t round = 0; round <= rounds; round++) {
    clock_t start = clock();
    for (uint32_t page = 0; page < pages; page++) {
      const uint8_t *at = memory + (size_t)page * PAGE;
      uint64_t hash = isZero(at) ? 0 : xxh64(at);
      hashes[page] = hash || isZero(at) ? hash : 1;
    }
    if (round > 0) seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
  }
  uint64_t all = 0;
  for (uint32_t page = 0; page < pages; page++) all ^= hashes[page];
  printf("%.6f %" PRIu64 "\n", seconds / rounds, all);
  return 0;
}
