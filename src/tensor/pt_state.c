#include "tensor/pt_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/grown.h"
#include "base/memory.h"
#include "tensor/bytes.h"

enum { ALIGNMENT = 64, LOCAL_SIZE = 30, PLAIN = 20, ZIP64 = 45, TAG_ZIP64 = 1, TAG_PADDING = 0x4246, MOST = 65000 };

/* ---- data.pkl ---------------------------------------------------------------------------------------------------- */

static void put(okng_grown *out, const void *bytes, size_t size)
{
    (void)okng_grown_add(out, bytes, size); /* what is missing is told at the end */
}

static void put_text(okng_grown *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_byte(okng_grown *out, unsigned value)
{
    const uint8_t byte = (uint8_t)value;
    put(out, &byte, 1);
}

static void put_u32(okng_grown *out, uint32_t value)
{
    uint8_t bytes[4];
    okng_store_u32(bytes, value);
    put(out, bytes, sizeof bytes);
}

static void pickle_text(okng_grown *out, const char *text)
{
    put_byte(out, 'X');
    put_u32(out, (uint32_t)strlen(text));
    put_text(out, text);
}

static void pickle_whole(okng_grown *out, int64_t value)
{
    uint8_t bytes[8];
    if (value >= INT32_MIN && value <= INT32_MAX) {
        put_byte(out, 'J');
        put_u32(out, (uint32_t)(int32_t)value);
        return;
    }
    okng_store_u64(bytes, (uint64_t)value);
    put_byte(out, 0x8a); /* LONG1 of 8 bytes */
    put_byte(out, sizeof bytes);
    put(out, bytes, sizeof bytes);
}

static void pickle_real(okng_grown *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_byte(out, 'G'); /* the highest byte first */
    for (int shift = 56; shift >= 0; shift -= 8) put_byte(out, (unsigned)(bits >> shift & 0xff));
}

static void pickle_sizes(okng_grown *out, int32_t dims, const int64_t *sizes)
{
    put_byte(out, '(');
    for (int32_t i = 0; i < dims; i++) pickle_whole(out, sizes[i]);
    put_byte(out, 't');
}

/* Torch's class of a storage; NULL of a type that it has none for. */
static const char *storage_of(okng_dtype dtype)
{
    static const char *const names[OKNG_DTYPE_OTHER] = {
        [OKNG_F32] = "FloatStorage",     [OKNG_F64] = "DoubleStorage", [OKNG_F16] = "HalfStorage",
        [OKNG_BF16] = "BFloat16Storage", [OKNG_I64] = "LongStorage",   [OKNG_I32] = "IntStorage",
        [OKNG_I16] = "ShortStorage",     [OKNG_I8] = "CharStorage",    [OKNG_U8] = "ByteStorage",
        [OKNG_BOOL] = "BoolStorage"};
    return dtype < OKNG_DTYPE_OTHER ? names[dtype] : NULL;
}

static void pickle_tensor(okng_grown *out, const okng_array *array, size_t number)
{
    int64_t strides[OKNG_MAX_DIMS], count = 1;
    char key[24];
    for (int32_t i = array->dims; i-- > 0;) {
        strides[i] = count;
        count *= array->shape[i];
    }
    (void)snprintf(key, sizeof key, "%zu", number);
    put_text(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_text(out, "storage");
    put_text(out, "ctorch\n");
    put_text(out, storage_of(array->dtype));
    put_text(out, "\n");
    pickle_text(out, key);
    pickle_text(out, "cpu");
    pickle_whole(out, count);
    put_text(out, "tQ");
    pickle_whole(out, 0); /* where in the storage it begins */
    pickle_sizes(out, array->dims, array->shape);
    pickle_sizes(out, array->dims, strides);
    put_text(out, "\x89"
                  "ccollections\nOrderedDict\n)RtR"); /* no gradient, no hooks */
}

static void pickle_setting(okng_grown *out, const okng_pt_setting *setting)
{
    pickle_text(out, setting->name);
    if (setting->text)
        pickle_text(out, setting->text);
    else if (setting->words[0]) {
        put_text(out, "](");
        for (size_t i = 0; i < OKNG_PT_MAX_WORDS && setting->words[i]; i++) pickle_text(out, setting->words[i]);
        put_byte(out, 'e');
    } else if (setting->is_real)
        pickle_real(out, setting->real);
    else
        pickle_whole(out, setting->whole);
}

static okng_status make_pickle(char **pickle, size_t *size, const okng_named_array *tensors, size_t count,
                               const okng_pt_setting *settings, size_t setting_count, okng_error *error)
{
    okng_grown out = {0};
    put_text(&out, "\x80\x02}(");
    pickle_text(&out, "state_dict");
    put_text(&out, "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < count; i++) {
        pickle_text(&out, tensors[i].name);
        pickle_tensor(&out, tensors[i].array, i);
    }
    put_text(&out, "u");
    pickle_text(&out, "hyper_parameters");
    put_text(&out, "}(");
    for (size_t i = 0; i < setting_count; i++) pickle_setting(&out, &settings[i]);
    put_text(&out, "uu.");
    return okng_grown_take(&out, pickle, size, error);
}

/* ---- the zip ----------------------------------------------------------------------------------------------------- */

typedef struct entry {
    char name[40];
    const void *data;
    uint64_t size, offset;
    uint32_t checksum;
} entry;

static void out_u16(FILE *out, unsigned value)
{
    uint8_t bytes[2];
    okng_store_u16(bytes, (uint16_t)value);
    (void)fwrite(bytes, 1, sizeof bytes, out);
}

static void out_u32(FILE *out, uint32_t value)
{
    uint8_t bytes[4];
    okng_store_u32(bytes, value);
    (void)fwrite(bytes, 1, sizeof bytes, out);
}

static void out_u64(FILE *out, uint64_t value)
{
    uint8_t bytes[8];
    okng_store_u64(bytes, value);
    (void)fwrite(bytes, 1, sizeof bytes, out);
}

static bool is_large(const entry *e)
{
    return e->size >= UINT32_MAX || e->offset >= UINT32_MAX;
}

/* From the version to the length of the name, which both headers share. */
static void put_common(FILE *out, const entry *e)
{
    const uint32_t size = is_large(e) ? UINT32_MAX : (uint32_t)e->size;
    out_u16(out, is_large(e) ? ZIP64 : PLAIN);
    out_u16(out, 0); /* flags */
    out_u16(out, 0); /* stored */
    out_u32(out, 0); /* time and date */
    out_u32(out, e->checksum);
    out_u32(out, size);
    out_u32(out, size);
    out_u16(out, (unsigned)strlen(e->name));
}

/* The header, padding so that the data are aligned, the data; *at is where the file is. */
static void put_entry(FILE *out, entry *e, uint64_t *at)
{
    e->offset = *at;
    const uint64_t zip64 = is_large(e) ? 20 : 0, begin = *at + LOCAL_SIZE + strlen(e->name) + zip64 + 4;
    const uint64_t padding = (ALIGNMENT - begin % ALIGNMENT) % ALIGNMENT;
    (void)fwrite("PK\3\4", 1, 4, out);
    put_common(out, e);
    out_u16(out, (unsigned)(zip64 + 4 + padding));
    (void)fwrite(e->name, 1, strlen(e->name), out);
    if (zip64) {
        out_u16(out, TAG_ZIP64);
        out_u16(out, 16);
        out_u64(out, e->size);
        out_u64(out, e->size);
    }
    out_u16(out, TAG_PADDING);
    out_u16(out, (unsigned)padding);
    for (uint64_t i = 0; i < padding; i++) (void)fputc('Z', out);
    if (e->size > 0) (void)fwrite(e->data, 1, (size_t)e->size, out);
    *at = begin + padding + e->size;
}

/* Its line in the directory; the bytes of that. */
static uint64_t put_central(FILE *out, const entry *e)
{
    const bool large = is_large(e);
    (void)fwrite("PK\1\2", 1, 4, out);
    out_u16(out, large ? ZIP64 : PLAIN);
    put_common(out, e);
    out_u16(out, large ? 28 : 0);
    out_u16(out, 0); /* comment */
    out_u16(out, 0); /* disk */
    out_u16(out, 0); /* attributes */
    out_u32(out, 0);
    out_u32(out, large ? UINT32_MAX : (uint32_t)e->offset);
    (void)fwrite(e->name, 1, strlen(e->name), out);
    if (large) {
        out_u16(out, TAG_ZIP64);
        out_u16(out, 24);
        out_u64(out, e->size);
        out_u64(out, e->size);
        out_u64(out, e->offset);
    }
    return 46 + strlen(e->name) + (large ? 28 : 0);
}

static void put_end(FILE *out, uint64_t at, uint64_t size, size_t count)
{
    const bool large = at >= UINT32_MAX;
    if (large) {
        (void)fwrite("PK\6\6", 1, 4, out);
        out_u64(out, 44); /* of what follows */
        out_u16(out, ZIP64);
        out_u16(out, ZIP64);
        out_u64(out, 0); /* disks */
        out_u64(out, count);
        out_u64(out, count);
        out_u64(out, size);
        out_u64(out, at);
        (void)fwrite("PK\6\7", 1, 4, out);
        out_u32(out, 0);
        out_u64(out, at + size);
        out_u32(out, 1);
    }
    (void)fwrite("PK\5\6", 1, 4, out);
    out_u32(out, 0);
    out_u16(out, (unsigned)count);
    out_u16(out, (unsigned)count);
    out_u32(out, (uint32_t)size);
    out_u32(out, large ? UINT32_MAX : (uint32_t)at);
    out_u16(out, 0); /* comment */
}

static entry entry_of(const char *name, const void *data, size_t size)
{
    entry e = {.data = data, .size = size, .checksum = (uint32_t)crc32_z(0, data, size)};
    (void)snprintf(e.name, sizeof e.name, "archive/%s", name);
    return e;
}

static void put_zip(FILE *out, entry *entries, size_t count)
{
    uint64_t at = 0, size = 0;
    for (size_t i = 0; i < count; i++) put_entry(out, &entries[i], &at);
    for (size_t i = 0; i < count; i++) size += put_central(out, &entries[i]);
    put_end(out, at, size, count);
}

okng_status okng_pt_write_state(okng_writer *writer, const char *path, const okng_named_array *tensors, size_t count,
                                const okng_pt_setting *settings, size_t setting_count, okng_error *error)
{
    enum { OWN = 3 };
    char *pickle, name[24];
    size_t size;
    for (size_t i = 0; i < count; i++)
        if (!storage_of(tensors[i].array->dtype))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: torch has no storage for %s, the type of %s", path,
                             okng_dtype_name(tensors[i].array->dtype), tensors[i].name);
    if (count > MOST)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: %zu tensors, expected at most %d", path, count, (int)MOST);
    entry *entries = okng_alloc(count + OWN, sizeof *entries);
    if (!entries) return okng_fail_memory(error, (count + OWN) * sizeof *entries);
    okng_status status = make_pickle(&pickle, &size, tensors, count, settings, setting_count, error);
    if (status == OKNG_OK) {
        entries[0] = entry_of("data.pkl", pickle, size);
        entries[1] = entry_of("byteorder", "little", 6);
        entries[2] = entry_of("version", "3\n", 2);
        for (size_t i = 0; i < count; i++) {
            (void)snprintf(name, sizeof name, "data/%zu", i);
            entries[OWN + i] = entry_of(name, tensors[i].array->data, tensors[i].array->bytes);
        }
        status = okng_writer_open(writer, path, error);
        if (status == OKNG_OK) put_zip(writer->stream, entries, count + OWN);
        free(pickle);
    }
    free(entries);
    return status;
}
