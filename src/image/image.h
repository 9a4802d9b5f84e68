/* Pictures in memory: 8-bit, interleaved, 1 (grey, mask) or 3 (RGB) channels. */
#ifndef OKNG_IMAGE_IMAGE_H
#define OKNG_IMAGE_IMAGE_H

#include <stdbool.h>

#include "base/error.h"

#define OKNG_MAX_PIXELS_DEFAULT 100000000u /* 100 megapixels */

typedef struct okng_image {
    int32_t width, height;      /* >= 1 */
    int32_t channels;           /* 1 or 3 */
    uint8_t *pixels;            /* [height, width, channels], tightly packed, owned */
    struct okng_image *resized; /* NULL, or, of a picture that was made smaller: as the network wants it, made of the
                                   whole picture; owned */
} okng_image;

okng_status okng_image_new(okng_image *out, int32_t width, int32_t height, int32_t channels, okng_error *error);
void okng_image_free(okng_image *image); /* zeroed is fine; zeroes it */

/* ---- decode.c and one file per format: what Pillow's Image.open(f).convert("RGB") gives ---- */

/* How many bits of its samples a picture uses. */
typedef struct okng_depth {
    int32_t stated; /* by its format: 8 (or fewer in its samples), 9..16; 0: it is silent, samples of 16 bits */
    bool silent;
    int32_t hint;  /* of a silent one: PNG's sBIT, a TIFF's SMaxSampleValue as bits, 8..15; 0: none */
    uint16_t seen; /* of a silent one: all samples of its colours, or'ed */
} okng_depth;

/* What is stated; of silent pictures the smallest of 8, 10, 12, 14, 16 bits that holds what was seen, and the hint
 * where that holds it: a hint is taken for the lower bits only so; of both kinds the larger. Samples that reach beyond
 * 12 bits and leave the lowest 4 empty stand in the upper bits: 16. So does a picture that is all black, which tells
 * nothing. */
int32_t okng_depth_bits(okng_depth depth);
/* The bits that an option stands for; 0 of AUTO. */
int32_t okng_bits_of(okng_bit_depth depth);
/* Those of several pictures: the most that any states; what is silent in any is seen. */
void okng_depth_unite(okng_depth *all, okng_depth one);

/* Decodes PNG, JPEG, BMP, TIFF (first page), WebP, PNM, GIF (first frame), told apart by their first bytes, to RGB.
 * Grey is repeated, a palette looked up, alpha dropped (as Pillow's convert does), of samples of more than 8 bits the
 * upper 8 are kept, of those that the file says it uses, else of those that its samples use (of PNM, whose largest
 * value says it, any depth is scaled to 0..255), CMYK converted as Pillow does. A TIFF's orientation is applied, as
 * Pillow does; that of EXIF in other formats is not, as in Pillow and torchvision. Damage of any kind is an error: a
 * truncated file does not give half a picture. The size is checked against max_pixels before memory is taken. `name` is
 * used in errors. */
okng_status okng_image_decode(okng_image *out, const void *data, size_t size, const char *name, uint64_t max_pixels,
                              okng_error *error);
okng_status okng_image_load(okng_image *out, const char *path, uint64_t max_pixels, okng_error *error);

/* What a picture is made smaller to. */
typedef struct okng_shrunk {
    int32_t width, height;            /* each less than the picture's */
    okng_interpolation interpolation; /* BILINEAR or BICUBIC */
} okng_shrunk;
/* In how many sizes a picture of this size is wanted, and which; 0: whole. */
typedef int (*okng_shrink_fn)(const void *context, int32_t width, int32_t height, okng_shrunk to[2]);

/* How a picture is to be decoded, and what comes to light. */
typedef struct okng_decoding {
    uint64_t max_pixels;
    int32_t bit_depth; /* bits that samples of 16 use where the picture does not say it, 9..16: what is larger is cut
                          off. 0, or 8 where a sample is larger than 8 bits: by the picture itself */
    okng_depth depth;  /* filled in; `seen` of a silent picture is complete */
    /* Where `shrink` is not NULL and wants it, JPEG, TIFF and PNG are resized while they are decoded, so that the whole
     * picture is never held: the bits are those of okng_image_resize. Others, and those that are not stored row by row
     * from the top, come whole, whatever was wanted. */
    okng_shrink_fn shrink;
    const void *shrink_context;
    okng_image *second;              /* where the second size goes; NULL: there is but one */
    int32_t full_width, full_height; /* filled in where it was made smaller, else 0: that of the whole picture */
} okng_decoding;
okng_status okng_image_load_by(okng_image *out, const char *path, okng_decoding *how, okng_error *error);
okng_status okng_image_take(okng_image *out, const okng_picture *picture, okng_decoding *how, okng_error *error);
/* how->depth alone, reading no more than it needs. */
okng_status okng_image_look(const okng_picture *picture, okng_decoding *how, okng_error *error);
/* What to say where a picture of that depth meets `bits`, which others of its kind have; false where they agree. */
bool okng_depth_differs(okng_depth depth, int32_t bits, char *text, size_t size);

/* Any source of the public header, as RGB. */
okng_status okng_image_from_picture(okng_image *out, const okng_picture *picture, uint64_t max_pixels,
                                    okng_error *error);

/* orient.c: turns and mirrors *image by the number of a TIFF's orientation tag, 1..8; others leave it as it is. */
okng_status okng_image_orient(okng_image *image, int32_t orientation, okng_error *error);
/* probe.c: the width and height that okng_image_from_picture gives, read from the file's header where that says them,
 * else by decoding. Errors: those of decoding. */
okng_status okng_image_size(const okng_picture *picture, uint64_t max_pixels, int32_t *width, int32_t *height,
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
/* resize_float.c: RGB to float32 [3, height, width], 0 is black and 1 is white, BILINEAR_FLOAT or BICUBIC_FLOAT with
 * the same support, without rounding between: torchvision's resize of a float tensor with antialias. */
okng_status okng_image_resize_float(const okng_image *rgb, int32_t width, int32_t height,
                                    okng_interpolation interpolation, float *out, okng_error *error);
/* resize.c: one of both passes of okng_image_resize, from `in` pixels to `out`, as products: high and low [out, in]
 * hold whole numbers with which value i is floor((h 2^11 + l) / 2^22 + 1/2), cut to 0..255, h and l the sums of pixels
 * times high's and low's row i. Both sums are less than 2^24 where a row takes 32 pixels or fewer, so float32 has them
 * exactly. interpolation: one for bytes. */
okng_status okng_image_resize_axis(int32_t in, int32_t out, okng_interpolation interpolation, float *high, float *low,
                                   okng_error *error);
/* resize_float.c: one of both passes of okng_image_resize_float as a product: weights [out, in]. */
okng_status okng_image_resize_float_axis(int32_t in, int32_t out, okng_interpolation interpolation, float *weights,
                                         okng_error *error);
/* Copies a rectangle that lies inside. */
okng_status okng_image_crop(const okng_image *image, int32_t x, int32_t y, int32_t width, int32_t height,
                            okng_image *out, okng_error *error);

/* rotate.c: the same size, turned counter-clockwise about its centre by `turn` of `turns` equal parts of a full turn
 * (0 <= turn < turns). Bilinear; what comes from beyond the border is the picture mirrored there, the border's own
 * pixels not repeated (OpenCV's default border). A square picture turned by a quarter keeps every pixel. */
okng_status okng_image_rotate(const okng_image *image, int32_t turn, int32_t turns, okng_image *out, okng_error *error);

#endif
