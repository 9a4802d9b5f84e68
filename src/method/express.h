/* What methods write down alike of how patches are scored: the nearest of remembered rows, and the score of a picture
 * (program/program.h). Builders: a failure stays in the program. */
#ifndef OKNG_METHOD_EXPRESS_H
#define OKNG_METHOD_EXPRESS_H

#include "bank/knn.h"
#include "bank/references.h"
#include "program/program.h"

/* How large the values may become in which rows are searched, in bytes for one picture. */
typedef struct okng_nearest_limits {
    int64_t rows;     /* of a constant of rows */
    int64_t products; /* of a product of queries and rows */
    int64_t gathered; /* of candidates' rows */
    int64_t spare;    /* candidates beside the k that are asked for */
} okng_nearest_limits;
extern const okng_nearest_limits okng_nearest_defaults;

/* Rows as a program has them: chunks of constants, which share the memory of `rows`. */
typedef struct okng_memory okng_memory;

/* rows: outlive the program. `queries` of a picture and `k` are the most that will be asked for. NULL where the program
 * failed. */
okng_memory *okng_memory_new(okng_program *p, const okng_rows *rows, const okng_nearest_limits *limits);
void okng_memory_free(okng_memory **memory);

/* queries float32 [N, P, dim], finite. Squared distances [N, P, k] to the k nearest rows, nearest first. |a|^2 + |b|^2
 * - 2ab, which cancels where rows are near, chooses k and some more candidates of every chunk of rows; of those the
 * distances are computed from differences. So a row that is in the bank has distance 0. Float32 does not tell rows
 * apart that way whose distances differ by less than about 1/1000 of their length: where more of them than candidates
 * are that near, one is found that may be that much farther than the nearest. More rows than there are fail the
 * program. */
okng_program_value okng_nearest_express(const okng_memory *memory, okng_program_value queries, int64_t k);
/* One query a picture, [N, dim], and the rows themselves: *vectors [N, k, dim]. Gives squared distances [N, k]. */
okng_program_value okng_nearest_rows_express(const okng_memory *memory, okng_program_value query, int64_t k,
                                             okng_program_value *vectors);

/* scores [N, P] to [N]: the mean of the highest part of them, as okng_image_score_top. */
okng_program_value okng_image_score_express(okng_program *p, okng_program_value scores, double part);

/* ---- express_references.c: of vectors of length 1 ---- */

/* rows float32 [N, count, dim] by their lengths. A row of no length (0), or that is not finite, becomes 0; *undefined,
 * bool [N] or OKNG_PROGRAM_NONE before the first, becomes true of its picture: of one of no length only where `none`.
 */
okng_program_value okng_directions_express(okng_program *p, okng_program_value rows, bool none,
                                           okng_program_value *undefined);
/* vectors [N, count, dim] of length 1 to [N, count]: as okng_references_distances of no group. rows: outlive the
 * program. */
okng_program_value okng_references_express(okng_program *p, const okng_reference_rows *rows,
                                           okng_program_value vectors);

#endif
