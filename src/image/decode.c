/* Which reader a file goes to, and where pictures come from. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sized.h"
#include "image/content.h"
#include "image/pixels.h"

/* 100 megapixels of 16-bit RGBA, uncompressed, and some. */
#define MAX_FILE_BYTES ((size_t)1 << 30)
#define KNOWN_FORMATS "PNG, JPEG, BMP, TIFF, WebP, PNM, GIF"

typedef okng_status (*reader_fn)(okng_image *out, const okng_encoded *file, okng_error *error);

static const struct {
    const char *format;
    reader_fn read;
} readers[] = {{"PNG", okng_png_decode},   {"JPEG", okng_jpeg_decode}, {"BMP", okng_bmp_decode},
               {"TIFF", okng_tiff_decode}, {"WebP", okng_webp_decode}, {"PNM", okng_pnm_decode},
               {"GIF", okng_gif_decode}};

/* A file that begins like a picture with a weak mark is taken for one here, and found out to be damaged. */
static okng_content content_of(const okng_encoded *file)
{
    okng_content content = okng_image_content(file->data, file->size);
    if (!content.name && file->size >= 2 && memcmp(file->data, "BM", 2) == 0) content = (okng_content){"BMP", true};
    return content;
}

static okng_status find_reader(okng_encoded *file, reader_fn *read, okng_error *error)
{
    if (file->size == 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the file is empty, expected a picture (" KNOWN_FORMATS ")",
                         file->name);
    const okng_content content = content_of(file);
    for (size_t i = 0; content.is_read && i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].format, content.name) == 0) {
            file->format = readers[i].format;
            *read = readers[i].read;
            return OKNG_OK;
        }
    if (content.name)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is a picture of the format %s by its first bytes, which is "
                         "not read; expected one of " KNOWN_FORMATS,
                         file->name, content.name);
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: is no picture of a known format by its first bytes, expected one of " KNOWN_FORMATS,
                     file->name);
}

/* Of a file that may have samples of more than 8 bits: what it says or holds. */
static okng_status find_depth(reader_fn read, okng_encoded *file, okng_error *error)
{
    const bool only = file->scan;
    okng_image none = {0};
    file->scan = true;
    okng_status status = read(&none, file, error);
    file->scan = only;
    if (status == OKNG_OK) file->bit_depth = okng_depth_bits(*file->depth);
    return status;
}

static okng_status decode_with(reader_fn read, okng_image *out, okng_encoded *file, okng_error *error)
{
    okng_depth own = {0};
    const int32_t asked = file->bit_depth;
    const bool borrowed = !file->depth;
    const bool may_be_deep = read == okng_png_decode || read == okng_tiff_decode || read == okng_pnm_decode;
    if (borrowed) file->depth = &own;
    *file->depth = (okng_depth){.stated = 8};
    okng_status status = OKNG_OK;
    okng_stream whole = {0};
    errno = 0; /* for okng_image_damaged */
    if (!file->stream) file->stream = &whole;
    if (may_be_deep && !file->is_mask && (file->scan || asked <= 8)) status = find_depth(read, file, error);
    if (status == OKNG_OK && !file->scan) status = read(out, file, error);
    if (status != OKNG_OK) okng_image_free(out);
    if (status != OKNG_OK && file->stream->how && file->stream->how->second) okng_image_free(file->stream->how->second);
    for (int i = 0; i < 2; i++) okng_reduction_free(&file->stream->reductions[i]);
    if (file->stream == &whole) file->stream = NULL;
    file->bit_depth = asked;
    if (borrowed) file->depth = NULL;
    return status;
}

okng_status okng_image_decode_as(okng_image *out, okng_encoded *file, okng_error *error)
{
    *out = (okng_image){0};
    reader_fn read = NULL;
    OKNG_TRY(find_reader(file, &read, error));
    return decode_with(read, out, file, error);
}

static okng_status look_at_head(const char *path, const uint8_t *head, size_t size, size_t whole, okng_error *error)
{
    (void)whole;
    okng_encoded file = {.data = head, .size = size, .name = path};
    reader_fn read;
    return find_reader(&file, &read, error);
}

okng_status okng_image_decode(okng_image *out, const void *data, size_t size, const char *name, uint64_t max_pixels,
                              okng_error *error)
{
    okng_encoded file = {.data = data, .size = size, .name = name, .max_pixels = max_pixels};
    return okng_image_decode_as(out, &file, error);
}

