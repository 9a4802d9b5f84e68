/* PatchCore (Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022): a memory bank of patch
 * vectors of good parts; a new patch is as anomalous as it is far from its nearest row. */
#ifndef OKNG_PATCHCORE_PATCHCORE_H
#define OKNG_PATCHCORE_PATCHCORE_H

#include "bank/bank_file.h"
#include "base/progress.h"
#include "image/image.h"
#include "method/method.h"

/* The work of okng_build, see there. */
okng_status okng_patchcore_build(const char *const *pictures, size_t count, const char *bank_dir,
                                 const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                                 okng_error *error);

/* An opened bank with its network. May be shared by threads. */
typedef struct okng_patchcore okng_patchcore;
okng_status okng_patchcore_open(okng_patchcore **out, const char *bank_dir, const char *weights, okng_error *error);
void okng_patchcore_close(okng_patchcore **patchcore);
const okng_bank_file *okng_patchcore_file(const okng_patchcore *patchcore);

/* Scores one picture; see okng_method. */
okng_status okng_patchcore_score(okng_patchcore *patchcore, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error);
okng_status okng_patchcore_describe(okng_patchcore *patchcore, okng_model_info *info, okng_error *error);
okng_status okng_patchcore_set_tau(okng_patchcore *patchcore, const char *bank_dir, okng_tau *tau, okng_error *error);

/* The row of the table of methods. */
extern const okng_method okng_method_patchcore;

#endif
