/*
 * Is loaded into the program (LD_PRELOAD) and stands before pthread's functions for locks and threads: each does what it
 * did, and says so. A lock is said once it is held and an unlock while it is still held, so that between the two no other
 * thread has it, in the order of the records too. Waiting for a condition is an unlock and a lock. At the end, the
 * program's files of code and where they lie are written to the file VEELAB_MODULES.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "marks.h"

/* All code of this file is in one section, whose ends the linker names. */
#define HERE __attribute__((section("veelab_marks")))
#define SHOWN __attribute__((visibility("default"), section("veelab_marks")))
extern const char __start_veelab_marks[], __stop_veelab_marks[];

HERE static void mark(long what, const volatile void *value, const volatile void *until) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"((long)MARK_CALL), "D"(what), "S"(value), "d"(until)
                   : "rcx", "r11", "memory");
}

HERE static void quiet(long on) {
  mark(MARK_QUIET, (const void *)on, NULL);
}

/* The C library's own function; conditions have an old version, which a search by name alone may find. */
HERE static void *find(void **slot, const char *name) {
  void *found = __atomic_load_n(slot, __ATOMIC_RELAXED);
  if (found != NULL) return found;
  quiet(1);
  if (strncmp(name, "pthread_cond_", 13) == 0) found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
  if (found == NULL) found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  __atomic_store_n(slot, found, __ATOMIC_RELAXED);
  quiet(0);
  return found;
}

#define REAL(name)                    \
  static void *slot;                  \
  __typeof__(&name) real = find(&slot, #name)

#define ACQUIRE(name, what, parameters, arguments, object)                     \
  SHOWN int name parameters {                                                  \
    REAL(name);                                                                \
    int result = real arguments;                                               \
    if (result == 0 || result == EOWNERDEAD) mark(what, (const void *)object, NULL); \
    return result;                                                             \
  }

#define RELEASE(name, type)                        \
  SHOWN int name(type *object) {                   \
    REAL(name);                                    \
    mark(MARK_UNLOCK, (const void *)object, NULL); \
    return real(object);                           \
  }

#define WAIT(name, parameters, arguments)         \
  SHOWN int name parameters {                     \
    REAL(name);                                   \
    mark(MARK_UNLOCK, (const void *)mutex, NULL); \
    int result = real arguments;                  \
    mark(MARK_LOCK, (const void *)mutex, NULL);   \
    return result;                                \
  }

typedef const struct timespec *when;
ACQUIRE(pthread_mutex_lock, MARK_LOCK, (pthread_mutex_t * m), (m), m)
ACQUIRE(pthread_mutex_trylock, MARK_LOCK, (pthread_mutex_t * m), (m), m)
ACQUIRE(pthread_mutex_timedlock, MARK_LOCK, (pthread_mutex_t * m, when t), (m, t), m)
RELEASE(pthread_mutex_unlock, pthread_mutex_t)
WAIT(pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t *mutex), (c, mutex))
WAIT(pthread_cond_timedwait, (pthread_cond_t * c, pthread_mutex_t *mutex, when t), (c, mutex, t))
WAIT(pthread_cond_clockwait, (pthread_cond_t * c, pthread_mutex_t *mutex, clockid_t k, when t), (c, mutex, k, t))
ACQUIRE(pthread_rwlock_rdlock, MARK_SHARED_LOCK, (pthread_rwlock_t * l), (l), l)
ACQUIRE(pthread_rwlock_tryrdlock, MARK_SHARED_LOCK, (pthread_rwlock_t * l), (l), l)
ACQUIRE(pthread_rwlock_timedrdlock, MARK_SHARED_LOCK, (pthread_rwlock_t * l, when t), (l, t), l)
ACQUIRE(pthread_rwlock_wrlock, MARK_LOCK, (pthread_rwlock_t * l), (l), l)
ACQUIRE(pthread_rwlock_trywrlock, MARK_LOCK, (pthread_rwlock_t * l), (l), l)
ACQUIRE(pthread_rwlock_timedwrlock, MARK_LOCK, (pthread_rwlock_t * l, when t), (l, t), l)
RELEASE(pthread_rwlock_unlock, pthread_rwlock_t)
ACQUIRE(pthread_spin_lock, MARK_LOCK, (pthread_spinlock_t * l), (l), l)
ACQUIRE(pthread_spin_trylock, MARK_LOCK, (pthread_spinlock_t * l), (l), l)
RELEASE(pthread_spin_unlock, pthread_spinlock_t)

struct start {
  void *(*routine)(void *);
  void *argument;
};

HERE static void *begin(void *data) {
  struct start start = *(struct start *)data;
  quiet(1);
  free(data);
  quiet(0);
  mark(MARK_START, (const void *)pthread_self(), NULL);
  return start.routine(start.argument);
}

SHOWN int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument) {
  REAL(pthread_create);
  quiet(1);
  struct start *start = malloc(sizeof *start);
  quiet(0);
  if (start == NULL) return EAGAIN;
  start->routine = routine;
  start->argument = argument;
  return real(thread, attributes, begin, start);
}

SHOWN int pthread_join(pthread_t thread, void **value) {
  REAL(pthread_join);
  int result = real(thread, value);
  if (result == 0) mark(MARK_JOIN, (const void *)thread, NULL);
  return result;
}

static char *modules;

HERE static int module(struct dl_phdr_info *info, size_t size, void *file) {
  (void)size;
  for (int at = 0; at < info->dlpi_phnum; at += 1)
    if (info->dlpi_phdr[at].p_type == PT_LOAD && (info->dlpi_phdr[at].p_flags & PF_X) != 0)
      dprintf(*(int *)file, "%llx-%llx %s\n", (unsigned long long)(info->dlpi_addr + info->dlpi_phdr[at].p_vaddr),
              (unsigned long long)(info->dlpi_addr + info->dlpi_phdr[at].p_vaddr + info->dlpi_phdr[at].p_memsz),
              info->dlpi_name);
  return 0;
}

__attribute__((constructor(101), section("veelab_marks"))) static void first(void) {
  mark(MARK_CODE, __start_veelab_marks, __stop_veelab_marks);
  quiet(1);
  const char *path = getenv("VEELAB_MODULES");
  if (path != NULL) modules = strdup(path);
  /* Not for the programs that this one starts. */
  unsetenv("VEELAB_MODULES");
  unsetenv("LD_PRELOAD");
  quiet(0);
}

__attribute__((destructor, section("veelab_marks"))) static void last(void) {
  if (modules == NULL) return;
  quiet(1);
  int file = open(modules, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    dl_iterate_phdr(module, &file);
    close(file);
  }
  quiet(0);
}
