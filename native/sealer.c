/*
 * Seals records with AES-256-GCM straight into the memory that they are written from. See docs/adr/0010.
 *
 *   open(key)                                                   a sealer for this key of 32 bytes
 *   seal(sealer, number, context, record, from, header, aad, body)   seals `body` into `record` at `from` + `header`, the tag behind it
 *
 * The nonce is `number`, 12 bytes, big-endian. Additional data: `context`, then the first `aad` bytes of `record` from `from`. It is the OpenSSL that
 * Node itself brings: nothing is linked, and where its functions are not to be had, the add-on cannot be loaded (-z now).
 */
#define NAPI_VERSION 8
#include <node_api.h>

#include <stdint.h>
#include <string.h>

/* Of <openssl/evp.h>, unchanged from 1.1 to 3.x; Node's headers for add-ons do not bring it. */
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct engine_st ENGINE;
extern EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
extern void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *);
extern const EVP_CIPHER *EVP_aes_256_gcm(void);
extern int EVP_EncryptInit_ex(EVP_CIPHER_CTX *, const EVP_CIPHER *, ENGINE *, const unsigned char *, const unsigned char *);
extern int EVP_EncryptUpdate(EVP_CIPHER_CTX *, unsigned char *, int *, const unsigned char *, int);
extern int EVP_EncryptFinal_ex(EVP_CIPHER_CTX *, unsigned char *, int *);
extern int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX *, int, int, void *);
enum { EVP_CTRL_AEAD_GET_TAG = 0x10 };

enum { KEY = 32, NONCE = 12, TAG = 16 };

struct bytes {
  unsigned char *at;
  size_t length;
};

/* Everything of one record but the key; `record` begins with the header. */
struct sealing {
  uint32_t number;
  struct bytes context, record, body;
  uint32_t header, aad;
};

static int seal(EVP_CIPHER_CTX *cipher, const struct sealing *s) {
  unsigned char nonce[NONCE] = {0};
  for (int i = 0; i < 4; i++) nonce[NONCE - 1 - i] = (unsigned char)(s->number >> (8 * i));
  unsigned char *out = s->record.at + s->header;
  int done = 0, last = 0;
  return EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1 &&
         EVP_EncryptUpdate(cipher, NULL, &done, s->context.at, (int)s->context.length) == 1 &&
         EVP_EncryptUpdate(cipher, NULL, &done, s->record.at, (int)s->aad) == 1 &&
         EVP_EncryptUpdate(cipher, out, &done, s->body.at, (int)s->body.length) == 1 &&
         EVP_EncryptFinal_ex(cipher, out + done, &last) == 1 && (size_t)(done + last) == s->body.length &&
         EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, out + s->body.length) == 1;
}

/* ---- for JavaScript ---- */

static napi_value fail(napi_env env, const char *what) {
  napi_throw_error(env, NULL, what);
  return NULL;
}

static int read_bytes(napi_env env, napi_value value, struct bytes *bytes) {
  void *at = NULL;
  napi_typedarray_type kind;
  if (napi_get_typedarray_info(env, value, &kind, &bytes->length, &at, NULL, NULL) != napi_ok) return 0;
  bytes->at = at;
  return kind == napi_uint8_array && bytes->length <= INT32_MAX;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  /* Overwrites the key. */
  EVP_CIPHER_CTX_free(data);
}

static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value values[1], result = NULL;
  size_t count = 1;
  struct bytes key;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok || count < 1 || !read_bytes(env, values[0], &key) ||
      key.length != KEY)
    return fail(env, "a sealer wants a key of 32 bytes");
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  if (cipher == NULL) return fail(env, "no memory for a sealer");
  if (EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key.at, NULL) != 1 ||
      napi_create_external(env, cipher, finalize, NULL, &result) != napi_ok) {
    EVP_CIPHER_CTX_free(cipher);
    return fail(env, "a sealer could not be made");
  }
  return result;
}

static napi_value js_seal(napi_env env, napi_callback_info info) {
  napi_value values[8], result = NULL;
  size_t count = 8;
  void *cipher = NULL;
  uint32_t from;
  struct sealing s;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok || count < 8 ||
      napi_get_value_external(env, values[0], &cipher) != napi_ok || napi_get_value_uint32(env, values[1], &s.number) != napi_ok ||
      !read_bytes(env, values[2], &s.context) || !read_bytes(env, values[3], &s.record) ||
      napi_get_value_uint32(env, values[4], &from) != napi_ok || napi_get_value_uint32(env, values[5], &s.header) != napi_ok ||
      napi_get_value_uint32(env, values[6], &s.aad) != napi_ok || !read_bytes(env, values[7], &s.body))
    return fail(env, "wrong arguments for a sealer");
  if (s.aad > s.header || (uint64_t)from + s.header + s.body.length + TAG > s.record.length)
    return fail(env, "the record has no room for what is to be sealed");
  s.record.at += from;
  if (!seal(cipher, &s)) return fail(env, "the record could not be sealed");
  napi_get_undefined(env, &result);
  return result;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"open", NULL, js_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"seal", NULL, js_seal, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
