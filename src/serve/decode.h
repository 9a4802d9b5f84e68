/* Pictures that handlers decode themselves, to check or show them: inspections go through the queue. */
#ifndef OKNG_SERVE_DECODE_H
#define OKNG_SERVE_DECODE_H

#include "okng/experimental.h"

/* okng_picture_png, of no more pictures at a time than there are cores; the others wait. A decoded picture takes some
 * bytes for each of its pixels, however small its file is, and there are many more threads for requests than cores. */
okng_status okng_decode_png(const okng_picture *picture, int32_t side, void **bytes, size_t *size, okng_error *error);

#endif
