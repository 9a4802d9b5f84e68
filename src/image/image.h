/* Pictures in memory: 8-bit, interleaved, 1 (grey, mask) or 3 (RGB) channels. */
#ifndef OKNG_IMAGE_IMAGE_H
#define OKNG_IMAGE_IMAGE_H

#include "base/error.h"

#define OKNG_MAX_PIXELS_DEFAULT 100000000u /* 100 megapixels */

typedef struct okng_image {
    int32_t width, height; /* >= 1 */
    int32_t channels;      /* 1 or 3 */
    uint8_t *pixels;       /* [height, width, channels], tightly packed, owned */
} okng_image;

okng_status okng_image_new(okng_image *out, int32_t width, int32_t height, int32_t channels, okng_error *error);
void okng_image_free(okng_image *image); /* zeroed is fine; zeroes it */

/* ---- decode.c and one file per format: what Pillow's Image.open(f).convert("RGB") gives ---- */

/* Decodes PNG, JPEG, BMP, TIFF (first page), WebP, PNM, told apart by their first bytes, to RGB. Grey is repeated,
 * a palette looked up, alpha dropped (as Pillow's convert does), of 16-bit samples the high byte is kept (of PNM,
 * any depth is scaled to 0..255), CMYK converted as Pillow does. EXIF orientation is not applied, as in Pillow and
 * torchvision. Damage of any kind is an error: a truncated file does not give half a picture. The size is checked
 * against max_pixels before memory is taken. `name` is used in errors. */
okng_status okng_image_decode(okng_image *out, const void *data, size_t size, const char *name, uint64_t max_pixels,
                              okng_error *error);
okng_status okng_image_load(okng_image *out, const char *path, uint64_t max_pixels, okng_error *error);
/* Any source of the public header, as RGB. */
okng_status okng_image_from_picture(okng_image *out, const okng_picture *picture, uint64_t max_pixels,
                                    okng_error *error);

/* ---- png_write.c ---- */
/* Writes 1 channel as 8-bit grey, 3 as RGB; the file appears whole or not at all. Same pixels, same bytes. */
okng_status okng_image_write_png(const okng_image *image, const char *path, okng_error *error);
/* The same in memory: *data of *size bytes, malloc'd. `name` is used in errors. */
okng_status okng_image_encode_png(const okng_image *image, const char *name, void **data, size_t *size,
                                  okng_error *error);

/* ---- jpeg_write.c ---- */
/* Baseline JPEG of quality 1..100, chroma at half the resolution; whole or not at all. */
okng_status okng_image_write_jpeg(const okng_image *image, int quality, const char *path, okng_error *error);

/* ---- resize.c: bit-identical to Pillow's Image.resize for 8-bit pictures ---- */
/* Bilinear and bicubic with Pillow's antialiased support, two 8-bit passes (horizontal first); nearest as Pillow. */
okng_status okng_image_resize(const okng_image *image, int32_t width, int32_t height, okng_interpolation interpolation,
                              okng_image *out, okng_error *error);
/* resize_float.c: RGB to float32 [3, height, width] in 0..1, bilinear with the same support, without rounding between:
 * torchvision's resize of a float tensor with antialias. */
okng_status okng_image_resize_float(const okng_image *rgb, int32_t width, int32_t height, float *out,
                                    okng_error *error);
/* Copies a rectangle that lies inside. */
okng_status okng_image_crop(const okng_image *image, int32_t x, int32_t y, int32_t width, int32_t height,
                            okng_image *out, okng_error *error);

/* rotate.c: the same size, turned counter-clockwise about its centre by `turn` of `turns` equal parts of a full turn
 * (0 <= turn < turns). Bilinear; what comes from beyond the border is the picture mirrored there, the border's own
 * pixels not repeated (OpenCV's default border). A square picture turned by a quarter keeps every pixel. */
okng_status okng_image_rotate(const okng_image *image, int32_t turn, int32_t turns, okng_image *out, okng_error *error);

#endif
