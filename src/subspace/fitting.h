/* What the steps of fitting a subspace share; the steps themselves, in order. Private to subspace/. */
#ifndef OKNG_SUBSPACE_FITTING_H
#define OKNG_SUBSPACE_FITTING_H

#include <pthread.h>

#include "features/augment.h"
#include "features/extractor.h"
#include "method/groups.h"
#include "method/ledger.h"
#include "subspace/model.h"

/* Pictures that a bank which grows has learnt, none of which is seen again: entries first .. end - 1 of the ledger. */
typedef struct okng_subspace_part {
    int64_t first, end;
    okng_residual residual; /* of the subspace that they were learnt into */
} okng_subspace_part;

enum { OKNG_SUBSPACE_PARTS_MAX = 2 };

typedef struct okng_subspace_fitting {
    const okng_bank_config *config;
    const okng_build_options *options; /* config's */
    okng_turned_pictures pictures;     /* `turns` copies of each good picture */
    okng_groups groups;                /* of all pictures of the ledger */
    okng_subspace_part parts[OKNG_SUBSPACE_PARTS_MAX];
    int32_t part_count;   /* 0 in a build */
    int64_t first_number; /* of the good pictures in the ledger: behind those of the parts */
    okng_ledger *ledger;  /* what calibration finds; NULL where it leaves nothing out */
    okng_ticker *ticker;
    int threads;
    int32_t at_once; /* pictures that each takes through the network together */

    okng_extractor *extractor;
    int32_t grid_height, grid_width;
    const okng_looked_at *looked_at; /* which of the patches of the grid; NULL = all */
    okng_looked_at *own_looked_at;   /* the same, where there is no extractor whose it is */
    int64_t patches, dim;            /* of one picture */

    pthread_mutex_t mutex;
    okng_sums sums; /* of all pictures; under the mutex while they are summed */
    okng_directions directions;
} okng_subspace_fitting;

/* fit.c: as many threads as fit into the memory that the options allow. Errors: LIMIT. */
okng_status okng_subspace_fit_memory(okng_subspace_fitting *fitting, okng_error *error);
/* fit.c: adds the sums of all pictures, by the extractor, to fitting->sums. */
okng_status okng_subspace_sum_pictures(okng_subspace_fitting *fitting, okng_error *error);
/* fit.c: what was learnt becomes a model, which bank->config lists. */
okng_status okng_subspace_hand_over(okng_subspace_fitting *fitting, okng_subspace **out, okng_bank_file *bank,
                                    const okng_weights *weights, okng_error *error);
void okng_subspace_fitting_close(okng_subspace_fitting *fitting);

/* fit.c: all of it; see okng_method. */
okng_status okng_subspace_fit(okng_subspace **out, okng_bank_file *bank, const okng_weights *weights,
                              const okng_pictures *pictures, okng_ticker *ticker, okng_build_report *report,
                              okng_error *error);

/* calibration.c: thresholds from the good pictures, each scored by the subspace of the others: its sums, with those of
 * its turned copies, are taken out of all sums again, which is exact, and the directions are found anew. The pictures
 * of the parts are not there: of each the patches that the ledger keeps score what the new subspace leaves of
 * them, and more by what their picture's absence added before, less as there are more pictures. Fills in
 * fitting->ledger, which is there. */
okng_status okng_subspace_calibrate(okng_subspace_fitting *fitting, okng_tau *tau, okng_error *error);
/* Bytes that one thread takes for that. */
uint64_t okng_subspace_calibration_bytes(const okng_subspace_fitting *fitting);

#endif
