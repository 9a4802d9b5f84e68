#include "features/extractor_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "features/provenance.h"
#include "net/folded.h"

/* A session waiting for its next picture. */
typedef struct idle_session {
    okng_extractor_session *session;
    struct idle_session *next;
} idle_session;

/* The network compiled for a number of threads. */
typedef struct compiled {
    int threads;
    okng_extractor *extractor;
    idle_session *idle;
    struct compiled *next;
} compiled;

struct okng_extractor_pool {
    okng_extractor_recipe recipe;
    pthread_mutex_t mutex;  /* guards what follows, and recipe.weights */
    okng_weights *own;      /* recipe.weights, where they are the pool's; NULL once they were let go of */
    char *path;             /* of those; NULL again once the file was found to be another, or gone */
    okng_engine_kept *kept; /* what was kept of them on disk; NULL: nothing */
    compiled *compiled;
};

/* What was kept on disk, or the weights. */
static okng_status find_weights(okng_extractor_pool *pool, okng_error *error)
{
    okng_extractor_recipe *recipe = &pool->recipe;
    OKNG_TRY(okng_extractor_kept_open(&pool->kept, recipe->options, recipe->sha256, recipe->height, recipe->width,
                                      okng_thread_count(0), error));
    if (pool->kept) {
        pool->path = strdup(recipe->path);
        return pool->path ? OKNG_OK : okng_fail_memory(error, strlen(recipe->path) + 1);
    }
    OKNG_TRY(okng_recorded_weights_open(&pool->own, recipe->options->backbone, recipe->path, recipe->sha256, error));
    recipe->weights = pool->own;
    return OKNG_OK;
}

okng_status okng_extractor_pool_new(okng_extractor_pool **out, const okng_extractor_recipe *recipe, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->recipe = *recipe;
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    const okng_status status = recipe->weights ? OKNG_OK : find_weights(*out, error);
    if (status != OKNG_OK) okng_extractor_pool_free(out);
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

void okng_extractor_pool_free(okng_extractor_pool **pool)
{
    if (!pool || !*pool) return;
    while ((*pool)->compiled) {
        compiled *c = (*pool)->compiled;
        (*pool)->compiled = c->next;
        free_compiled(c);
    }
    (void)pthread_mutex_destroy(&(*pool)->mutex);
    okng_engine_kept_close(&(*pool)->kept);
    okng_weights_close(&(*pool)->own);
    free((*pool)->path);
    free(*pool);
    *pool = NULL;
}

void okng_extractor_pool_own(okng_extractor_pool *pool, okng_weights **weights)
{
    (void)pthread_mutex_lock(&pool->mutex);
    if (*weights) pool->own = *weights;
    (void)pthread_mutex_unlock(&pool->mutex);
    *weights = NULL;
}

/* Lets go of the weights' memory, which packed ones have taken the place of. Where there is no memory for their path,
 * they stay. The mutex is held. */
static void let_go(okng_extractor_pool *pool)
{
    if (!pool->own || !okng_weights_owned(pool->own)) return;
    pool->path = strdup(okng_weights_path(pool->own));
    if (!pool->path) return;
    okng_weights_close(&pool->own);
    pool->recipe.weights = NULL;
}

static okng_status fail_dim(int32_t found, int64_t expected, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "the network gives patch vectors of %d dimensions, expected the bank's %lld", found,
                     (long long)expected);
}

/* Of weights, or, where they are NULL, of what was kept. */
static okng_status make(const okng_extractor_recipe *recipe, const okng_weights *weights, const okng_engine_kept *kept,
                        int threads, compiled **out, okng_error *error)
{
    compiled *c = *out = calloc(1, sizeof *c);
    if (!c) return okng_fail_memory(error, sizeof *c);
    c->threads = threads;
    okng_status status = weights ? okng_extractor_new(&c->extractor, recipe->options, weights, recipe->ranges,
                                                      recipe->ignored, recipe->height, recipe->width, threads, error)
                                 : okng_extractor_restore(&c->extractor, recipe->options, kept, recipe->ignored,
                                                          recipe->height, recipe->width, threads, error);
    if (status == OKNG_OK && okng_extractor_dim(c->extractor) != recipe->dim)
        status = fail_dim(okng_extractor_dim(c->extractor), recipe->dim, error);
    if (status != OKNG_OK) free_compiled(c);
    return status;
}

/* Reads the weights that were let go of. A file that is another is not read for every picture. The mutex is held. */
static bool open_again(okng_extractor_pool *pool, okng_weights **weights)
{
    const okng_extractor_recipe *recipe = &pool->recipe;
    if (!pool->path) return false;
    okng_status status =
        okng_recorded_weights_open(weights, recipe->options->backbone, pool->path, recipe->sha256, NULL);
    if (status == OKNG_OK) return true;
    if (status != OKNG_ERROR_MEMORY) {
        free(pool->path);
        pool->path = NULL;
    }
    return false;
}

/* Whether they are those whose SHA-256 the bank records, as they are in a file: those of a recipe may be rounded. */
static bool is_of_file(const okng_extractor_recipe *recipe, const okng_weights *weights)
{
    return recipe->path && *recipe->path && !okng_weights_metadata(weights, OKNG_FOLDED_NOTE);
}

