/* Which bank a picture is of: the nearest of the good pictures of all banks, by one vector of each. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bank/contents.h"
#include "base/each.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "features/extractor_pool.h"
#include "features/pictures.h"
#include "method/ledger.h"
#include "net/graph.h"
#include "okng/experimental.h"
#include "options/options.h"
#include "route/route_file.h"

/* The side that pictures come to: a product is told by its whole, and at 96 and 256 no better (docs/routing.md). */
enum { SIDE = 128 };
/* The least unit of distance, of a vector's length: good pictures that are all alike say nothing of the next one. */
static const double least_unit = 0.005;

/* A bank that pictures may be of. */
typedef struct entry {
    char *name;
    okng_route_vectors good;
    double unit; /* the typical distance of a good picture to its nearest */
} entry;

struct okng_router {
    okng_build_options options;
    okng_weights *weights;
    okng_extractor_pool *pool;
    int64_t dim;
    pthread_rwlock_t lock; /* guards what follows */
    entry *entries;        /* [count] sorted by name */
    size_t count;
};

/* ---- vectors ----------------------------------------------------------------------------------------------------- */

/* The mean of a picture's patch vectors, out [dim]. */
static okng_status embed(const okng_router *router, const okng_image *rgb, float *out, okng_error *error)
{
    okng_loan loan;
    okng_placement placement;
    OKNG_TRY(okng_extractor_pool_take(router->pool, 1, 1, &loan, error));
    const int64_t patches = okng_extractor_patches(loan.extractor), dim = router->dim;
    float *rows = okng_alloc((size_t)patches, (size_t)dim * sizeof *rows);
    okng_status status = rows ? okng_extractor_run(loan.session, rgb, &placement, rows, NULL, NULL, error)
                              : okng_fail_memory(error, (size_t)patches * (size_t)dim * sizeof *rows);
    okng_extractor_pool_give(router->pool, &loan);
    for (int64_t d = 0; d < dim && status == OKNG_OK; d++) {
        double sum = 0;
        for (int64_t p = 0; p < patches; p++) sum += (double)rows[p * dim + d];
        out[d] = (float)(sum / (double)patches);
        if (!isfinite(out[d])) status = okng_fail(error, OKNG_ERROR_MISMATCH, "the picture's vector is not finite");
    }
    free(rows);
    return status;
}

static double distance(const float *a, const float *b, int64_t dim)
{
    double sum = 0;
    for (int64_t d = 0; d < dim; d++) sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
    return sqrt(sum);
}

/* From a vector to the nearest of some, but for that of number `but` (-1: none). */
static double nearest(const okng_route_vectors *of, const float *vector, int64_t but)
{
    double least = INFINITY;
    for (int64_t i = 0; i < of->count; i++)
        if (i != but) least = fmin(least, distance(of->values + i * of->dim, vector, of->dim));
    return least;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of what each good picture is from its nearest other. */
static double unit_of(const okng_route_vectors *good)
{
    double apart[OKNG_ROUTE_PICTURES_MAX], length = 0;
    for (int64_t i = 0; i < good->count; i++) apart[i] = nearest(good, good->values + i * good->dim, i);
    for (int64_t d = 0; d < good->dim; d++) length += (double)good->values[d] * (double)good->values[d];
    qsort(apart, (size_t)good->count, sizeof *apart, by_size);
    return fmax(apart[good->count / 2], least_unit * sqrt(length));
}

/* ---- learning ---------------------------------------------------------------------------------------------------- */

typedef struct learning {
    const okng_router *router;
    const okng_pictures *pictures;
    okng_route_vectors *good;
} learning;

static okng_status learn_one(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const learning *l = context;
    const size_t picture = (size_t)i * l->pictures->count / (size_t)l->good->count;
    okng_image rgb;
    OKNG_TRY(okng_pictures_load(l->pictures, picture, l->router->options.max_pixels, &rgb, error));
    okng_status status = embed(l->router, &rgb, l->good->values + i * l->good->dim, error);
    okng_image_free(&rgb);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(l->pictures, picture));
}

