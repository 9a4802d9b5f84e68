/* A picture to the network's input tensor, as torchvision's Resize, CenterCrop, ToTensor and Normalize. */
#ifndef OKNG_FEATURES_PREPROCESS_H
#define OKNG_FEATURES_PREPROCESS_H

#include "features/placement.h"
#include "image/image.h"

/* rgb (3 channels, of the size that `placement` was made for) to float32 [3, placement->height, placement->width]:
 * (value / 255 - mean) / std, every step rounded to float as torch does, so the bits agree. */
okng_status okng_preprocess_image(const okng_build_options *options, const okng_placement *placement,
                                  const okng_image *rgb, float *tensor, okng_error *error);

/* The same less the last step, for who looks the numbers up himself (okng_preprocess_table): uint8 [placement->height,
 * placement->width, 3]. Not where okng_preprocess_in_floats. */
okng_status okng_preprocess_pixels(const okng_build_options *options, const okng_placement *placement,
                                   const okng_image *rgb, uint8_t *pixels, okng_error *error);
/* Whether the resize gives numbers between bytes. */
bool okng_preprocess_in_floats(const okng_build_options *options);
/* The number that each byte of a colour becomes. */
void okng_preprocess_table(const okng_build_options *options, float table[3][256]);

/* An okng_shrink_fn whose context is okng_build_options: a picture of more than OKNG_SHRINK_PIXELS that is resized
 * smaller may be decoded so, where the options do with the smaller picture just what they do with the whole one. */
enum { OKNG_SHRINK_PIXELS = 4000000 };
/* Whether a picture that was made smaller comes to the same place in the network's input as the whole one. */
bool okng_preprocess_may_shrink(const okng_build_options *options, int32_t width, int32_t height, int32_t to_width,
                                int32_t to_height);
int okng_preprocess_shrink(const void *options, int32_t width, int32_t height, okng_shrunk to[2]);

#endif
