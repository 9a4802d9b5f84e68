/* A zip as torch.save writes it: <folder>/data.pkl, version, byteorder and data/0, all stored; the folder is always
 * "archive" and every time is 0, so that the bytes depend on the rows alone. */
#include "tensor/pt_layout.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "tensor/bytes.h"

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    ALIGNMENT = 64,
    MAX_PICKLE = 256,
    VERSION_PLAIN = 20,
    VERSION_ZIP64 = 45,
    TAG_ZIP64 = 1,
    TAG_PADDING = 0x4246, /* "FB", which torch uses */
    ENTRIES = 4
};

typedef struct entry {
    const char *name;
    const uint8_t *data; /* NULL for the rows */
    uint64_t size, offset;
    uint32_t checksum;
} entry;

/* A file in memory: fixed at MAX_HEAD and MAX_TAIL bytes, which its few short entries cannot pass. */
typedef struct output {
    uint8_t *bytes;
    size_t used;
} output;

static void put(output *out, const void *bytes, size_t size)
{
    memcpy(out->bytes + out->used, bytes, size);
    out->used += size;
}

static void put_text(output *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_u8(output *out, unsigned value)
{
    out->bytes[out->used++] = (uint8_t)value;
}

static void put_u16(output *out, unsigned value)
{
    okng_store_u16(out->bytes + out->used, (uint16_t)value);
    out->used += 2;
}

static void put_u32(output *out, uint32_t value)
{
    okng_store_u32(out->bytes + out->used, value);
    out->used += 4;
}

static void put_u64(output *out, uint64_t value)
{
    okng_store_u64(out->bytes + out->used, value);
    out->used += 8;
}

/* ---- data.pkl -------------------------------------------------------------------------------- */

/* The shortest opcode, as Python's pickler chooses it. */
static void pickle_integer(output *out, int64_t value)
{
    if (value <= 0xff) {
        put_u8(out, 'K');
        put_u8(out, (unsigned)value);
    } else if (value <= 0xffff) {
        put_u8(out, 'M');
        put_u16(out, (unsigned)value);
    } else if (value <= INT32_MAX) {
        put_u8(out, 'J');
        put_u32(out, (uint32_t)value);
    } else {
        size_t length = 4;
        while (length < 8 && value >> (8 * length - 1) != 0) length++; /* with room for the sign bit */
        uint8_t bytes[8];
        okng_store_u64(bytes, (uint64_t)value);
        put_u8(out, 0x8a);
        put_u8(out, (unsigned)length);
        put(out, bytes, length);
    }
}

static void pickle_text(output *out, const char *text)
{
    put_u8(out, 'X');
    put_u32(out, (uint32_t)strlen(text));
    put_text(out, text);
}

static void memoize(output *out, unsigned index)
{
    put_u8(out, 'q');
    put_u8(out, index);
}

/* What torch 1.13 pickles for one contiguous float32 tensor, byte for byte. */
static void pickle_tensor(output *out, int64_t count, int64_t dim)
{
    put_text(out, "\x80\x02"
                  "ctorch._utils\n_rebuild_tensor_v2\n");
    memoize(out, 0);
    put_text(out, "((");
    pickle_text(out, "storage");
    memoize(out, 1);
    put_text(out, "ctorch\nFloatStorage\n");
    memoize(out, 2);
    pickle_text(out, "0");
    memoize(out, 3);
    pickle_text(out, "cpu");
    memoize(out, 4);
    pickle_integer(out, count * dim);
    put_u8(out, 't');
    memoize(out, 5);
    put_u8(out, 'Q');
    pickle_integer(out, 0); /* offset */
    pickle_integer(out, count);
    pickle_integer(out, dim);
    put_u8(out, 0x86);
    memoize(out, 6);
    pickle_integer(out, dim); /* strides */
    pickle_integer(out, 1);
    put_u8(out, 0x86);
    memoize(out, 7);
    put_text(out, "\x89" /* no gradient */ "ccollections\nOrderedDict\n");
    memoize(out, 8);
    put_text(out, ")R");
    memoize(out, 9);
    put_u8(out, 't');
    memoize(out, 10);
    put_u8(out, 'R');
    memoize(out, 11);
    put_u8(out, '.');
}

/* ---- zip ------------------------------------------------------------------------------------- */

static bool is_large(const entry *e)
{
    return e->size >= UINT32_MAX;
}

/* The fields that local and central headers share, from the version to the name's length. */
static void put_common(output *out, const entry *e)
{
    put_u16(out, is_large(e) ? VERSION_ZIP64 : VERSION_PLAIN);
    put_u16(out, 0); /* flags */
    put_u16(out, 0); /* stored */
    put_u32(out, 0); /* time and date */
    put_u32(out, e->checksum);
    put_u32(out, is_large(e) ? UINT32_MAX : (uint32_t)e->size);
    put_u32(out, is_large(e) ? UINT32_MAX : (uint32_t)e->size);
    put_u16(out, (unsigned)strlen(e->name));
}

static void put_zip64(output *out, const entry *e)
{
    put_u16(out, TAG_ZIP64);
    put_u16(out, 16);
    put_u64(out, e->size);
    put_u64(out, e->size);
}

/* Padded so that the data that follow are aligned. */
static void put_local(output *out, entry *e)
{
    e->offset = out->used;
    size_t zip64 = is_large(e) ? 20 : 0;
    size_t begin = out->used + LOCAL_SIZE + strlen(e->name) + zip64 + 4;
    size_t padding = (ALIGNMENT - begin % ALIGNMENT) % ALIGNMENT;
    put_text(out, "PK\3\4");
    put_common(out, e);
    put_u16(out, (unsigned)(zip64 + 4 + padding));
    put_text(out, e->name);
    if (zip64) put_zip64(out, e);
    put_u16(out, TAG_PADDING);
    put_u16(out, (unsigned)padding);
    for (size_t i = 0; i < padding; i++) put_u8(out, 'Z');
    if (e->data) put(out, e->data, (size_t)e->size);
}

static void put_central(output *out, const entry *e)
{
    put_text(out, "PK\1\2");
    put_u16(out, is_large(e) ? VERSION_ZIP64 : VERSION_PLAIN); /* made by */
    put_common(out, e);
    put_u16(out, is_large(e) ? 20 : 0);
    put_u16(out, 0); /* comment */
    put_u16(out, 0); /* disk */
    put_u16(out, 0); /* attributes */
    put_u32(out, 0);
    put_u32(out, (uint32_t)e->offset); /* the rows come last, so every header is near the start */
    put_text(out, e->name);
    if (is_large(e)) put_zip64(out, e);
}

static void put_end(output *out, uint64_t directory, uint64_t size)
{
    bool large = directory >= UINT32_MAX;
    if (large) {
        put_text(out, "PK\6\6");
        put_u64(out, 44); /* of what follows */
        put_u16(out, VERSION_ZIP64);
        put_u16(out, VERSION_ZIP64);
        put_u64(out, 0); /* disks */
        put_u64(out, ENTRIES);
        put_u64(out, ENTRIES);
        put_u64(out, size);
        put_u64(out, directory);
        put_text(out, "PK\6\7");
        put_u32(out, 0);
        put_u64(out, directory + size);
        put_u32(out, 1);
    }
    put_text(out, "PK\5\6");
    put_u32(out, 0);
    put_u16(out, ENTRIES);
    put_u16(out, ENTRIES);
    put_u32(out, (uint32_t)size);
    put_u32(out, large ? UINT32_MAX : (uint32_t)directory);
    put_u16(out, 0); /* comment */
}

/* Everything up to the rows, and the entries with their places filled in. */
static size_t write_head(uint8_t *head, entry entries[ENTRIES], int64_t count, int64_t dim, uint32_t checksum)
{
    uint8_t pickle[MAX_PICKLE];
    output object = {pickle, 0};
    pickle_tensor(&object, count, dim);
    const entry all[ENTRIES] = {
        {.name = "archive/data.pkl", .data = pickle, .size = object.used},
        {.name = "archive/byteorder", .data = (const uint8_t *)"little", .size = 6},
        {.name = "archive/version", .data = (const uint8_t *)"3\n", .size = 2},
        {.name = "archive/data/0", .size = (uint64_t)(count * dim) * sizeof(float), .checksum = checksum},
    };
    output out = {head, 0};
    for (size_t i = 0; i < ENTRIES; i++) {
        entries[i] = all[i];
        if (all[i].data) entries[i].checksum = (uint32_t)crc32(0, all[i].data, (uInt)all[i].size);
        put_local(&out, &entries[i]);
        entries[i].data = NULL;
    }
    return out.used;
}

size_t okng_pt_head(uint8_t *head, int64_t count, int64_t dim, uint32_t checksum)
{
    entry entries[ENTRIES];
    return write_head(head, entries, count, dim, checksum);
}

size_t okng_pt_tail(uint8_t *tail, int64_t count, int64_t dim, uint32_t checksum)
{
    uint8_t head[OKNG_PT_MAX_HEAD];
    entry entries[ENTRIES];
    uint64_t directory = write_head(head, entries, count, dim, checksum) + entries[ENTRIES - 1].size;
    output out = {tail, 0};
    for (size_t i = 0; i < ENTRIES; i++) put_central(&out, &entries[i]);
    put_end(&out, directory, out.used);
    return out.used;
}
