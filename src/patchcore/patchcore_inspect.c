#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/knn_index.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "features/anomaly_map.h"
#include "features/extractor.h"
#include "net/graph.h"
#include "patchcore/ensemble_model.h"
#include "patchcore/patchcore.h"
#include "patchcore/scoring.h"

/* A session waiting for its next picture. */
typedef struct idle_session {
    okng_extractor_session *session;
    struct idle_session *next;
} idle_session;

/* The network compiled for a number of threads, on first use. */
typedef struct compiled {
    int threads;
    okng_extractor *extractor;
    idle_session *idle;
    struct compiled *next;
} compiled;

struct okng_patchcore {
    okng_bank_file file;     /* of an ensemble: what it looks like as a whole, without rows */
    okng_ensemble *ensemble; /* NULL for a bank of its own; all below is unused otherwise */
    okng_weights *weights;
    pthread_mutex_t mutex; /* guards what follows */
    compiled *compiled;
    okng_knn_index *index; /* of the bank, on first use */
};

static okng_status open_weights(okng_patchcore *patchcore, const char *override, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    const char *path = override ? override : config->options.weights;
    okng_status status = okng_graph_weights(&patchcore->weights, config->options.backbone, path, error);
    if (status == OKNG_ERROR_NOT_FOUND && !override)
        return okng_error_context(error, status, "the bank's weight file is gone (give its new place as weights)");
    if (status != OKNG_OK) return status;
    size_t size;
    const void *bytes = okng_weights_bytes(patchcore->weights, &size);
    char actual[65];
    OKNG_TRY(okng_sha256(bytes, size, actual, error));
    if (strcmp(actual, config->weights_sha256) == 0) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_MISMATCH,
        "%s: is not the weight file that the bank was built with (SHA-256 %.12s..., expected %.12s...); give that one, "
        "or build the bank anew",
        path, actual, config->weights_sha256);
}

okng_status okng_patchcore_open(okng_patchcore **out, const char *bank_dir, const char *weights, okng_error *error)
{
    *out = NULL;
    okng_patchcore *patchcore = calloc(1, sizeof *patchcore);
    if (!patchcore) return okng_fail_memory(error, sizeof *patchcore);
    (void)pthread_mutex_init(&patchcore->mutex, NULL);
    okng_status status;
    if (okng_ensemble_is(bank_dir)) {
        status = okng_ensemble_open(&patchcore->ensemble, bank_dir, weights, &patchcore->file, error);
    } else {
        status = okng_bank_file_open(&patchcore->file, bank_dir, error);
        if (status == OKNG_OK) status = open_weights(patchcore, weights, error);
    }
    if (status != OKNG_OK) okng_patchcore_close(&patchcore);
    *out = patchcore;
    return status;
}

static void free_compiled(compiled *c)
{
    while (c->idle) {
        idle_session *idle = c->idle;
        c->idle = idle->next;
        okng_extractor_session_free(&idle->session);
        free(idle);
    }
    okng_extractor_free(&c->extractor);
    free(c);
}

void okng_patchcore_close(okng_patchcore **patchcore)
{
    if (!patchcore || !*patchcore) return;
    okng_patchcore *p = *patchcore;
    while (p->compiled) {
        compiled *c = p->compiled;
        p->compiled = c->next;
        free_compiled(c);
    }
    okng_knn_index_free(&p->index);
    okng_ensemble_close(&p->ensemble);
    okng_bank_file_close(&p->file);
    okng_weights_close(&p->weights);
    (void)pthread_mutex_destroy(&p->mutex);
    free(p);
    *patchcore = NULL;
}

const okng_bank_file *okng_patchcore_file(const okng_patchcore *patchcore)
{
    return &patchcore->file;
}

size_t okng_patchcore_member_count(const okng_patchcore *patchcore)
{
    return patchcore->ensemble ? okng_ensemble_describe(patchcore->ensemble)->count : 0;
}

