/* PatchCore (Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022): a memory bank of patch
 * vectors of good parts; a new patch is as anomalous as it is far from its nearest row. */
#ifndef OKNG_PATCHCORE_PATCHCORE_H
#define OKNG_PATCHCORE_PATCHCORE_H

#include "method/method.h"

/* The row of the table of methods. */
extern const okng_method okng_method_patchcore;

/* For importers: writes a bank with the memory bank rows [count, dim] into `folder`, which is made if need be. All else
 * of `config` is given; method and data are filled in. Errors: IO, MEMORY. */
okng_status okng_patchcore_write(const char *folder, okng_bank_config *config, const okng_tau *tau, const float *rows,
                                 int64_t count, int64_t dim, okng_error *error);

/* The rows of an opened bank of patchcore; its own. Errors: FORMAT. */
okng_status okng_patchcore_rows_of(const okng_bank_file *bank, const float **rows, okng_error *error);

#endif
