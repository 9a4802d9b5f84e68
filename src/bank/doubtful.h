/* The good pictures by how odd they are: where to look for a bad part among them. */
#ifndef OKNG_BANK_DOUBTFUL_H
#define OKNG_BANK_DOUBTFUL_H

#include "bank/bank_file.h"

/* Borrows the thresholds that it is of. */
typedef struct okng_doubts {
    const okng_tau *tau;
    size_t count;   /* 0 where the thresholds have no names */
    size_t *order;  /* [count] places in tau->image_names, the oddest first, malloc'd */
    double middle;  /* median of how odd all are */
    double spread;  /* 1.4826 x median distance from that: the deviation of what is spread normally; may be 0 */
    char basis[16]; /* what says how odd: "doubt", "score" */
} okng_doubts;
/* Errors: MEMORY. */
okng_status okng_doubts_of(okng_doubts *doubts, const okng_tau *tau, okng_error *error);
void okng_doubts_free(okng_doubts *doubts); /* zeroed is fine */

/* The picture that is the i-th oddest, i < count; its name lives as long as the thresholds. */
okng_doubtful okng_doubts_get(const okng_doubts *doubts, size_t i);

#endif
