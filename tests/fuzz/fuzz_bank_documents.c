/* bank_config.json and tau.json: any bytes must give a document or an error. */
#include <sys/mman.h>
#include <unistd.h>

#include "bank/bank_config.h"
#include "bank/tau.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("document", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) return 0;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    okng_error error;
    static okng_bank_config config;
    okng_tau tau = {0};
    (void)okng_bank_config_read(path, &config, &error);
    (void)okng_tau_read(path, &tau, &error);
    okng_tau_free(&tau);
    (void)close(file);
    return 0;
}