okng_status okng_image_load_as(okng_image *out, const char *path, okng_encoded *file, okng_error *error)
{
    *out = (okng_image){0};
    void *data;
    OKNG_TRY(okng_file_read_looking(path, MAX_FILE_BYTES, look_at_head, &data, &file->size, error));
    file->data = data;
    file->name = path;
    okng_status status = okng_image_decode_as(out, file, error);
    file->data = NULL;
    free(data);
    return status;
}

okng_status okng_image_load_by(okng_image *out, const char *path, okng_decoding *how, okng_error *error)
{
    okng_stream stream = {.how = how};
    okng_encoded file = {
        .max_pixels = how->max_pixels, .bit_depth = how->bit_depth, .depth = &how->depth, .stream = &stream};
    okng_status status = okng_image_load_as(out, path, &file, error);
    how->full_width = stream.width;
    how->full_height = stream.height;
    return status;
}

okng_status okng_image_load(okng_image *out, const char *path, uint64_t max_pixels, okng_error *error)
{
    okng_decoding how = {.max_pixels = max_pixels};
    return okng_image_load_by(out, path, &how, error);
}

/* Whether the first bytes are of a file whose samples may be of more than 8 bits without saying how many they use. */
static bool may_be_silent(const char *path)
{
    uint8_t bytes[OKNG_CONTENT_BYTES];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return true; /* whoever reads it whole says why it cannot be read */
    ssize_t size = read(descriptor, bytes, sizeof bytes);
    (void)close(descriptor);
    const okng_content content = okng_image_content(bytes, size > 0 ? (size_t)size : 0);
    if (!content.name || size < 26) return true;
    if (strcmp(content.name, "PNG") == 0) return bytes[24] == 16;
    return strcmp(content.name, "TIFF") == 0 || strcmp(content.name, "PNM") == 0;
}

static okng_status take_full(const okng_picture *given, okng_picture *full, okng_error *error)
{
    *full = (okng_picture){.struct_size = sizeof *full};
    OKNG_TRY(okng_sized_take(full, sizeof *full, given, "the picture", error));
    if ((full->path != NULL) + (full->data != NULL) + (full->pixels != NULL) != 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a picture needs exactly one of `path`, `data` and `pixels`");
    if (full->data && full->data_size > MAX_FILE_BYTES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a picture in memory has %zu bytes, expected at most %zu",
                         full->data_size, MAX_FILE_BYTES);
    return OKNG_OK;
}

static okng_status take(okng_image *out, const okng_picture *picture, bool scan, okng_decoding *how, okng_error *error)
{
    if (picture->pixels) return okng_pixels_convert(scan ? NULL : out, picture, how, error);
    okng_stream stream = {.how = how};
    okng_encoded file = {.data = picture->data,
                         .size = picture->data_size,
                         .name = "picture in memory",
                         .max_pixels = how->max_pixels,
                         .bit_depth = how->bit_depth,
                         .scan = scan,
                         .depth = &how->depth,
                         .stream = &stream};
    okng_status status =
        picture->path ? okng_image_load_as(out, picture->path, &file, error) : okng_image_decode_as(out, &file, error);
    how->full_width = stream.width;
    how->full_height = stream.height;
    return status;
}

okng_status okng_image_take(okng_image *out, const okng_picture *given, okng_decoding *how, okng_error *error)
{
    *out = (okng_image){0};
    okng_picture picture;
    OKNG_TRY(take_full(given, &picture, error));
    return take(out, &picture, false, how, error);
}

okng_status okng_image_look(const okng_picture *given, okng_decoding *how, okng_error *error)
{
    okng_image none = {0};
    okng_picture picture;
    how->depth = (okng_depth){.stated = 8};
    OKNG_TRY(take_full(given, &picture, error));
    if (picture.path && !may_be_silent(picture.path)) return OKNG_OK;
    return take(&none, &picture, true, how, error);
}

okng_status okng_image_from_picture(okng_image *out, const okng_picture *given, uint64_t max_pixels, okng_error *error)
{
    okng_decoding how = {.max_pixels = max_pixels};
    return okng_image_take(out, given, &how, error);
}
