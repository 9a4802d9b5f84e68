/* The eight ways that a picture can lie in its file. */
#include <stdbool.h>

#include "image/image.h"

/* What orientation does to a stored picture, in Pillow's words: nothing, flip left to right, turn by 180 degrees, flip
 * top to bottom; then the same after swapping rows and columns. */
typedef struct lie {
    bool swap, mirror_x, mirror_y;
} lie;

static const lie lies[9] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true}, [5] = {true, false, false},
    [6] = {true, true, false},  [7] = {true, true, true},  [8] = {true, false, true},
};

okng_status okng_image_orient(okng_image *image, int32_t orientation, okng_error *error)
{
    if (orientation < 2 || orientation > 8) return OKNG_OK;
    const lie *how = &lies[orientation];
    okng_image out;
    size_t channels = (size_t)image->channels;
    OKNG_TRY(okng_image_new(&out, how->swap ? image->height : image->width, how->swap ? image->width : image->height,
                            image->channels, error));
    uint8_t *to = out.pixels;
    for (int32_t y = 0; y < out.height; y++)
        for (int32_t x = 0; x < out.width; x++) {
            int32_t column = how->mirror_x ? out.width - 1 - x : x, row = how->mirror_y ? out.height - 1 - y : y;
            size_t from = how->swap ? (size_t)column * (size_t)image->width + (size_t)row
                                    : (size_t)row * (size_t)image->width + (size_t)column;
            for (size_t c = 0; c < channels; c++) *to++ = image->pixels[from * channels + c];
        }
    okng_image_free(image);
    *image = out;
    return OKNG_OK;
}
