/*
 * Sends RTP to many ports of 127.0.0.1 at real pace: one 20 ms G.711 packet a stream every 20 ms.
 *
 *   rtp-load
 *
 * Reads lines `PORT PACKETS` as they come: each starts a stream at once. Prints `end PORT` when a stream's last packet has left. When
 * its standard input has ended and all streams too, prints one JSON line: packets sent, send errors, CPU seconds of its own,
 * and the worst lateness against its timetable.
 *
 * The streams stand in 20 slots; every millisecond the next slot has its turn.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "orders.h"

enum { SAMPLES = 160, HEADER = 12, SIZE = HEADER + SAMPLES, BATCH = 256, SLOTS = 20 };
static const int64_t TICK_NS = 1000000;

struct stream {
  struct sockaddr_in to;
  uint16_t sequence;
  uint32_t timestamp;
  uint32_t ssrc;
  uint64_t left;
};

struct slot {
  struct stream *streams;
  size_t count, room;
};

static struct slot slots[SLOTS];
static uint64_t added, running, sent, errors;
static int fd;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void add(int port, uint64_t packets) {
  struct slot *slot = &slots[added % SLOTS];
  if (slot->count == slot->room) {
    slot->room = slot->room ? 2 * slot->room : 64;
    slot->streams = realloc(slot->streams, slot->room * sizeof *slot->streams);
    if (slot->streams == NULL) exit(1);
  }
  struct stream *s = &slot->streams[slot->count++];
  memset(s, 0, sizeof *s);
  s->to.sin_family = AF_INET;
  s->to.sin_port = htons(port);
  s->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  s->ssrc = 0x10000 + (uint32_t)added++;
  s->left = packets;
  running++;
}

static void obey(const char *line) {
  int port;
  unsigned long long packets;
  if (sscanf(line, "%d %llu", &port, &packets) == 2 && packets > 0) add(port, packets);
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
  s->left--;
}

static void transmit(struct mmsghdr *messages, int count) {
  for (int done = 0; done < count;) {
    int r = sendmmsg(fd, messages + done, count - done, 0);
    if (r > 0) {
      done += r;
      sent += r;
    } else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
      done++;
      errors++;
    }
  }
}

static void serve(struct slot *slot) {
  static unsigned char packets[BATCH][SIZE];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  for (size_t from = 0; from < slot->count; from += BATCH) {
    int n = 0;
    for (; n < BATCH && from + n < slot->count; n++) {
      struct stream *s = &slot->streams[from + n];
      fill(packets[n], s);
      vectors[n] = (struct iovec){packets[n], SIZE};
      messages[n].msg_hdr = (struct msghdr){.msg_name = &s->to, .msg_namelen = sizeof s->to, .msg_iov = &vectors[n], .msg_iovlen = 1};
    }
    transmit(messages, n);
  }
  for (size_t i = slot->count; i-- > 0;) {
    if (slot->streams[i].left > 0) continue;
    printf("end %d\n", ntohs(slot->streams[i].to.sin_port));
    slot->streams[i] = slot->streams[--slot->count];
    running--;
  }
}

int main(void) {
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  int buffer = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  int64_t start = now_ns(), worst = 0;
  int more = 1;
  for (uint64_t tick = 0; more || running > 0;) {
    if (more) more = read_orders(obey);
    uint64_t due = (now_ns() - start) / TICK_NS;
    for (; tick <= due; tick++) {
      struct slot *slot = &slots[tick % SLOTS];
      if (slot->count == 0) continue;
      int64_t late = now_ns() - start - (int64_t)tick * TICK_NS;
      if (late > worst) worst = late;
      serve(slot);
    }
    fflush(stdout);
    struct timespec pause = {0, TICK_NS};
    nanosleep(&pause, NULL);
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"sent\":%llu,\"errors\":%llu,\"cpuSeconds\":%.6f,\"worstLatenessMs\":%.3f}\n", (unsigned long long)sent,
         (unsigned long long)errors, cpu, worst / 1e6);
  return 0;
}