static okng_status learn(const okng_router *router, const char *const *paths, size_t count, okng_route_vectors *good,
                         okng_error *error)
{
    okng_pictures pictures = okng_pictures_of_paths(paths, count);
    pictures.shrink = &router->options;
    *good = (okng_route_vectors){0};
    if (count < 2)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a router learns a bank from two good pictures or more, found %zu",
                         count);
    good->count = count < OKNG_ROUTE_PICTURES_MAX ? (int64_t)count : OKNG_ROUTE_PICTURES_MAX;
    good->dim = router->dim;
    good->values = okng_alloc((size_t)good->count, (size_t)good->dim * sizeof *good->values);
    learning l = {router, &pictures, good};
    okng_status status = good->values
                             ? okng_each(okng_thread_count(0), good->count, learn_one, &l, NULL, "the router", error)
                             : okng_fail_memory(error, (size_t)good->count * (size_t)good->dim * sizeof(float));
    if (status != OKNG_OK) free(good->values);
    if (status != OKNG_OK) *good = (okng_route_vectors){0};
    return status;
}

/* The good pictures that a bank names, where they still lie there: malloc'd, each too. */
static okng_status paths_of(const okng_ledger *ledger, char ***paths, okng_error *error)
{
    *paths = okng_alloc_zero((size_t)ledger->count, sizeof **paths);
    if (!*paths) return okng_fail_memory(error, (size_t)ledger->count * sizeof **paths);
    for (int64_t i = 0; i < ledger->count; i++) {
        (*paths)[i] = okng_path_join(ledger->folder, ledger->names.name[i]);
        if (!(*paths)[i]) return okng_fail_memory(error, OKNG_PATH_MAX);
    }
    return OKNG_OK;
}

static okng_status learn_named(const okng_router *router, const char *bank_dir, okng_route_vectors *good,
                               okng_error *error)
{
    okng_bank_file file;
    okng_ledger *ledger = NULL;
    char **paths = NULL;
    OKNG_TRY(okng_bank_file_open(&file, bank_dir, error));
    okng_status status = file.recipe ? OKNG_OK : okng_ledger_of_bank(&ledger, &file, error);
    if (status == OKNG_OK && (!ledger || !*ledger->folder))
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: keeps no vectors for a router, and does not say where its good pictures lie; let it be "
                           "learnt from a folder of them (okng route --bank-dir BANK --ok-dir DIR)",
                           bank_dir);
    if (status == OKNG_OK) status = paths_of(ledger, &paths, error);
    if (status == OKNG_OK) status = learn(router, (const char *const *)paths, (size_t)ledger->count, good, error);
    for (int64_t i = 0; paths && i < ledger->count; i++) free(paths[i]);
    free(paths);
    okng_ledger_free(&ledger);
    okng_bank_file_close(&file);
    return status;
}

okng_status okng_router_learn(okng_router *router, const char *bank_dir, const char *const *paths, size_t count,
                              okng_error *error)
{
    okng_route_vectors good;
    OKNG_TRY(okng_need(router, "the router", error));
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(okng_need(count > 0 ? paths : (const void *)router, "the good pictures", error));
    for (size_t i = 0; i < count; i++) OKNG_TRY(okng_need(paths[i], "a good picture", error));
    if (okng_recipe_is(bank_dir))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is a recipe, in which nothing is kept; give the bank's folder, and pack it again",
                         bank_dir);
    if (!okng_bank_contents_whole(bank_dir)) /* no folder but a bank's gets a file */
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: there is no bank in it; `okng build` makes one", bank_dir);
    OKNG_TRY(learn(router, paths, count, &good, error));
    okng_status status = okng_route_write(&good, bank_dir, error);
    free(good.values);
    return status;
}

/* ---- banks ------------------------------------------------------------------------------------------------------- */

