/* What a row of the table runs (okng_program_row.run): one operator with its operands in memory, all of known extents.
 * The result is filled whole, and does not depend on the number of threads. */
#ifndef OKNG_PROGRAM_JOB_H
#define OKNG_PROGRAM_JOB_H

#include "program/node.h"

typedef struct okng_program_job {
    const okng_program_node *node;
    const okng_program_type *types; /* of the operands */
    const void *const *inputs;      /* their elements, row-major, aligned to their size */
    const okng_program_type *type;  /* of the result */
    void *result;
    int64_t *places; /* TOP_K: its second result */
    int threads;
} okng_program_job;

/* ---- run_elements.c ---- */
okng_status okng_program_run_unary(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_binary(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_cast(const okng_program_job *job, okng_error *error);
/* ---- run_products.c ---- */
okng_status okng_program_run_conv(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_matmul(const okng_program_job *job, okng_error *error);
/* ---- run_maps.c ---- */
okng_status okng_program_run_pool(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_resize(const okng_program_job *job, okng_error *error);
/* ---- run_rows.c ---- */
okng_status okng_program_run_softmax(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_layer_norm(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_reduce(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_top_k(const okng_program_job *job, okng_error *error);
/* ---- run_places.c ---- */
okng_status okng_program_run_select(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_gather(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_gather_elements(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_concat(const okng_program_job *job, okng_error *error);
/* SLICE, TRANSPOSE, EXPAND */
okng_status okng_program_run_view(const okng_program_job *job, okng_error *error);
okng_status okng_program_run_pad(const okng_program_job *job, okng_error *error);

#endif
