/*
 * Reads UDP sockets in batches: recvmmsg on one after the other, and a table that JavaScript reads the results from. See docs/adr/0008.
 *
 *   open()                                        a receiver
 *   bind(receiver, address, port, bytes)          binds a socket; its slot, or -errno
 *   receive(receiver, slot, packets, table)       reads one slot, or all (-1); how many datagrams stand in the table
 *   close(receiver, slot)                         closes a slot; how many datagrams the kernel threw away on it
 *
 * `packets` takes the datagrams one behind the other, `table` a row for each, ROW signed words long (see enum), and a last one (see enum).
 * A slot that was closed is not given out again before the next receive(), so that rows cannot be taken for another socket's.
 *
 * There is no epoll: while media flow, nearly every socket has something each time, and asking it costs less than being told of it.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>

#include <errno.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  /* Of one recvmmsg; a stream rarely has more than five waiting. */
  BATCH = 32,
  /* No UDP datagram is longer. The odd rest keeps them out of each other's cache sets. */
  LONGEST = 65536,
  STRIDE = LONGEST + 320,
  /* How often one socket may fill a batch before the next has its turn. */
  ROUNDS = 4,
};

/* The words of a row. ADDRESS is one word for IPv4, four for IPv6, as they come from the wire. */
enum { SLOT, OFFSET, LENGTH, AGE_US, IS_SAME_PEER, DROPPED, IS_SIX, PORT, ADDRESS, ROW = ADDRESS + 4 };

/*
 * The words of the last row: whether all has been read; errno of a socket that failed, or 0, and its slot; the time that ages count back from,
 * µs of CLOCK_MONOTONIC, in two words.
 */
enum { IS_DONE, FAILURE, FAILED_SLOT, NOW_LOW, NOW_HIGH };

struct slot {
  /* -1: closed. */
  int fd;
  /* Of the latest datagram. */
  struct sockaddr_in6 peer;
};

struct receiver {
  /* Never bound: while a socket that wants stamps is open, the kernel stamps every datagram as it comes, from the first one of a call on. */
  int stamping;
  struct slot *slots;
  uint32_t count, room;
  /* Slots to be given out again: those before `reusable` now, the others from the next receive() on. */
  uint32_t *freed;
  uint32_t freed_count, reusable;
  /* The round through all slots: the next one to be read, and when it and the one before began (CLOCK_MONOTONIC, ns). */
  uint32_t next;
  int64_t round_at, former_round_at;
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  struct sockaddr_in6 peers[BATCH];
  _Alignas(struct cmsghdr) unsigned char controls[BATCH][CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
  unsigned char staged[];
};

/* Where a batch goes. */
struct batch {
  unsigned char *packets;
  size_t packets_room, packets_used;
  int32_t *table;
  uint32_t rows, rows_room;
  /* Its beginning by CLOCK_MONOTONIC and CLOCK_REALTIME, ns; and how old anything in it can be. */
  int64_t began, now;
  int64_t oldest;
  int failure, failed_slot;
};

static int64_t nanoseconds(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* ---- sockets ---- */

static int open_socket(const struct addrinfo *local, int bytes) {
  int fd = socket(local->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int on = 1;
  if (local->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  /* The kernel takes what it allows; a refusal is no reason not to record. */
  int has = 0;
  socklen_t length = sizeof has;
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &has, &length) == 0 && has < bytes)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (bind(fd, local->ai_addr, local->ai_addrlen) == 0) return fd;
  int failure = errno;
  close(fd);
  return -failure;
}

static int make_room(struct receiver *r) {
  if (r->count < r->room) return 0;
  uint32_t room = r->room == 0 ? 64 : 2 * r->room;
  struct slot *slots = realloc(r->slots, room * sizeof *slots);
  if (slots == NULL) return -ENOMEM;
  r->slots = slots;
  uint32_t *freed = realloc(r->freed, room * sizeof *freed);
  if (freed == NULL) return -ENOMEM;
  r->freed = freed;
  r->room = room;
  return 0;
}

/* The slot of a new socket, or -errno. */
static int add_slot(struct receiver *r, int fd) {
  int failure = make_room(r);
  if (failure < 0) return failure;
  uint32_t slot;
  if (r->reusable > 0) {
    slot = r->freed[--r->reusable];
    r->freed[r->reusable] = r->freed[--r->freed_count];
  } else {
    slot = r->count++;
    r->slots[slot] = (struct slot){.fd = -1};
  }
  struct slot *s = &r->slots[slot];
  s->fd = fd;
  memset(&s->peer, 0, sizeof s->peer);
  return (int)slot;
}

static int bind_slot(struct receiver *r, const char *address, int port, int bytes) {
  char service[8];
  snprintf(service, sizeof service, "%d", port);
  struct addrinfo wanted = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_DGRAM}, *local;
  if (getaddrinfo(address, service, &wanted, &local) != 0) return -EINVAL;
  int fd = open_socket(local, bytes);
  freeaddrinfo(local);
  if (fd < 0) return fd;
  int slot = add_slot(r, fd);
  if (slot < 0) close(fd);
  return slot;
}

/* Datagrams that the kernel threw away since the socket was bound. */
static uint32_t dropped_by(int fd) {
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof memory;
  return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &length) == 0 ? memory[SK_MEMINFO_DROPS] : 0;
}

