/* A loop over things (pictures) that are handled in several threads and can fail one by one. */
#ifndef OKNG_BASE_EACH_H
#define OKNG_BASE_EACH_H

#include "base/progress.h"

/* Handles thing i. `thread` is as in okng_parallel_fn. */
typedef okng_status (*okng_each_fn)(void *context, int64_t i, int thread, okng_error *error);

/* Runs fn over 0..count-1 in `threads` threads, counting one step of `ticker` (may be NULL) for each. The first failing
 * thing decides the error, whatever the number of threads: those before it are still done, those behind it need not be.
 * CANCELLED, with `what` ("the evaluation") in its message, when the ticker's callback asked to stop. */
okng_status okng_each(int threads, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker, const char *what,
                      okng_error *error);
/* The same with `more` threads besides, which are started for it and do not compute themselves: they have others do it,
 * and wait. Their numbers are threads..threads+more-1. Those that the system does not give are missed. */
okng_status okng_each_with(int threads, int more, int64_t count, okng_each_fn fn, void *context, okng_ticker *ticker,
                           const char *what, okng_error *error);

/* Handles things first..first+count-1; of several that fail the first decides the error. */
typedef okng_status (*okng_each_few_fn)(void *context, int64_t first, int64_t count, int thread, okng_error *error);

/* The same, up to `at_once` neighbours at a time, which fn sees together. */
okng_status okng_each_few(int threads, int64_t count, int64_t at_once, okng_each_few_fn fn, void *context,
                          okng_ticker *ticker, const char *what, okng_error *error);
/* How many of `count` things each of `threads` threads takes at a time, at most `most`: so few that all have work. */
int64_t okng_each_at_once(int64_t count, int threads, int64_t most);

#endif
