/*
 * The bare receiver that the recorder is measured against: epoll, recvmmsg, append to a file; no parsing, no sealing, no fdatasync.
 *
 *   rtp-floor FIRST_PORT COUNT FILE      binds COUNT even ports from FIRST_PORT on 127.0.0.1
 *
 * Prints `ready`, runs until its standard input ends, then prints one JSON line: packets received and CPU seconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 2048, EVENTS = 256 };

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int first = atoi(argv[1]), count = atoi(argv[2]);
  int file = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  int poll = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int buffer = 1 << 19;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(first + 2 * i), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
      perror("bind");
      return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
  struct epoll_event input = {.events = EPOLLIN, .data.fd = 0};
  epoll_ctl(poll, EPOLL_CTL_ADD, 0, &input);
  puts("ready");
  fflush(stdout);

  static unsigned char packets[BATCH][SIZE];
  static struct iovec vectors[BATCH], written[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){packets[i], SIZE};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  uint64_t received = 0;
  for (int open = 1; open;) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poll, events, EVENTS, -1);
    for (int e = 0; e < n; e++) {
      int fd = events[e].data.fd;
      if (fd == 0) {
        char byte;
        if (read(0, &byte, 1) <= 0) open = 0;
        continue;
      }
      int got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
      if (got <= 0) continue;
      for (int i = 0; i < got; i++) written[i] = (struct iovec){packets[i], messages[i].msg_len};
      if (writev(file, written, got) < 0) return 1;
      received += got;
    }
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"received\":%llu,\"cpuSeconds\":%.6f}\n", (unsigned long long)received, cpu);
  return 0;
}
