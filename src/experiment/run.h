/* An experiment from its configuration to its report: <output_root>/<dataset>/<method>/<name>/. */
#ifndef OKNG_EXPERIMENT_RUN_H
#define OKNG_EXPERIMENT_RUN_H

#include "base/progress.h"
#include "experiment/category.h"

typedef struct okng_run_category {
    okng_category_state state;
    okng_category_figures result; /* where it is finished */
    okng_metrics metrics, crop;   /* the same for listeners */
} okng_run_category;

typedef struct okng_run {
    const okng_experiment_config *config; /* complete: with a network chosen */
    const char *versions;                 /* JSON: what the library is made of */
    unsigned flags;                       /* OKNG_EXPERIMENT_... */
    okng_ticker *ticker;
    okng_experiment_fn listener; /* may be NULL */
    void *user;

    /* made by okng_run_open */
    char *folder;
    char hash[65];
    okng_dataset *dataset;
    size_t count;
    okng_run_category *categories; /* [count], in the order of the data set */
} okng_run;

/* Finds the data and the folder; writes nothing. */
okng_status okng_run_open(okng_run *run, okng_error *error);
/* See okng_experiment_run. */
okng_status okng_run_all(okng_run *run, okng_error *error);
void okng_run_close(okng_run *run); /* zeroed is fine */

/* apart.c: ARGUMENT where the run's folder lies in one of the folders that the data set's pictures and masks are looked
 * for in, as "test" of a category. Links are followed. Errors: ARGUMENT, MEMORY, IO. */
okng_status okng_run_need_apart(const okng_run *run, okng_error *error);
/* run_folder.c: the folder made ready under its lock: it is new, or holds the same configuration, or is cleared of what
 * another one left. Leaves config.yaml and versions.json. */
okng_status okng_run_prepare(const okng_run *run, okng_error *error);
/* For listeners: the public view of a result. */
okng_category_info okng_run_info(const okng_run *run, size_t category);

#endif
