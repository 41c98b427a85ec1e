/*
 * When which call is to be placed: a file with an entry for each, in the order of their starts. An entry is a line
 *
 *   MICROSECONDS CALL-ID BODY-LENGTH CONTENT-TYPE
 *
 * and right after it the body of the INVITE. A call's number is its place in the file, from 0; its Call-ID begins with that number in eight
 * hexadecimal digits.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct entry {
  int64_t start_ns;
  char id[64], type[128];
  const char *body;
  size_t body_length;
};

/* Returns 0 when it is none. */
static int read_entry(const char *line, size_t number, struct entry *entry) {
  long long start;
  unsigned told;
  if (sscanf(line, "%lld %63s %zu %127[^\n]", &start, entry->id, &entry->body_length, entry->type) != 4) return 0;
  entry->start_ns = start * 1000;
  return sscanf(entry->id, "%8x", &told) == 1 && told == number;
}

/* Returns NULL when the file is empty or broken. The bodies stay where they lie. */
static struct entry *read_timetable(const char *name, size_t *count) {
  struct entry *entries = NULL;
  struct stat stat;
  int file = open(name, O_RDONLY);
  if (file < 0 || fstat(file, &stat) < 0) return NULL;
  const char *from = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0), *end = from + stat.st_size;
  if (from == MAP_FAILED) return NULL;
  for (size_t space = 0; from < end; ++*count) {
    if (*count == space) {
      space = space ? 2 * space : 1024;
      entries = realloc(entries, space * sizeof *entries);
      if (entries == NULL) return NULL;
    }
    char line[256];
    const char *after = memchr(from, '\n', end - from);
    if (after == NULL || ++after - from >= (ptrdiff_t)sizeof line) return NULL;
    memcpy(line, from, after - from);
    line[after - from] = 0;
    struct entry *entry = &entries[*count];
    if (!read_entry(line, *count, entry) || entry->body_length > (size_t)(end - after)) return NULL;
    entry->body = after;
    from = after + entry->body_length;
  }
  return entries;
}
