/*
 * A plugin for QEMU's translator (plugin interface 1, QEMU 6 to 8.0): writes every block of instructions that the
 * guest executes and every access to memory as records of 16 bytes into a pipe.
 *
 *   first word:  bits 0-47 virtual address, 48-49 kind (0 fetch, 1 read, 2 write), 50 device memory, 51-63 bytes
 *   second word: bits 0-47 physical address, 48-63 instructions (of a fetch)
 *
 * Until the host sets the first word of the control file, nothing is instrumented, so that the guest boots at its
 * usual pace. The plugin sets the second word when it is recording, and the third when it has written as many records
 * as asked for.
 *
 * The declarations below are this interface's, which Debian's package of QEMU offers without its header.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "record-pipe.h"

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef struct qemu_info_t qemu_info_t;
typedef void (*simple_cb)(qemu_plugin_id_t);
typedef void (*udata_cb)(qemu_plugin_id_t, void *);
typedef void (*vcpu_cb)(qemu_plugin_id_t, unsigned);
typedef void (*trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*exec_cb)(unsigned, void *);
typedef void (*mem_cb)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *);
void qemu_plugin_reset(qemu_plugin_id_t, simple_cb);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t, vcpu_cb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, trans_cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, exec_cb, int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_cb, int, int, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, udata_cb, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, uint64_t);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { page = 4096, low48_bits = 48 };
static const uint64_t low48 = (1ull << low48_bits) - 1;

static volatile uint32_t *control;
static char *ram;
static uint64_t ram_bytes;

static inline void record(uint64_t first, uint64_t second) {
  if (left == 0) return;
  buffer[2 * filled] = first;
  buffer[2 * filled + 1] = second;
  filled += 1;
  left -= 1;
  if (filled == records_in_buffer || left == 0) flush();
  if (left == 0) control[2] = 1;
}

/* A block's instructions on one page, or on two. */
struct block {
  int pages;
  uint64_t words[4];
};

static void executed(unsigned cpu, void *data) {
  (void)cpu;
  const struct block *block = data;
  for (int at = 0; at < block->pages; at += 1) record(block->words[2 * at], block->words[2 * at + 1]);
}

static void accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
  (void)cpu;
  (void)data;
  if (left == 0) return;
  struct qemu_plugin_hwaddr *hardware = qemu_plugin_get_hwaddr(info, address);
  uint64_t kind = qemu_plugin_mem_is_store(info) ? 2 : 1;
  uint64_t device = hardware == NULL || qemu_plugin_hwaddr_is_io(hardware);
  uint64_t physical = hardware == NULL ? 0 : qemu_plugin_hwaddr_phys_addr(hardware);
  uint64_t bytes = 1ull << qemu_plugin_mem_size_shift(info);
  record((address & low48) | kind << 48 | device << 50 | bytes << 51, physical & low48);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  struct block *block = calloc(1, sizeof *block);
  size_t instructions = qemu_plugin_tb_n_insns(tb);
  uint64_t on_page = UINT64_MAX;
  for (size_t at = 0; at < instructions; at += 1) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, at);
    uint64_t address = qemu_plugin_insn_vaddr(instruction);
    char *host = qemu_plugin_insn_haddr(instruction);
    qemu_plugin_register_vcpu_mem_cb(instruction, accessed, 0, 3, NULL);
    /* Code outside the guest's memory is firmware's. */
    if (host < ram || host >= ram + ram_bytes) continue;
    uint64_t size = qemu_plugin_insn_size(instruction);
    if (address / page != on_page && block->pages < 2) {
      on_page = address / page;
      block->words[2 * block->pages] = address & low48;
      block->words[2 * block->pages + 1] = (uint64_t)(host - ram);
      block->pages += 1;
    }
    block->words[2 * block->pages - 2] += size << 51;
    block->words[2 * block->pages - 1] += 1ull << 48;
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, block);
}

static void ended(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  flush();
  if (pipe_end >= 0) close(pipe_end);
}

/* Where the guest's memory lies in this process: the memory file that QEMU was told to make. */
static bool find_ram(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    uint64_t from, until;
    if (strstr(line, "memfd:memory-backend-memfd") == NULL) continue;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &until) != 2 || until - from <= ram_bytes) continue;
    ram = (char *)from;
    ram_bytes = until - from;
  }
  if (maps != NULL) fclose(maps);
  return ram != NULL;
}

static void start(qemu_plugin_id_t id) {
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  if (!find_ram()) return;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  control[1] = 1;
}

/*
 * Callbacks can be changed while the processor is idle, and only before there are any on accesses: QEMU 7.2 keeps
 * those of a block that an interrupt has left, and ends itself when it meets them after a reset.
 */
static void idle(qemu_plugin_id_t id, unsigned cpu) {
  static bool asked;
  (void)cpu;
  if (asked || control[0] == 0) return;
  asked = true;
  qemu_plugin_reset(id, start);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                                               char **argv) {
  (void)info;
  const char *pipe_path = NULL, *control_path = NULL;
  for (int at = 0; at < argc; at += 1) {
    if (strncmp(argv[at], "pipe=", 5) == 0) pipe_path = argv[at] + 5;
    if (strncmp(argv[at], "control=", 8) == 0) control_path = argv[at] + 8;
    if (strncmp(argv[at], "limit=", 6) == 0) left = strtoull(argv[at] + 6, NULL, 10);
  }
  if (pipe_path == NULL || control_path == NULL || left == 0) return 1;
  int file = open(control_path, O_RDWR);
  void *shared = file < 0 ? MAP_FAILED : mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  pipe_end = open(pipe_path, O_WRONLY);
  if (shared == MAP_FAILED || pipe_end < 0) return 1;
  fcntl(pipe_end, F_SETPIPE_SZ, 1 << 20);
  control = shared;
  qemu_plugin_register_vcpu_idle_cb(id, idle);
  return 0;
}
