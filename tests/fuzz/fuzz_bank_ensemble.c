/* ensemble.json: any bytes must give a description that can be written and read again, or an error. */
#include <string.h>

#include "bank/ensemble_file.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_ensemble_file ensemble, again;
    okng_error error = {0};
    memory_file("ensemble.json", data, size);
    if (okng_ensemble_file_read(&ensemble, memory_folder, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return 0;
    }
    if (ensemble.count < 2 || ensemble.count > OKNG_ENSEMBLE_MAX) abort();
    if (okng_ensemble_file_write(&ensemble, memory_folder, &error) != OKNG_OK ||
        okng_ensemble_file_read(&again, memory_folder, &error) != OKNG_OK ||
        memcmp(&ensemble, &again, sizeof ensemble) != 0)
        abort();
    return 0;
}
