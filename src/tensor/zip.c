/* Layout: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3. */
#include "tensor/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/bytes.h"

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    END64_SIGNATURE = 0x06064b50,
    LOCATOR_SIGNATURE = 0x07064b50,
    FLAG_ENCRYPTED = 1,
    FLAG_SIZES_FOLLOW = 8,
    FLAG_MASKED = 0x2000,
    ZIP64_TAG = 1,
    MAX_COMMENT = 65535,
    MAX_ENTRIES = 1 << 18 /* torch.save writes one for each storage, and a few */
};

typedef struct reader {
    const uint8_t *data;
    size_t size;
    const char *path;
    okng_error *error;
    uint64_t entries, directory, directory_size; /* of the central directory */
} reader;

/* One entry of the central directory. */
typedef struct central {
    const char *name;
    size_t name_length, extra_length, length; /* length: of the whole record */
    unsigned flags, method;
    uint64_t packed, size, local;
} central;

/* Where an entry's local header begins and its data end. */
typedef struct span {
    size_t begin, end, entry;
} span;

static okng_status damaged(const reader *r, const char *what)
{
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: damaged zip archive: %s; the file may be cut off", r->path,
                     what);
}

static okng_status bad_entry(const reader *r, const central *e, const char *what)
{
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: damaged zip archive: entry \"%.*s\": %s", r->path,
                     (int)e->name_length, e->name, what);
}

/* The end record is last, with a comment after it. */
static okng_status find_end(const reader *r, size_t *end)
{
    if (r->size < END_SIZE) return damaged(r, "no end record");
    size_t last = r->size - END_SIZE;
    size_t first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;
    for (size_t at = last + 1; at-- > first;)
        if (okng_load_u32(r->data + at) == END_SIGNATURE && okng_load_u16(r->data + at + 20) == last - at) {
            *end = at;
            return OKNG_OK;
        }
    return damaged(r, "no end record");
}

/* A zip64 field replaces one that is all ones and must repeat one that is not. */
static bool agree(uint64_t small, uint64_t ones, uint64_t large)
{
    return small == ones || small == large;
}

static okng_status read_end64(reader *r, size_t end, size_t *stop)
{
    const uint8_t *locator = r->data + end - LOCATOR_SIZE;
    uint64_t at = okng_load_u64(locator + 8);
    if (end < LOCATOR_SIZE + END64_SIZE || at > end - LOCATOR_SIZE - END64_SIZE)
        return damaged(r, "the zip64 end record is out of range");
    const uint8_t *record = r->data + at;
    if (okng_load_u32(record) != END64_SIGNATURE) return damaged(r, "no zip64 end record where its locator points");
    if (okng_load_u32(locator + 4) != 0 || okng_load_u32(record + 16) != 0 || okng_load_u32(record + 20) != 0)
        return damaged(r, "it is one part of several");
    uint64_t entries = okng_load_u64(record + 32), size = okng_load_u64(record + 40),
             directory = okng_load_u64(record + 48);
    if (okng_load_u64(record + 24) != entries || !agree(r->entries, UINT16_MAX, entries) ||
        !agree(r->directory_size, UINT32_MAX, size) || !agree(r->directory, UINT32_MAX, directory))
        return damaged(r, "the two end records contradict each other");
    r->entries = entries;
    r->directory_size = size;
    r->directory = directory;
    *stop = (size_t)at;
    return OKNG_OK;
}