/* What the bank keeps; else what its pictures say, which it then keeps where it can be written to. */
static okng_status vectors_of(const okng_router *router, const char *bank_dir, okng_route_vectors *good,
                              okng_error *error)
{
    okng_recipe *recipe = NULL;
    okng_error why = {0};
    if (okng_recipe_is(bank_dir)) OKNG_TRY(okng_recipe_open(&recipe, bank_dir, error));
    const okng_bank_source from = {bank_dir, recipe, ""};
    okng_status status = okng_route_read(good, &from, router->dim, &why);
    okng_recipe_close(&recipe);
    if (status != OKNG_ERROR_NOT_FOUND && status != OKNG_ERROR_FORMAT) {
        if (status != OKNG_OK && error) *error = why;
        return status;
    }
    OKNG_TRY(learn_named(router, bank_dir, good, error));
    (void)okng_route_write(good, bank_dir, NULL);
    return OKNG_OK;
}

/* Where the name is, or would be. The lock is held. */
static size_t place_of(const okng_router *router, const char *name, bool *there)
{
    size_t i = 0;
    while (i < router->count && strcmp(router->entries[i].name, name) < 0) i++;
    *there = i < router->count && strcmp(router->entries[i].name, name) == 0;
    return i;
}

static void free_entry(entry *e)
{
    free(e->name);
    free(e->good.values);
}

/* Takes `added`, on failure too. */
static okng_status put(okng_router *router, entry *added, okng_error *error)
{
    bool there;
    okng_status status = OKNG_OK;
    (void)pthread_rwlock_wrlock(&router->lock);
    const size_t at = place_of(router, added->name, &there);
    entry *entries = there ? router->entries : realloc(router->entries, (router->count + 1) * sizeof *entries);
    if (!entries) {
        status = okng_fail_memory(error, (router->count + 1) * sizeof *entries);
        free_entry(added);
    } else if (there) {
        free_entry(&entries[at]);
        entries[at] = *added;
    } else {
        router->entries = entries;
        memmove(entries + at + 1, entries + at, (router->count - at) * sizeof *entries);
        entries[at] = *added;
        router->count++;
    }
    (void)pthread_rwlock_unlock(&router->lock);
    return status;
}

okng_status okng_router_set(okng_router *router, const char *name, const char *bank_dir, okng_error *error)
{
    entry added = {0};
    OKNG_TRY(okng_need(router, "the router", error));
    OKNG_TRY(okng_need(name, "the name of the bank", error));
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(vectors_of(router, bank_dir, &added.good, error));
    added.unit = unit_of(&added.good);
    added.name = strdup(name);
    if (added.name) return put(router, &added, error);
    free(added.good.values);
    return okng_fail_memory(error, strlen(name));
}

