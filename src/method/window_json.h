/* The window that says most for the highest place of a picture's map, as files of results tell it. */
#ifndef OKNG_METHOD_WINDOW_JSON_H
#define OKNG_METHOD_WINDOW_JSON_H

#include <jansson.h>

#include "method/scored.h"

/* "words", "pictures"; NULL of OKNG_WINDOW_NONE. */
const char *okng_window_kind_text(okng_window_kind kind);
/* {"by": ..., "scale": ..., "patches": [row, column, rows, columns], "box": [x, y, width, height], "score": ...},
 * with "depth" where there is one; NULL where memory is out, and of OKNG_WINDOW_NONE. */
json_t *okng_window_json(const okng_scored_window *window);

#endif
