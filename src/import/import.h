/* Models that other programs saved, as bank folders. Reads their files without running anything from them. */
#ifndef OKNG_IMPORT_IMPORT_H
#define OKNG_IMPORT_IMPORT_H

#include <stdbool.h>

#include "base/progress.h"

/* The work of okng_import (okng.h, "other people's models"), see there. `report` may be NULL. */
okng_status okng_import_model(okng_import_kind kind, const char *source, const char *out_dir,
                              const okng_import_options *options, okng_ticker *ticker, okng_import_report *report,
                              okng_error *error);

/* The folder below `root` that holds patchcore-inspection's model of a category: `root` itself, root/<category>,
 * root/<dataset>_<category>, or the same below root/models. *path is malloc'd. NOT_FOUND names what was looked for. */
okng_status okng_import_find(const char *root, const char *dataset, const char *category, char **path,
                             okng_error *error);

#endif
