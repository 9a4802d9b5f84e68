#include "tensor/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tensor/bytes.h"

enum { PREAMBLE = 8, MAX_HEADER = 65536, HEADER_ALIGNMENT = 64, GROWTH_DIGITS = 21 };
enum { HEAD = PREAMBLE + 4 + MAX_HEADER }; /* bytes that hold any header */

static const uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

static const struct {
    char descr[4];
    okng_dtype dtype;
} descriptions[] = {
    {"<f4", OKNG_F32}, {"<f8", OKNG_F64}, {"<f2", OKNG_F16}, {"<i8", OKNG_I64},  {"<i4", OKNG_I32},
    {"<i2", OKNG_I16}, {"|i1", OKNG_I8},  {"|u1", OKNG_U8},  {"|b1", OKNG_BOOL},
};
enum { DESCRIPTIONS = sizeof descriptions / sizeof *descriptions };

/* The header is a Python dict literal; this reads the one dict that NumPy writes: three known keys, in any order. */
typedef struct parser {
    const char *at, *end;
    const char *name;
    okng_error *error;
    okng_array array;
    bool has_descr, has_order, has_shape;
} parser;

static okng_status unexpected(parser *p, const char *expected)
{
    int length = p->end - p->at > 20 ? 20 : (int)(p->end - p->at);
    return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: the .npy header has \"%.*s\" where %s is expected", p->name,
                     length, p->at, expected);
}

static void skip_space(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t')) p->at++;
}

/* Steps over `text` when it comes next. */
static bool accept(parser *p, const char *text)
{
    skip_space(p);
    size_t length = strlen(text);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, text, length) != 0) return false;
    p->at += length;
    return true;
}

static okng_status parse_string(parser *p, char *text, size_t size)
{
    skip_space(p);
    if (p->at == p->end || (*p->at != '\'' && *p->at != '"')) return unexpected(p, "a string");
    char quote = *p->at;
    const char *begin = p->at + 1;
    const char *close = memchr(begin, quote, (size_t)(p->end - begin));
    if (!close || (size_t)(close - begin) >= size) return unexpected(p, "a short string");
    memcpy(text, begin, (size_t)(close - begin));
    text[close - begin] = '\0';
    p->at = close + 1;
    return OKNG_OK;
}

static okng_status parse_descr(parser *p)
{
    char text[16];
    if (p->has_descr) return unexpected(p, "no second 'descr'");
    skip_space(p);
    if (p->at < p->end && *p->at == '[')
        return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED,
                         "%s: holds records (a structured dtype), expected plain numbers", p->name);
    OKNG_TRY(parse_string(p, text, sizeof text));
    for (size_t i = 0; i < DESCRIPTIONS; i++)
        if (strcmp(text, descriptions[i].descr) == 0) {
            p->array.dtype = descriptions[i].dtype;
            p->has_descr = true;
            return OKNG_OK;
        }
    if (text[0] == '>')
        return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED,
                         "%s: holds big-endian '%s', expected little endian; save array.astype('<%s')", p->name, text,
                         text + 1);
    return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED,
                     "%s: holds dtype '%s', expected one of <f4 <f8 <f2 <i8 <i4 <i2 |i1 |u1 |b1", p->name, text);
}

static okng_status parse_order(parser *p)
{
    if (p->has_order) return unexpected(p, "no second 'fortran_order'");
    p->has_order = true;
    if (accept(p, "False")) return OKNG_OK;
    if (!accept(p, "True")) return unexpected(p, "True or False");
    return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED,
                     "%s: is in Fortran order, expected C order; save numpy.ascontiguousarray(array)", p->name);
}

static okng_status parse_size(parser *p, int64_t *size)
{
    skip_space(p);
    if (p->at == p->end || *p->at < '0' || *p->at > '9') return unexpected(p, "a size");
    int64_t value = 0;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p->at - '0', &value))
            return unexpected(p, "a size below 2^63");
    *size = value;
    return OKNG_OK;
}

static okng_status parse_shape(parser *p)
{
    if (p->has_shape) return unexpected(p, "no second 'shape'");
    p->has_shape = true;
    if (!accept(p, "(")) return unexpected(p, "a tuple");
    bool comma = true; /* a tuple of one needs its comma */
    while (!accept(p, ")")) {
        if (!comma) return unexpected(p, "',' or ')'");
        if (p->array.dims == OKNG_MAX_DIMS)
            return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED, "%s: has more than %d dimensions", p->name,
                             OKNG_MAX_DIMS);
        OKNG_TRY(parse_size(p, &p->array.shape[p->array.dims++]));
        comma = accept(p, ",");
    }
    return p->array.dims == 1 && !comma ? unexpected(p, "a tuple of one as (N,)") : OKNG_OK;
}