/* The mutex is held. */
static okng_status compile(okng_extractor_pool *pool, int threads, compiled **out, okng_error *error)
{
    const okng_extractor_recipe *recipe = &pool->recipe;
    for (*out = pool->compiled; *out; *out = (*out)->next)
        if ((*out)->threads == threads) return OKNG_OK;
    okng_weights *again = NULL;
    okng_error why = {0};
    const bool kept = pool->kept && make(recipe, NULL, pool->kept, threads, out, &why) == OKNG_OK;
    if (!kept && !recipe->weights && !open_again(pool, &again)) {
        *out = pool->compiled;
        if (!pool->compiled && error) *error = why;
        return pool->compiled ? OKNG_OK : why.status;
    }
    const okng_weights *weights = again ? again : recipe->weights;
    okng_status status = kept ? OKNG_OK : make(recipe, weights, NULL, threads, out, error);
    if (!kept && status == OKNG_OK && is_of_file(recipe, weights))
        okng_extractor_keep((*out)->extractor, recipe->sha256);
    okng_weights_close(&again);
    if (status != OKNG_OK) return status;
    (*out)->next = pool->compiled;
    pool->compiled = *out;
    let_go(pool);
    return OKNG_OK;
}

/* One of those that wait, for as many pictures where there is such a one; NULL where none waits. The mutex is held. */
static okng_extractor_session *take_idle(compiled *from, int32_t pictures)
{
    idle_session **at = &from->idle;
    while (*at && okng_extractor_session_pictures((*at)->session) < pictures) at = &(*at)->next;
    if (!*at) at = &from->idle;
    idle_session *idle = *at;
    if (!idle) return NULL;
    okng_extractor_session *session = idle->session;
    *at = idle->next;
    free(idle);
    return session;
}

okng_status okng_extractor_pool_take(okng_extractor_pool *pool, int threads, int32_t pictures, okng_loan *loan,
                                     okng_error *error)
{
    compiled *from;
    *loan = (okng_loan){0};
    (void)pthread_mutex_lock(&pool->mutex);
    okng_status status = compile(pool, threads, &from, error);
    if (status == OKNG_OK) loan->session = take_idle(from, pictures);
    (void)pthread_mutex_unlock(&pool->mutex);
    if (status != OKNG_OK) return status;
    loan->extractor = from->extractor;
    if (loan->session && okng_extractor_session_pictures(loan->session) >= pictures) return OKNG_OK;
    okng_extractor_session_free(&loan->session); /* one that is too small makes room for a larger one */
    return okng_extractor_session_new(&loan->session, from->extractor, pictures, error);
}

void okng_extractor_pool_give(okng_extractor_pool *pool, okng_loan *loan)
{
    idle_session *idle = malloc(sizeof *idle);
    (void)pthread_mutex_lock(&pool->mutex);
    compiled *to = pool->compiled;
    while (to->extractor != loan->extractor) to = to->next;
    if (idle) {
        *idle = (idle_session){loan->session, to->idle};
        to->idle = idle;
        loan->session = NULL;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    okng_extractor_session_free(&loan->session); /* where there was no room to remember it */
    *loan = (okng_loan){0};
}

okng_status okng_extractor_pool_any(okng_extractor_pool *pool, const okng_extractor **out, okng_error *error)
{
    (void)pthread_mutex_lock(&pool->mutex);
    compiled *c = pool->compiled;
    okng_status status = c ? OKNG_OK : compile(pool, 1, &c, error);
    if (status == OKNG_OK) *out = c->extractor;
    (void)pthread_mutex_unlock(&pool->mutex);
    return status;
}

static okng_status express(const okng_extractor_recipe *recipe, const okng_weights *weights, okng_program *p,
                           okng_program_value picture, okng_express_patches *patches, okng_error *error)
{
    OKNG_TRY(okng_extractor_express(recipe->options, weights, recipe->ignored, recipe->height, recipe->width, p,
                                    picture, patches, error));
    return patches->dim == recipe->dim ? OKNG_OK : fail_dim((int32_t)patches->dim, recipe->dim, error);
}

okng_status okng_extractor_pool_express(okng_extractor_pool *pool, okng_program *p, okng_program_value picture,
                                        okng_express_patches *patches, okng_error *error)
{
    const okng_extractor_recipe *recipe = &pool->recipe;
    okng_weights *again = NULL;
    okng_status status = OKNG_OK;
    (void)pthread_mutex_lock(&pool->mutex);
    if (!recipe->weights)
        status = pool->path
                     ? okng_recorded_weights_open(&again, recipe->options->backbone, pool->path, recipe->sha256, error)
                     : okng_fail(error, OKNG_ERROR_NOT_FOUND,
                                 "the file of the network's weights is gone, or another than it was; put it "
                                 "back and open the bank again");
    if (status == OKNG_OK) status = express(recipe, again ? again : recipe->weights, p, picture, patches, error);
    okng_weights_close(&again);
    (void)pthread_mutex_unlock(&pool->mutex);
    return status;
}
