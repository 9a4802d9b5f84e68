/* What the steps of fitting a memory bank share; the steps themselves, in order. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_FITTING_H
#define OKNG_PATCHCORE_FITTING_H

#include "bank/knn.h"
#include "bank/projection.h"
#include "bank/store.h"
#include "base/each.h"
#include "features/augment.h"
#include "features/extractor.h"
#include "method/groups.h"
#include "method/method.h"
#include "patchcore/model.h"

/* What a bank grows from: rows that were learnt before. */
typedef struct okng_fitting_base {
    const float *rows; /* [count, dim] */
    int64_t count;
    int64_t seen;                /* rows that those were chosen from, at least `count` */
    const okng_sources *sources; /* of the rows; NULL where that is not known */
    int64_t pictures;            /* that the ledger begins with, and that are scored by it */
} okng_fitting_base;

typedef struct okng_fitting {
    const okng_bank_config *config;
    const okng_build_options *options; /* config's */
    const okng_pictures *good;         /* what is learnt from */
    okng_turned_pictures turned;       /* `turns` copies of each, one behind the other */
    const okng_pictures *pictures;     /* those */
    int64_t picture_count;             /* of those; all picture numbers below are theirs */
    int64_t turns;
    okng_groups groups;            /* of the good pictures; of a bank that grows of all pictures of the ledger */
    const okng_fitting_base *base; /* NULL: a build */
    int64_t first_number;          /* of the good pictures in the ledger and the sources: behind those of the base */
    okng_ticker *ticker;
    int threads;
    int32_t at_once; /* pictures that each takes through the network together */

    okng_extractor *extractor;
    okng_extractor *chooser; /* in fp32, for the projections where the bank is of less; NULL where it is not */
    int32_t grid_height, grid_width;
    int64_t patches;                 /* of one picture, that are looked at */
    const okng_looked_at *looked_at; /* which of the grid; NULL = all */
    okng_looked_at *own_looked_at;   /* the same, where there is no extractor whose it is */
    int64_t dim;

    int64_t *kept; /* [kept_count] patch numbers (picture * patches + patch) that the reservoir keeps; NULL = all */
    int64_t kept_count; /* rows of all ranks' stores; their numbers are those of one store of all */
    okng_store *store;  /* [own rows, dim], see okng_fitting_own_rows */
    int64_t *live;      /* [live_count] own rows that the bank is chosen from, rising; NULL = all */
    int64_t live_count; /* here; of all ranks together live_total */
    int64_t live_total;
    okng_projector *projector;
    float *projected; /* [own rows, options->projection] or NULL */

    int32_t tile_places; /* that have rows of their own; 0 = none has */
    int64_t
        *tile_first; /* [tile_places + 1]: the rows of the bank of place p are tile_first[p] .. tile_first[p + 1] - 1 */

    int64_t bank_count;
    float *bank;     /* [bank_count, dim] */
    int32_t *places; /* [bank_count, 3]: picture, row and column of the grid that a row came from; NULL = of several */
    int32_t *sizes;  /* [good->count, 2]: width and height of the good pictures */
    int32_t *origin; /* [bank_count] okng_fitting_origin that a row came from; -1 = of several (k-means) */
    okng_ledger *ledger; /* what calibration finds: those of the base, then the good pictures */
    uint8_t *foreground; /* [good->count, patches] of each good picture as it is; NULL = all is, or it is found anew */
} okng_fitting;

/* fit.c: all of it; see okng_method. *out has rows of its own. */
okng_status okng_patchcore_fit(okng_patchcore **out, okng_bank_file *bank, const okng_weights *weights,
                               const okng_pictures *pictures, okng_ticker *ticker, okng_build_report *report,
                               okng_error *error);

/* fitting.c: the extractors. Fills in of `config` what okng_learning_open does. */
okng_status okng_fitting_open(okng_fitting *fitting, okng_bank_config *config, const okng_weights *weights,
                              okng_error *error);
/* The same for a bank that is there already: as fitting->config says, which stays as it is. */
okng_status okng_fitting_open_as(okng_fitting *fitting, const okng_weights *weights, okng_error *error);
void okng_fitting_close(okng_fitting *fitting);
/* What is left out together with `picture` in calibration: the group of the good picture that it is or is a turned copy
 * of. They are numbered 0..okng_fitting_origins - 1. */
