/*
 * A plugin for QEMU's user-mode translator (plugin interface 1, QEMU 6 to 8.0): writes every block of instructions that
 * a program executes and every access to memory, with the thread, as records of 16 bytes into a pipe. Records of
 * different threads stand in the order in which the threads came here: right after an access, and before a block.
 *
 *   first word:  bits 0-47 address, 48-51 kind (below), 52-55 log2 of the bytes, 56 address relative to the stack pointer
 *   second word: bits 0-47 the instruction's address, 48-63 the thread
 *
 * Of a fetch, the address is the block's and the second word's bits are 0-15 instructions, 16-31 bytes. Of a lock and an
 * unlock the address is the lock's; of create and join it is the other thread. Threads are numbered as they are created.
 *
 * Locks are told by marks.c, which is loaded into the program, by system calls of a number that no kernel has; what is
 * executed there is not recorded.
 *
 * The declarations below are this interface's, which Debian's package of QEMU offers without its header.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../plugin/record-pipe.h"
#include "marks.h"

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
typedef void (*udata_cb)(qemu_plugin_id_t, void *);
typedef void (*vcpu_cb)(qemu_plugin_id_t, unsigned);
typedef void (*trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*exec_cb)(unsigned, void *);
typedef void (*mem_cb)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *);
typedef void (*syscall_cb)(qemu_plugin_id_t, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                           uint64_t, uint64_t, uint64_t);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t, vcpu_cb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, trans_cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, exec_cb, int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_cb, int, int, void *);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, syscall_cb);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, udata_cb, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { fetch, read_access, write_access, lock_mark, shared_lock_mark, unlock_mark, create_mark, join_mark };
enum { most_threads = 4096 };
static const uint64_t low48 = (1ull << 48) - 1;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t quiet_from, quiet_until;

/* Threads: the number of each virtual processor, which QEMU names anew when a thread has ended; and pthread's names. */
static unsigned threads;
static unsigned number_of[most_threads];
static uint64_t names[most_threads];
static __thread int self = -1;
static __thread bool quiet;

static unsigned thread_of(unsigned cpu) {
  if (self < 0) self = (int)number_of[cpu % most_threads];
  return (unsigned)self;
}

static void record(unsigned thread, uint64_t first, uint64_t second) {
  if (quiet) return;
  pthread_mutex_lock(&mutex);
  if (left > 0) {
    buffer[2 * filled] = first;
    buffer[2 * filled + 1] = (second & low48) | (uint64_t)thread << 48;
    filled += 1;
    left -= 1;
    if (filled == records_in_buffer || left == 0) flush();
  }
  pthread_mutex_unlock(&mutex);
}

static void mark(unsigned thread, uint64_t kind, uint64_t object) {
  record(thread, (object & low48) | kind << 48, 0);
}

struct block {
  uint64_t address;
  uint64_t size;
  /* The last instruction, and whether the only one is a string instruction, which QEMU enters anew for each iteration. */
  uint64_t last;
  bool string;
};

static void executed(unsigned cpu, void *data) {
  static __thread uint64_t before;
  const struct block *block = data;
  unsigned thread = thread_of(cpu);
  if (!block->string || block->address != before) record(thread, block->address, block->size);
  before = block->last;
}

/* The data are the instruction's address, and in the highest bit whether it refers to the stack. */
static void accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
  uint64_t kind = qemu_plugin_mem_is_store(info) ? write_access : read_access;
  uint64_t shift = qemu_plugin_mem_size_shift(info) & 15;
  uint64_t stack = (uint64_t)data >> 63;
  record(thread_of(cpu), (address & low48) | kind << 48 | shift << 52 | stack << 56, (uint64_t)data);
}

/*
 * Whether an instruction refers to nothing but the stack, by what it is: its memory operand is relative to rsp, or it has
 * none and is a push, pop, call, return or leave. Not rbp, which is a frame pointer in some functions only.
 */
