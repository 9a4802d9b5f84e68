/* A bank from a folder of good pictures: what is left out, what is warned of, what is trimmed. */
#ifndef OKNG_LEARN_FOLDER_H
#define OKNG_LEARN_FOLDER_H

#include "base/progress.h"

/* The work of okng_build_folder, see there. `build` is complete and checked, with a network chosen; *report is filled
 * but for struct_size. */
okng_status okng_learn_folder(const char *folder, const char *bank_dir, const okng_build_folder_options *options,
                              const okng_build_options *build, okng_ticker *ticker, okng_build_event_fn listener,
                              void *user, okng_build_report *report, okng_error *error);

#endif
