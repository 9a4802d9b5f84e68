/* One category of an experiment: learn, score, measure. run.c goes through the categories and writes what came. */
#ifndef OKNG_EXPERIMENT_CATEGORY_H
#define OKNG_EXPERIMENT_CATEGORY_H

#include "data/saturation.h"
#include "eval/category_figures.h"
#include "experiment/config.h"
#include "model/model.h"

enum { OKNG_CATEGORY_NAME_MAX = 224 }; /* what is added to it for files still is the name of one */

/* What came of one test picture. */
typedef struct okng_picture_result {
    const okng_sample *sample;
    float score;
    bool ng;
    double p_value, milliseconds;
    float map_low, map_high; /* over the pixels that were looked at */
    bool drawn;              /* is among the examples */
    okng_scored_window window;
} okng_picture_result;

/* A category on its way. Pictures are those of the samples, in their order. */
typedef struct okng_category_job {
    const okng_experiment_config *config;
    okng_ticker *ticker;
    int threads;
    const char *name;   /* of the category */
    const char *folder; /* of its results */
    char *bank;         /* folder/bank */
    okng_samples *samples;
    okng_saturations saturations; /* path NULL: the data set has none */
    const char **train;           /* [train_count] paths */
    const char **validation;      /* [validation_count] paths */
    const okng_sample **test;     /* [test_count] */
    size_t train_count, validation_count, test_count;
    okng_model *model;
    okng_model_info info;
    okng_picture_result *pictures; /* [test_count] */
    okng_category_figures *result;
    const okng_dataset *dataset;
    void (*warn)(void *user, const char *text); /* may be called from the thread of the run alone */
    void *warn_user;
} okng_category_job;

/* The steps, in order; each needs those before it. */
okng_status okng_category_open(okng_category_job *job, const okng_dataset *dataset, okng_error *error);
/* category_fit.c: the bank is there afterwards and opened: fitted, or imported where a pretrained model is named. */
okng_status okng_category_fit(okng_category_job *job, okng_error *error);
/* category_score.c: scores of all test pictures, and the metrics. */
okng_status okng_category_score(okng_category_job *job, okng_error *error);
/* category_latency.c: latency, stages, throughput. */
okng_status okng_category_latency(okng_category_job *job, okng_error *error);
/* category_examples.c: overlays and anomaly maps. */
okng_status okng_category_examples(okng_category_job *job, okng_error *error);
/* category_submit.c: maps of the pictures whose truth a server keeps, where the configuration asks for them. */
okng_status okng_category_submit(okng_category_job *job, okng_error *error);
/* category_files.c: LIMIT where what scores.json would hold is more than is read of one: asked before the work. */
okng_status okng_category_check_scores(const okng_category_job *job, okng_error *error);
/* category_files.c: scores.json, metrics.csv and, last, metrics.json: where that is, the category is finished. */
okng_status okng_category_write(const okng_category_job *job, okng_error *error);
void okng_category_close(okng_category_job *job); /* zeroed is fine */

#endif
