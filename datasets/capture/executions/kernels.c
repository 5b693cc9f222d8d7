/*
 * Four kernels whose threads synchronise by one Pthread mutex each, after what the applications of STAMP do (Minh et al., IISWC
 * 2008); written anew. All shared data are global arrays of fixed size, so that nothing depends on where a heap lies.
 *
 *   reservations  a client looks at a few cars, rooms or flights in a hash table and books the cheapest that is free, or cancels
 *   clusters      points go to the nearest centre outside of the lock; its sums grow inside of it
 *   packets       fragments come from a bounded queue; the last one of a flow completes it, found in a list that is sorted
 *   transfers     money moves between two accounts; now and then one thread adds up all of them
 *
 *   kernels NAME THREADS OPERATIONS SEED
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { most_threads = 8, line = 64 };

static pthread_mutex_t mutex __attribute__((aligned(line))) = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all;
static int operations;
static uint64_t seed;

/* xorshift64* (Vigna 2016), a state for each thread, on its own stack. */
static inline uint32_t draw(uint64_t *state, uint32_t below) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (uint32_t)(*state * 0x2545f4914f6cdd1dull >> 32) % below;
}

/* ---- reservations ---- */
enum { offers = 256, buckets = 64, looks = 4 };
struct offer {
  uint32_t id, price, free_places, booked;
  struct offer *next;
};
static struct offer offer_of[offers];
static struct offer *bucket[buckets];

static void open_reservations(void) {
  for (uint32_t id = 0; id < offers; id += 1) {
    struct offer *offer = &offer_of[id];
    *offer = (struct offer){id, 50 + (id * 37) % 400, 1 + id % 4, 0, bucket[id % buckets]};
    bucket[id % buckets] = offer;
  }
}

__attribute__((noinline)) static struct offer *find(uint32_t id) {
  struct offer *at = bucket[id % buckets];
  while (at != NULL && at->id != id) at = at->next;
  return at;
}

__attribute__((noinline)) static void reserve(uint64_t *state) {
  uint32_t wanted[looks];
  for (int at = 0; at < looks; at += 1) wanted[at] = draw(state, offers);
  int cancel = draw(state, 10) == 0;
  pthread_mutex_lock(&mutex);
  struct offer *best = NULL;
  for (int at = 0; at < looks; at += 1) {
    struct offer *offer = find(wanted[at]);
    if (cancel ? offer->booked > 0 : offer->free_places > 0 && (best == NULL || offer->price < best->price)) best = offer;
  }
  if (best != NULL && cancel) {
    best->booked -= 1;
    best->free_places += 1;
  } else if (best != NULL) {
    best->booked += 1;
    best->free_places -= 1;
  }
  pthread_mutex_unlock(&mutex);
}

/* ---- clusters ---- */
enum { centres = 8, dimensions = 4 };
static int32_t centre[centres][dimensions];
static struct {
  int64_t sum[dimensions];
  int64_t points;
} cluster[centres];

static void open_clusters(void) {
  for (int at = 0; at < centres; at += 1)
    for (int of = 0; of < dimensions; of += 1) centre[at][of] = (at >> (of % 3) & 1) * 600 + 200;
}

__attribute__((noinline)) static void assign(uint64_t *state) {
  int32_t point[dimensions];
  for (int of = 0; of < dimensions; of += 1) point[of] = (int32_t)draw(state, 1000);
  int nearest = 0;
  int64_t least = INT64_MAX;
  for (int at = 0; at < centres; at += 1) {
    int64_t distance = 0;
    for (int of = 0; of < dimensions; of += 1) {
      int64_t apart = point[of] - centre[at][of];
      distance += apart * apart;
    }
    if (distance < least) {
      least = distance;
      nearest = at;
    }
  }
  pthread_mutex_lock(&mutex);
  for (int of = 0; of < dimensions; of += 1) cluster[nearest].sum[of] += point[of];
  cluster[nearest].points += 1;
  pthread_mutex_unlock(&mutex);
}

/* ---- packets ---- */
enum { queue_places = 64, flows = 512, fragments = 4 };
static struct packet {
  uint32_t flow, fragment;
} queue[queue_places];
static uint32_t taken, put;
static struct flow {
  uint32_t number, seen;
  struct flow *next;
} flow_of[flows], *first_flow;
static uint32_t flows_used, complete;
static uint64_t attacks[most_threads * line / 8];

/* The flow's place in the sorted list, made where it has none; none is left when all are in use. */
__attribute__((noinline)) static struct flow *flow_at(uint32_t number) {
  struct flow **at = &first_flow;
  while (*at != NULL && (*at)->number < number) at = &(*at)->next;
  if (*at != NULL && (*at)->number == number) return *at;
  if (flows_used == flows) return NULL;
  struct flow *flow = &flow_of[flows_used];
  flows_used += 1;
  flow->number = number;
  flow->seen = 0;
  flow->next = *at;
  *at = flow;
  return flow;
}

