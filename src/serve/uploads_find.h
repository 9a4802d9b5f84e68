/* Private to routes_uploads.c. */
#ifndef OKNG_SERVE_UPLOADS_FIND_H
#define OKNG_SERVE_UPLOADS_FIND_H

#include "serve/uploads.h"

/* Looks in every picture of an upload for regions that are drawn on one of them. `asked`: {"regions": [{"name", "x",
 * "y", "width", "height"}], "picture": 0, "threshold": 0.5}. *found: {"found": [...], "missing": [...]}, each
 * {"picture", "region", "score", "x", "y", "width", "height", "angle"} with the centre of the best place. Errors:
 * NOT_FOUND, ARGUMENT, CANCELLED (beyond `deadline` on okng_clock()), those of decoding, MEMORY. */
okng_status okng_uploads_find(okng_uploads *uploads, const char *id, const json_t *asked, double deadline,
                              json_t **found, okng_error *error);

#endif
