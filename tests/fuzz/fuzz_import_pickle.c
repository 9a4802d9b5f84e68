/* Any bytes as patchcore_params.pkl, and as the object of a checkpoint, with what that says of itself. */
#include <stdlib.h>
#include <string.h>

#include "import/params.h"
#include "import/settings.h"
#include "tensor/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_params params;
    okng_error error = {0};
    okng_status status = okng_params_parse(&params, data, size, "fuzz", &error);
    if (status == OKNG_OK && (!params.backbone[0] || !params.layers[0] || params.patch_size < 1)) abort();
    if (status != OKNG_OK && !error.message[0]) abort();

    okng_pickle lenient = {.path = "fuzz", .error = &error, .lenient = true};
    okng_pickle_ref root;
    size_t used;
    if (okng_pickle_run(&lenient, data, size, &used, &root) == OKNG_OK) {
        if (used > size) abort();
        okng_settings settings = okng_settings_of(&lenient, root);
        if (settings.transform && !settings.resize[0]) abort();
    }
    okng_pickle_free(&lenient);
    return 0;
}