__attribute__((noinline)) static void inspect(uint64_t *state, int self) {
  struct packet packet = {draw(state, 40), draw(state, fragments)};
  pthread_mutex_lock(&mutex);
  if (put - taken < queue_places) {
    queue[put % queue_places] = packet;
    put += 1;
  }
  pthread_mutex_unlock(&mutex);
  int done = 0;
  pthread_mutex_lock(&mutex);
  if (taken != put) {
    packet = queue[taken % queue_places];
    taken += 1;
    struct flow *flow = flow_at(packet.flow);
    if (flow != NULL) {
      flow->seen |= 1u << packet.fragment;
      if (flow->seen == (1u << fragments) - 1) {
        flow->seen = 0;
        complete += 1;
        done = 1;
      }
    }
  }
  pthread_mutex_unlock(&mutex);
  /* What is found is counted on a line of the thread's own. */
  if (done) attacks[self * line / 8] += packet.flow % 7 == 0;
}

/* ---- transfers ---- */
enum { accounts = 128 };
static int64_t account[accounts];
static int64_t audited;

static void open_transfers(void) {
  for (int at = 0; at < accounts; at += 1) account[at] = 1000;
}

__attribute__((noinline)) static void move(uint32_t from, uint32_t to, int64_t amount) {
  account[from] -= amount;
  account[to] += amount;
}

__attribute__((noinline)) static void transfer(uint64_t *state) {
  uint32_t from = draw(state, accounts), to = draw(state, accounts);
  int64_t amount = draw(state, 100);
  if (draw(state, 64) == 0) {
    pthread_mutex_lock(&mutex);
    int64_t sum = 0;
    for (int at = 0; at < accounts; at += 1) sum += account[at];
    audited = sum;
    pthread_mutex_unlock(&mutex);
    return;
  }
  pthread_mutex_lock(&mutex);
  move(from, to, amount);
  pthread_mutex_unlock(&mutex);
}

/* ---- all of them ---- */
enum kernel { reservations, clusters, packets, transfers, kernels };
static const char *const names[kernels] = {"reservations", "clusters", "packets", "transfers"};
static enum kernel kernel;

static void *work(void *argument) {
  int self = (int)(intptr_t)argument;
  uint64_t state = (seed << 8 | (uint64_t)self) * 0x9e3779b97f4a7c15ull | 1;
  pthread_barrier_wait(&all);
  for (int at = 0; at < operations; at += 1) {
    switch (kernel) {
      case reservations:
        reserve(&state);
        break;
      case clusters:
        assign(&state);
        break;
      case packets:
        inspect(&state, self);
        break;
      default:
        transfer(&state);
    }
    /* Threads take turns, also where they are more than processors and much is done in a slice of time. */
    sched_yield();
  }
  return NULL;
}

/* What is left behind, in sixteen digits: the same for any order of the threads in clusters and transfers. */
static void tell(void) {
  uint64_t sum = 0;
  for (int at = 0; at < offers; at += 1) sum += offer_of[at].booked * offer_of[at].price;
  for (int at = 0; at < centres; at += 1)
    for (int of = 0; of < dimensions; of += 1) sum += (uint64_t)cluster[at].sum[of] * (uint64_t)(at * dimensions + of + 1);
  for (int at = 0; at < accounts; at += 1) sum += (uint64_t)account[at] * (uint64_t)(at + 1);
  sum += complete + (uint64_t)audited;
  char text[17];
  for (int at = 0; at < 16; at += 1) text[at] = "0123456789abcdef"[sum >> (60 - 4 * at) & 15];
  text[16] = '\n';
  if (write(1, text, sizeof text) != sizeof text) _exit(3);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  while (kernel < kernels && strcmp(argv[1], names[kernel]) != 0) kernel += 1;
  int threads = atoi(argv[2]);
  operations = atoi(argv[3]);
  seed = (uint64_t)atoi(argv[4]);
  if (kernel == kernels || threads < 1 || threads > most_threads || operations < 1) return 2;
  if (kernel == reservations) open_reservations();
  if (kernel == clusters) open_clusters();
  if (kernel == transfers) open_transfers();
  pthread_barrier_init(&all, NULL, (unsigned)threads);
  pthread_t worker[most_threads];
  for (int at = 0; at < threads; at += 1)
    if (pthread_create(&worker[at], NULL, work, (void *)(intptr_t)at) != 0) return 4;
  for (int at = 0; at < threads; at += 1) pthread_join(worker[at], NULL);
  tell();
  return 0;
}
