/* Pictures that somebody hands over: POST /v1/sources/{name} of the server, or a caller in this process. */
#ifndef OKNG_LINE_SOURCE_PUSH_H
#define OKNG_LINE_SOURCE_PUSH_H

#include "line/line.h"

/* Gives a picture, an encoded file of `size` bytes that is copied, to the source `source` of the line. It is through
 * the line's mouth when this returns, not yet inspected. `name` is the picture's, may be NULL. Any thread. Errors:
 * NOT_FOUND (no such source, or one of another kind), BUSY (as many pictures wait as may), LIMIT (too many bytes),
 * ARGUMENT (none), MEMORY. */
okng_status okng_line_push(okng_line *line, const char *source, const void *data, size_t size, const char *name,
                           okng_error *error);

#endif
