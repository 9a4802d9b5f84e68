/* Any bytes as a submission's archive: in order, or an error. A file that does not begin as gzip is wrapped in one, so
 * that tar, TIFF and PNG are reached. */
#include <zlib.h>

#include "memory_file.h"
#include "submit/submit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void wrap(const uint8_t *data, size_t size)
{
    gzFile file = gzopen(memory_path, "wb0");
    if (!file || (size > 0 && gzwrite(file, data, (unsigned)size) != (int)size) || gzclose(file) != Z_OK) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_error error = {0};
    size_t pictures;
    memory_file("a.tar.gz", data, size);
    if (size < 2 || data[0] != 0x1f || data[1] != 0x8b) wrap(data, size);
    if (okng_submission_check(memory_path, &pictures, &error) != OKNG_OK && (!error.message[0] || pictures != 0))
        abort();
    return 0;
}
