/* A bank and pictures to inspect with it: the user's, or made ones. */
#ifndef OKNG_BENCH_GIVEN_BANK_H
#define OKNG_BENCH_GIVEN_BANK_H

#include "bench/bench.h"
#include "bench/made.h"

typedef struct okng_given_bank {
    const char *bank_dir;
    const char **pictures; /* [count], at least one */
    size_t count;
    okng_scratch scratch; /* for what the measurement writes */

    okng_picture_list *list;
    char *made_bank, *made_pictures;
} okng_given_bank;

/* Where the inputs name no bank, builds one of the demo's pictures with the run's options. Pictures come from the
 * inputs' file or folder, else they are the demo's. */
okng_status okng_given_bank_open(okng_given_bank *given, const okng_bench_run *run, okng_error *error);
void okng_given_bank_close(okng_given_bank *given);

/* build.c: a bank of the pictures of a list, with the run's options. */
okng_status okng_bench_build_bank(const okng_bench_run *run, const okng_picture_list *list, const char *bank,
                                  okng_build_report *report, okng_error *error);

#endif
