#include "submit/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"

enum {
    BLOCK = 512,
    CHUNK = 1 << 16,
    GZIP = 16, /* added to the window's bits: gzip's head and checksum */
    LEVEL = 1, /* maps hardly become smaller with more, and 20 GB of them wait */
    NAME = 100,
    PREFIX = 155,
    LARGEST_BITS = 33 /* of a size: eleven octal digits */
};

struct okng_archive {
    okng_writer writer;
    z_stream deflate;
    uint8_t out[CHUNK];
};

static okng_status write_bytes(okng_archive *archive, const void *bytes, size_t size, int flush, okng_error *error)
{
    z_stream *z = &archive->deflate;
    z->next_in = (Bytef *)(uintptr_t)bytes;
    z->avail_in = (uInt)size;
    int code;
    do {
        z->next_out = archive->out;
        z->avail_out = CHUNK;
        code = deflate(z, flush);
        if (code == Z_STREAM_ERROR) return okng_fail(error, OKNG_ERROR_IO, "zlib: the stream's state is damaged");
        const size_t made = CHUNK - z->avail_out;
        if (fwrite(archive->out, 1, made, archive->writer.stream) != made) return OKNG_OK; /* commit says it */
    } while (z->avail_out == 0 || (flush == Z_FINISH && code != Z_STREAM_END));
    return OKNG_OK;
}

okng_status okng_archive_open(okng_archive **out, const char *path, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    okng_status status = okng_writer_open(&(*out)->writer, path, error);
    if (status == OKNG_OK &&
        deflateInit2(&(*out)->deflate, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        okng_writer_abort(&(*out)->writer);
        status = okng_fail_memory(error, 1 << 18);
    }
    if (status == OKNG_OK) return OKNG_OK;
    free(*out);
    *out = NULL;
    return status;
}

/* A name of at most 100 bytes, or in two parts at a slash, of which the first has at most 155. */
static okng_status put_name(char *head, const char *name, okng_error *error)
{
    const size_t length = strlen(name);
    const char *cut = NULL;
    for (const char *c = name; length > NAME && *c && c - name <= PREFIX; c++)
        if (*c == '/' && strlen(c + 1) <= NAME) cut = c;
    if (length > NAME && !cut)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: the name does not go into a tar archive; name the folder shorter", name);
    const char *last = cut ? cut + 1 : name;
    memcpy(head, last, strlen(last));
    if (cut) memcpy(head + 345, name, (size_t)(cut - name));
    return OKNG_OK;
}

/* ustar: an ordinary file of nobody, of no time. */
static okng_status put_head(char head[BLOCK], const char *name, size_t size, okng_error *error)
{
    unsigned sum = 0;
    memset(head, 0, BLOCK);
    OKNG_TRY(put_name(head, name, error));
    memcpy(head + 100, "0000644", 7);
    memcpy(head + 108, "0000000", 7);
    memcpy(head + 116, "0000000", 7);
    (void)snprintf(head + 124, 12, "%011zo", size);
    memcpy(head + 136, "00000000000", 11);
    memset(head + 148, ' ', 8);
    head[156] = '0';
    memcpy(head + 257, "ustar\00000", 8);
    for (int i = 0; i < BLOCK; i++) sum += (unsigned char)head[i];
    (void)snprintf(head + 148, 8, "%06o", sum);
    return OKNG_OK;
}

okng_status okng_archive_add(okng_archive *archive, const char *name, const char *path, okng_error *error)
{
    static const char zeros[BLOCK];
    char head[BLOCK];
    void *data = NULL;
    size_t size;
    OKNG_TRY(okng_file_read(path, ((size_t)1 << LARGEST_BITS) - 1, &data, &size, error));
    okng_status status = put_head(head, name, size, error);
    if (status == OKNG_OK) status = write_bytes(archive, head, BLOCK, Z_NO_FLUSH, error);
    for (size_t done = 0; done < size && status == OKNG_OK; done += CHUNK)
        status = write_bytes(archive, (const char *)data + done, size - done < CHUNK ? size - done : CHUNK, Z_NO_FLUSH,
                             error);
    if (status == OKNG_OK && size % BLOCK != 0)
        status = write_bytes(archive, zeros, BLOCK - size % BLOCK, Z_NO_FLUSH, error);
    free(data);
    return status;
}

okng_status okng_archive_commit(okng_archive **archive, okng_error *error)
{
    static const char end[2 * BLOCK];
    okng_status status = write_bytes(*archive, end, sizeof end, Z_FINISH, error);
    (void)deflateEnd(&(*archive)->deflate);
    if (status == OKNG_OK)
        status = okng_writer_commit(&(*archive)->writer, error);
    else
        okng_writer_abort(&(*archive)->writer);
    free(*archive);
    *archive = NULL;
    return status;
}

void okng_archive_abort(okng_archive **archive)
{
    if (!*archive) return;
    (void)deflateEnd(&(*archive)->deflate);
    okng_writer_abort(&(*archive)->writer);
    free(*archive);
    *archive = NULL;
}
