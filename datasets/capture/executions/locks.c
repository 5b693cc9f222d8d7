/*
 * Stands between a program and pthread_mutex_lock and pthread_mutex_unlock (linked with --wrap), so that a recording shows where
 * a mutex was taken and where its release begins: each reads the mutex by an instruction of a name, the one after it is held, the
 * other before it is let go. Neither instruction changes more than the flags, which no caller expects to be kept.
 */
__asm__(
    ".text\n"
    ".globl __wrap_pthread_mutex_lock, __wrap_pthread_mutex_unlock, lock_taken\n"
    ".type __wrap_pthread_mutex_lock, @function\n"
    ".p2align 4\n"
    "__wrap_pthread_mutex_lock:\n"
    "  push %rdi\n"
    "  call __real_pthread_mutex_lock\n"
    "  pop %rdi\n"
    "lock_taken:\n"
    "  testb $0, (%rdi)\n"
    "  ret\n"
    ".size __wrap_pthread_mutex_lock, . - __wrap_pthread_mutex_lock\n"
    ".type __wrap_pthread_mutex_unlock, @function\n"
    ".p2align 4\n"
    "__wrap_pthread_mutex_unlock:\n"
    "  testb $0, (%rdi)\n"
    "  jmp __real_pthread_mutex_unlock\n"
    ".size __wrap_pthread_mutex_unlock, . - __wrap_pthread_mutex_unlock\n"
    ".section .note.GNU-stack,\"\",@progbits\n");
