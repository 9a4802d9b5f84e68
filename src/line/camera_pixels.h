/* Pixels as cameras of GigE Vision and USB3 Vision send them, by the codes of the Pixel Format Naming Convention (PFNC)
 * of the EMVA, and packed ones of GigE Vision 1. */
#ifndef OKNG_LINE_CAMERA_PIXELS_H
#define OKNG_LINE_CAMERA_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct okng_camera_pixels {
    uint32_t code;         /* of the format: 0x01080001 is Mono8 */
    int32_t width, height; /* pixels */
    size_t row_padding;    /* bytes between rows */
    const void *data;
    size_t size; /* bytes of data */
} okng_camera_pixels;

/* Makes them a picture: of the formats that okng reads (Mono8, Mono16, BayerRG8, RGB8, ...) it points to the camera's
 * data; others (packed ones, Bayer of 10 and 16 bits, BGR of 16) are written to *unpacked, which the caller frees. 10
 * and 12 bits keep their values; Bayer of 10 and 16 bits comes out with 12, Mono14 as Mono16. Errors: UNSUPPORTED
 * (another format), FORMAT (fewer bytes than the size wants), LIMIT, MEMORY. */
okng_status okng_camera_pixels_read(okng_picture *picture, void **unpacked, const okng_camera_pixels *pixels,
                                    okng_error *error);
/* "Mono12p"; NULL of a format that is not read. */
const char *okng_camera_pixels_name(uint32_t code);

#endif