bool okng_patchcore_ready(const okng_patchcore *patchcore)
{
    return !patchcore->ensemble || okng_ensemble_describe(patchcore->ensemble)->ranged;
}

const okng_ensemble_file *okng_patchcore_ensemble(const okng_patchcore *patchcore)
{
    return patchcore->ensemble ? okng_ensemble_describe(patchcore->ensemble) : NULL;
}

okng_status okng_patchcore_set_ranges_from(okng_patchcore *patchcore, const char *const *pictures, size_t count,
                                           int threads, okng_ticker *ticker, okng_error *error)
{
    if (!patchcore->ensemble) return OKNG_OK;
    return okng_ensemble_set_ranges_from(patchcore->ensemble, pictures, count, threads, ticker, error);
}

/* Under the mutex. */
static okng_status compile(okng_patchcore *patchcore, int threads, compiled **out, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    for (*out = patchcore->compiled; *out; *out = (*out)->next)
        if ((*out)->threads == threads) return OKNG_OK;
    compiled *c = calloc(1, sizeof *c);
    if (!c) return okng_fail_memory(error, sizeof *c);
    c->threads = threads;
    okng_status status = okng_extractor_new(&c->extractor, &config->options, patchcore->weights,
                                            (okng_ranges){config->ranges, config->range_count}, config->input_height,
                                            config->input_width, threads, error);
    if (status == OKNG_OK && okng_extractor_dim(c->extractor) != config->dim)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "the network gives patch vectors of %d dimensions, expected the bank's %lld",
                           okng_extractor_dim(c->extractor), (long long)config->dim);
    if (status != OKNG_OK) {
        free_compiled(c);
        return status;
    }
    c->next = patchcore->compiled;
    patchcore->compiled = *out = c;
    return OKNG_OK;
}

/* Under the mutex. */
static okng_status prepare_bank(okng_patchcore *patchcore, int threads, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    okng_rows bank = {.data = patchcore->file.rows, .count = config->rows, .dim = config->dim};
    return patchcore->index ? OKNG_OK : okng_knn_index_new(&patchcore->index, &bank, OKNG_KNN_MANY, threads, error);
}

static okng_status take_session(okng_patchcore *patchcore, int threads, compiled **from, idle_session **out,
                                okng_error *error)
{
    *out = NULL;
    (void)pthread_mutex_lock(&patchcore->mutex);
    okng_status status = compile(patchcore, threads, from, error);
    if (status == OKNG_OK) status = prepare_bank(patchcore, threads, error);
    if (status == OKNG_OK && (*from)->idle) {
        *out = (*from)->idle;
        (*from)->idle = (*out)->next;
    }
    (void)pthread_mutex_unlock(&patchcore->mutex);
    if (status != OKNG_OK || *out) return status;

    idle_session *fresh = calloc(1, sizeof *fresh);
    if (!fresh) return okng_fail_memory(error, sizeof *fresh);
    status = okng_extractor_session_new(&fresh->session, (*from)->extractor, error);
    if (status == OKNG_OK)
        *out = fresh;
    else
        free(fresh);
    return status;
}

static void give_session_back(okng_patchcore *patchcore, compiled *to, idle_session *session)
{
    (void)pthread_mutex_lock(&patchcore->mutex);
    session->next = to->idle;
    to->idle = session;
    (void)pthread_mutex_unlock(&patchcore->mutex);
}

/* Patch scores on the grid to the network's input size and the picture's own. */
static okng_status make_maps(const okng_bank_config *config, const float *scores, int32_t grid_height,
                             int32_t grid_width, okng_scored *scored, okng_error *error)
{
    const okng_placement *placement = &scored->placement;
    size_t seen = (size_t)placement->height * (size_t)placement->width;
    size_t whole = (size_t)placement->original_height * (size_t)placement->original_width;
    scored->input_map = okng_alloc(seen, sizeof(float));
    scored->map = okng_alloc(whole, sizeof(float));
    if (!scored->input_map || !scored->map) return okng_fail_memory(error, (seen + whole) * sizeof(float));
    okng_map_upsample(scores, grid_height, grid_width, scored->input_map, placement->height, placement->width);
    OKNG_TRY(okng_map_smooth(scored->input_map, placement->height, placement->width, config->options.smoothing, error));
    okng_map_place(scored->input_map, placement, scored->map);
    return OKNG_OK;
}

