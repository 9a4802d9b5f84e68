/* An index from the inside. Private to bank/. */
#ifndef OKNG_BANK_KNN_SCREENED_H
#define OKNG_BANK_KNN_SCREENED_H

#include <stdbool.h>

#include "bank/codes.h"
#include "bank/knn_index.h"
#include "bank/nearest.h"
#include "bank/outline.h"

/* Codes of all rows. */
typedef struct okng_code_table {
    okng_coding coding;
    uint8_t *codes;   /* whole vectors: [count, bytes]; outlines: panels */
    int32_t *offsets; /* [count, and some]: half the codes' norms */
    double error;     /* largest of a row, in steps */
    double norm;      /* largest of a row */
} okng_code_table;

struct okng_knn_index {
    okng_rows rows;
    float *mean;           /* [dim] */
    okng_code_table whole; /* codes == NULL: rows are searched plainly */
    okng_outline outline;
    float *outline_mean;   /* [outline dim] */
    okng_code_table brief; /* codes of the outlines; codes == NULL where outlines are of no use */
    double blur;           /* largest of the rows' outlines */
    bool borrowed;         /* what it points to is somebody else's, see knn_stored.h */
};

enum { OKNG_KNN_SLACK = 64 /* offsets that are read beyond the last row's */ };
/* Whether rows are many and long enough to be screened. */
bool okng_knn_index_pays(const okng_rows *rows);
enum { OKNG_KNN_MOST_COLUMNS = 192 /* numbers of an outline, a multiple of OKNG_KERNELS_LANES */ };

/* More neighbours, or more than one row in so many, are found as fast by measuring all. */
enum { OKNG_SCREENED_MOST_K = 1024, OKNG_SCREENED_MOST_PART = 64 };

/* For indexes with codes; k is at most OKNG_SCREENED_MOST_K. */
okng_status okng_knn_screened(const okng_knn_index *index, const okng_knn_request *request, okng_error *error);

#endif
