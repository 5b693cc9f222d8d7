/*
 * A plugin for QEMU's translator (plugin interface 1, QEMU 6 to 8.0): keeps for each page of the guest's memory when the
 * guest's processor last wrote to it, in microseconds of the system's clock, as QEMU's own log has them; 0 for never.
 * The times lie in a file of eight bytes a page that the host made, which it can read whenever the guest is stopped.
 * What devices write, and the processor's own marks in page tables, are not seen.
 *
 * The declarations below are this interface's, which Debian's package of QEMU offers without its header.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef struct qemu_info_t qemu_info_t;
typedef void (*trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*mem_cb)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, trans_cb);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_cb, int, int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, uint64_t);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { page_shift = 12, writes_only = 2 };

static volatile uint64_t *last;
static uint64_t pages;

static void stored(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
  (void)cpu;
  (void)data;
  /* QEMU 7.2 also calls for loads that take its slow path, although only stores were asked for. */
  if (!qemu_plugin_mem_is_store(info)) return;
  struct qemu_plugin_hwaddr *hardware = qemu_plugin_get_hwaddr(info, address);
  if (hardware == NULL || qemu_plugin_hwaddr_is_io(hardware)) return;
  uint64_t at = qemu_plugin_hwaddr_phys_addr(hardware);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t micros = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
  if (at >> page_shift < pages) last[at >> page_shift] = micros;
  /* The second page of an access that crosses a border is taken for the next one: it usually is, and is surely written. */
  uint64_t end = at + (1ull << qemu_plugin_mem_size_shift(info)) - 1;
  if (end >> page_shift != at >> page_shift && end >> page_shift < pages) last[end >> page_shift] = micros;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t instructions = qemu_plugin_tb_n_insns(tb);
  for (size_t at = 0; at < instructions; at += 1)
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, at), stored, 0, writes_only, NULL);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                                               char **argv) {
  (void)info;
  const char *path = NULL;
  for (int at = 0; at < argc; at += 1)
    if (strncmp(argv[at], "times=", 6) == 0) path = argv[at] + 6;
  int file = path == NULL ? -1 : open(path, O_RDWR);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return 1;
  void *shared = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) return 1;
  last = shared;
  pages = (uint64_t)status.st_size / 8;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
