/*
 * What both TLBs in C read and print. A file of runs holds a 32-bit number of rows, then the columns page (32 bits each), count (32 bits
 * each) and kind (8 bits each: fetch, read, write), little endian.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t rows, *page, *count;
static uint8_t *kind;

static int read_runs(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file || fread(&rows, 4, 1, file) != 1) return 0;
  page = malloc(4ul * rows), count = malloc(4ul * rows), kind = malloc(rows);
  return fread(page, 4, rows, file) == rows && fread(count, 4, rows, file) == rows && fread(kind, 1, rows, file) == rows;
}

static void print_misses(const uint64_t misses[2], const uint64_t references[3]) {
  printf("misses %llu %llu %llu\n", (unsigned long long)misses[0], (unsigned long long)misses[1],
         (unsigned long long)(references[0] + references[1] + references[2]));
}
