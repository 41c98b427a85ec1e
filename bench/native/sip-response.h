/*
 * What a caller needs to know of a SIP response: found in the datagram, not copied.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct text {
  const char *at;
  size_t length;
};

struct response {
  int status;
  struct text call_id, to, contact, method, body;
};

/* Takes the next line, without its end. Returns 0 when there is none. */
static int take_line(struct text *rest, struct text *line) {
  if (rest->length == 0) return 0;
  const char *end = memchr(rest->at, '\n', rest->length);
  size_t taken = end == NULL ? rest->length : (size_t)(end - rest->at) + 1;
  *line = (struct text){rest->at, end == NULL ? taken : taken - 1};
  if (line->length > 0 && line->at[line->length - 1] == '\r') line->length--;
  *rest = (struct text){rest->at + taken, rest->length - taken};
  return 1;
}

/* The value of a header of this name, when the line is one. */
static int take_value(struct text line, const char *name, struct text *value) {
  size_t length = strlen(name);
  if (line.length <= length || strncasecmp(line.at, name, length) != 0) return 0;
  const char *from = line.at + length, *end = line.at + line.length;
  while (from < end && (*from == ' ' || *from == '\t')) from++;
  if (from == end || *from++ != ':') return 0;
  while (from < end && (*from == ' ' || *from == '\t')) from++;
  if (value->at == NULL) *value = (struct text){from, end - from};
  return 1;
}

/* `1 INVITE` to `INVITE`. */
static struct text method_in(struct text sequence) {
  while (sequence.length > 0 && (*sequence.at == ' ' || (*sequence.at >= '0' && *sequence.at <= '9'))) {
    sequence.at++;
    sequence.length--;
  }
  return sequence;
}

/* The URI of a Contact, with angle brackets or without. */
static struct text uri_in(struct text contact) {
  const char *end = contact.at + contact.length, *open = memchr(contact.at, '<', contact.length);
  const char *from = open == NULL ? contact.at : open + 1;
  const char *to = memchr(from, open == NULL ? ';' : '>', end - from);
  return (struct text){from, (to == NULL ? end : to) - from};
}

/* Returns 0 when it is none, or lacks what every response has. The datagram ends with a 0. */
static int read_response(struct text datagram, struct response *response) {
  struct text line, sequence = {NULL, 0};
  memset(response, 0, sizeof *response);
  if (!take_line(&datagram, &line) || line.length < 12 || memcmp(line.at, "SIP/2.0 ", 8) != 0) return 0;
  response->status = atoi(line.at + 8);
  while (take_line(&datagram, &line) && line.length > 0) {
    if (take_value(line, "Call-ID", &response->call_id) || take_value(line, "i", &response->call_id)) continue;
    if (take_value(line, "To", &response->to) || take_value(line, "t", &response->to)) continue;
    if (take_value(line, "Contact", &response->contact) || take_value(line, "m", &response->contact)) continue;
    take_value(line, "CSeq", &sequence);
  }
  if (sequence.at == NULL || response->call_id.at == NULL || response->to.at == NULL) return 0;
  response->method = method_in(sequence);
  response->body = datagram;
  return response->status >= 100 && response->status <= 699;
}
