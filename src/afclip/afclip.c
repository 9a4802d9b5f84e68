/* The rows of afclip and miniclip in the table of methods. */
#include "afclip/afclip.h"

#include <stdlib.h>
#include <string.h>

#include "afclip/afclip_file.h"
#include "afclip/checkpoint.h"
#include "afclip/fit.h"
#include "base/file.h"
#include "base/parallel.h"

/* The sides of the squares that they look at: 37 patches of ViT-L's 14 pixels, and 32 of 16. */
enum { AFCLIP_SIDE = 518, MINICLIP_SIDE = 512 };

static okng_status fit(void **model, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                       int32_t side, okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_afclip *afclip;
    okng_status status = okng_afclip_fit(&afclip, bank, weights, lesson, side, ticker, report, error);
    *model = afclip;
    return status;
}

static okng_status fit_afclip(void **model, okng_bank_file *bank, const okng_weights *weights,
                              const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                              okng_error *error)
{
    return fit(model, bank, weights, lesson, AFCLIP_SIDE, ticker, report, error);
}

static okng_status fit_miniclip(void **model, okng_bank_file *bank, const okng_weights *weights,
                                const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                                okng_error *error)
{
    return fit(model, bank, weights, lesson, MINICLIP_SIDE, ticker, report, error);
}

static okng_status save(const void *model, const okng_bank_file *bank, const char *folder, okng_error *error)
{
    const char *name = bank->config.data[0].file;
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder) + strlen(name));
    okng_status status = okng_afclip_file_write(path, okng_afclip_planned(model), okng_afclip_learnt_of(model),
                                                okng_afclip_prototypes(model), okng_afclip_remembers(model), error);
    free(path);
    return status;
}

static okng_status make(okng_afclip **out, const okng_bank_file *bank, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = &bank->config;
    okng_afclip_learnt learnt;
    okng_clip_shape shape;
    *out = NULL;
    if (config->data_count != 1)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%d data files, expected the one that %s writes, %s",
                         (int)config->data_count, config->options.method, OKNG_AFCLIP_FILE);
    OKNG_TRY(okng_clip_shape_of(config->options.backbone, &shape, error));
    OKNG_TRY(okng_afclip_learnt_read(&learnt, bank->data[0], error));
    okng_status status =
        okng_afclip_learnt_check(&learnt, okng_weights_path(bank->data[0]), config->options.backbone, &shape, error);
    if (status != OKNG_OK) {
        okng_afclip_learnt_free(&learnt);
        return status;
    }
    return okng_afclip_new(out, config, weights, &learnt, error);
}

/* How many rows of each stream a bank remembers. */
static okng_status rows_of(const okng_bank_config *config, const okng_afclip_plan *plan, int64_t *rows,
                           okng_error *error)
{
    const okng_bank_data *data = &config->data[0];
    const bool pictures = config->pictures > 0; /* shapes alone may agree with both */
    *rows = pictures ? data->rows / OKNG_AFCLIP_STREAMS : 0;
    if (!pictures && data->rows == OKNG_AFCLIP_STATES && data->dim == plan->embedding) return OKNG_OK;
    if (pictures && *rows > 0 && data->rows % OKNG_AFCLIP_STREAMS == 0 && (uint64_t)*rows <= config->patches &&
        data->dim == plan->width)
        return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_FORMAT,
        "%s: %lld rows of %lld numbers, expected 2 of %lld, or of good pictures in 12 streams up to %llu of %lld",
        data->file, (long long)data->rows, (long long)data->dim, (long long)plan->embedding,
        (unsigned long long)config->patches, (long long)plan->width);
}

static okng_status read_bank(okng_afclip *afclip, const okng_bank_file *bank, okng_error *error)
{
    const okng_afclip_plan *plan = okng_afclip_planned(afclip);
    const okng_bank_config *config = &bank->config;
    okng_afclip_memory memory;
    int64_t rows;
    OKNG_TRY(rows_of(config, plan, &rows, error));
    OKNG_TRY(okng_afclip_file_read(bank->data[0], plan, (int64_t)config->pictures, rows, okng_afclip_prototypes(afclip),
                                   &memory, error));
    return okng_afclip_remember(afclip, &memory, okng_thread_count(config->options.threads), error);
}

static okng_status open_model(void **model, const okng_bank_file *bank, okng_weights **weights, okng_error *error)
{
    okng_afclip *afclip;
    *model = NULL;
    OKNG_TRY(make(&afclip, bank, *weights, error));
    okng_status status = read_bank(afclip, bank, error);
    if (status == OKNG_OK) {
        okng_afclip_take_prototypes(afclip);
        okng_afclip_own_weights(afclip, weights);
    } else {
        okng_afclip_close(&afclip);
    }
    *model = afclip;
    return status;
}

static void close_model(void **model)
{
    okng_afclip *afclip = *model;
    okng_afclip_close(&afclip);
    *model = NULL;
}

static okng_status inspect(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    return okng_afclip_inspect(model, rgb, threads, scored, error);
}

static okng_status describe(void *model, okng_network_cost *cost, okng_error *error)
{
    return okng_afclip_describe(model, cost, error);
}

static okng_status express(void *model, okng_program *program, okng_program_value picture, okng_program_value *score,
                           okng_program_value *map, okng_error *error)
{
    return okng_afclip_express(model, program, picture, score, map, error);
}

static const char *const data_files[] = {OKNG_AFCLIP_FILE, NULL};
static const char *const options[] = {
    "checkpoint",   "taps",       "alpha",           "vocabulary",  "temperature",     "sampler",   "coreset",
    "coreset-size", "projection", "projection-kind", "start",       "starting-points", "smoothing", "pixel-pct",
    "image-rule",   "image-pct",  "group",           "calibration", "max-memory",      NULL,
};

#define ROW(text, words, fits)                                                                                   \
    {                                                                                                            \
        .name = text, .summary = words, .data_files = data_files, .options = options, .fit = fits, .save = save, \
        .open = open_model, .close = close_model, .inspect = inspect, .describe = describe, .express = express,  \
        .whole_weights = true                                                                                    \
    }

const okng_method okng_method_afclip = ROW(
    "afclip",
    "a prompt and an adapter that were learnt on other products tell by CLIP what is bad of any; no good picture is "
    "needed",
    fit_afclip);
const okng_method okng_method_miniclip =
    ROW("miniclip", "afclip on a light CLIP, for lines that cannot afford the large one", fit_miniclip);
