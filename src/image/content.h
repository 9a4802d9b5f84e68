/* What a file is by its first bytes. */
#ifndef OKNG_IMAGE_CONTENT_H
#define OKNG_IMAGE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that okng_image_content looks at, at most. */
enum { OKNG_CONTENT_BYTES = 132 };

typedef struct okng_content {
    const char *name; /* "PNG", "HEIC", static; NULL: no picture that is known */
    bool is_read;     /* by okng_image_decode */
} okng_content;

/* By the first `size` bytes of a file. Formats of weak marks (BMP, PNM) must go on like one. */
okng_content okng_image_content(const void *data, size_t size);

/* The same of a kind of pictures that is not read, by how its file is called ("heic", "cr2", "svg", in either case):
 * its name, or NULL. Camera raw is often a TIFF whose first page is a thumbnail. */
const char *okng_image_unread_ending(const char *ending);

#endif
