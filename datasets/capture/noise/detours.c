/*
 * Operating-system noise: reads the clock over and over, and writes an interval in which the loop did not run (start
 * and length, as two doubles of nanoseconds) wherever two readings are further apart than the threshold.
 *
 *   detours SECONDS THRESHOLD_NS PROCESSOR
 *
 * The first pair is the run itself: its start is the loop's usual time between two readings, its length the time
 * measured.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most = 4 << 20 };

static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const double seconds = atof(argv[1]);
  const int64_t threshold = atoll(argv[2]);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(atoi(argv[3]), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) return 3;
  double *pairs = malloc(2 * sizeof(double) * (most + 1));
  if (pairs == NULL) return 4;
  /* The pages are there before the measurement, which else would find its own faults. */
  memset(pairs, 1, 2 * sizeof(double) * (most + 1));
  const int64_t start = now();
  const int64_t end = start + (int64_t)(seconds * 1e9);
  int64_t last = start, quick = 0, taken = 0;
  uint64_t readings = 0;
  size_t found = 0;
  while (last < end && found < most) {
    const int64_t at = now();
    if (at - last > threshold) {
      found += 1;
      pairs[2 * found] = (double)(last - start);
      pairs[2 * found + 1] = (double)(at - last);
      taken += at - last;
    } else {
      readings += 1;
    }
    last = at;
  }
  quick = last - start - taken;
  pairs[0] = readings == 0 ? 0 : (double)quick / (double)readings;
  pairs[1] = (double)(last - start);
  return fwrite(pairs, 2 * sizeof(double), found + 1, stdout) == found + 1 && fflush(stdout) == 0 ? 0 : 1;
}
