/*
 * Places SIPREC calls on 127.0.0.1 by UDP, as a session border controller does, by a timetable that it is given beforehand. Media comes
 * from elsewhere.
 *
 *   sip-load SIP-PORT TIMETABLE
 *
 * TIMETABLE is a file as told in timetable.h, its times counted from the program's start.
 *
 * Reads lines `bye NUMBER` as they come: each ends a call that was answered. Prints
 *
 *   answer NUMBER STATUS MICROSECONDS PORT PORT ...
 *   over NUMBER STATUS
 *
 * for the final response to the INVITE (from when the INVITE left until its response was read, and the audio ports of its SDP), and for
 * that to the BYE. Status 408 stands for none in 32 s. When its standard input has ended it places no more calls and hangs up those that
 * run. When all calls are over too, it prints one JSON line: calls placed, requests sent again, datagrams that it could not use, send
 * errors, CPU seconds of its own, and the worst lateness against the timetable.
 *
 * Requests of the server are such datagrams as it cannot use: it neither refreshes sessions nor lets them be refreshed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "orders.h"
#include "sip-response.h"
#include "timetable.h"

enum { SOCKETS = 4, DATAGRAM = 1 << 16, NUMBER_DIGITS = 8, MS = 1000000 };
/* RFC 3261 17.1.1.1 and 17.1.2.2: T1, T2, and 64 times T1. */
static const int64_t FIRST_REPEAT_NS = 500LL * MS, LONGEST_REPEAT_NS = 4000LL * MS, GIVE_UP_NS = 32000LL * MS;
/* So often at most are the calls without response looked through. */
static const int64_t LOOK_NS = 10 * MS;
#define NEVER INT64_MAX

enum state { WAITING, CALLING, PROCEEDING, TALKING, ENDING, GIVEN_UP, OVER };

struct call {
  struct entry entry;
  enum state state;
  /* The request that waits for a response: its place among them, when it first left, when it leaves again, and how long after that. */
  size_t place;
  int64_t sent_ns, due_ns, repeat_ns;
  /* From the final response: its To, where further requests go, and whether it was no 2xx. */
  char *to, *target;
  int refused;
};

static struct call *calls;
static size_t count, begun, open_calls, pending_count;
static struct call **pending; /* wait for a response, in no order */
static int64_t next_look = NEVER, started, worst;
static int more = 1;
static uint64_t repeated, ignored, errors;
static int fds[SOCKETS], ports[SOCKETS];
static struct sockaddr_in server;
static char server_uri[64], server_to[80];

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *why) {
  fprintf(stderr, "sip-load: %s\n", why);
  exit(1);
}

static char *copy(struct text text) {
  char *made = strndup(text.at, text.length);
  if (made == NULL) die("no memory");
  return made;
}

static size_t number_of(const struct call *call) { return call - calls; }

/* ---- what is sent ---- */

struct request {
  const char *method, *uri, *to;
  int sequence;
  /* Tells the transactions of a call apart. */
  const char *branch;
  /* Header lines that only this request has, and its body. */
  const char *headers;
  struct text body;
};

static void transmit(const struct call *call, const struct request *request) {
  static char head[DATAGRAM];
  size_t way = number_of(call) % SOCKETS;
  const char *id = call->entry.id;
  int length = snprintf(head, sizeof head,
                        "%s %s SIP/2.0\r\n"
                        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s.%s;rport\r\n"
                        "Max-Forwards: 70\r\n"
                        "From: \"Bench\" <sip:src@127.0.0.1>;tag=%s\r\n"
                        "To: %s\r\n"
                        "Call-ID: %s\r\n"
                        "CSeq: %d %s\r\n"
                        "%sContent-Length: %zu\r\n\r\n",
                        request->method, request->uri, ports[way], id, request->branch, id, request->to, id, request->sequence,
                        request->method, request->headers, request->body.length);
  struct iovec parts[] = {{head, length}, {(char *)request->body.at, request->body.length}};
  struct msghdr message = {.msg_name = &server, .msg_namelen = sizeof server, .msg_iov = parts, .msg_iovlen = 2};
  if (length >= (int)sizeof head || sendmsg(fds[way], &message, 0) < 0) errors++;
}

static void send_invite(const struct call *call) {
  char headers[512];
  snprintf(headers, sizeof headers,
           "Contact: <sip:earshot@127.0.0.1:%d>;+sip.src\r\n"
           "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\n"
           "Supported: timer\r\n"
           "Accept: application/sdp\r\n"
           "User-Agent: earshot bench\r\n"
           "Require: siprec\r\n"
           "Content-Type: %s\r\n",
           ports[number_of(call) % SOCKETS], call->entry.type);
  transmit(call, &(struct request){"INVITE", server_uri, server_to, 1, "invite", headers, {call->entry.body, call->entry.body_length}});
}

