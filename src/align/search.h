/* Private to align/: the two kinds of search, and what they share. */
#ifndef OKNG_ALIGN_SEARCH_H
#define OKNG_ALIGN_SEARCH_H

#include "align/find.h"

enum { OKNG_CANDIDATES = 16 };

/* A place at some level: in upright.c x and y are those of its upper left corner, in turned.c of its centre. */
typedef struct okng_candidate {
    double score;
    okng_pose pose;
} okng_candidate;
/* The best first. */
typedef struct okng_candidates {
    size_t count;
    okng_candidate items[OKNG_CANDIDATES];
} okng_candidates;

/* Keeps the best. One within `apart` pixels of another that is kept is the same, and the better of the two stays. */
void okng_candidates_add(okng_candidates *best, const okng_candidate *one, double apart);

/* How many of `count` are followed to a level where looking at one takes `pixels` pixels a few times: all where that is
 * little, else fewer, as many as it is worth. */
size_t okng_candidates_followed(size_t count, double pixels);

/* How many poses are tried at a level. */
typedef double (*okng_poses_fn)(const okng_template *part, int32_t level, const okng_search *search);
/* The finest level at which a whole search takes at most `work` products, or the coarsest at which the template still
 * tells places apart. `poses` NULL: one. */
int32_t okng_search_level(const okng_template *part, const okng_pyramid *picture, double work, okng_poses_fn poses,
                          const okng_search *search);

/* upright.c: by whole pixels, exact. turned.c: by sampling. Errors: MEMORY. */
okng_status okng_find_upright(const okng_template *part, const okng_pyramid *picture, int threads, okng_match *out,
                              okng_error *error);
okng_status okng_find_turned(const okng_template *part, const okng_pyramid *picture, const okng_search *search,
                             int threads, okng_match *out, okng_error *error);

/* Where the top of a parabola through three values at -1, 0, 1 lies, -0.5..0.5; 0 where the middle is no top. */
double okng_parabola_top(double before, double middle, double after);

#endif
