/* A short form of a vector: its coordinates along the principal directions and the length of what they leave. Two
 * vectors are never nearer to each other than their outlines are (but for `stretch` and `blur`, which tell how much),
 * for the map is a rotation followed by taking a length. Private to bank/. */
#ifndef OKNG_BANK_OUTLINE_H
#define OKNG_BANK_OUTLINE_H

#include "bank/principal.h"

enum { OKNG_OUTLINE_ROWS = 24 /* rows that are outlined together, at most */ };

typedef struct okng_outline {
    okng_principal principal;
    const float *mean; /* [dim], borrowed */
    float least;       /* a length of the rest below this counts as this: the smaller, the less it is certain */
    float most;        /* vectors farther from the mean than this have no outline */
    double stretch;    /* |outline(x) - outline(y)| <= stretch * |x - y| + blur(x) + blur(y) */
} okng_outline;

/* Takes over `principal`. rms: how far rows are from the mean. */
okng_outline okng_outline_of(okng_principal principal, const float *mean, double rms);
void okng_outline_free(okng_outline *outline); /* zeroed is fine */
static inline int64_t okng_outline_dim(const okng_outline *outline)
{
    return outline->principal.columns;
}

/* rows [count, dim], count <= OKNG_OUTLINE_ROWS, to out [count, outline dim]; blur [count]: how far from the exact
 * outline this one may be, infinite where the row has none. scratch: okng_outline_scratch floats. */
void okng_outline_rows(const okng_outline *outline, const float *rows, int64_t count, float *out, double *blur,
                       float *scratch);
size_t okng_outline_scratch(const okng_outline *outline);

#endif
