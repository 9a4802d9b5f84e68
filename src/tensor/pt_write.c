#include <inttypes.h>
#include <stdint.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "tensor/pt_layout.h"
#include "tensor/weights.h"

okng_status okng_pt_write(const char *path, const float *rows, int64_t count, int64_t dim, okng_error *error)
{
    const int64_t shape[] = {count, dim};
    size_t bytes;
    if (!okng_shape_bytes(OKNG_F32, 2, shape, &bytes) || bytes == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: cannot write %" PRId64 " rows of %" PRId64 " numbers, expected at least one", path, count,
                         dim);
    uint32_t checksum = (uint32_t)crc32_z(0, (const Bytef *)rows, bytes);
    uint8_t head[OKNG_PT_MAX_HEAD], tail[OKNG_PT_MAX_TAIL];
    size_t head_size = okng_pt_head(head, count, dim, checksum);
    size_t tail_size = okng_pt_tail(tail, count, dim, checksum);
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    (void)fwrite(head, 1, head_size, writer.stream);
    (void)fwrite(rows, sizeof *rows, bytes / sizeof *rows, writer.stream);
    (void)fwrite(tail, 1, tail_size, writer.stream);
    return okng_writer_commit(&writer, error);
}