int32_t okng_fitting_origin(const okng_fitting *fitting, int64_t picture);
int32_t okng_fitting_origins(const okng_fitting *fitting);
/* The number of a good picture among all of the ledger, and of what each row of the base came from: -1 = of several. */
int64_t okng_fitting_number(const okng_fitting *fitting, int64_t good);
int32_t okng_fitting_base_origin(const okng_fitting *fitting, int64_t row);
/* Rows that the bank is chosen from, in all; those of the base. */
int64_t okng_fitting_seen(const okng_fitting *fitting);
int64_t okng_fitting_base_count(const okng_fitting *fitting);
/* The place of a picture (turned or not); 0 where places have no rows of their own. */
int32_t okng_fitting_place(const okng_fitting *fitting, int64_t picture);
/* The rows of the bank that a picture of this place is held against. */
okng_rows okng_fitting_bank_of(const okng_fitting *fitting, int32_t place);
/* Kept rows of picture i: store rows first..first+count-1. */
void okng_fitting_rows_of(const okng_fitting *fitting, int64_t picture, int64_t *first, int64_t *count);

/* fitting_shared.c: where several processes fit one bank together (okng_ranks_together), each has some of the pictures,
 * neighbours, and the rows of those; who fits alone has all. What can fail is called by all of them at once. */
/* This rank's part of `pictures`, each with its turned copies: first..end-1. */
void okng_fitting_own_pictures(int64_t pictures, int64_t *first, int64_t *end);
/* The rows of the store that are here: those of its part of all pictures. */
void okng_fitting_own_rows(const okng_fitting *fitting, int64_t *first, int64_t *end);
/* What happened here becomes what happened: see okng_ranks_agree. */
okng_status okng_fitting_agree(okng_status status, okng_error *error);
/* MISMATCH, naming the rank, where the first picture comes to other rows there than on rank 0. */
okng_status okng_fitting_compare(const okng_fitting *fitting, okng_error *error);
/* okng_each over this rank's part of `pictures`, of which every one is `each` things, and agreeing: i counts the things
 * of all ranks, and so does the ticker. */
okng_status okng_fitting_each(const okng_fitting *fitting, int64_t pictures, int64_t each, okng_each_fn fn,
                              void *context, okng_error *error);
/* Steps of the ticker for things of other ranks, so that it comes to all: after the k-th of `own` things, k from 0. */
void okng_fitting_tell_others(const okng_fitting *fitting, int64_t k, int64_t own, int64_t all);
/* Things of `unit` bytes, one for each of `pictures`: each rank has its part, then all have all. */
okng_status okng_fitting_gather(void *things, size_t unit, int64_t pictures, okng_error *error);
/* rows[i] = row index[i] of whichever rank has it. `index` is the same everywhere. */
okng_status okng_fitting_gather_rows(const okng_fitting *fitting, const int64_t *index, int64_t count, float *rows,
                                     okng_error *error);

/* On rank 0 *all becomes a store of the rows of all ranks; elsewhere NULL. Errors: as okng_store_new. */
okng_status okng_fitting_bring_together(const okng_fitting *fitting, okng_store **all, okng_error *error);

/* fitting_select.c: the options of choosing the rows of one place: of a fixed size, the same share for each. */
okng_build_options okng_fitting_place_options(const okng_fitting *fitting);
/* fitting_memory.c: what must fit in the option max-memory; makes the store and the room for projections. */
okng_status okng_fitting_reserve(okng_fitting *fitting, okng_error *error);
/* For a greedy sampler that has something to choose: what brings rows to the space that it works in, and room for them.
 */
okng_status okng_fitting_open_projector(okng_fitting *fitting, okng_error *error);
/* The size of the ledger beside a bank of `rows` rows. */
okng_ledger_size okng_fitting_ledger_size(const okng_fitting *fitting, int64_t rows);
/* fitting_features.c: every picture through the network; kept rows to the store and the projections. */
okng_status okng_fitting_features(okng_fitting *fitting, okng_error *error);
/* fitting_robust.c: for the option noise-robust finds `live`, and brings the projections of those rows to the front. */
okng_status okng_fitting_leave_out_noise(okng_fitting *fitting, okng_error *error);
/* fitting_select.c: the coreset, gathered: of a bank that grows behind the rows of its base. */
okng_status okng_fitting_select(okng_fitting *fitting, okng_error *error);
/* fitting_grown.c: picks [bank_count] of the rows that a greedy sampler takes next, those of the base being there. */
okng_status okng_fitting_pick_next(okng_fitting *fitting, const float *rows, int64_t count, int64_t dim, int64_t *picks,
                                   okng_error *error);
/* fitting_grown.c: puts the rows of the base in front of those that were selected. */
okng_status okng_fitting_join_base(okng_fitting *fitting, okng_error *error);
/* calibration.c: thresholds from the OK pictures, those of the base by the ledger. `rises`: rows were taken out of the
 * bank, so that scores of the ledger can only rise; else they can only fall. */
okng_status okng_fitting_calibrate(const okng_fitting *fitting, bool rises, okng_tau *tau, okng_error *error);
/* fit.c: where rows came from, and the ledger, become the model's too. */
okng_status okng_fitting_hand_over(okng_fitting *fitting, okng_patchcore **out, okng_bank_file *bank,
                                   const okng_weights *weights, okng_error *error);

#endif
