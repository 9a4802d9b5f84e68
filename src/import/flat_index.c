#include "import/flat_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bank/finite.h"
#include "base/file.h"
#include "base/memory.h"
#include "tensor/bytes.h"

/* Four letters, dimensions (int32), vectors (int64), two numbers that mean nothing (int64), trained (1 byte), metric
 * (int32); then how many floats follow (uint64), and they. */
enum { HEADER = 4 + 4 + 8 + 8 + 8 + 1 + 4, FLOATS_AT = HEADER + 8, METRIC_L2 = 1, MAX_DIM = 65536 };

void okng_flat_index_free(okng_flat_index *index)
{
    free(index->rows);
    *index = (okng_flat_index){0};
}

/* What other indexes begin with, in words. */
static const char *kind_of(const uint8_t *letters)
{
    static const struct {
        char letters[5];
        const char *kind;
    } kinds[] = {
        {"IxFI", "a flat index of inner products"},
        {"IwFl", "an inverted file"},
        {"IwPQ", "an inverted file with product quantisation (patchcore-inspection's ApproximateFaissNN)"},
        {"IxPQ", "an index with product quantisation"},
        {"IHNf", "a graph (HNSW)"},
        {"IxMp", "an index with ids"},
        {"IxSQ", "an index with scalar quantisation"},
        {"IxPT", "an index behind a transformation"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (memcmp(letters, kinds[i].letters, 4) == 0) return kinds[i].kind;
    return "another kind of index, or no index";
}

static okng_status check_kind(const uint8_t *data, const char *name, okng_error *error)
{
    if (memcmp(data, "IxF2", 4) == 0 || memcmp(data, "IxFl", 4) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s: begins with \"%.4s\": %s; expected a flat L2 index (IxF2), which is what FaissNN saves", name,
                     (const char *)data, kind_of(data));
}

/* What the header says, checked against the size of the file; *values: the values that follow. */
static okng_status parse_header(okng_flat_index *index, const uint8_t *data, size_t size, const char *name,
                                size_t *values, okng_error *error)
{
    *index = (okng_flat_index){0};
    if (size >= 4) OKNG_TRY(check_kind(data, name, error));
    if (size < FLOATS_AT)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: has %zu bytes, a flat index has at least %d; it may be cut off",
                         name, size, FLOATS_AT);
    int32_t dim = (int32_t)okng_load_u32(data + 4), metric = (int32_t)okng_load_u32(data + HEADER - 4);
    int64_t count = (int64_t)okng_load_u64(data + 8);
    uint64_t floats = okng_load_u64(data + HEADER);
    if (metric != METRIC_L2)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: metric %" PRId32 ", expected %d (L2)", name, metric,
                         METRIC_L2);
    if (dim < 1 || dim > MAX_DIM)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: vectors of %" PRId32 " dimensions, expected 1 to %d", name, dim,
                         MAX_DIM);
    int64_t expected;
    if (count < 1 || !okng_mul_i64(count, dim, &expected) || (uint64_t)expected != floats)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: says %" PRId64 " vectors of %" PRId32 " dimensions and %" PRIu64
                         " values, which do not agree",
                         name, count, dim, floats);
    if (floats != (size - FLOATS_AT) / sizeof(float) || (size - FLOATS_AT) % sizeof(float) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: has %zu bytes after its header, expected %" PRIu64
                         " float32 values; the file may be cut off",
                         name, size - FLOATS_AT, floats);
    index->rows = okng_alloc((size_t)floats, sizeof(float));
    if (!index->rows) return okng_fail_memory(error, (size_t)floats * sizeof(float));
    index->count = count;
    index->dim = dim;
    *values = (size_t)floats;
    return OKNG_OK;
}

static okng_status check_rows(okng_flat_index *index, const char *name, okng_error *error)
{
    if (okng_check_finite(index->rows, index->count, index->dim, 0, 1, error) == OKNG_OK) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds a value that is not finite", name);
}

okng_status okng_flat_index_parse(okng_flat_index *index, const uint8_t *data, size_t size, const char *name,
                                  okng_error *error)
{
    size_t floats;
    OKNG_TRY(parse_header(index, data, size, name, &floats, error));
    memcpy(index->rows, data + FLOATS_AT, floats * sizeof(float)); /* which are aligned to nothing there */
    okng_status status = check_rows(index, name, error);
    if (status != OKNG_OK) okng_flat_index_free(index);
    return status;
}

/* The rows go straight to their place, once the header is believed. */
static okng_status read_file(okng_flat_index *index, okng_reader *reader, okng_error *error)
{
    uint8_t head[FLOATS_AT];
    size_t known = reader->size < FLOATS_AT ? reader->size : FLOATS_AT, floats;
    OKNG_TRY(okng_reader_next(reader, head, known, error));
    OKNG_TRY(okng_reader_need_memory(reader, error));
    OKNG_TRY(parse_header(index, head, reader->size, reader->path, &floats, error));
    OKNG_TRY(okng_reader_next(reader, index->rows, floats * sizeof(float), error));
    return check_rows(index, reader->path, error);
}

okng_status okng_flat_index_read(okng_flat_index *index, const char *path, okng_error *error)
{
    *index = (okng_flat_index){0};
    okng_reader reader;
    OKNG_TRY(okng_reader_open(&reader, path, error));
    okng_status status = okng_reader_close(&reader, read_file(index, &reader, error), error);
    if (status != OKNG_OK) okng_flat_index_free(index);
    return status;
}
