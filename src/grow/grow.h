/* Banks that grow: the work of okng_bank_add and its like, see there. Options are complete and checked; reports are
 * filled but for struct_size. */
#ifndef OKNG_GROW_GROW_H
#define OKNG_GROW_GROW_H

#include "base/progress.h"

okng_status okng_grow_add(const char *bank_dir, const char *ok_dir, const okng_grow_options *options,
                          okng_ticker *ticker, okng_grow_report *report, okng_error *error);
okng_status okng_grow_merge(const char *first, const char *second, const okng_grow_options *options,
                            okng_ticker *ticker, okng_grow_report *report, okng_error *error);
okng_status okng_grow_shrink(const char *bank_dir, const okng_grow_options *options, okng_ticker *ticker,
                             okng_grow_report *report, okng_error *error);
/* `rows` is a .npy or .pt file; `build` is complete and checked, with a network chosen; `ok_dir` may be NULL. */
okng_status okng_grow_create(const char *rows, const char *bank_dir, const okng_build_options *build,
                             const char *ok_dir, okng_ticker *ticker, okng_grow_report *report, okng_error *error);
okng_status okng_grow_diff(const char *first, const char *second, int32_t threads, okng_ticker *ticker, char **json,
                           okng_error *error);
okng_status okng_grow_rename_weights(const char *bank_dir, const char *weights, okng_error *error);

#endif
