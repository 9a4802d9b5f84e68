/* Private to image/: what the format readers share. */
#ifndef OKNG_IMAGE_FORMATS_H
#define OKNG_IMAGE_FORMATS_H

#include <stdbool.h>

#include "image/image.h"

/* An encoded file in memory. */
typedef struct okng_encoded {
    const uint8_t *data;
    size_t size;
    const char *name;    /* used in errors */
    const char *format;  /* "PNG", "JPEG", ... */
    uint64_t max_pixels; /* largest picture that is decoded */
    bool is_mask;        /* of a sample of 16 bits what is above 0 stays above 0 */
    int32_t bit_depth;   /* of samples of 16 bits of a file that does not say it; 0: by the samples themselves */
    bool scan;           /* only `depth` is wanted: no picture is made */
    okng_depth *depth;   /* filled in; never NULL in a reader */
} okng_encoded;

/* Checks the size that a header states, then makes *out a picture of 3 channels. To be called before any other memory
 * is taken in proportion to the picture. */
okng_status okng_image_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                             okng_error *error);
/* The check alone. */
okng_status okng_image_check_size(const okng_encoded *file, uint64_t width, uint64_t height, okng_error *error);

/* FORMAT: the file is damaged. UNSUPPORTED: it is a kind that is not read. */
okng_status okng_image_damaged(const okng_encoded *file, const char *reason, okng_error *error);
okng_status okng_image_unsupported(const okng_encoded *file, const char *found, const char *expected,
                                   okng_error *error);

/* CMYK to RGB with Pillow's 8-bit arithmetic. */
void okng_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t pixels);

/* `count` samples of more than 8 bits, `from_step` apart, to bytes, `to_step` apart: the upper 8 of the lower `bits`,
 * what is larger cut off. Of a mask a sample above 0 becomes at least 1, so that a class of a small number is not lost.
 */
void okng_narrow_samples(const okng_encoded *file, int32_t bits, const uint16_t *from, size_t count, size_t from_step,
                         uint8_t *to, size_t to_step);
/* Notes `count` samples, `step` apart, in file->depth->seen. */
void okng_note_samples(const okng_encoded *file, const uint16_t *from, size_t count, size_t step);
/* The bits that samples of 16 are taken to have in a file that does not say it. */
static inline int32_t okng_silent_bits(const okng_encoded *file)
{
    return file->is_mask || file->bit_depth == 0 ? 16 : file->bit_depth;
}

/* Bits as one has them to choose from: 8, 10, 12, 14, 16. */
static inline int32_t okng_even_bits(int32_t bits)
{
    return bits <= 8 ? 8 : (bits + 1) / 2 * 2;
}

/* decode.c: okng_image_decode and okng_image_load as `file` asks, in which `format` is set; of the second also what
 * tells of the file, whose bytes do not outlive the call. */
okng_status okng_image_decode_as(okng_image *out, okng_encoded *file, okng_error *error);
okng_status okng_image_load_as(okng_image *out, const char *path, okng_encoded *file, okng_error *error);

/* The readers. They leave *out zeroed or freed on failure to their caller, okng_image_decode. */
okng_status okng_jpeg_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_png_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_tiff_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_webp_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_bmp_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_pnm_decode(okng_image *out, const okng_encoded *file, okng_error *error);
okng_status okng_gif_decode(okng_image *out, const okng_encoded *file, okng_error *error);

#endif