static bool on_stack(const struct qemu_plugin_insn *instruction) {
  static const char *const implied[] = {"push", "pop", "call", "ret", "leave", "enter"};
  char *text = qemu_plugin_insn_disas(instruction);
  if (text == NULL) return false;
  const char *operand = strchr(text, '(');
  bool result = operand != NULL && strncmp(operand, "(%rsp", 5) == 0;
  for (size_t at = 0; operand == NULL && at < sizeof implied / sizeof *implied; at += 1)
    if (strncmp(text, implied[at], strlen(implied[at])) == 0) result = true;
  free(text);
  return result;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t instructions = qemu_plugin_tb_n_insns(tb);
  uint64_t start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
  if (start >= quiet_from && start < quiet_until) return;
  uint64_t bytes = 0;
  for (size_t at = 0; at < instructions; at += 1) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, at);
    uint64_t data = (qemu_plugin_insn_vaddr(instruction) & low48) | (uint64_t)on_stack(instruction) << 63;
    qemu_plugin_register_vcpu_mem_cb(instruction, accessed, 0, 3, (void *)data);
    bytes += qemu_plugin_insn_size(instruction);
  }
  struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, instructions - 1);
  char *text = qemu_plugin_insn_disas(last);
  struct block *block = malloc(sizeof *block);
  block->last = qemu_plugin_insn_vaddr(last) & low48;
  block->string = instructions == 1 && text != NULL && strncmp(text, "rep", 3) == 0;
  free(text);
  block->address = start & low48;
  block->size = instructions | bytes << 16;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, block);
}

/* Is called in the thread that creates one. */
static void created(qemu_plugin_id_t id, unsigned cpu) {
  (void)id;
  pthread_mutex_lock(&mutex);
  unsigned number = threads;
  threads += 1;
  number_of[cpu % most_threads] = number;
  pthread_mutex_unlock(&mutex);
  if (self >= 0) mark((unsigned)self, create_mark, number);
}

static void called(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t what, uint64_t value, uint64_t until,
                   uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != MARK_CALL) return;
  unsigned thread = thread_of(cpu);
  switch (what) {
    case MARK_CODE:
      quiet_from = value;
      quiet_until = until;
      break;
    case MARK_LOCK:
      mark(thread, lock_mark, value);
      break;
    case MARK_SHARED_LOCK:
      mark(thread, shared_lock_mark, value);
      break;
    case MARK_UNLOCK:
      mark(thread, unlock_mark, value);
      break;
    case MARK_START:
      names[thread % most_threads] = value;
      break;
    case MARK_JOIN:
      /* A name is used again when its thread has ended: the last one to have it is the one. */
      for (unsigned at = threads; at > 0; at -= 1)
        if (names[(at - 1) % most_threads] == value) {
          mark(thread, join_mark, at - 1);
          names[(at - 1) % most_threads] = 0;
          break;
        }
      break;
    case MARK_QUIET:
      quiet = value != 0;
      break;
  }
}

static void ended(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  pthread_mutex_lock(&mutex);
  flush();
  left = 0;
  if (pipe_end >= 0) close(pipe_end);
  pipe_end = -1;
  pthread_mutex_unlock(&mutex);
}

/* A process that the program forks is not recorded. */
static void forked(void) {
  pthread_mutex_init(&mutex, NULL);
  filled = 0;
  left = 0;
  if (pipe_end >= 0) close(pipe_end);
  pipe_end = -1;
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                                               char **argv) {
  (void)info;
  const char *pipe_path = NULL;
  for (int at = 0; at < argc; at += 1) {
    if (strncmp(argv[at], "pipe=", 5) == 0) pipe_path = argv[at] + 5;
    if (strncmp(argv[at], "limit=", 6) == 0) left = strtoull(argv[at] + 6, NULL, 10);
  }
  if (pipe_path == NULL || left == 0) return 1;
  pipe_end = open(pipe_path, O_WRONLY | O_CLOEXEC);
  if (pipe_end < 0) return 1;
  fcntl(pipe_end, F_SETPIPE_SZ, 1 << 20);
  pthread_atfork(NULL, NULL, forked);
  qemu_plugin_register_vcpu_init_cb(id, created);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, called);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
