/*
 * The benchmark's peer in C: the same event queue as veelab's (a binary heap of times and slots, a vacant root, stable,
 * with handles and cancellation). Usage: events FILE WAITING HOLDS, where FILE holds WAITING times and then HOLDS
 * delays, doubles in the machine's order. Schedules the times, then HOLDS times takes the next event and schedules it
 * again a delay later. Prints the CPU seconds of the latter and the time at the end.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FREE, WAITING, CANCELLED };

static double now, *times, *orders;
static uint64_t order;
static uint32_t *slots, *generations, *events, *freed;
static uint8_t *states;
static uint32_t length, waiting, capacity, used, freeSlots;
static int vacant;

static void grow(void) {
  capacity = capacity ? 2 * capacity : 64;
  times = realloc(times, capacity * sizeof *times);
  orders = realloc(orders, capacity * sizeof *orders);
  slots = realloc(slots, capacity * sizeof *slots);
  generations = realloc(generations, capacity * sizeof *generations);
  events = realloc(events, capacity * sizeof *events);
  freed = realloc(freed, capacity * sizeof *freed);
  states = realloc(states, capacity);
  for (uint32_t slot = used; slot < capacity; slot++) generations[slot] = 0;
}

static inline void rise(double time, uint32_t slot) {
  uint32_t at = length++;
  while (at > 0) {
    uint32_t parent = (at - 1) >> 1;
    double above = times[parent];
    if (above <= time) break;
    times[at] = above;
    slots[at] = slots[parent];
    at = parent;
  }
  times[at] = time;
  slots[at] = slot;
}

static inline void sink(uint32_t at, double time, uint32_t slot) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length) {
      double left = times[child], right = times[child + 1];
      if (left == right)
        child += orders[slots[child + 1]] < orders[slots[child]];
      else
        child += right < left;
    }
    double below = times[child];
    if (time < below || (time == below && orders[slot] < orders[slots[child]])) break;
    times[at] = below;
    slots[at] = slots[child];
    at = child;
  }
  times[at] = time;
  slots[at] = slot;
}

static void release(uint32_t slot) {
  states[slot] = FREE;
  freed[freeSlots++] = slot;
}

static void removeRoot(void) {
  uint32_t last = --length;
  if (last > 0) sink(0, times[last], slots[last]);
}

static void settle(void) {
  if (vacant) {
    vacant = 0;
    removeRoot();
  }
  while (length > 0 && states[slots[0]] == CANCELLED) {
    release(slots[0]);
    removeRoot();
  }
}

static uint64_t schedule(double time, uint32_t event) {
  if (!(time >= now && time < INFINITY)) exit(3);
  uint32_t slot = freeSlots > 0 ? freed[--freeSlots] : used;
  if (slot == used) {
    if (used == capacity) grow();
    used++;
  }
  events[slot] = event;
  states[slot] = WAITING;
  orders[slot] = order++;
  waiting++;
  if (vacant) {
    vacant = 0;
    sink(0, time, slot);
  } else
    rise(time, slot);
  return (uint64_t)generations[slot] << 32 | slot;
}

static int next(uint32_t *event) {
  settle();
  if (length == 0) return 0;
  uint32_t slot = slots[0];
  *event = events[slot];
  now = times[0];
  waiting--;
  vacant = 1;
  generations[slot]++;
  release(slot);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "rb");
  uint32_t starts = atoi(argv[2]), holds = atoi(argv[3]);
  double *delays = malloc((starts + holds) * sizeof *delays);
  if (!file || fread(delays, sizeof *delays, starts + holds, file) != starts + holds) return 2;
  for (uint32_t event = 0; event < starts; event++) schedule(delays[event], event);
  delays += starts;
  clock_t start = clock();
  for (uint32_t hold = 0; hold < holds; hold++) {
    uint32_t event = 0;
    next(&event);
    schedule(now + delays[hold], event);
  }
  printf("%.6f %.17g\n", (double)(clock() - start) / CLOCKS_PER_SEC, now);
  return 0;
}
