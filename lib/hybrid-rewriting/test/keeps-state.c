/*
 * A critical section whose accesses stand between what sets the flags and what reads them, and between what is put below the
 * stack pointer and what takes it from there. Ends with 0 if everything is as it was.
 */
#include <pthread.h>
#include <stdint.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile uint64_t shared[4];

__attribute__((noinline)) static uint64_t section(uint64_t number) {
  uint64_t kept, carried;
  pthread_mutex_lock(&mutex);
  __asm__ volatile(
      "movq %[number], -8(%%rsp)\n"
      "movq %[number], -128(%%rsp)\n"
      "movq %[shared], %%rdi\n"
      "cmpq %%rax, %%rax\n" /* equal, no carry */
      "stc\n"
      "movq 8(%%rdi), %%rdx\n" /* shared */
      "movq %%rdx, 16(%%rdi)\n"
      "movl $0, %%ecx\n"
      "adcq $0, %%rcx\n" /* the carry */
      "addq %[number], (%%rdi)\n"
      "movq -8(%%rsp), %%rax\n"
      "addq -128(%%rsp), %%rax\n"
      : "=&a"(kept), "=&c"(carried)
      : [number] "r"(number), [shared] "r"(shared)
      : "rdx", "rdi", "cc", "memory");
  pthread_mutex_unlock(&mutex);
  return kept == 2 * number && carried == 1;
}

int main(void) {
  uint64_t right = 0;
  for (uint64_t number = 1; number <= 1000; number += 1) right += section(number);
  return right == 1000 && shared[0] == 500500 && shared[1] == 0 && shared[2] == 0 ? 0 : 1;
}
