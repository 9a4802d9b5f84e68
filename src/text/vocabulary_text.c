/* bpe_simple_vocab_16e6.txt.gz and merges.txt. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/grown.h"
#include "text/vocabulary.h"

static okng_status add_line(okng_merges *merges, const char *line, size_t size, const char *path, okng_error *error)
{
    if (size > 0 && line[size - 1] == '\r') size--;
    const char *space = memchr(line, ' ', size);
    const size_t left = space ? (size_t)(space - line) : 0, right = space ? size - left - 1 : 0;
    if (left == 0 || right == 0 || memchr(space + 1, ' ', right))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: line %zu is no merge, expected two symbols with a space between: damaged, or no "
                         "vocabulary of CLIP",
                         path, okng_merges_count(merges) + 2);
    return okng_merges_add(merges, line, left, space + 1, right, path, error);
}

okng_status okng_vocabulary_text(okng_merges *merges, const char *text, size_t size, const char *path,
                                 okng_error *error)
{
    const char *end = memchr(text, '\n', size); /* of the first line, which is a title */
    while (end && okng_merges_count(merges) < OKNG_TOKEN_MERGES) {
        const size_t begin = (size_t)(end - text) + 1;
        if (begin == size) break;
        end = memchr(text + begin, '\n', size - begin);
        OKNG_TRY(add_line(merges, text + begin, (end ? (size_t)(end - text) : size) - begin, path, error));
    }
    return OKNG_OK;
}

/* One piece after the other, until the end of what is packed. */
static okng_status inflate_all(z_stream *stream, okng_grown *out, const char *path, okng_error *error)
{
    enum { PIECE = 1 << 16 };
    char piece[PIECE];
    for (int result = Z_OK; result != Z_STREAM_END;) {
        stream->next_out = (Bytef *)piece;
        stream->avail_out = PIECE;
        result = inflate(stream, Z_NO_FLUSH);
        const size_t got = PIECE - stream->avail_out;
        if (result == Z_MEM_ERROR) return okng_fail_memory(error, PIECE);
        if (result == Z_BUF_ERROR || (result == Z_OK && got == 0 && stream->avail_in == 0))
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s: ends within what is packed, after %zu bytes of it: cut off; get it again", path,
                             out->size + got);
        if (result != Z_OK && result != Z_STREAM_END)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: damaged gzip: %s", path,
                             stream->msg ? stream->msg : "unknown data");
        if (out->size + got > OKNG_VOCABULARY_BYTES)
            return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d bytes are packed in it", path,
                             OKNG_VOCABULARY_BYTES);
        if (!okng_grown_add(out, piece, got)) return okng_fail_memory(error, out->wanted);
    }
    if (stream->avail_in > 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %u bytes behind the end of what is packed", path,
                         stream->avail_in);
    return OKNG_OK;
}

okng_status okng_vocabulary_unpack(char **out, size_t *out_size, const void *data, size_t size, const char *path,
                                   okng_error *error)
{
    enum { GZIP = 16 };
    okng_grown text = {0};
    z_stream stream = {.next_in = (z_const Bytef *)data, .avail_in = (uInt)size};
    *out = NULL;
    if (size > UINT_MAX) return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu bytes are too many", path, size);
    if (inflateInit2(&stream, GZIP + MAX_WBITS) != Z_OK) return okng_fail_memory(error, sizeof stream);
    okng_status status = inflate_all(&stream, &text, path, error);
    (void)inflateEnd(&stream);
    if (status == OKNG_OK) return okng_grown_take(&text, out, out_size, error);
    free(text.data);
    return status;
}
