/* One category of an experiment: learn, score, measure. run.c goes through the categories and writes what came. */
#ifndef OKNG_EXPERIMENT_CATEGORY_H
#define OKNG_EXPERIMENT_CATEGORY_H

#include "eval/curve.h"
#include "experiment/config.h"
#include "method/method.h"

enum { OKNG_CATEGORY_NAME_MAX = 224 }; /* what is added to it for files still is the name of one */

/* What came of a category: everything that metrics.json holds. NaN: not measured, or without meaning. */
typedef struct okng_category_result {
    char dataset[OKNG_NAME_MAX], category[OKNG_CATEGORY_NAME_MAX], method[OKNG_NAME_MAX], experiment[OKNG_NAME_MAX];
    int64_t seed, k_shot, train_images, validation_images, test_images, defects;
    okng_metrics metrics; /* pixel figures at the pictures' own size */
    okng_metrics crop;    /* pixel figures at the network's input size */
    double image_tau, pixel_tau;
    int64_t found, false_alarms;
    double seconds_features, seconds_coreset, seconds_calibration, seconds_evaluate;
    double latency_p50, latency_p95, latency_p99, latency_mean; /* ms from file to map, one picture at a time */
    int64_t latency_warmup, latency_runs;
    double stages_ms[OKNG_STAGE_COUNT]; /* means of those runs */
    double throughput;                  /* pictures per second, up to 16 at a time */
    int64_t peak_bytes, bank_rows, bank_dim, bank_bytes;
    char backbone[OKNG_NAME_MAX];
    int64_t parameters;
    double flops;
    okng_curve image_roc, pixel_roc, pro; /* at the pictures' own size */
} okng_category_result;

/* What came of one test picture. */
typedef struct okng_picture_result {
    const okng_sample *sample;
    float score;
    bool ng;
    double p_value, milliseconds;
    float map_low, map_high; /* over the pixels that were looked at */
    bool drawn;              /* is among the examples */
} okng_picture_result;

/* A category on its way. Pictures are those of the samples, in their order. */
typedef struct okng_category_job {
    const okng_experiment_config *config;
    const okng_method *method;
    okng_ticker *ticker;
    int threads;
    const char *name;   /* of the category */
    const char *folder; /* of its results */
    char *bank;         /* folder/bank */
    okng_samples *samples;
    const char **train;       /* [train_count] paths */
    const char **validation;  /* [validation_count] paths */
    const okng_sample **test; /* [test_count] */
    size_t train_count, validation_count, test_count;
    void *model;
    okng_model_info info;
    okng_picture_result *pictures; /* [test_count] */
    okng_category_result *result;
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
/* category_files.c: scores.json, metrics.csv and, last, metrics.json: where that is, the category is finished. */
okng_status okng_category_write(const okng_category_job *job, okng_error *error);
void okng_category_close(okng_category_job *job); /* zeroed is fine */

/* result_file.c: metrics.json of an earlier run. Curves are not read. */
okng_status okng_category_result_read(okng_category_result *result, const char *path, okng_error *error);
okng_status okng_category_result_write(const okng_category_result *result, const char *folder, okng_error *error);
void okng_category_result_init(okng_category_result *result);

#endif
