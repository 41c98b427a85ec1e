/*
 * A peer that is not ours: protects or opens packets by libsrtp.
 *
 *   libsrtp-peer protect|open rtp|rtcp <crypto suite> <master key and salt, hex> [<MKI, hex>]
 *
 * Packets come on the standard input and leave on the standard output, each behind its length in two bytes, high byte first; a length of zero: not authentic.
 */
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t unhex(const char *text, unsigned char *bytes, size_t room) {
  size_t length = strlen(text) / 2;
  for (size_t at = 0; at < length && at < room; at++) {
    unsigned value;
    sscanf(text + 2 * at, "%2x", &value);
    bytes[at] = (unsigned char)value;
  }
  return length;
}

static int take_suite(const char *name, srtp_policy_t *policy) {
  if (strcmp(name, "AES_CM_128_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AES_CM_128_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(name, "AEAD_AES_128_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
  } else if (strcmp(name, "AEAD_AES_256_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
  } else {
    return -1;
  }
  return 0;
}

int main(int argc, char **argv) {
  static unsigned char key[64], mki[128];
  /* libsrtp wants words in their place. */
  static unsigned words[4096];
  unsigned char *packet = (unsigned char *)words;
  srtp_policy_t policy;
  srtp_master_key_t master, *masters[] = {&master};
  srtp_t session;
  if (argc < 5) return 2;
  int protect = strcmp(argv[1], "protect") == 0, rtcp = strcmp(argv[2], "rtcp") == 0;
  memset(&policy, 0, sizeof policy);
  memset(&master, 0, sizeof master);
  if (srtp_init() != srtp_err_status_ok || take_suite(argv[3], &policy) != 0) return 3;
  unhex(argv[4], key, sizeof key);
  policy.ssrc.type = protect ? ssrc_any_outbound : ssrc_any_inbound;
  policy.window_size = 1024;
  unsigned use_mki = argc > 5;
  if (use_mki) {
    master.key = key;
    master.mki_id = mki;
    master.mki_size = (unsigned)unhex(argv[5], mki, sizeof mki);
    policy.keys = masters;
    policy.num_master_keys = 1;
  } else {
    policy.key = key;
  }
  if (srtp_create(&session, &policy) != srtp_err_status_ok) return 4;
  unsigned char head[2];
  while (fread(head, 1, 2, stdin) == 2) {
    int length = head[0] << 8 | head[1];
    if (fread(packet, 1, (size_t)length, stdin) != (size_t)length) return 5;
    srtp_err_status_t status;
    if (protect)
      status = rtcp ? srtp_protect_rtcp_mki(session, packet, &length, use_mki, 0)
                    : srtp_protect_mki(session, packet, &length, use_mki, 0);
    else
      status = rtcp ? srtp_unprotect_rtcp_mki(session, packet, &length, use_mki)
                    : srtp_unprotect_mki(session, packet, &length, use_mki);
    if (status != srtp_err_status_ok) length = 0;
    head[0] = (unsigned char)(length >> 8);
    head[1] = (unsigned char)length;
    fwrite(head, 1, 2, stdout);
    fwrite(packet, 1, (size_t)length, stdout);
  }
  return 0;
}