static okng_status parse_member(parser *p)
{
    char key[16];
    OKNG_TRY(parse_string(p, key, sizeof key));
    if (!accept(p, ":")) return unexpected(p, "':'");
    if (strcmp(key, "descr") == 0) return parse_descr(p);
    if (strcmp(key, "fortran_order") == 0) return parse_order(p);
    if (strcmp(key, "shape") == 0) return parse_shape(p);
    return okng_fail(p->error, OKNG_ERROR_FORMAT,
                     "%s: the .npy header has the key '%s', expected descr, fortran_order and shape", p->name, key);
}

static okng_status parse_header(parser *p)
{
    if (!accept(p, "{")) return unexpected(p, "'{'");
    bool comma = true;
    while (!accept(p, "}")) {
        if (!comma) return unexpected(p, "',' or '}'");
        OKNG_TRY(parse_member(p));
        comma = accept(p, ",");
    }
    skip_space(p);
    if (p->at != p->end) return unexpected(p, "the end");
    if (p->has_descr && p->has_order && p->has_shape) return OKNG_OK;
    return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: the .npy header lacks '%s'", p->name,
                     !p->has_descr   ? "descr"
                     : !p->has_order ? "fortran_order"
                                     : "shape");
}

/* Finds the header's text and where the data begin. */
static okng_status find_header(parser *p, const uint8_t *bytes, size_t size, size_t *begin)
{
    if (size < PREAMBLE + 2 || memcmp(bytes, magic, sizeof magic) != 0)
        return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: is not a .npy file", p->name);
    unsigned major = bytes[6], minor = bytes[7];
    if (major < 1 || major > 3 || minor != 0)
        return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED, "%s: is .npy version %u.%u, expected 1.0, 2.0 or 3.0",
                         p->name, major, minor);
    size_t start = major == 1 ? PREAMBLE + 2 : PREAMBLE + 4;
    if (size < start) return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: ends inside the .npy header", p->name);
    size_t length = major == 1 ? okng_load_u16(bytes + PREAMBLE) : okng_load_u32(bytes + PREAMBLE);
    if (length > MAX_HEADER)
        return okng_fail(p->error, OKNG_ERROR_LIMIT, "%s: a .npy header of %zu bytes, expected at most %d", p->name,
                         length, MAX_HEADER);
    if (length > size - start)
        return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: ends inside the .npy header", p->name);
    p->at = (const char *)bytes + start;
    p->end = p->at + length;
    *begin = start + length;
    return OKNG_OK;
}

/* `head`: the first bytes of a file of `size`, with the whole header where the file has it. *out says what the rest
 * holds, which begins at *begin. */
static okng_status parse_head(okng_array *out, const uint8_t *head, size_t size, const char *name, size_t *begin,
                              okng_error *error)
{
    parser p = {.name = name, .error = error};
    size_t expected = 0;
    OKNG_TRY(find_header(&p, head, size, begin));
    OKNG_TRY(parse_header(&p));
    char text[256];
    bool fits = okng_shape_bytes(p.array.dtype, p.array.dims, p.array.shape, &expected);
    *out = p.array;
    if (fits && expected == size - *begin) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %zu bytes of data do not match %s %s", name, size - *begin,
                     okng_dtype_name(p.array.dtype), okng_shape_text(p.array.dims, p.array.shape, text, sizeof text));
}

/* The same, and makes the array. */
static okng_status read_head(okng_array **out, const uint8_t *head, size_t size, const char *name, size_t *begin,
                             okng_error *error)
{
    okng_array described;
    OKNG_TRY(parse_head(&described, head, size, name, begin, error));
    return okng_array_new(out, described.dtype, described.dims, described.shape, error);
}

okng_status okng_npy_read_memory(okng_array **out, const void *data, size_t size, const char *name, okng_error *error)
{
    size_t begin = 0;
    *out = NULL;
    OKNG_TRY(read_head(out, data, size, name, &begin, error));
    if (size > begin) memcpy((*out)->data, (const uint8_t *)data + begin, size - begin);
    return OKNG_OK;
}

/* The numbers go straight into the array: a file of maps is large. */
static okng_status read_file(okng_array **out, okng_reader *reader, uint8_t *head, okng_error *error)
{
    size_t size = reader->size, begin = 0;
    size_t known = size < HEAD ? size : HEAD;
    OKNG_TRY(okng_reader_need_memory(reader, error));
    OKNG_TRY(okng_reader_next(reader, head, known, error));
    OKNG_TRY(read_head(out, head, size, reader->path, &begin, error));
    size_t had = known - begin;
    if (had > 0) memcpy((*out)->data, head + begin, had);
    return reader->left > 0 ? okng_reader_next(reader, (uint8_t *)(*out)->data + had, reader->left, error) : OKNG_OK;
}

