/* What a camera says of its picture: two bytes choose the format, then width, height and bytes between rows, then
 * pixels. */
#include <stdlib.h>
#include <string.h>

#include "line/camera_pixels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t codes[] = {
    0x01080001, 0x01100003, 0x010a0046, 0x010c0004, 0x01100005, 0x010c0047, 0x010c0006,
    0x01100025, 0x01100007, 0x01080009, 0x0110000d, 0x010a0058, 0x010c0027, 0x010c0059,
    0x010c002b, 0x0110002f, 0x02180014, 0x02200017, 0x02300018, 0x0230001b,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 7 };
    if (size < HEAD) return 0;
    void *exact = malloc(size - HEAD + 1), *unpacked = NULL; /* sanitizers see a byte too many */
    if (!exact) return 0;
    memcpy(exact, data + HEAD, size - HEAD);
    okng_camera_pixels pixels = {
        .code = data[0] < sizeof codes / sizeof *codes ? codes[data[0]] : (uint32_t)data[0] << 16 | data[1],
        .width = data[2] << 8 | data[3],
        .height = data[4] << 8 | data[5],
        .row_padding = data[6],
        .data = exact,
        .size = size - HEAD,
    };
    okng_picture picture;
    okng_error error;
    if (okng_camera_pixels_read(&picture, &unpacked, &pixels, &error) == OKNG_OK) {
        volatile uint8_t last; /* the last byte of the last row is there */
        size_t pixel = picture.format == OKNG_PIXEL_MONO8 || picture.format == OKNG_PIXEL_BAYER_RG8 ? 1
                       : picture.format == OKNG_PIXEL_RGB8                                          ? 3
                       : picture.format == OKNG_PIXEL_BGRA8                                         ? 4
                       : picture.format == OKNG_PIXEL_RGB16                                         ? 6
                                                                                                    : 2;
        const uint8_t *row = (const uint8_t *)picture.pixels + picture.stride * (picture.height - 1);
        last = row[(size_t)picture.width * pixel - 1];
        (void)last;
        if (picture.width != pixels.width || picture.height != pixels.height) abort();
    }
    free(unpacked);
    free(exact);
    return 0;
}
