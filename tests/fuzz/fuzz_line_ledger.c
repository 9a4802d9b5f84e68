/* Any bytes as a ledger: read without harm; a key of any bytes that is added to it is there when it is read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char odd[] = "1-2-a\n%\x7f.png";

static bool keep(const char *key, void *user)
{
    (void)user;
    if (!*key) abort();
    return true;
}

static void run(const char *path, const uint8_t *data, size_t size)
{
    okng_ledger *ledger;
    FILE *file = fopen(path, "w");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    if (okng_ledger_open(&ledger, path, keep, NULL, NULL) != OKNG_OK) abort();
    if (!okng_ledger_add(ledger, odd) || !okng_ledger_has(ledger, odd)) abort();
    okng_ledger_close(&ledger);
    if (okng_ledger_open(&ledger, path, keep, NULL, NULL) != OKNG_OK || !okng_ledger_has(ledger, odd)) abort();
    okng_ledger_close(&ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/okng-fuzz-ledger-XXXXXX", path[64];
    if (!mkdtemp(folder)) abort();
    (void)snprintf(path, sizeof path, "%s/x.done", folder);
    run(path, data, size);
    (void)unlink(path);
    (void)rmdir(folder);
    return 0;
}