okng_status okng_array_read_npy(okng_array **out, const char *path, okng_error *error)
{
    okng_reader reader;
    OKNG_TRY(okng_need(out, "the place for the array", error));
    *out = NULL;
    OKNG_TRY(okng_need(path, "the path of an array", error));
    OKNG_TRY(okng_reader_open(&reader, path, error));
    uint8_t *head = malloc(HEAD);
    okng_status status = head ? read_file(out, &reader, head, error) : okng_fail_memory(error, HEAD);
    status = okng_reader_close(&reader, status, error);
    free(head);
    if (status != OKNG_OK) okng_array_free(out);
    return status;
}

/* ---- rows one after another -------------------------------------------------------------------------------------- */

static okng_status open_rows(okng_npy_rows *rows, okng_error *error)
{
    okng_array described;
    okng_reader *reader = &rows->reader;
    size_t size = reader->size, begin = 0;
    char text[256];
    rows->known = size < HEAD ? size : HEAD;
    OKNG_TRY(okng_reader_next(reader, rows->head, rows->known, error));
    OKNG_TRY(parse_head(&described, rows->head, size, reader->path, &begin, error));
    if (described.dtype != OKNG_F32 || described.dims != 2 || described.shape[0] < 1 || described.shape[1] < 1)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: found %s %s, expected float32 [rows, dimensions]", reader->path,
                         okng_dtype_name(described.dtype),
                         okng_shape_text(described.dims, described.shape, text, sizeof text));
    rows->at = begin;
    rows->count = rows->left = described.shape[0];
    rows->dim = described.shape[1];
    return OKNG_OK;
}

okng_status okng_npy_rows_open(okng_npy_rows *rows, const char *path, okng_error *error)
{
    *rows = (okng_npy_rows){.count = 0};
    OKNG_TRY(okng_reader_open(&rows->reader, path, error));
    rows->head = malloc(HEAD);
    okng_status status = rows->head ? open_rows(rows, error) : okng_fail_memory(error, HEAD);
    return status == OKNG_OK ? OKNG_OK : okng_npy_rows_close(rows, status, error);
}

okng_status okng_npy_rows_next(okng_npy_rows *rows, int64_t count, float *to, okng_error *error)
{
    size_t bytes = (size_t)(count * rows->dim) * sizeof *to, had = rows->known - rows->at;
    if (had > bytes) had = bytes;
    if (had > 0) memcpy(to, rows->head + rows->at, had);
    rows->at += had;
    rows->left -= count;
    return bytes > had ? okng_reader_next(&rows->reader, (uint8_t *)to + had, bytes - had, error) : OKNG_OK;
}

okng_status okng_npy_rows_close(okng_npy_rows *rows, okng_status status, okng_error *error)
{
    free(rows->head);
    status = okng_reader_close(&rows->reader, status, error);
    *rows = (okng_npy_rows){.count = 0};
    return status;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* The dict as NumPy prints it, with NumPy's room for the first size to grow, up to the closing newline. */
static size_t format_header(const okng_array *array, const char *descr, char *text, size_t size)
{
    int used = snprintf(text, size, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int32_t i = 0; i < array->dims; i++)
        used += snprintf(text + used, size - (size_t)used, "%s%" PRId64, i ? ", " : "", array->shape[i]);
    used += snprintf(text + used, size - (size_t)used, array->dims == 1 ? ",), }" : "), }");
    int grow = array->dims > 0 ? GROWTH_DIGITS - snprintf(NULL, 0, "%" PRId64, array->shape[0]) : 0;
    size_t length = (size_t)(used + grow) + 1; /* with the newline */
    size_t partial = (PREAMBLE + 2 + length) % HEADER_ALIGNMENT;
    length += HEADER_ALIGNMENT - partial; /* a whole extra block when there is nothing to fill, as NumPy does */
    memset(text + used, ' ', length - (size_t)used);
    text[length - 1] = '\n';
    return length;
}

okng_status okng_array_write_npy(const okng_array *array, const char *path, okng_error *error)
{
    OKNG_TRY(okng_need(array, "the array", error));
    OKNG_TRY(okng_need(path, "the path of an array", error));
    const char *descr = NULL;
    for (size_t i = 0; i < DESCRIPTIONS; i++)
        if (descriptions[i].dtype == array->dtype) descr = descriptions[i].descr;
    if (!descr)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: NumPy has no %s; convert to float32 first", path,
                         okng_dtype_name(array->dtype));
    char header[512]; /* OKNG_MAX_DIMS sizes of 20 digits and the words fit in half of it */
    size_t length = format_header(array, descr, header, sizeof header);
    uint8_t preamble[PREAMBLE + 2] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    okng_store_u16(preamble + PREAMBLE, (uint16_t)length);
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    (void)fwrite(preamble, 1, sizeof preamble, writer.stream);
    (void)fwrite(header, 1, length, writer.stream);
    if (array->bytes > 0) (void)fwrite(array->data, 1, array->bytes, writer.stream);
    return okng_writer_commit(&writer, error);
}
