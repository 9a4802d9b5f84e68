#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bank/knn_index.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "method/anomaly_map.h"
#include "method/extractor.h"
#include "method/patchcore.h"
#include "method/scoring.h"
#include "net/graph.h"

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
    okng_bank_file file;
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
        return okng_error_context(error, status, "the bank's weight file is gone (give its new place with --weights)");
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
    okng_status status = okng_bank_file_open(&patchcore->file, bank_dir, error);
    if (status == OKNG_OK) status = open_weights(patchcore, weights, error);
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

/* Patch scores on the grid to the picture's own size. */
static okng_status make_map(const okng_bank_config *config, const okng_placement *placement, const float *scores,
                            int32_t grid_height, int32_t grid_width, float **map, okng_error *error)
{
    size_t seen = (size_t)placement->height * (size_t)placement->width;
    size_t whole = (size_t)placement->original_height * (size_t)placement->original_width;
    float *input = okng_alloc(seen, sizeof *input);
    *map = okng_alloc(whole, sizeof **map);
    okng_status status = input && *map ? OKNG_OK : okng_fail_memory(error, (seen + whole) * sizeof **map);
    if (status == OKNG_OK) {
        okng_map_upsample(scores, grid_height, grid_width, input, placement->height, placement->width);
        status = okng_map_smooth(input, placement->height, placement->width, config->options.smoothing, error);
    }
    if (status == OKNG_OK) okng_map_place(input, placement, *map);
    free(input);
    if (status != OKNG_OK) {
        free(*map);
        *map = NULL;
    }
    return status;
}

static okng_status score_with(const okng_patchcore *patchcore, const compiled *c, okng_extractor_session *session,
                              const okng_image *rgb, float *score, float **map, okng_error *error)
{
    const okng_bank_config *config = &patchcore->file.config;
    int32_t grid_height, grid_width;
    okng_extractor_grid(c->extractor, &grid_height, &grid_width);
    size_t patches = (size_t)grid_height * (size_t)grid_width, dim = (size_t)config->dim;
    float *rows = okng_alloc(patches, dim * sizeof *rows), *scores = okng_alloc(patches, sizeof *scores);
    okng_placement placement;
    okng_status status = rows && scores ? okng_extractor_run(session, rgb, &placement, rows, error)
                                        : okng_fail_memory(error, patches * dim * sizeof *rows);
    if (status == OKNG_OK)
        status = okng_score_patches(&config->options, patchcore->index, rows, (int64_t)patches, -1, c->threads, scores,
                                    score, error);
    if (status == OKNG_OK) status = make_map(config, &placement, scores, grid_height, grid_width, map, error);
    free(rows);
    free(scores);
    return status;
}

okng_status okng_patchcore_score(okng_patchcore *patchcore, const okng_image *rgb, int threads, float *score,
                                 float **map, okng_error *error)
{
    *map = NULL;
    compiled *c;
    idle_session *session;
    OKNG_TRY(take_session(patchcore, threads, &c, &session, error));
    okng_status status = score_with(patchcore, c, session->session, rgb, score, map, error);
    give_session_back(patchcore, c, session);
    return status;
}