/* For a refusal it belongs to the INVITE's transaction (RFC 3261 17.1.1.3), for a 2xx it is one of its own (13.2.2.4). */
static void send_ack(const struct call *call) {
  transmit(call, &(struct request){"ACK", call->target, call->to, 1, call->refused ? "invite" : "ack", "", {"", 0}});
}

static void send_bye(const struct call *call) {
  transmit(call, &(struct request){"BYE", call->target, call->to, 2, "bye", "", {"", 0}});
}

/* ---- what waits for a response ---- */

static void await_response(struct call *call) {
  call->sent_ns = now_ns();
  call->repeat_ns = FIRST_REPEAT_NS;
  call->due_ns = call->sent_ns + FIRST_REPEAT_NS;
  call->place = pending_count;
  pending[pending_count++] = call;
  if (call->due_ns < next_look) next_look = call->due_ns;
}

static void await_no_more(struct call *call) {
  struct call *last = pending[--pending_count];
  pending[call->place] = last;
  last->place = call->place;
  if (pending_count == 0) next_look = NEVER;
}

static void begin(struct call *call) {
  call->state = CALLING;
  await_response(call);
  int64_t late = call->sent_ns - started - call->entry.start_ns;
  if (late > worst) worst = late;
  send_invite(call);
}

static void hang_up(struct call *call) {
  call->state = ENDING;
  await_response(call);
  send_bye(call);
}

static void end(struct call *call, int status) {
  printf("over %zu %d\n", number_of(call), status);
  call->state = OVER;
  open_calls--;
}

/* A 200 that comes nevertheless is acknowledged and hung up. No CANCEL is sent. */
static void give_up(struct call *call) {
  await_no_more(call);
  if (call->state == ENDING) return end(call, 408);
  printf("answer %zu 408 %lld\n", number_of(call), (long long)(now_ns() - call->sent_ns) / 1000);
  call->state = GIVEN_UP;
  open_calls--;
}

static void repeat(struct call *call, int64_t now) {
  repeated++;
  call->repeat_ns *= 2;
  if (call->state == ENDING && call->repeat_ns > LONGEST_REPEAT_NS) call->repeat_ns = LONGEST_REPEAT_NS;
  call->due_ns = now + call->repeat_ns;
  if (call->state == ENDING) send_bye(call);
  else send_invite(call);
}

static void look_through_pending(int64_t now) {
  int64_t earliest = NEVER;
  for (size_t i = pending_count; i-- > 0;) {
    struct call *call = pending[i];
    int64_t last = call->sent_ns + GIVE_UP_NS;
    if (now >= last) {
      give_up(call);
      continue;
    }
    if (now >= call->due_ns && call->state != PROCEEDING) repeat(call, now);
    int64_t next = call->state == PROCEEDING || call->due_ns > last ? last : call->due_ns;
    if (next < earliest) earliest = next;
  }
  next_look = earliest < now + LOOK_NS ? now + LOOK_NS : earliest;
}

/* ---- what is received ---- */

static struct call *find(struct text id) {
  char digits[NUMBER_DIGITS + 1] = "";
  if (id.length < NUMBER_DIGITS) return NULL;
  memcpy(digits, id.at, NUMBER_DIGITS);
  size_t number = strtoul(digits, NULL, 16);
  if (number >= begun || strlen(calls[number].entry.id) != id.length || memcmp(calls[number].entry.id, id.at, id.length) != 0) return NULL;
  return &calls[number];
}

/* A stream that the answer refuses has port 0 (RFC 3264 6) and is left out. */
static void print_answer(const struct call *call, const struct response *response, int64_t at) {
  printf("answer %zu %d %lld", number_of(call), response->status, (long long)(at - call->sent_ns) / 1000);
  struct text rest = response->body, line;
  while (take_line(&rest, &line)) {
    if (line.length < 9 || memcmp(line.at, "m=audio ", 8) != 0) continue;
    int port = atoi(line.at + 8);
    if (port > 0) printf(" %d", port);
  }
  putchar('\n');
}

/* The first final response: what it says holds for the rest of the call. */
static void take_final(struct call *call, const struct response *response, int64_t at) {
  int was_given_up = call->state == GIVEN_UP;
  if (!was_given_up) {
    await_no_more(call);
    print_answer(call, response, at);
  }
  call->refused = response->status >= 300;
  call->to = copy(response->to);
  call->target = call->refused ? server_uri : copy(uri_in(response->contact));
  call->state = call->refused ? OVER : TALKING;
  send_ack(call);
  if (was_given_up && !call->refused) open_calls++;
  if (!was_given_up && call->refused) open_calls--;
  if (!call->refused && (was_given_up || !more)) hang_up(call);
}

