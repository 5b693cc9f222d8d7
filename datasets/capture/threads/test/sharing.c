/*
 * Threads whose sharing is known: each writes a page of its own in rounds, and in sections under one lock adds to two words
 * of a shared page, in a function of its own, and clears its own page by one string instruction. Where everything lies is
 * written to the file named by the first argument.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { workers = 3, rounds = 20, sections = 50, words = 512 };

static volatile uint64_t own[workers][words] __attribute__((aligned(4096)));
static volatile uint64_t shared[words] __attribute__((aligned(4096)));
static pthread_mutex_t mutex __attribute__((aligned(4096))) = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t all;
static int ready;

__attribute__((noinline, noclone)) static void add(uint64_t by) {
  shared[0] += by;
  shared[64] += by;
}

static void *work(void *argument) {
  volatile uint64_t *page = argument;
  pthread_barrier_wait(&all);
  for (int round = 0; round < rounds; round += 1)
    for (int word = 0; word < words; word += 1) page[word] = (uint64_t)round;
  for (int section = 0; section < sections; section += 1) {
    pthread_mutex_lock(&mutex);
    add(1);
    if (section == 0) {
      volatile void *to = page;
      uint64_t bytes = words * 8;
      __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
    }
    pthread_mutex_unlock(&mutex);
  }
  pthread_mutex_lock(&mutex);
  ready += 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  FILE *file = fopen(argv[1], "w");
  fprintf(file, "{\"own\":%llu,\"shared\":%llu,\"mutex\":%llu,\"ready\":%llu}", (unsigned long long)own,
          (unsigned long long)shared, (unsigned long long)&mutex, (unsigned long long)&ready);
  fclose(file);
  pthread_t threads[workers];
  pthread_barrier_init(&all, NULL, workers);
  for (int at = 0; at < workers; at += 1) pthread_create(&threads[at], NULL, work, (void *)own[at]);
  pthread_mutex_lock(&mutex);
  while (ready < workers) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  for (int at = workers; at > 0; at -= 1) pthread_join(threads[at - 1], NULL);
  return shared[0] == workers * sections && shared[64] == workers * sections ? 0 : 1;
}
