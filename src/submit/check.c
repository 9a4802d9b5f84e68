/* Reads a submission back as its receiver would: gzip, tar, TIFF and PNG, with nothing of the code that writes them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/memory.h"
#include "image/image.h"
#include "submit/submit.h"

enum { BLOCK = 512, CHUNK = 1 << 16, GZIP = 16, NAME_MAX_BYTES = 256, MOST_MEMBERS = 1 << 17 };
enum { MAPS, MASKS };
#define LARGEST ((uint64_t)1 << 28) /* bytes of a member */

typedef struct member {
    char key[NAME_MAX_BYTES]; /* "can/test_private/000_regular" */
    int part;                 /* MAPS, MASKS */
    uint32_t width, height;
} member;

typedef struct reading {
    const char *path;
    FILE *file;
    z_stream inflate;
    bool ended; /* of the gzip stream */
    uint8_t in[CHUNK];
    char base[NAME_MAX_BYTES]; /* the first part of all names */
    member *members;
    size_t count, room;
} reading;

static okng_status refuse(const reading *r, const char *name, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %.300s: %s", r->path, name, what);
}

/* ---- gzip ----------------------------------------------------------------------------------- */

/* Some of the bytes that there is room for, before the stream has ended. */
static okng_status inflate_some(reading *r, okng_error *error)
{
    z_stream *z = &r->inflate;
    if (z->avail_in == 0) {
        z->next_in = r->in;
        z->avail_in = (uInt)fread(r->in, 1, CHUNK, r->file);
        if (ferror(r->file)) return okng_fail_errno(error, "read", r->path);
        if (z->avail_in == 0) return refuse(r, "the archive", "is cut off", error);
    }
    const int code = inflate(z, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return okng_fail_memory(error, CHUNK);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return refuse(r, "the archive", "is no gzip, or damaged", error);
    r->ended = code == Z_STREAM_END;
    return OKNG_OK;
}

/* The next `size` bytes, or FORMAT where the stream ends before. */
static okng_status next_bytes(reading *r, uint8_t *to, size_t size, okng_error *error)
{
    z_stream *z = &r->inflate;
    z->next_out = to;
    z->avail_out = (uInt)size;
    while (z->avail_out > 0) {
        if (r->ended) return refuse(r, "the archive", "ends in the middle of a member", error);
        OKNG_TRY(inflate_some(r, error));
    }
    return OKNG_OK;
}

/* What follows the tar's end, so that gzip's checksum has been looked at. */
static okng_status drain(reading *r, okng_error *error)
{
    uint8_t rest[BLOCK];
    while (!r->ended) {
        r->inflate.next_out = rest;
        r->inflate.avail_out = sizeof rest;
        OKNG_TRY(inflate_some(r, error));
    }
    return OKNG_OK;
}

/* ---- TIFF ----------------------------------------------------------------------------------- */

typedef struct tiff {
    const uint8_t *data;
    uint64_t size;
    bool big; /* the order of bytes */
} tiff;

static uint32_t number16(const tiff *t, uint64_t at)
{
    const uint8_t *b = t->data + at;
    return t->big ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

static uint32_t number32(const tiff *t, uint64_t at)
{
    const uint32_t first = number16(t, at), second = number16(t, at + 2);
    return t->big ? first << 16 | second : second << 16 | first;
}

/* Of the tags that matter, what they are unless the page says it; a number each. */
typedef struct page {
    uint32_t width, height, bits, compression, samples, format, offset, bytes;
} page;

static uint32_t *place_of(page *p, uint32_t tag)
{
    switch (tag) {
    case 256:
        return &p->width;
    case 257:
        return &p->height;
    case 258:
        return &p->bits;
    case 259:
        return &p->compression;
    case 273:
        return &p->offset;
    case 277:
        return &p->samples;
    case 279:
        return &p->bytes;
    case 339:
        return &p->format;
    default:
        return NULL;
    }
}

/* NULL where all is well, else what is not. */
static const char *read_page(const tiff *t, page *p)
{
    const uint64_t first = t->size >= 8 ? number32(t, 4) : 0;
    if (t->size < 8 || number16(t, 2) != 42 || first < 8 || first + 2 > t->size) return "is no TIFF";
    const uint64_t count = number16(t, first), end = first + 2 + 12 * count;
    if (end + 4 > t->size) return "the TIFF is cut off in its tags";
    if (number32(t, end) != 0) return "the TIFF has several pages, expected one";
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t at = first + 2 + 12 * i;
        const uint32_t type = number16(t, at + 2);
        uint32_t *place = place_of(p, number16(t, at));
        if (!place) continue;
        if (number32(t, at + 4) != 1 || (type != 3 && type != 4)) return "the TIFF has several channels or strips";
        *place = type == 3 ? number16(t, at + 8) : number32(t, at + 8);
    }
    return NULL;
}

static const char *check_tiff(const uint8_t *data, uint64_t size, member *m)
{
    const tiff t = {data, size, size > 0 && data[0] == 'M'};
    page p = {.bits = 1, .compression = 1, .samples = 1, .format = 1};
    if (size < 2 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M')) return "is no TIFF";
    const char *wrong = read_page(&t, &p);
    if (wrong) return wrong;
    if (p.samples != 1 || p.bits != 16 || p.format != 3) return "the TIFF is not of one channel of float16";
    if (p.compression != 1) return "the TIFF is compressed";
    const uint64_t pixels = (uint64_t)p.width * p.height;
    if (pixels == 0 || p.bytes != 2 * pixels || (uint64_t)p.offset + p.bytes > size)
        return "the TIFF's pixels are not there";
    for (uint64_t i = 0; i < pixels; i++)
        if ((number16(&t, p.offset + 2 * i) & 0x7c00u) == 0x7c00u) return "a number of the map is not finite";
    m->width = p.width;
    m->height = p.height;
    return NULL;
}

/* ---- PNG ------------------------------------------------------------------------------------ */

static okng_status check_png(const reading *r, const char *name, const uint8_t *data, size_t size, member *m,
                             okng_error *error)
{
    enum { DEPTH = 24, COLOURS = 25 };
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    okng_image rgb;
    if (size < sizeof signature || memcmp(data, signature, sizeof signature) != 0)
        return refuse(r, name, "is no PNG", error); /* other pictures are decoded below as well */
    if (size <= COLOURS || data[DEPTH] != 8 || data[COLOURS] != 0)
        return refuse(r, name, "the PNG is not of 8 bits grey", error);
    OKNG_TRY(okng_image_decode(&rgb, data, size, name, LARGEST, error));
    okng_status status = OKNG_OK;
    m->width = (uint32_t)rgb.width;
    m->height = (uint32_t)rgb.height;
    for (size_t i = 0; status == OKNG_OK && i < (size_t)rgb.width * (size_t)rgb.height; i++)
        if (rgb.pixels[3 * i] != 0 && rgb.pixels[3 * i] != 255)
            status = refuse(r, name, "the PNG holds values other than 0 and 255", error);
    okng_image_free(&rgb);
    return status;
}

/* ---- tar ------------------------------------------------------------------------------------ */

static bool octal(const char *text, size_t length, uint64_t *out)
{
    size_t i = 0;
    *out = 0;
    while (i < length && text[i] >= '0' && text[i] <= '7') *out = *out << 3 | (uint64_t)(text[i++] - '0');
    return i > 0 && (i == length || text[i] == '\0' || text[i] == ' ');
}

/* The name, "" at the archive's end; its size. */
static okng_status read_head(reading *r, char name[NAME_MAX_BYTES + 2], uint64_t *size, okng_error *error)
{
    char head[BLOCK];
    uint64_t sum, stated;
    unsigned whole = 0;
    OKNG_TRY(next_bytes(r, (uint8_t *)head, BLOCK, error));
    for (int i = 0; i < BLOCK; i++) whole |= (unsigned char)head[i];
    name[0] = '\0';
    if (whole == 0) return OKNG_OK;
    sum = 8 * ' ';
    for (int i = 0; i < BLOCK; i++) sum += i < 148 || i >= 156 ? (unsigned char)head[i] : 0;
    (void)snprintf(name, NAME_MAX_BYTES + 2, "%.155s%s%.100s", head + 345, head[345] ? "/" : "", head);
    if (memcmp(head + 257, "ustar", 5) != 0 || !octal(head + 148, 8, &stated) || stated != sum)
        return refuse(r, name, "the member's head is damaged, or of no tar archive", error);
    if (head[156] != '0' && head[156] != '\0') return refuse(r, name, "is no file", error);
    if (!name[0] || !octal(head + 124, 12, size)) return refuse(r, name, "the member has no name or no size", error);
    if (*size > LARGEST)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %s: %llu bytes, expected at most %llu", r->path, name,
                         (unsigned long long)*size, (unsigned long long)LARGEST);
    return OKNG_OK;
}

/* Splits BASE/anomaly_images/OBJECT/SPLIT/NNN_suffix.tiff; false where it is not of that form. */
static bool split_name(reading *r, const char *name, member *m)
{
    char base[NAME_MAX_BYTES], part[32], object[64], split[64], stem[64], ending[8];
    int used = 0;
    if (sscanf(name, "%255[^/]/%31[^/]/%63[^/]/%63[^/]/%63[^/.].%7[^/]%n", base, part, object, split, stem, ending,
               &used) != 6 ||
        name[used])
        return false;
    m->part = strcmp(part, "anomaly_images") == 0 ? MAPS : strcmp(part, "anomaly_images_thresholded") == 0 ? MASKS : -1;
    if (m->part < 0 || strcmp(ending, m->part == MAPS ? "tiff" : "png") != 0) return false;
    const char *suffix = strcmp(split, "test_private") == 0         ? "_regular"
                         : strcmp(split, "test_private_mixed") == 0 ? "_mixed"
                                                                    : NULL;
    if (!suffix || strspn(stem, "0123456789") != 3 || strcmp(stem + 3, suffix) != 0) return false;
    if (!r->base[0]) (void)snprintf(r->base, sizeof r->base, "%s", base);
    (void)snprintf(m->key, sizeof m->key, "%s/%s/%s", object, split, stem);
    return strcmp(r->base, base) == 0;
}

/* The bytes of a member, taken as they come; malloc'd. */
static okng_status read_data(reading *r, uint64_t size, uint8_t **out, okng_error *error)
{
    void *data = NULL;
    size_t room = 0;
    okng_status status = OKNG_OK;
    for (uint64_t done = 0; done < size && status == OKNG_OK;) {
        const size_t part = size - done < CHUNK ? (size_t)(size - done) : CHUNK;
        if (!okng_grow(&data, &room, (size_t)done + part, 1))
            status = okng_fail_memory(error, (size_t)size);
        else
            status = next_bytes(r, (uint8_t *)data + done, part, error);
        done += part;
    }
    uint8_t rest[BLOCK];
    if (status == OKNG_OK && size % BLOCK != 0) status = next_bytes(r, rest, BLOCK - (size_t)(size % BLOCK), error);
    *out = data;
    return status;
}

static okng_status read_member(reading *r, const char *name, uint64_t size, okng_error *error)
{
    member m = {0};
    uint8_t *data = NULL;
    if (!split_name(r, name, &m))
        return refuse(r, name,
                      "expected BASE/anomaly_images/OBJECT/SPLIT/NNN_regular.tiff (or _mixed), or a .png in "
                      "anomaly_images_thresholded",
                      error);
    if (r->count == MOST_MEMBERS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: has more than %d members", r->path, MOST_MEMBERS);
    okng_status status = read_data(r, size, &data, error);
    const char *wrong = status == OKNG_OK && m.part == MAPS ? check_tiff(data, size, &m) : NULL;
    if (wrong) status = refuse(r, name, wrong, error);
    if (status == OKNG_OK && m.part == MASKS) status = check_png(r, name, data, (size_t)size, &m, error);
    free(data);
    void *members = r->members;
    if (status == OKNG_OK && !okng_grow(&members, &r->room, r->count + 1, sizeof *r->members))
        return okng_fail_memory(error, (r->count + 1) * sizeof *r->members);
    r->members = members;
    if (status == OKNG_OK) r->members[r->count++] = m;
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int by_key(const void *a, const void *b)
{
    const member *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order != 0 ? order : x->part - y->part;
}

/* Each map has its mask, of the same size. */
static okng_status check_pairs(reading *r, okng_error *error)
{
    if (r->count > 1) qsort(r->members, r->count, sizeof *r->members, by_key);
    for (size_t i = 0; i < r->count; i++) {
        const member *m = &r->members[i], *next = i + 1 < r->count ? &r->members[i + 1] : NULL;
        const bool pair = next && strcmp(next->key, m->key) == 0;
        if (pair && next->part == m->part) return refuse(r, m->key, "comes twice", error);
        if (!pair)
            return refuse(r, m->key,
                          m->part == MAPS ? "has a map and no thresholded picture"
                                          : "has a thresholded picture and no map",
                          error);
        if (next->width != m->width || next->height != m->height)
            return refuse(r, m->key, "map and thresholded picture differ in size", error);
        i++;
    }
    return OKNG_OK;
}

static okng_status read_all(reading *r, okng_error *error)
{
    char name[NAME_MAX_BYTES + 2];
    uint64_t size = 0;
    for (;;) {
        OKNG_TRY(read_head(r, name, &size, error));
        if (!name[0]) break;
        OKNG_TRY(read_member(r, name, size, error));
    }
    uint8_t end[BLOCK];
    OKNG_TRY(next_bytes(r, end, BLOCK, error)); /* the second block of zeros */
    OKNG_TRY(drain(r, error));
    return check_pairs(r, error);
}

/* Reads `path` by `read`, into *pictures how many it found. */
static okng_status read_by(okng_status (*read)(reading *r, okng_error *error), const char *path, size_t *pictures,
                           okng_error *error)
{
    *pictures = 0;
    reading *r = calloc(1, sizeof *r);
    if (!r) return okng_fail_memory(error, sizeof *r);
    r->path = path;
    r->file = fopen(path, "rb");
    okng_status status = r->file ? OKNG_OK : okng_fail_errno(error, "open", path);
    if (status == OKNG_OK && inflateInit2(&r->inflate, MAX_WBITS + GZIP) != Z_OK)
        status = okng_fail_memory(error, 1 << 16);
    else if (status == OKNG_OK) {
        status = read(r, error);
        (void)inflateEnd(&r->inflate);
    }
    if (status == OKNG_OK) *pictures = r->count / 2;
    if (r->file) (void)fclose(r->file);
    free(r->members);
    free(r);
    return status;
}

okng_status okng_submission_check(const char *path, size_t *pictures, okng_error *error)
{
    return read_by(read_all, path, pictures, error);
}

/* The first member's name says it; an archive of nothing is nobody's work. */
static okng_status read_first(reading *r, okng_error *error)
{
    char name[NAME_MAX_BYTES + 2];
    uint64_t size = 0;
    member m = {0};
    OKNG_TRY(read_head(r, name, &size, error));
    return !name[0] || split_name(r, name, &m) ? OKNG_OK : refuse(r, name, "is of no submission", error);
}

okng_status okng_submission_may_replace(const char *path, okng_error *error)
{
    struct stat info;
    size_t none;
    if (stat(path, &info) != 0)
        return errno == ENOENT || errno == ENOTDIR ? OKNG_OK : okng_fail_errno(error, "look at", path);
    okng_status status = S_ISREG(info.st_mode) ? read_by(read_first, path, &none, error) : OKNG_ERROR_FORMAT;
    if (status != OKNG_ERROR_FORMAT && status != OKNG_ERROR_LIMIT) return status;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is there and no submission of okng's, which the new one would replace; move it away, or name "
                     "another folder",
                     path);
}
