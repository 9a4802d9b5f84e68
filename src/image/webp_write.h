/* Small pictures for documents: WebP in memory. */
#ifndef OKNG_IMAGE_WEBP_WRITE_H
#define OKNG_IMAGE_WEBP_WRITE_H

#include "image/image.h"

/* Encodes as WebP, lossy, with `quality` 0..100. *data is for free(). Same pixels, same bytes. */
okng_status okng_image_encode_webp(const okng_image *image, int quality, void **data, size_t *size, okng_error *error);

#endif