static okng_status score_with(const okng_patchcore *patchcore, const compiled *c, okng_extractor_session *session,
                              const okng_image *rgb, okng_scored *scored, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    int32_t grid_height, grid_width;
    okng_extractor_grid(c->extractor, &grid_height, &grid_width);
    size_t patches = (size_t)grid_height * (size_t)grid_width, dim = (size_t)config->dim;
    float *rows = okng_alloc(patches, dim * sizeof *rows), *scores = okng_alloc(patches, sizeof *scores);
    okng_status status = rows && scores
                             ? okng_extractor_run(session, rgb, &scored->placement, rows, &scored->stages, error)
                             : okng_fail_memory(error, patches * dim * sizeof *rows);
    double since = okng_clock();
    if (status == OKNG_OK)
        status = okng_score_patches(&config->options, patchcore->index, rows, (int64_t)patches, -1, c->threads, scores,
                                    &scored->score, error);
    okng_stages_add(&scored->stages, OKNG_STAGE_SEARCH, &since);
    if (status == OKNG_OK) status = make_maps(config, scores, grid_height, grid_width, scored, error);
    okng_stages_add(&scored->stages, OKNG_STAGE_POST, &since);
    free(rows);
    free(scores);
    return status;
}

okng_status okng_patchcore_score(okng_patchcore *patchcore, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error)
{
    if (patchcore->ensemble) return okng_ensemble_score(patchcore->ensemble, rgb, threads, scored, error);
    memset(scored, 0, sizeof *scored);
    compiled *c;
    idle_session *session;
    OKNG_TRY(take_session(patchcore, threads, &c, &session, error));
    okng_status status = score_with(patchcore, c, session->session, rgb, scored, error);
    give_session_back(patchcore, c, session);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}

static okng_status describe_bank(okng_patchcore *patchcore, okng_model_info *info, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    compiled *c;
    (void)pthread_mutex_lock(&patchcore->mutex);
    okng_status status = patchcore->compiled ? OKNG_OK : compile(patchcore, 1, &c, error);
    c = patchcore->compiled;
    (void)pthread_mutex_unlock(&patchcore->mutex);
    if (status != OKNG_OK) return status;
    *info = (okng_model_info){.input_height = config->input_height,
                              .input_width = config->input_width,
                              .rows = config->rows,
                              .dim = config->dim,
                              .bytes = (uint64_t)config->rows * (uint64_t)config->dim * sizeof(float),
                              .backbone = config->options.backbone,
                              .parameters = okng_extractor_parameters(c->extractor),
                              .flops = okng_extractor_flops(c->extractor),
                              .options = &config->options};
    return OKNG_OK;
}

okng_status okng_patchcore_set_tau(okng_patchcore *patchcore, const char *bank_dir, okng_tau *tau, okng_error *error)
{
    okng_tau_free(&patchcore->file.tau);
    patchcore->file.tau = *tau;
    *tau = (okng_tau){0};
    char *path = okng_path_join(bank_dir, OKNG_BANK_TAU_FILE);
    if (!path) return okng_fail_memory(error, strlen(bank_dir) + sizeof OKNG_BANK_TAU_FILE);
    okng_status status = okng_tau_write(&patchcore->file.tau, &patchcore->file.config.options, path, error);
    free(path);
    return status;
}

okng_status okng_patchcore_describe(okng_patchcore *patchcore, okng_model_info *info, okng_error *error)
{
    OKNG_TRY(patchcore->ensemble ? okng_ensemble_info(patchcore->ensemble, info, error)
                                 : describe_bank(patchcore, info, error));
    info->tau = &patchcore->file.tau;
    return OKNG_OK;
}
