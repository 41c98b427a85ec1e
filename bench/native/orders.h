/* Lines on standard input, which does not block: what a program of the benchmark is told while it runs. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Takes the lines that are there. Returns 0 when there will be no more. */
static int read_orders(void (*obey)(const char *line)) {
  static char text[1 << 16];
  static size_t length;
  for (;;) {
    ssize_t got = read(0, text + length, sizeof text - 1 - length);
    if (got == 0) return 0;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    length += got;
    char *from = text, *end;
    while ((end = memchr(from, '\n', text + length - from)) != NULL) {
      *end = 0;
      obey(from);
      from = end + 1;
    }
    length -= from - text;
    memmove(text, from, length);
  }
}
