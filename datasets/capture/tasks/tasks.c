/* Measures what tasks cost on this processor: one line for each task and size, tab between the fields:
 *   task  bytes of data  runs  mean seconds  standard deviation of the seconds
 * Compiled three times by task-costs.ts: scalar, with SIMD, and with SIMD on THREADS cores. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef THREADS
#define THREADS 1
#endif

enum { REPETITIONS = 9, MOST_RUNS = 1 << 20 };
static const double LEAST_SECONDS = 0.004;

static float *a, *b, *c;
static volatile double kept;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* c = a + 3 b: two streams in, one out. */
static void triad(size_t n, size_t from, size_t to) {
  (void)n;
  for (size_t i = from; i < to; i++) c[i] = a[i] + 3.0f * b[i];
}

/* The five-point stencil of a square grid of n points, as rows. */
static void stencil(size_t n, size_t from, size_t to) {
  size_t side = (size_t)sqrt((double)n);
  for (size_t y = from / side + 1; y < to / side && y < side - 1; y++)
    for (size_t x = 1; x < side - 1; x++) {
      size_t i = y * side + x;
      c[i] = 0.2f * (a[i] + a[i - 1] + a[i + 1] + a[i - side] + a[i + side]);
    }
}

/* c = a b of square matrices with n elements each, row by row. */
static void gemm(size_t n, size_t from, size_t to) {
  size_t side = (size_t)sqrt((double)n);
  for (size_t y = from / side; y < to / side; y++) {
    float *row = c + y * side;
    memset(row, 0, side * sizeof *row);
    for (size_t k = 0; k < side; k++) {
      float factor = a[y * side + k];
      const float *other = b + k * side;
      for (size_t x = 0; x < side; x++) row[x] += factor * other[x];
    }
  }
}

/* Iterations of z = z z + p in a square window: much computing for each byte, in branches that differ. */
static void mandelbrot(size_t n, size_t from, size_t to) {
  size_t side = (size_t)sqrt((double)n);
  for (size_t i = from; i < to; i++) {
    float px = -2.0f + 3.0f * (i % side) / side, py = -1.5f + 3.0f * (i / side) / side, x = 0, y = 0;
    int steps = 0;
    while (steps < 64 && x * x + y * y < 4.0f) {
      float next = x * x - y * y + px;
      y = 2.0f * x * y + py;
      x = next;
      steps++;
    }
    c[i] = (float)steps;
  }
}

/* Blocks of 16 words, each mixed with rounds of a stream cipher's additions and rotations: no floating point. */
static void cipher(size_t n, size_t from, size_t to) {
  (void)n;
  unsigned *in = (unsigned *)a, *out = (unsigned *)c;
  for (size_t i = from; i + 16 <= to; i += 16)
    for (int w = 0; w < 16; w++) {
      unsigned x = in[i + w], y = (unsigned)w;
      for (int round = 0; round < 20; round++) {
        x += y;
        y = (y << 7 | y >> 25) ^ x;
      }
      out[i + w] = x ^ y;
    }
}

struct share {
  void (*task)(size_t, size_t, size_t);
  size_t n, from, to;
};

static void *work(void *arg) {
  struct share *s = arg;
  s->task(s->n, s->from, s->to);
  return NULL;
}

/* One run on THREADS cores. Starting the threads is part of the cost, as launching a kernel is on a GPU. */
static void run(void (*task)(size_t, size_t, size_t), size_t n) {
  if (THREADS == 1) {
    task(n, 0, n);
    return;
  }
  pthread_t threads[THREADS];
  struct share shares[THREADS];
  size_t side = (size_t)sqrt((double)n);
  for (int t = 0; t < THREADS; t++) {
    shares[t] = (struct share){task, n, side * (side * t / THREADS), side * (side * (t + 1) / THREADS)};
    if (pthread_create(&threads[t], NULL, work, &shares[t]) != 0) exit(1);
  }
  for (int t = 0; t < THREADS; t++) pthread_join(threads[t], NULL);
}

static int ascending(const void *x, const void *y) {
  double d = *(const double *)x - *(const double *)y;
  return d < 0 ? -1 : d > 0;
}

static void measure(const char *name, void (*task)(size_t, size_t, size_t), size_t side, int arrays) {
  size_t n = side * side;
  double times[REPETITIONS], mean = 0, square = 0;
  long runs = 1;
  run(task, n);
  for (;; runs *= 2) {
    double start = now();
    for (long r = 0; r < runs; r++) run(task, n);
    if (now() - start >= LEAST_SECONDS || runs >= MOST_RUNS) break;
  }
  for (int i = 0; i < REPETITIONS; i++) {
    double start = now();
    for (long r = 0; r < runs; r++) run(task, n);
    times[i] = (now() - start) / runs;
    kept = c[n / 2];
  }
  /* The slowest third is left out: on a shared machine it measures the neighbours. */
  int used = REPETITIONS - REPETITIONS / 3;
  qsort(times, REPETITIONS, sizeof *times, ascending);
  for (int i = 0; i < used; i++) mean += times[i] / used;
  for (int i = 0; i < used; i++) square += (times[i] - mean) * (times[i] - mean);
  printf("%s\t%zu\t%ld\t%.9g\t%.9g\n", name, (size_t)arrays * n * sizeof(float), runs * used, mean, sqrt(square / (used - 1)));
  fflush(stdout);
}

int main(void) {
  size_t largest = 2048, n = largest * largest;
  a = aligned_alloc(64, n * sizeof *a);
  b = aligned_alloc(64, n * sizeof *b);
  c = aligned_alloc(64, n * sizeof *c);
  if (a == NULL || b == NULL || c == NULL) return 1;
  for (size_t i = 0; i < n; i++) {
    a[i] = (float)(i % 1000) / 1000;
    b[i] = (float)(i % 777) / 777;
    c[i] = 0;
  }
  for (size_t side = 16; side <= largest; side *= 2) {
    measure("triad", triad, side, 3);
    measure("stencil", stencil, side, 2);
    if (side <= 512) measure("gemm", gemm, side, 3);
    if (side <= 1024) measure("mandelbrot", mandelbrot, side, 1);
    measure("cipher", cipher, side, 2);
  }
  return 0;
}
