/* The pipe into which a plugin writes its records, of 16 bytes each, and those that are still to go there. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

enum { records_in_buffer = 16384 };

static uint64_t buffer[2 * records_in_buffer];
static size_t filled;
/* Records that may still be written: none when nobody reads any more. */
static uint64_t left;
static int pipe_end = -1;

static void flush(void) {
  const char *at = (const char *)buffer;
  size_t bytes = filled * 16;
  filled = 0;
  while (bytes > 0 && pipe_end >= 0) {
    ssize_t written = write(pipe_end, at, bytes);
    /* A signal to the program came while the pipe was full. */
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      close(pipe_end);
      pipe_end = -1;
      left = 0;
      return;
    }
    at += written;
    bytes -= (size_t)written;
  }
}