static uint32_t close_slot(struct receiver *r, uint32_t slot) {
  struct slot *s = &r->slots[slot];
  if (s->fd < 0) return 0;
  uint32_t dropped = dropped_by(s->fd);
  close(s->fd);
  s->fd = -1;
  r->freed[r->freed_count++] = slot;
  return dropped;
}

static void end_receiver(struct receiver *r) {
  for (uint32_t slot = 0; slot < r->count; slot++)
    if (r->slots[slot].fd >= 0) close(r->slots[slot].fd);
  if (r->stamping >= 0) close(r->stamping);
  free(r->slots);
  free(r->freed);
  free(r);
}

static struct receiver *new_receiver(void) {
  struct receiver *r = calloc(1, sizeof *r + (size_t)BATCH * STRIDE);
  if (r == NULL) return NULL;
  r->stamping = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int on = 1;
  if (r->stamping >= 0) setsockopt(r->stamping, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  r->round_at = r->former_round_at = nanoseconds(CLOCK_MONOTONIC);
  for (int i = 0; i < BATCH; i++) {
    r->vectors[i] = (struct iovec){r->staged + (size_t)i * STRIDE, LONGEST};
    r->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &r->peers[i],
        .msg_namelen = sizeof r->peers[i],
        .msg_iov = &r->vectors[i],
        .msg_iovlen = 1,
        .msg_control = r->controls[i],
        .msg_controllen = sizeof r->controls[i],
    };
  }
  return r;
}

/* ---- datagrams ---- */

static int is_same_peer(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b, int is_six) {
  /* Family, port and IPv4 address stand at the same place in both structures. */
  if (memcmp(a, b, sizeof(struct sockaddr_in) - sizeof((struct sockaddr_in *)0)->sin_zero) != 0) return 0;
  return !is_six || memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

static void put_peer(int32_t *row, struct slot *s, const struct sockaddr_in6 *peer) {
  int is_six = peer->sin6_family == AF_INET6;
  row[IS_SIX] = is_six;
  row[IS_SAME_PEER] = is_same_peer(peer, &s->peer, is_six);
  if (row[IS_SAME_PEER]) return;
  row[PORT] = ntohs(peer->sin6_port);
  if (is_six) memcpy(&row[ADDRESS], &peer->sin6_addr, sizeof peer->sin6_addr);
  else memcpy(&row[ADDRESS], &((const struct sockaddr_in *)peer)->sin_addr, sizeof(struct in_addr));
  memcpy(&s->peer, peer, is_six ? sizeof *peer : sizeof(struct sockaddr_in));
}

/* Arrival by the kernel's stamp. The wall clock may have been stepped since, so it is believed only within what is possible. */
static void put_control(int32_t *row, struct msghdr *header, const struct batch *b) {
  int64_t age = 0;
  row[DROPPED] = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec at;
      memcpy(&at, CMSG_DATA(c), sizeof at);
      age = b->now - ((int64_t)at.tv_sec * 1000000000 + at.tv_nsec);
    } else if (c->cmsg_type == SO_RXQ_OVFL) {
      memcpy(&row[DROPPED], CMSG_DATA(c), sizeof(uint32_t));
    }
  }
  if (age < 0) age = 0;
  if (age > b->oldest) age = b->oldest;
  row[AGE_US] = (int32_t)(age / 1000);
}

static int has_room(const struct batch *b) {
  return b->rows + BATCH <= b->rows_room && b->packets_used + (size_t)BATCH * LONGEST <= b->packets_room;
}

static void take(struct receiver *r, struct batch *b, uint32_t slot, int got) {
  for (int i = 0; i < got; i++) {
    struct mmsghdr *message = &r->messages[i];
    int32_t *row = b->table + (size_t)b->rows++ * ROW;
    row[SLOT] = (int32_t)slot;
    row[OFFSET] = (int32_t)b->packets_used;
    row[LENGTH] = (int32_t)message->msg_len;
    put_peer(row, &r->slots[slot], &r->peers[i]);
    put_control(row, &message->msg_hdr, b);
    memcpy(b->packets + b->packets_used, r->vectors[i].iov_base, message->msg_len);
    b->packets_used += message->msg_len;
    message->msg_hdr.msg_namelen = sizeof r->peers[i];
    message->msg_hdr.msg_controllen = sizeof r->controls[i];
  }
}