static void take_invite_response(struct call *call, const struct response *response, int64_t at) {
  if (response->status < 200) {
    if (call->state == CALLING) call->state = PROCEEDING;
  } else if (call->to == NULL) {
    take_final(call, response, at);
  } else {
    send_ack(call);
  }
}

static int is_method(const struct response *response, const char *method) {
  return response->method.length == strlen(method) && memcmp(response->method.at, method, response->method.length) == 0;
}

/* Returns 0 when it could not be used. */
static int take_datagram(struct text datagram, int64_t at) {
  struct response response;
  if (!read_response(datagram, &response)) return 0;
  struct call *call = find(response.call_id);
  if (call == NULL) return 0;
  if (is_method(&response, "INVITE")) {
    if (response.status / 100 == 2 && response.contact.at == NULL) return 0;
    take_invite_response(call, &response, at);
    return 1;
  }
  if (!is_method(&response, "BYE")) return 0;
  if (call->state == ENDING && response.status >= 200) {
    await_no_more(call);
    end(call, response.status);
  }
  return 1;
}

static void receive(int fd) {
  static char datagram[DATAGRAM];
  for (;;) {
    ssize_t got = recv(fd, datagram, sizeof datagram - 1, MSG_DONTWAIT);
    if (got < 0) return;
    datagram[got] = 0;
    if (!take_datagram((struct text){datagram, got}, now_ns())) ignored++;
  }
}

/* ---- what it is told ---- */

static void obey(const char *line) {
  size_t number;
  if (sscanf(line, "bye %zu", &number) == 1 && number < count && calls[number].state == TALKING) hang_up(&calls[number]);
}

/* Nobody is there any more who could end the calls. */
static void wind_up(void) {
  open_calls -= count - begun;
  count = begun;
  for (size_t i = 0; i < count; i++) {
    if (calls[i].state == TALKING) hang_up(&calls[i]);
  }
}

static void prepare_calls(const char *timetable) {
  struct entry *entries = read_timetable(timetable, &count);
  if (entries == NULL) die("no timetable, or it is broken");
  calls = calloc(count, sizeof *calls);
  pending = calloc(count, sizeof *pending);
  if (calls == NULL || pending == NULL) die("no memory");
  for (size_t i = 0; i < count; i++) calls[i].entry = entries[i];
  free(entries);
  open_calls = count;
}

static void open_sockets(int sip_port) {
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(sip_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  snprintf(server_uri, sizeof server_uri, "sip:recorder@127.0.0.1:%d", sip_port);
  snprintf(server_to, sizeof server_to, "<%s>", server_uri);
  for (int i = 0; i < SOCKETS; i++) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof own;
    int buffer = 8 << 20;
    fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (bind(fds[i], (struct sockaddr *)&own, length) < 0 || getsockname(fds[i], (struct sockaddr *)&own, &length) < 0) die("no socket");
    ports[i] = ntohs(own.sin_port);
  }
}

/* Sleeps until something is to be read or done. */
static void serve_next(void) {
  struct pollfd polled[SOCKETS + 1] = {{.fd = more ? 0 : -1, .events = POLLIN}};
  for (int i = 0; i < SOCKETS; i++) polled[i + 1] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  int64_t start = begun < count ? started + calls[begun].entry.start_ns : NEVER, wake = start < next_look ? start : next_look;
  int64_t rest = wake == NEVER ? 0 : wake - now_ns();
  if (rest < 0) rest = 0;
  struct timespec pause = {rest / 1000000000, rest % 1000000000};
  if (ppoll(polled, SOCKETS + 1, wake == NEVER ? NULL : &pause, NULL) <= 0) return;
  for (int i = 0; i < SOCKETS; i++) {
    if (polled[i + 1].revents != 0) receive(fds[i]);
  }
  if (polled[0].revents != 0 && !read_orders(obey)) {
    more = 0;
    wind_up();
  }
}

static void print_result(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"placed\":%zu,\"repeated\":%llu,\"ignored\":%llu,\"errors\":%llu,\"cpuSeconds\":%.6f,\"worstLatenessMs\":%.3f}\n", begun,
         (unsigned long long)repeated, (unsigned long long)ignored, (unsigned long long)errors, cpu, worst / 1e6);
}

int main(int argc, char **argv) {
  if (argc != 3) die("SIP-PORT TIMETABLE");
  open_sockets(atoi(argv[1]));
  prepare_calls(argv[2]);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  for (started = now_ns(); more || open_calls > 0;) {
    fflush(stdout);
    serve_next();
    while (begun < count && now_ns() - started >= calls[begun].entry.start_ns) begin(&calls[begun++]);
    if (now_ns() >= next_look) look_through_pending(now_ns());
  }
  print_result();
  return 0;
}
