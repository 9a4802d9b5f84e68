#include "submit/submit.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/image.h"
#include "submit/archive.h"
#include "submit/half.h"

/* The script for uploads counts the files of each. */
const char *const okng_submission_objects[] = {"can",  "fabric",    "fruit_jelly", "rice", "sheet_metal",
                                               "vial", "wallplugs", "walnuts",     NULL};
static const int expected[] = {321, 314, 255, 277, 142, 276, 232, 228};

int okng_submission_expects(const char *object)
{
    for (size_t i = 0; okng_submission_objects[i]; i++)
        if (strcmp(okng_submission_objects[i], object) == 0) return expected[i];
    return 0;
}

static const char *const parts[] = {OKNG_SUBMITTED_MAPS, OKNG_SUBMITTED_MASKS};
static const char *const endings[] = {"tiff", "png"};

/* ---- the archive's name ---------------------------------------------------------------------- */

/* "DIR" without slashes at its end, and where its last part begins. */
static okng_status name_archive(const char *dir, char **trimmed, const char **base, okng_error *error)
{
    *trimmed = strdup(dir);
    if (!*trimmed) return okng_fail_memory(error, strlen(dir));
    for (size_t n = strlen(*trimmed); n > 1 && (*trimmed)[n - 1] == '/'; n--) (*trimmed)[n - 1] = '\0';
    const char *slash = strrchr(*trimmed, '/');
    *base = slash ? slash + 1 : *trimmed;
    if (**base && strcmp(*base, ".") != 0 && strcmp(*base, "..") != 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the folder has no name to call the archive by; name it by one",
                     dir);
}

/* "DIR.tar.gz", where none is or one that may be replaced. */
static okng_status place_archive(const char *trimmed, char **path, okng_error *error)
{
    if (asprintf(path, "%s.tar.gz", trimmed) < 0) {
        *path = NULL;
        return okng_fail_memory(error, strlen(trimmed));
    }
    return okng_submission_may_replace(*path, error);
}

/* ---- the folder ----------------------------------------------------------------------------- */

/* Known before the pictures are inspected, which takes hours. */
static okng_status check_archive(const char *dir, okng_error *error)
{
    char *trimmed = NULL, *path = NULL;
    const char *base;
    okng_status status = name_archive(dir, &trimmed, &base, error);
    if (status == OKNG_OK) status = place_archive(trimmed, &path, error);
    free(path);
    free(trimmed);
    return status;
}

okng_status okng_submission_prepare(const char *dir, okng_error *error)
{
    OKNG_TRY(check_archive(dir, error));
    OKNG_TRY(okng_make_folders(dir, error));
    DIR *stream = opendir(dir);
    if (!stream) return okng_fail_errno(error, "list the folder", dir);
    okng_status status = OKNG_OK;
    const struct dirent *child;
    while (status == OKNG_OK && (child = readdir(stream))) {
        const char *name = child->d_name;
        const bool ours = strcmp(name, parts[0]) == 0 || strcmp(name, parts[1]) == 0;
        if (ours || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || okng_is_of_file_manager(name)) continue;
        status =
            okng_fail(error, OKNG_ERROR_ARGUMENT,
                      "%s: holds %s, expected a new folder, or one that holds nothing but a submission", dir, name);
    }
    (void)closedir(stream);
    return status;
}

static okng_status path_of(const char *dir, const okng_submitted *picture, int part, char **out, okng_error *error)
{
    const int length = asprintf(out, "%s/%s/%s/%s/%s.%s", dir, parts[part], picture->object, picture->split,
                                picture->stem, endings[part]);
    if (length >= 0) return OKNG_OK;
    *out = NULL;
    return okng_fail_memory(error, strlen(dir));
}

bool okng_submission_holds(const char *dir, const okng_submitted *picture)
{
    bool there = true;
    for (int part = 0; part < 2 && there; part++) {
        char *path = NULL;
        there = path_of(dir, picture, part, &path, NULL) == OKNG_OK && access(path, R_OK) == 0;
        free(path);
    }
    return there;
}

/* ---- a picture ------------------------------------------------------------------------------ */

float okng_submission_scale(float threshold)
{
    int exponent;
    if (!(threshold > 0) || !isfinite(threshold)) return 1;
    (void)frexpf(threshold, &exponent); /* threshold / 2^exponent is 0.5..1 */
    return ldexpf(1, 1 - exponent);
}

