#include "experiment/category.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "model/methods.h"
#include "report/results.h"

/* A method that can do without pictures learns from none, unless some are asked for. */
static okng_status leave_out_train(okng_category_job *job, okng_error *error)
{
    const okng_method *method;
    OKNG_TRY(okng_method_find(&method, job->config->build.method, error));
    if (job->config->data.k_shot == 0 && !(method->needs & OKNG_NEEDS_PICTURES)) job->train_count = 0;
    return OKNG_OK;
}

static okng_status take_samples(okng_category_job *job, okng_error *error)
{
    size_t count = okng_samples_count(job->samples);
    job->train = calloc(count, sizeof *job->train);
    job->validation = calloc(count, sizeof *job->validation);
    job->test = calloc(count, sizeof *job->test);
    if (!job->train || !job->validation || !job->test) return okng_fail_memory(error, 3 * count * sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        const okng_sample *sample = okng_samples_get(job->samples, i);
        if (sample->split == OKNG_SPLIT_TRAIN)
            job->train[job->train_count++] = sample->path;
        else if (sample->split == OKNG_SPLIT_VALIDATION)
            job->validation[job->validation_count++] = sample->path;
        else
            job->test[job->test_count++] = sample;
    }
    if (job->test_count > OKNG_MAX_SCORES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu pictures to test with, expected at most %d", job->name,
                         job->test_count, OKNG_MAX_SCORES);
    job->pictures = calloc(job->test_count, sizeof *job->pictures);
    if (!job->pictures) return okng_fail_memory(error, job->test_count * sizeof *job->pictures);
    for (size_t i = 0; i < job->test_count; i++) job->pictures[i].sample = job->test[i];
    return OKNG_OK;
}

static void describe(const okng_category_job *job)
{
    const okng_experiment_config *config = job->config;
    okng_category_figures *result = job->result;
    double *values = result->values;
    okng_category_figures_init(result);
    (void)snprintf(result->dataset, sizeof result->dataset, "%s", config->dataset);
    (void)snprintf(result->name, sizeof result->name, "%s", job->name);
    (void)snprintf(result->method, sizeof result->method, "%s", config->build.method);
    (void)snprintf(result->experiment, sizeof result->experiment, "%s", config->name);
    result->seed = (int64_t)config->build.seed;
    values[OKNG_FIGURE_SEED] = (double)config->build.seed;
    values[OKNG_FIGURE_K_SHOT] = config->data.k_shot >= 0 ? config->data.k_shot : (double)job->train_count;
    values[OKNG_FIGURE_TRAIN_IMAGES] = (double)job->train_count;
    values[OKNG_FIGURE_VALIDATION_IMAGES] = (double)job->validation_count;
    values[OKNG_FIGURE_TEST_IMAGES] = (double)job->test_count;
    for (size_t i = 0; i < job->test_count; i++) values[OKNG_FIGURE_DEFECTS] += job->test[i]->label;
}

okng_status okng_category_open(okng_category_job *job, const okng_dataset *dataset, okng_error *error)
{
    job->threads = okng_thread_count(job->config->build.threads);
    job->dataset = dataset;
    job->bank = okng_path_join(job->folder, "bank");
    if (!job->bank) return okng_fail_memory(error, strlen(job->folder) + sizeof "/bank");
    OKNG_TRY(okng_samples_open(&job->samples, dataset, job->name, error));
    OKNG_TRY(okng_dataset_saturations(dataset, job->name, &job->saturations, error));
    OKNG_TRY(take_samples(job, error));
    OKNG_TRY(leave_out_train(job, error));
    describe(job);
    return okng_category_check_scores(job, error);
}

void okng_category_close(okng_category_job *job)
{
    okng_model_close(&job->model);
    okng_samples_free(&job->samples);
    okng_saturations_free(&job->saturations);
    free(job->train);
    free(job->validation);
    free(job->test);
    free(job->pictures);
    free(job->bank);
    *job = (okng_category_job){0};
}
