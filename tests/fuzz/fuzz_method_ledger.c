/* Any bytes as the file of what calibration found of the good pictures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "method/ledger.h"
#include "options/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every patch a fifth lower, then one ledger into another that keeps less. */
static void use(okng_ledger *ledger)
{
    float now[OKNG_LEDGER_KEPT_MAX];
    okng_build_options options;
    okng_build_options_init(&options);
    for (int64_t i = 0; i < ledger->count; i++) {
        if (strlen(ledger->names.name[i]) == 0) abort();
        for (int32_t k = 0; k < ledger->kept; k++)
            now[k] = 0.8F * ledger->grid[i * ledger->patches + ledger->places[i * ledger->kept + k]];
        if (okng_ledger_change(ledger, i, now, 0.8, 1, &options, NULL) != OKNG_OK) abort();
        if (!(ledger->scores[i] >= 0)) abort();
    }
    okng_ledger *less;
    const okng_ledger_size size = {ledger->count, ledger->patches, ledger->dim, OKNG_LEDGER_KEPT_MIN};
    if (okng_ledger_new(&less, &size, okng_picture_names_get, &ledger->names, ledger->folder, NULL) != OKNG_OK) abort();
    okng_ledger_copy(less, 0, ledger);
    okng_ledger_free(&less);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_weights *file;
    okng_ledger *ledger;
    okng_error error = {0};
    if (okng_weights_open_memory(&file, data, size, "fuzz", &error) != OKNG_OK) return 0;
    if (okng_ledger_read(&ledger, file, &error) == OKNG_OK)
        use(ledger);
    else if (ledger || !error.message[0])
        abort();
    okng_ledger_free(&ledger);
    okng_weights_close(&file);
    return 0;
}
