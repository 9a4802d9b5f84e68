#include "line/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xxh64.h"

static const char magic[4] = {'o', 'k', 'n', 'g'};

static void put(uint8_t *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
    return value;
}

void okng_entry_free(okng_entry *entry)
{
    free(entry->text);
    *entry = (okng_entry){0};
}

/* The sum of a whole entry, whose own sum is passed over. `bytes` is head and text. */
static uint64_t sum_of(uint8_t *bytes, size_t size)
{
    uint8_t kept[8];
    memcpy(kept, bytes + 24, sizeof kept);
    memset(bytes + 24, 0, sizeof kept);
    const uint64_t sum = okng_xxh64(bytes, size);
    memcpy(bytes + 24, kept, sizeof kept);
    return sum;
}

static bool write_all(int file, const uint8_t *bytes, size_t size, off_t at)
{
    while (size > 0) {
        const ssize_t written = pwrite(file, bytes, size, at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        size -= (size_t)written;
        at += written;
    }
    return true;
}

okng_status okng_segment_append(int file, const char *path, off_t end, const okng_entry *entry, bool sync, bool *torn,
                                okng_error *error)
{
    const size_t size = OKNG_ENTRY_HEAD + (size_t)entry->size;
    *torn = false;
    if (entry->size > OKNG_ENTRY_MOST)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a result of %u bytes, expected at most %d", path,
                         (unsigned)entry->size, OKNG_ENTRY_MOST);
    uint8_t *bytes = calloc(1, size);
    if (!bytes) return okng_fail_memory(error, size);
    memcpy(bytes, magic, sizeof magic);
    put(bytes + 4, entry->size, 4);
    put(bytes + 8, entry->number, 8);
    put(bytes + 16, entry->tag, 4);
    memcpy(bytes + OKNG_ENTRY_HEAD, entry->text, entry->size);
    put(bytes + 24, sum_of(bytes, size), 8);
    okng_status status = OKNG_OK;
    if (!write_all(file, bytes, size, end) || (sync && fdatasync(file) != 0)) {
        status = okng_fail_errno(error, "write", path);
        *torn = ftruncate(file, end) != 0;
    }
    free(bytes);
    return status;
}

static bool read_all(int file, uint8_t *to, size_t size, off_t at)
{
    while (size > 0) {
        const ssize_t got = pread(file, to, size, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        size -= (size_t)got;
        at += got;
    }
    return true;
}

okng_status okng_segment_next(int file, const char *path, off_t *at, okng_entry *entry, okng_error *error)
{
    uint8_t head[OKNG_ENTRY_HEAD];
    *entry = (okng_entry){0};
    if (!read_all(file, head, sizeof head, *at) || memcmp(head, magic, sizeof magic) != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: no whole result at byte %lld", path, (long long)*at);
    const uint32_t size = (uint32_t)get(head + 4, 4);
    if (size > OKNG_ENTRY_MOST)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: a result of %u bytes at byte %lld", path, (unsigned)size,
                         (long long)*at);
    uint8_t *bytes = malloc(sizeof head + size + 1);
    if (!bytes) return okng_fail_memory(error, sizeof head + size + 1);
    memcpy(bytes, head, sizeof head);
    const bool whole = read_all(file, bytes + sizeof head, size, *at + OKNG_ENTRY_HEAD);
    if (!whole || sum_of(bytes, sizeof head + size) != get(head + 24, 8)) {
        free(bytes);
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the result at byte %lld is damaged", path, (long long)*at);
    }
    *entry = (okng_entry){.number = get(head + 8, 8), .tag = (uint32_t)get(head + 16, 4) & 31u, .size = size};
    memmove(bytes, bytes + sizeof head, size);
    bytes[size] = '\0';
    entry->text = (char *)bytes;
    *at += OKNG_ENTRY_HEAD + (off_t)size;
    return OKNG_OK;
}
