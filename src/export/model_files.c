#include "export/model_files.h"

#include <string.h>
#include <unistd.h>

enum { PART = 1024 }; /* numbers that are made float16 at a time */

static void put_halves(FILE *stream, const void *data, uint64_t count)
{
    float part[PART];
    uint16_t halves[PART];
    for (uint64_t i = 0; i < count && !ferror(stream); i += PART) {
        const size_t some = count - i < PART ? (size_t)(count - i) : PART;
        memcpy(part, (const char *)data + i * sizeof *part, some * sizeof *part);
        (void)okng_from_float(OKNG_F16, part, some, halves);
        (void)fwrite(halves, sizeof *halves, some, stream);
    }
}

void okng_export_put_numbers(FILE *stream, const void *data, okng_dtype dtype, uint64_t count, bool half)
{
    if (half)
        put_halves(stream, data, count);
    else if (count > 0)
        (void)fwrite(data, okng_dtype_size(dtype), (size_t)count, stream);
}

bool okng_export_is_whole(FILE *stream)
{
    return fflush(stream) == 0 && !ferror(stream);
}

okng_status okng_export_commit_both(okng_writer *model, okng_writer *numbers, okng_error *error)
{
    const bool numbers_whole = okng_export_is_whole(numbers->stream),
               whole = numbers_whole && okng_export_is_whole(model->stream);
    if (whole) {
        (void)unlink(model->path);
    } else if (numbers_whole) { /* its error is that of the commit */
        okng_writer_abort(numbers);
        return okng_writer_commit(model, error);
    }
    const okng_status status = okng_writer_commit(numbers, error);
    if (status == OKNG_OK) return okng_writer_commit(model, error);
    okng_writer_abort(model);
    return status;
}
