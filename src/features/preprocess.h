/* A picture to the network's input tensor, as torchvision's Resize, CenterCrop, ToTensor and Normalize. */
#ifndef OKNG_FEATURES_PREPROCESS_H
#define OKNG_FEATURES_PREPROCESS_H

#include "features/placement.h"
#include "image/image.h"

/* rgb (3 channels, of the size that `placement` was made for) to float32 [3, placement->height, placement->width]:
 * (value / 255 - mean) / std, every step rounded to float as torch does, so the bits agree. */
okng_status okng_preprocess_image(const okng_build_options *options, const okng_placement *placement,
                                  const okng_image *rgb, float *tensor, okng_error *error);

#endif
