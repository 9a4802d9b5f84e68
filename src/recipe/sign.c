#include "recipe/sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { KEY_FILE_MAX = 64 << 10, PREFIX = 16, MESSAGE = PREFIX + OKNG_RECIPE_SIGNED };

struct okng_signer {
    EVP_PKEY *key;
};

/* What is signed is told apart from all else that a key may sign. */
static void make_message(const unsigned char *header, unsigned char message[MESSAGE])
{
    static const char prefix[PREFIX] = "okng recipe v1";
    memcpy(message, prefix, PREFIX);
    memcpy(message + PREFIX, header, OKNG_RECIPE_SIGNED);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Nobody is asked for a passphrase: an encrypted key is refused. */
static int no_passphrase(char *buffer, int size, int writing, void *unused)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)unused;
    return -1;
}

typedef EVP_PKEY *parse_fn(BIO *text);

static EVP_PKEY *parse_private(BIO *text)
{
    return PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL);
}

static EVP_PKEY *parse_public(BIO *text)
{
    return PEM_read_bio_PUBKEY(text, NULL, no_passphrase, NULL);
}

static okng_status read_key(EVP_PKEY **out, const char *path, parse_fn *parse, const char *expected, okng_error *error)
{
    void *data;
    size_t size;
    *out = NULL;
    OKNG_TRY(okng_file_read(path, KEY_FILE_MAX, &data, &size, error));
    BIO *text = BIO_new_mem_buf(size > 0 ? data : "", (int)size);
    EVP_PKEY *key = text ? parse(text) : NULL;
    BIO_free(text);
    if (data) memset(data, 0, size);
    free(data);
    ERR_clear_error();
    if (!text) return okng_fail_memory(error, size);
    if (key && EVP_PKEY_base_id(key) == EVP_PKEY_ED25519) {
        *out = key;
        return OKNG_OK;
    }
    EVP_PKEY_free(key);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: expected %s of Ed25519, without a passphrase, in PEM", path,
                     expected);
}

static okng_status public_of(const EVP_PKEY *key, unsigned char *public_key, okng_error *error)
{
    size_t size = OKNG_RECIPE_KEY;
    if (EVP_PKEY_get_raw_public_key(key, public_key, &size) == 1 && size == OKNG_RECIPE_KEY) return OKNG_OK;
    ERR_clear_error();
    return okng_fail_memory(error, OKNG_RECIPE_KEY);
}

okng_status okng_signer_open(okng_signer **out, const char *path, unsigned char *public_key, okng_error *error)
{
    okng_signer *signer = *out = calloc(1, sizeof *signer);
    if (!signer) return okng_fail_memory(error, sizeof *signer);
    okng_status status = read_key(&signer->key, path, parse_private, "a private key", error);
    if (status == OKNG_OK) status = public_of(signer->key, public_key, error);
    if (status != OKNG_OK) okng_signer_close(out);
    return status;
}

void okng_signer_close(okng_signer **signer)
{
    if (!*signer) return;
    EVP_PKEY_free((*signer)->key);
    free(*signer);
    *signer = NULL;
}

okng_status okng_public_key_read(const char *path, unsigned char *public_key, okng_error *error)
{
    EVP_PKEY *key;
    OKNG_TRY(read_key(&key, path, parse_public, "a public key", error));
    okng_status status = public_of(key, public_key, error);
    EVP_PKEY_free(key);
    return status;
}

/* ---- signatures -------------------------------------------------------------------------------------------------- */

okng_status okng_sign(const okng_signer *signer, const unsigned char *header, unsigned char *signature,
                      okng_error *error)
{
    unsigned char message[MESSAGE];
    size_t size = OKNG_RECIPE_SIGNATURE;
    make_message(header, message);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool done = context && EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
                      EVP_DigestSign(context, signature, &size, message, sizeof message) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return done ? OKNG_OK : okng_fail_memory(error, OKNG_RECIPE_SIGNATURE);
}

okng_status okng_signature_is(const unsigned char *public_key, const unsigned char *header,
                              const unsigned char *signature, bool *is, okng_error *error)
{
    unsigned char message[MESSAGE];
    make_message(header, message);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, OKNG_RECIPE_KEY);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool ready = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1;
    *is = ready && EVP_DigestVerify(context, signature, OKNG_RECIPE_SIGNATURE, message, sizeof message) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ready ? OKNG_OK : okng_fail_memory(error, OKNG_RECIPE_KEY);
}