/* Reads a socket until it is empty, has had its share, or the batch is full. Whether it is empty. */
static int read_slot(struct receiver *r, struct batch *b, uint32_t slot) {
  for (int round = 0; round < ROUNDS && has_room(b); round++) {
    int got = recvmmsg(r->slots[slot].fd, r->messages, BATCH, MSG_DONTWAIT, NULL);
    if (got > 0) take(r, b, slot, got);
    else if (got < 0 && errno != EAGAIN && errno != EINTR) {
      b->failure = errno;
      b->failed_slot = (int)slot;
    }
    if (got < BATCH) return 1;
  }
  return 0;
}

/* Goes on with the round. Whether it came to its end. */
static int read_round(struct receiver *r, struct batch *b) {
  if (r->next == 0) {
    r->former_round_at = r->round_at;
    r->round_at = nanoseconds(CLOCK_MONOTONIC);
  }
  for (; r->next < r->count && has_room(b); r->next++)
    if (r->slots[r->next].fd >= 0) read_slot(r, b, r->next);
  if (r->next < r->count) return 0;
  r->next = 0;
  return 1;
}

/* Both clocks at one moment: between two looks the thread may have had to wait for its turn. */
static void read_clocks(struct batch *b) {
  for (int attempt = 0; attempt < 5; attempt++) {
    b->began = nanoseconds(CLOCK_MONOTONIC);
    b->now = nanoseconds(CLOCK_REALTIME);
    if (nanoseconds(CLOCK_MONOTONIC) - b->began < 20000) return;
  }
}

static uint32_t receive_batch(struct receiver *r, int slot, struct batch *b) {
  r->reusable = r->freed_count;
  read_clocks(b);
  /* Every socket was read at least once since the round before this one began. */
  b->oldest = b->began - r->former_round_at;
  int is_done = 1;
  if (slot < 0) is_done = read_round(r, b);
  else if ((uint32_t)slot < r->count && r->slots[slot].fd >= 0) is_done = read_slot(r, b, (uint32_t)slot);
  int32_t *last = b->table + (size_t)b->rows_room * ROW;
  last[IS_DONE] = is_done;
  last[FAILURE] = b->failure;
  last[FAILED_SLOT] = b->failed_slot;
  last[NOW_LOW] = (int32_t)(uint32_t)(b->began / 1000);
  last[NOW_HIGH] = (int32_t)(b->began / 1000 >> 32);
  return b->rows;
}

/* ---- for JavaScript ---- */

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value refuse(napi_env env) {
  napi_throw_type_error(env, NULL, "wrong arguments for the receiver");
  return NULL;
}

/* The arguments, of which the first is a receiver; NULL when they are not. */
static struct receiver *arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t count = wanted;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok || count < wanted) return NULL;
  return napi_get_value_external(env, values[0], &data) == napi_ok ? data : NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  end_receiver(data);
}

static napi_value js_open(napi_env env, napi_callback_info info) {
  (void)info;
  struct receiver *r = new_receiver();
  napi_value result = NULL;
  if (r == NULL) napi_throw_error(env, NULL, strerror(errno));
  else if (napi_create_external(env, r, finalize, NULL, &result) != napi_ok) end_receiver(r);
  return result;
}

static napi_value js_bind(napi_env env, napi_callback_info info) {
  napi_value values[4];
  char address[128];
  int32_t port, bytes;
  struct receiver *r = arguments(env, info, 4, values);
  if (r == NULL || napi_get_value_string_latin1(env, values[1], address, sizeof address, NULL) != napi_ok ||
      napi_get_value_int32(env, values[2], &port) != napi_ok || napi_get_value_int32(env, values[3], &bytes) != napi_ok)
    return refuse(env);
  return number(env, bind_slot(r, address, port, bytes));
}

static napi_value js_receive(napi_env env, napi_callback_info info) {
  napi_value values[4];
  int32_t slot;
  struct batch b = {0};
  napi_typedarray_type kind;
  size_t words = 0;
  void *packets, *table;
  struct receiver *r = arguments(env, info, 4, values);
  if (r == NULL || napi_get_value_int32(env, values[1], &slot) != napi_ok ||
      napi_get_buffer_info(env, values[2], &packets, &b.packets_room) != napi_ok ||
      napi_get_typedarray_info(env, values[3], &kind, &words, &table, NULL, NULL) != napi_ok || kind != napi_int32_array ||
      words < 2 * ROW)
    return refuse(env);
  b.packets = packets;
  b.table = table;
  b.rows_room = (uint32_t)(words / ROW) - 1;
  return number(env, receive_batch(r, slot, &b));
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t slot;
  struct receiver *r = arguments(env, info, 2, values);
  if (r == NULL || napi_get_value_int32(env, values[1], &slot) != napi_ok) return refuse(env);
  return number(env, slot >= 0 && (uint32_t)slot < r->count ? close_slot(r, (uint32_t)slot) : 0);
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"open", NULL, js_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"bind", NULL, js_bind, NULL, NULL, NULL, napi_enumerable, NULL},
      {"receive", NULL, js_receive, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, js_close, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
