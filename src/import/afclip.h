/* What the authors of AF-CLIP released, as a checkpoint. Nothing from the files is run. */
#ifndef OKNG_IMPORT_AFCLIP_H
#define OKNG_IMPORT_AFCLIP_H

#include "base/error.h"

/* The work of okng_import_afclip (okng/experimental.h), see there; all members of `report` are written. */
okng_status okng_import_afclip_files(const okng_afclip_files *files, const char *out_dir, okng_afclip_report *report,
                                     okng_error *error);

#endif
