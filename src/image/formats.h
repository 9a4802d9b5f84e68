/* Private to image/: what the format readers share. */
#ifndef OKNG_IMAGE_FORMATS_H
#define OKNG_IMAGE_FORMATS_H

#include <stdbool.h>

#include "image/image.h"

/* A picture that is made smaller row by row (resize.c). */
typedef struct okng_reduction okng_reduction;
/* From width x height RGB pixels to `to`. */
okng_status okng_reduction_new(okng_reduction **out, int32_t width, int32_t height, const okng_shrunk *to,
                               okng_error *error);
/* Room for one row, to be filled before it is taken. */
uint8_t *okng_reduction_row(okng_reduction *reduction);
/* Takes row y; rows come from the top. `rgb` may be that room. */
void okng_reduction_take(okng_reduction *reduction, int32_t y, const uint8_t *rgb);
/* When all rows have come; once. */
okng_status okng_reduction_finish(okng_reduction *reduction, okng_image *out, okng_error *error);
void okng_reduction_free(okng_reduction **reduction);

/* Where a reader's rows go, when it can give them one by one. */
typedef struct okng_stream {
    const okng_decoding *how; /* NULL: they make the picture whole */
    int count;                /* of sizes; 0: likewise */
    okng_reduction *reductions[2];
    int32_t width, height; /* of the whole picture */
} okng_stream;

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
    okng_stream *stream; /* NULL: the picture is wanted whole */
} okng_encoded;

/* Checks the size that a header states, then makes *out a picture of 3 channels. To be called before any other memory
 * is taken in proportion to the picture. */
okng_status okng_image_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                             okng_error *error);
/* The same for a reader whose rows are complete one by one: the picture may be wanted smaller, and then has no pixels
 * before okng_rows_end. Row y is written where okng_rows_at says, then okng_rows_done is told. */
okng_status okng_rows_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                            okng_error *error);
bool okng_rows_shrink(const okng_encoded *file); /* after okng_rows_begin: a row's place is not in *out */
uint8_t *okng_rows_at(const okng_image *out, const okng_encoded *file, uint32_t y);
void okng_rows_done(const okng_encoded *file, uint32_t y);
/* The same of a row that lies elsewhere, where the picture is made smaller. */
void okng_rows_take(const okng_encoded *file, uint32_t y, const uint8_t *rgb);
okng_status okng_rows_end(okng_image *out, const okng_encoded *file, okng_error *error);
/* The check alone. */
okng_status okng_image_check_size(const okng_encoded *file, uint64_t width, uint64_t height, okng_error *error);

/* FORMAT: the file is damaged, or MEMORY where errno, cleared before decoding, says that. UNSUPPORTED: it is a kind
 * that is not read. */
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
