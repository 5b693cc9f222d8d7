/* What marks.c, in the program, tells plugin.c, in QEMU: system calls of a number that no kernel has. */
enum { MARK_CALL = 30309 };
enum {
  MARK_CODE, /* from, until: the code that is not recorded */
  MARK_LOCK,
  MARK_SHARED_LOCK,
  MARK_UNLOCK,
  MARK_START, /* pthread's name of this thread */
  MARK_JOIN,  /* pthread's name of a thread that has ended */
  MARK_QUIET  /* 1: this thread is not recorded; 0: it is again */
};
