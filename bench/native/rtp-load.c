/*
 * Sends RTP to many ports at real pace: one 20 ms G.711 packet a stream every 20 ms, streams staggered evenly.
 *
 *   rtp-load SECONDS < ports        one destination port of 127.0.0.1 a line
 *
 * Prints one JSON line: packets sent, send errors, CPU seconds of its own, and the worst lateness against its timetable.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { SAMPLES = 160, HEADER = 12, SIZE = HEADER + SAMPLES, BATCH = 256 };
static const int64_t PERIOD_NS = 20000000;

struct stream {
  struct sockaddr_in to;
  uint16_t sequence;
  uint32_t timestamp;
  uint32_t ssrc;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fill(unsigned char *packet, struct stream *s) {
  packet[0] = 0x80;
  packet[1] = 0;
  packet[2] = s->sequence >> 8;
  packet[3] = s->sequence & 255;
  uint32_t timestamp = htonl(s->timestamp), ssrc = htonl(s->ssrc);
  memcpy(packet + 4, &timestamp, 4);
  memcpy(packet + 8, &ssrc, 4);
  memset(packet + HEADER, 0x80 | (s->sequence & 0x7f), SAMPLES);
  s->sequence++;
  s->timestamp += SAMPLES;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  double seconds = atof(argv[1]);
  size_t count = 0, room = 1024;
  struct stream *streams = malloc(room * sizeof *streams);
  int port;
  while (scanf("%d", &port) == 1) {
    if (count == room) streams = realloc(streams, (room *= 2) * sizeof *streams);
    struct stream *s = &streams[count];
    memset(s, 0, sizeof *s);
    s->to.sin_family = AF_INET;
    s->to.sin_port = htons(port);
    s->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->ssrc = 0x10000 + (uint32_t)count++;
  }
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int buffer = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);

  static unsigned char packets[BATCH][SIZE];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){packets[i], SIZE};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
  }

  int64_t start = now_ns(), worst = 0;
  uint64_t total = (uint64_t)(seconds * 1e9 / PERIOD_NS) * count, next = 0, sent = 0, errors = 0;
  while (next < total) {
    int64_t now = now_ns();
    /* Packet k of stream i is due at (k + i / count) periods. */
    uint64_t due = (uint64_t)((double)(now - start) / PERIOD_NS * count);
    if (due > total) due = total;
    if (next < due) {
      int64_t late = now - start - (int64_t)((double)next * PERIOD_NS / count);
      if (late > worst) worst = late;
    }
    while (next < due) {
      int n = 0;
      for (; n < BATCH && next < due; n++, next++) {
        struct stream *s = &streams[next % count];
        fill(packets[n], s);
        messages[n].msg_hdr.msg_name = &s->to;
      }
      for (int done = 0; done < n;) {
        int r = sendmmsg(fd, messages + done, n - done, 0);
        if (r > 0) {
          done += r;
          sent += r;
        } else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
          done++;
          errors++;
        }
      }
    }
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"sent\":%llu,\"errors\":%llu,\"cpuSeconds\":%.6f,\"worstLatenessMs\":%.3f}\n", (unsigned long long)sent,
         (unsigned long long)errors, cpu, worst / 1e6);
  return 0;
}