static okng_status find_directory(reader *r)
{
    size_t end = 0;
    OKNG_TRY(find_end(r, &end));
    const uint8_t *record = r->data + end;
    r->entries = okng_load_u16(record + 10);
    r->directory_size = okng_load_u32(record + 12);
    r->directory = okng_load_u32(record + 16);
    if (okng_load_u16(record + 4) != 0 || okng_load_u16(record + 6) != 0 || okng_load_u16(record + 8) != r->entries)
        return damaged(r, "it is one part of several");
    size_t stop = end; /* where the directory must end */
    if (end >= LOCATOR_SIZE && okng_load_u32(record - LOCATOR_SIZE) == LOCATOR_SIGNATURE)
        OKNG_TRY(read_end64(r, end, &stop));
    if (r->directory > stop || r->directory_size != stop - r->directory)
        return damaged(r, "the directory does not end at the end record");
    if (r->entries > r->directory_size / CENTRAL_SIZE)
        return damaged(r, "more entries than the directory has room for");
    if (r->entries > MAX_ENTRIES)
        return okng_fail(r->error, OKNG_ERROR_LIMIT, "%s: a zip archive of %" PRIu64 " entries, expected at most %d",
                         r->path, r->entries, MAX_ENTRIES);
    return OKNG_OK;
}

/* Takes the next 8-byte value of a zip64 extra field when the 32-bit one says so. */
static bool take64(uint64_t *value, const uint8_t **at, size_t *left)
{
    if (*value != UINT32_MAX) return true;
    if (*left < 8) return false;
    *value = okng_load_u64(*at);
    *at += 8;
    *left -= 8;
    return true;
}

static okng_status read_extra(const reader *r, central *e, const uint8_t *extra)
{
    for (size_t left = e->extra_length; left > 0;) {
        if (left < 4 || okng_load_u16(extra + 2) > left - 4) return bad_entry(r, e, "broken extra fields");
        size_t length = okng_load_u16(extra + 2);
        if (okng_load_u16(extra) == ZIP64_TAG) {
            const uint8_t *at = extra + 4;
            size_t rest = length;
            if (!take64(&e->size, &at, &rest) || !take64(&e->packed, &at, &rest) || !take64(&e->local, &at, &rest))
                return bad_entry(r, e, "a zip64 field that is too short");
            return OKNG_OK;
        }
        extra += 4 + length;
        left -= 4 + length;
    }
    return OKNG_OK;
}

static okng_status read_record(const reader *r, const uint8_t *at, size_t left, central *e)
{
    if (left < CENTRAL_SIZE || okng_load_u32(at) != CENTRAL_SIGNATURE) return damaged(r, "a broken directory");
    *e = (central){.name = (const char *)at + CENTRAL_SIZE,
                   .name_length = okng_load_u16(at + 28),
                   .extra_length = okng_load_u16(at + 30),
                   .flags = okng_load_u16(at + 8),
                   .method = okng_load_u16(at + 10),
                   .packed = okng_load_u32(at + 20),
                   .size = okng_load_u32(at + 24),
                   .local = okng_load_u32(at + 42)};
    e->length = CENTRAL_SIZE + e->name_length + e->extra_length + okng_load_u16(at + 32);
    if (e->length > left) return damaged(r, "a directory entry that runs over the end");
    if (!okng_name_valid(e->name, e->name_length)) return bad_entry(r, e, "its name is not text");
    if (e->flags & (FLAG_ENCRYPTED | FLAG_MASKED))
        return okng_fail(r->error, OKNG_ERROR_UNSUPPORTED, "%s: entry \"%.*s\" is encrypted", r->path,
                         (int)e->name_length, e->name);
    OKNG_TRY(read_extra(r, e, at + CENTRAL_SIZE + e->name_length));
    return e->packed == e->size || e->method != 0 ? OKNG_OK : bad_entry(r, e, "two sizes for stored data");
}

/* A local header repeats the sizes, or leaves them to zip64 or to a record after the data. */
static bool local_size_agrees(uint32_t local, uint64_t size, unsigned flags)
{
    return local == size || local == UINT32_MAX || (local == 0 && (flags & FLAG_SIZES_FOLLOW));
}