enum { TAGS = 10, TIFF_HEAD = 8 + 2 + 12 * TAGS + 4 };

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value & 0xffffu);
    put16(to + 2, value >> 16);
}

/* A page of one uncompressed strip, little-endian: what every reader of TIFF understands. */
static void put_head(uint8_t *head, uint32_t width, uint32_t height)
{
    enum { SHORT = 3, LONG = 4 };
    const uint32_t tags[TAGS][3] = {
        {256, LONG, width},              /* ImageWidth */
        {257, LONG, height},             /* ImageLength */
        {258, SHORT, 16},                /* BitsPerSample */
        {259, SHORT, 1},                 /* Compression: none */
        {262, SHORT, 1},                 /* PhotometricInterpretation: 0 is black */
        {273, LONG, TIFF_HEAD},          /* StripOffsets */
        {277, SHORT, 1},                 /* SamplesPerPixel */
        {278, LONG, height},             /* RowsPerStrip */
        {279, LONG, width * height * 2}, /* StripByteCounts */
        {339, SHORT, 3},                 /* SampleFormat: IEEE floating point */
    };
    memset(head, 0, TIFF_HEAD);
    memcpy(head, "II*\0\10\0\0\0", 8);
    put16(head + 8, TAGS);
    for (int i = 0; i < TAGS; i++) {
        uint8_t *entry = head + 10 + 12 * i;
        put16(entry, tags[i][0]);
        put16(entry + 2, tags[i][1]);
        put32(entry + 4, 1);
        put32(entry + 8, tags[i][2]);
    }
}

static okng_status write_tiff(const char *path, const float *map, uint32_t width, uint32_t height, float scale,
                              okng_error *error)
{
    const size_t pixels = (size_t)width * height, size = TIFF_HEAD + 2 * pixels;
    if (size > UINT32_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a map of %ux%u pixels does not go into a TIFF", path, width,
                         height);
    uint8_t *file = okng_alloc(size, 1);
    if (!file) return okng_fail_memory(error, size);
    put_head(file, width, height);
    for (size_t i = 0; i < pixels; i++) put16(file + TIFF_HEAD + 2 * i, okng_half_of(map[i] * scale));
    okng_status status = okng_file_write_remakable(path, file, size, error);
    free(file);
    return status;
}

static okng_status write_png(const char *path, const float *map, int32_t width, int32_t height, float threshold,
                             okng_error *error)
{
    okng_image image;
    OKNG_TRY(okng_image_new(&image, width, height, 1, error));
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) image.pixels[i] = map[i] > threshold ? 255 : 0;
    okng_status status = okng_image_write_png(&image, path, error);
    okng_image_free(&image);
    return status;
}

okng_status okng_submission_write(const char *dir, const okng_submitted *picture, const float *map, int32_t width,
                                  int32_t height, float threshold, float scale, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int part = 0; part < 2 && status == OKNG_OK; part++) {
        char *path = NULL;
        status = path_of(dir, picture, part, &path, error);
        if (status == OKNG_OK) status = okng_make_parent(path, error);
        if (status == OKNG_OK)
            status = part == 0 ? write_tiff(path, map, (uint32_t)width, (uint32_t)height, scale, error)
                               : write_png(path, map, width, height, threshold, error);
        free(path);
    }
    return status;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static okng_status pack_picture(okng_archive *archive, const char *dir, const char *base, const okng_submitted *picture,
                                int part, okng_error *error)
{
    char *path = NULL, *name = NULL;
    okng_status status = path_of(dir, picture, part, &path, error);
    if (status == OKNG_OK) status = path_of(base, picture, part, &name, error);
    if (status == OKNG_OK) status = okng_archive_add(archive, name, path, error);
    free(name);
    free(path);
    return status;
}

okng_status okng_submission_pack(const char *dir, const okng_submitted *pictures, size_t count, okng_error *error)
{
    char *trimmed = NULL, *path = NULL;
    const char *base = NULL;
    okng_archive *archive = NULL;
    okng_status status = name_archive(dir, &trimmed, &base, error);
    if (status == OKNG_OK) status = place_archive(trimmed, &path, error);
    if (status == OKNG_OK) status = okng_archive_open(&archive, path, error);
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < count && status == OKNG_OK; i++)
            status = pack_picture(archive, trimmed, base, &pictures[i], part, error);
    if (status == OKNG_OK)
        status = okng_archive_commit(&archive, error);
    else
        okng_archive_abort(&archive);
    free(path);
    free(trimmed);
    return status;
}