void okng_router_remove(okng_router *router, const char *name)
{
    bool there;
    if (!router || !name) return;
    (void)pthread_rwlock_wrlock(&router->lock);
    const size_t at = place_of(router, name, &there);
    if (there) {
        free_entry(&router->entries[at]);
        router->count--;
        memmove(router->entries + at, router->entries + at + 1, (router->count - at) * sizeof *router->entries);
    }
    (void)pthread_rwlock_unlock(&router->lock);
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

typedef struct found {
    char *name;
    double distance;
} found;

struct okng_routes {
    size_t count;
    found banks[]; /* the nearest first, of equal ones by name */
};

static int by_distance(const void *a, const void *b)
{
    const found *x = a, *y = b;
    if (x->distance != y->distance) return x->distance > y->distance ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* The lock is held. */
static okng_status hold_against_all(const okng_router *router, const float *vector, okng_routes **out,
                                    okng_error *error)
{
    const size_t bytes = sizeof **out + router->count * sizeof *(*out)->banks;
    okng_routes *routes = *out = calloc(1, bytes);
    if (!routes) return okng_fail_memory(error, bytes);
    for (; routes->count < router->count; routes->count++) {
        const entry *e = &router->entries[routes->count];
        found *f = &routes->banks[routes->count];
        f->distance = nearest(&e->good, vector, -1) / e->unit;
        f->name = strdup(e->name);
        if (!f->name) return okng_fail_memory(error, strlen(e->name));
    }
    qsort(routes->banks, routes->count, sizeof *routes->banks, by_distance);
    return OKNG_OK;
}

static okng_status take_picture(const okng_router *router, const okng_picture *picture, float *vector,
                                okng_error *error)
{
    okng_image rgb;
    okng_picture full = {.struct_size = sizeof full};
    OKNG_TRY(okng_sized_take(&full, sizeof full, picture, "the picture", error));
    okng_decoding how = {
        .max_pixels = router->options.max_pixels, .shrink = okng_preprocess_shrink, .shrink_context = &router->options};
    OKNG_TRY(okng_image_take(&rgb, &full, &how, error));
    okng_status status = embed(router, &rgb, vector, error);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_router_find(okng_routes **out, okng_router *router, const okng_picture *picture, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for what is found", error));
    *out = NULL;
    OKNG_TRY(okng_need(router, "the router", error));
    OKNG_TRY(okng_need(picture, "the picture", error));
    float *vector = okng_alloc((size_t)router->dim, sizeof *vector);
    if (!vector) return okng_fail_memory(error, (size_t)router->dim * sizeof *vector);
    okng_status status = take_picture(router, picture, vector, error);
    if (status == OKNG_OK) {
        (void)pthread_rwlock_rdlock(&router->lock);
        status = hold_against_all(router, vector, out, error);
        (void)pthread_rwlock_unlock(&router->lock);
    }
    free(vector);
    if (status != OKNG_OK) okng_routes_free(out);
    return status;
}

void okng_routes_free(okng_routes **routes)
{
    if (!routes || !*routes) return;
    for (size_t i = 0; i < (*routes)->count; i++) free((*routes)->banks[i].name);
    free(*routes);
    *routes = NULL;
}

size_t okng_routes_count(const okng_routes *routes)
{
    return routes ? routes->count : 0;
}

const char *okng_routes_bank(const okng_routes *routes, size_t i)
{
    return routes && i < routes->count ? routes->banks[i].name : NULL;
}

double okng_routes_distance(const okng_routes *routes, size_t i)
{
    return routes && i < routes->count ? routes->banks[i].distance : (double)NAN;
}

double okng_routes_margin(const okng_routes *routes)
{
    if (!routes || routes->count < 2) return (double)NAN;
    const double first = routes->banks[0].distance, second = routes->banks[1].distance;
    return second == first ? 1 : second / fmax(first, 1e-9);
}

int32_t okng_routes_fits(const okng_routes *routes)
{
    return routes && routes->count > 0 && routes->banks[0].distance <= OKNG_ROUTE_LIMIT;
}

/* ---- the handle -------------------------------------------------------------------------------------------------- */

static okng_status open_network(okng_router *router, okng_error *error)
{
    okng_build_options *options = &router->options;
    okng_build_options_init(options);
    OKNG_TRY(okng_build_options_set(options, "backbone", "okng-s", error));
    options->resize_mode = OKNG_RESIZE_EXACT;
    options->resize_height = options->resize_width = SIDE;
    OKNG_TRY(okng_graph_weights(&router->weights, options->backbone, options->weights, error));
    okng_extractor *extractor;
    OKNG_TRY(okng_extractor_new(&extractor, options, router->weights, (okng_ranges){0}, NULL, SIDE, SIDE, 1, error));
    router->dim = okng_extractor_dim(extractor);
    okng_extractor_free(&extractor);
    const okng_extractor_recipe recipe = {.options = options,
                                          .weights = router->weights,
                                          .sha256 = "",
                                          .height = SIDE,
                                          .width = SIDE,
                                          .dim = router->dim};
    return okng_extractor_pool_new(&router->pool, &recipe, error);
}

okng_status okng_router_new(okng_router **out, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the router", error));
    okng_router *router = *out = calloc(1, sizeof *router);
    if (!router) return okng_fail_memory(error, sizeof *router);
    (void)pthread_rwlock_init(&router->lock, NULL);
    okng_status status = open_network(router, error);
    if (status != OKNG_OK) okng_router_free(out);
    return status;
}

void okng_router_free(okng_router **router)
{
    if (!router || !*router) return;
    for (size_t i = 0; i < (*router)->count; i++) free_entry(&(*router)->entries[i]);
    free((*router)->entries);
    okng_extractor_pool_free(&(*router)->pool);
    okng_weights_close(&(*router)->weights);
    (void)pthread_rwlock_destroy(&(*router)->lock);
    free(*router);
    *router = NULL;
}