static okng_status locate(const reader *r, const central *e, okng_zip_entry *entry, span *place)
{
    if (e->local > r->directory || r->directory - e->local < LOCAL_SIZE)
        return bad_entry(r, e, "its header is out of range");
    const uint8_t *local = r->data + e->local;
    size_t room = (size_t)(r->directory - e->local);
    if (okng_load_u32(local) != LOCAL_SIGNATURE) return bad_entry(r, e, "no header where the directory points");
    size_t name_length = okng_load_u16(local + 26);
    size_t header = LOCAL_SIZE + name_length + okng_load_u16(local + 28);
    if (header > room || e->packed > room - header) return bad_entry(r, e, "its data are out of range");
    if (name_length != e->name_length || memcmp(local + LOCAL_SIZE, e->name, name_length) != 0 ||
        okng_load_u16(local + 6) != e->flags || okng_load_u16(local + 8) != e->method ||
        !local_size_agrees(okng_load_u32(local + 18), e->packed, e->flags) ||
        !local_size_agrees(okng_load_u32(local + 22), e->size, e->flags))
        return bad_entry(r, e, "its header contradicts the directory");
    const uint8_t *data = e->method == 0 ? local + header : NULL;
    *entry = (okng_zip_entry){e->name, e->name_length, data, (size_t)e->packed};
    place->begin = (size_t)e->local;
    place->end = (size_t)e->local + header + (size_t)e->packed;
    return OKNG_OK;
}

static okng_status read_directory(const reader *r, okng_zip *zip, span *places)
{
    const uint8_t *at = r->data + r->directory;
    size_t left = (size_t)r->directory_size;
    for (size_t i = 0; i < r->entries; i++) {
        central e = {0};
        OKNG_TRY(read_record(r, at, left, &e));
        OKNG_TRY(locate(r, &e, &zip->entries[i], &places[i]));
        places[i].entry = i;
        zip->index[i] = (okng_name){e.name, e.name_length, i};
        zip->count++;
        at += e.length;
        left -= e.length;
    }
    return left == 0 ? OKNG_OK : damaged(r, "fewer entries than the directory has room for");
}

static int by_begin(const void *left, const void *right)
{
    const span *a = left, *b = right;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static okng_status check_entries(const reader *r, okng_zip *zip, span *places)
{
    okng_names_sort_index(zip->index, zip->count);
    const okng_name *twice = okng_names_duplicate(zip->index, zip->count);
    if (twice)
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: damaged zip archive: holds \"%.*s\" twice", r->path,
                         (int)twice->length, twice->text);
    if (zip->count > 1) qsort(places, zip->count, sizeof *places, by_begin);
    for (size_t i = 1; i < zip->count; i++)
        if (places[i].begin < places[i - 1].end) {
            const okng_zip_entry *entry = &zip->entries[places[i].entry];
            return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: damaged zip archive: entry \"%.*s\" overlaps another",
                             r->path, (int)entry->name_length, entry->name);
        }
    return OKNG_OK;
}

okng_status okng_zip_open(okng_zip *zip, const uint8_t *data, size_t size, const char *path, okng_error *error)
{
    *zip = (okng_zip){0};
    reader r = {.data = data, .size = size, .path = path, .error = error};
    OKNG_TRY(find_directory(&r));
    size_t count = (size_t)r.entries; /* at most size / CENTRAL_SIZE */
    zip->entries = okng_alloc(count, sizeof *zip->entries);
    zip->index = okng_alloc(count, sizeof *zip->index);
    span *places = okng_alloc(count, sizeof *places);
    okng_status status = OKNG_OK;
    if (!zip->entries || !zip->index || !places)
        status = okng_fail_memory(error, count * sizeof *zip->entries);
    else
        status = read_directory(&r, zip, places);
    if (status == OKNG_OK) status = check_entries(&r, zip, places);
    if (status != OKNG_OK) okng_zip_close(zip);
    free(places);
    return status;
}

const okng_zip_entry *okng_zip_find(const okng_zip *zip, const char *name, size_t length)
{
    const okng_name *found = okng_names_find(zip->index, zip->count, name, length);
    return found ? &zip->entries[found->item] : NULL;
}

void okng_zip_close(okng_zip *zip)
{
    free(zip->entries);
    free(zip->index);
    *zip = (okng_zip){0};
}
