/* Signatures of recipes: Ed25519 (RFC 8032) by OpenSSL. Private to recipe/. */
#ifndef OKNG_RECIPE_SIGN_H
#define OKNG_RECIPE_SIGN_H

#include "recipe/directory.h"

/* Who signs. */
typedef struct okng_signer okng_signer;

/* The private key in a PEM file ("openssl genpkey -algorithm ed25519"), and its public key [OKNG_RECIPE_KEY]. Errors:
 * FORMAT (no such key, or one that is encrypted), NOT_FOUND, IO, MEMORY. */
okng_status okng_signer_open(okng_signer **out, const char *path, unsigned char *public_key, okng_error *error);
void okng_signer_close(okng_signer **signer); /* NULL is fine */
/* The signature of a header whose key is set, of its first OKNG_RECIPE_SIGNED bytes. Errors: MEMORY. */
okng_status okng_sign(const okng_signer *signer, const unsigned char *header, unsigned char *signature,
                      okng_error *error);

/* The public key in a PEM file ("openssl pkey -pubout"). Errors: as okng_signer_open. */
okng_status okng_public_key_read(const char *path, unsigned char *public_key, okng_error *error);
/* Whether the signature is that key's, of those bytes of a header. Errors: MEMORY. */
okng_status okng_signature_is(const unsigned char *public_key, const unsigned char *header,
                              const unsigned char *signature, bool *is, okng_error *error);

#endif
