/* References pages of anonymous memory and tells what the kernel counted: sweeper sweep|random read|write PAGES ROUNDS SEED.
 * Round 0 writes each page once, in order; a round after it is as many references as there are pages. A line a round:
 * pgfault pgmajfault pswpin pswpout of /proc/vmstat, and the process's anonymous pages in memory. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char text[1 << 16];

static unsigned long number(const char *file, const char *name) {
  int in = open(file, O_RDONLY);
  size_t length = 0;
  for (ssize_t got; (got = read(in, text + length, sizeof text - 1 - length)) > 0;) length += (size_t)got;
  close(in);
  text[length] = 0;
  const char *at = strstr(text, name);
  return at == NULL ? 0 : strtoul(at + strlen(name), NULL, 10);
}

static void tell(void) {
  const char *vmstat = "/proc/vmstat";
  printf("%lu %lu %lu %lu %lu\n", number(vmstat, "\npgfault "), number(vmstat, "\npgmajfault "), number(vmstat, "\npswpin "),
         number(vmstat, "\npswpout "), number("/proc/self/smaps_rollup", "\nAnonymous:") / 4);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int random = strcmp(argv[1], "random") == 0, writes = strcmp(argv[2], "write") == 0;
  size_t pages = strtoul(argv[3], NULL, 10), rounds = strtoul(argv[4], NULL, 10);
  uint32_t state = (uint32_t)strtoul(argv[5], NULL, 10);
  memset(text, 1, sizeof text);
  volatile char *memory = mmap(NULL, pages << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  madvise((void *)memory, pages << 12, MADV_NOHUGEPAGE);
  tell();
  for (size_t round = 0; round <= rounds; round++) {
    for (size_t i = 0; i < pages; i++) {
      size_t page = i;
      if (random && round > 0) {
        /* Marsaglia's xorshift; the page is its share of 2^32. */
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        page = (uint64_t)state * pages >> 32;
      }
      if (writes || round == 0) memory[page << 12] = (char)(round + 1);
      else (void)memory[page << 12];
    }
    tell();
  }
  return 0;
}
