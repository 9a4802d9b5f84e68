/* Which reader a file goes to, and where pictures come from. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sized.h"
#include "image/content.h"
#include "image/formats.h"

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

/* Of a file that may have samples of more than 8 bits and is not to be read by a given depth: what it says or holds. */
static okng_status find_depth(reader_fn read, okng_encoded *file, okng_error *error)
{
    bool may_be_deep = read == okng_png_decode || read == okng_tiff_decode || read == okng_pnm_decode;
    if (!may_be_deep || file->is_mask || file->bit_depth != 0) return OKNG_OK;
    okng_image none = {0};
    file->scan = true;
    okng_status status = read(&none, file, error);
    file->scan = false;
    okng_image_free(&none);
    if (status == OKNG_OK) file->bit_depth = okng_depth_bits(*file->depth);
    return status;
}

static okng_status decode_with(reader_fn read, okng_image *out, okng_encoded *file, okng_error *error)
{
    okng_depth own = {0};
    const int32_t asked = file->bit_depth;
    const bool borrowed = !file->depth;
    if (borrowed) file->depth = &own;
    *file->depth = (okng_depth){.stated = 8};
    okng_status status = find_depth(read, file, error);
    if (status == OKNG_OK) status = read(out, file, error);
    if (status != OKNG_OK) okng_image_free(out);
    file->bit_depth = asked;
    if (borrowed) file->depth = NULL;
    return status;
}

okng_status okng_image_decode_as(okng_image *out, okng_encoded *file, okng_error *error)
{
    *out = (okng_image){0};
    if (file->size == 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the file is empty, expected a picture (" KNOWN_FORMATS ")",
                         file->name);
    reader_fn read = NULL;
    OKNG_TRY(find_reader(file, &read, error));
    return decode_with(read, out, file, error);
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
    OKNG_TRY(okng_file_read(path, MAX_FILE_BYTES, &data, &file->size, error)); /* a camera may be writing to it */
    file->data = data;
    file->name = path;
    okng_status status = okng_image_decode_as(out, file, error);
    file->data = NULL;
    free(data);
    return status;
}

okng_status okng_image_load(okng_image *out, const char *path, uint64_t max_pixels, okng_error *error)
{
    okng_encoded file = {.max_pixels = max_pixels};
    return okng_image_load_as(out, path, &file, error);
}

static okng_status check_pixels(const okng_picture *picture, uint64_t max_pixels, okng_error *error)
{
    int32_t width = picture->width, height = picture->height;
    if (width < 1 || width > 65535 || height < 1 || height > 65535)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "pixels of %d x %d were given, expected 1 to 65535 either way",
                         width, height);
    if ((unsigned)picture->format > OKNG_PIXEL_GREY8)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown pixel format %d, expected RGB8, BGR8 or GREY8",
                         (int)picture->format);
    ptrdiff_t row = width * (picture->format == OKNG_PIXEL_GREY8 ? 1 : 3);
    if (picture->stride != 0 && picture->stride < row && picture->stride > -row)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a stride of %td bytes is less than a row of pixels (%td bytes)",
                         picture->stride, row);
    const okng_encoded raw = {.name = "pixels", .format = "picture", .max_pixels = max_pixels};
    return okng_image_check_size(&raw, (uint64_t)width, (uint64_t)height, error);
}

static void copy_row(uint8_t *to, const uint8_t *from, int32_t width, okng_pixel_format format)
{
    if (format == OKNG_PIXEL_RGB8) {
        memcpy(to, from, (size_t)width * 3);
        return;
    }
    size_t step = format == OKNG_PIXEL_GREY8 ? 1 : 3, red = format == OKNG_PIXEL_GREY8 ? 0 : 2, green = red / 2;
    for (int32_t x = 0; x < width; x++, to += 3, from += step) {
        to[0] = from[red];
        to[1] = from[green];
        to[2] = from[0];
    }
}

static okng_status from_pixels(okng_image *out, const okng_picture *picture, uint64_t max_pixels, okng_error *error)
{
    OKNG_TRY(check_pixels(picture, max_pixels, error));
    OKNG_TRY(okng_image_new(out, picture->width, picture->height, 3, error));
    ptrdiff_t stride = picture->stride;
    if (stride == 0) stride = picture->width * (picture->format == OKNG_PIXEL_GREY8 ? 1 : 3);
    const uint8_t *pixels = picture->pixels;
    for (int32_t y = 0; y < picture->height; y++)
        copy_row(out->pixels + (size_t)y * (size_t)picture->width * 3, pixels + y * stride, picture->width,
                 picture->format);
    return OKNG_OK;
}

okng_status okng_image_from_picture(okng_image *out, const okng_picture *given, uint64_t max_pixels, okng_error *error)
{
    *out = (okng_image){0};
    okng_picture full = {.struct_size = sizeof full};
    OKNG_TRY(okng_sized_take(&full, sizeof full, given, "the picture", error));
    const okng_picture *picture = &full;
    if ((picture->path != NULL) + (picture->data != NULL) + (picture->pixels != NULL) != 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a picture needs exactly one of `path`, `data` and `pixels`");
    if (picture->path) return okng_image_load(out, picture->path, max_pixels, error);
    if (picture->data)
        return okng_image_decode(out, picture->data, picture->data_size, "picture in memory", max_pixels, error);
    return from_pixels(out, picture, max_pixels, error);
}
