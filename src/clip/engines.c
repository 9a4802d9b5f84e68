/* The engines of a CLIP: one for each graph, length and number of threads that was asked for. Those of one tower share
 * the weights that the first of it, for the whole length, has packed: so it does not matter to a bit which are made. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "clip/handle.h"

/* Tokens of a tile; from how many on fast products pay, as the engine sees it, where their number is even, and where
 * not.
 */
enum { TILE_ROWS = 64, EVEN_FROM = 8, ODD_FROM = 33 };

int32_t okng_clip_sequences(const okng_clip *clip, int64_t length)
{
    int32_t sequences = 1;
    if (clip->request.precision == OKNG_PRECISION_BF16) return length < TILE_ROWS ? (int32_t)(TILE_ROWS / length) : 1;
    if (length >= ODD_FROM) return 1;
    while (sequences * length % 2 != 0 || sequences * length < EVEN_FROM) sequences *= 2;
    return sequences;
}

okng_clip_batches okng_clip_batches_of(const okng_clip *clip, int64_t count, int64_t length, int64_t width)
{
    enum { BYTES = 48 << 20, VALUES = 10 }; /* alive at a time for each number of a token: 4 of the MLP, x, ... */
    const int64_t sequences = okng_clip_sequences(clip, length), runs = (count + sequences - 1) / sequences;
    const int64_t bytes = sequences * length * width * VALUES * (int64_t)sizeof(float);
    const int64_t most = bytes < BYTES ? BYTES / bytes : 1, rounds = (runs + most - 1) / most;
    return (okng_clip_batches){.batch = (runs + rounds - 1) / rounds, .rounds = rounds};
}

static okng_status build_graph(const okng_clip *clip, const okng_clip_engine *e, okng_graph **graph, okng_error *error)
{
    static const okng_part parts[] = {OKNG_PART_PICTURE, OKNG_PART_TOKENS, OKNG_PART_TOKENS, OKNG_PART_TEXT,
                                      OKNG_PART_LAST};
    char last[OKNG_NAME_MAX], before[OKNG_NAME_MAX];
    (void)snprintf(last, sizeof last, "blocks.%d.tokens", (int)clip->shape.layers - 1);
    (void)snprintf(before, sizeof before, "blocks.%d.tokens", (int)clip->shape.layers - 2);
    const char *const layers[] = {e->graph == OKNG_CLIP_GRAPH_PIXELS ? "tokens" : "embedding", last, "norm.tokens",
                                  before};
    const okng_graph_request request = {.backbone = clip->backbone,
                                        .layers = layers,
                                        .layer_count = e->graph == OKNG_CLIP_GRAPH_WHOLE ? 4 : 1,
                                        .height = clip->request.height,
                                        .width = clip->request.width,
                                        .activation = clip->request.activation,
                                        .positions = clip->request.positions,
                                        .part = parts[e->graph],
                                        .sequences = e->sequences,
                                        .length = e->length};
    return okng_graph_build(graph, &request, error);
}

static okng_status compile(const okng_clip *clip, okng_clip_engine *e, const okng_engine *share, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build_graph(clip, e, &graph, error));
    const okng_engine_options options = {.device = clip->device,
                                         .threads = e->threads,
                                         .precision = clip->request.precision,
                                         .winograd = true,
                                         .share = share};
    okng_status status = okng_engine_compile(&e->engine, graph, clip->weights, &options, error);
    okng_graph_free(&graph);
    return status;
}

/* The mutex is held. */
static okng_status add(okng_clip *clip, const okng_clip_engine *wanted, const okng_engine *share,
                       const okng_engine **out, okng_error *error)
{
    okng_clip_engine *e = malloc(sizeof *e);
    if (!e) return okng_fail_memory(error, sizeof *e);
    *e = *wanted;
    okng_status status = compile(clip, e, share, error);
    if (status != OKNG_OK) {
        free(e);
        return status;
    }
    e->next = clip->engines;
    clip->engines = e;
    *out = e->engine;
    return OKNG_OK;
}

static const okng_engine *find(const okng_clip *clip, const okng_clip_engine *wanted, bool any_threads)
{
    for (const okng_clip_engine *e = clip->engines; e; e = e->next)
        if (e->graph == wanted->graph && e->sequences == wanted->sequences && e->length == wanted->length &&
            (any_threads || e->threads == wanted->threads))
            return e->engine;
    return NULL;
}

/* The one whose weights all of the tower share. */
static okng_clip_engine base_of(const okng_clip *clip, const okng_clip_engine *wanted)
{
    okng_clip_engine base = {.graph = wanted->graph, .threads = wanted->threads};
    if (wanted->graph == OKNG_CLIP_GRAPH_PIXELS) return base;
    base.sequences = 1;
    base.length = OKNG_CLIP_TOKENS;
    if (wanted->graph == OKNG_CLIP_GRAPH_TEXT) return base;
    base.graph = OKNG_CLIP_GRAPH_WHOLE;
    base.length = 1 + clip->sizes.rows * clip->sizes.columns;
    return base;
}

/* The mutex is held. */
static okng_status get(okng_clip *clip, const okng_clip_engine *wanted, const okng_engine **out, okng_error *error)
{
    *out = find(clip, wanted, false);
    if (*out) return OKNG_OK;
    const okng_clip_engine base = base_of(clip, wanted);
    const okng_engine *share = find(clip, &base, true);
    if (!share) OKNG_TRY(add(clip, &base, NULL, &share, error));
    *out = find(clip, wanted, false);
    return *out ? OKNG_OK : add(clip, wanted, share, out, error);
}

okng_status okng_clip_engine_get(okng_clip *clip, okng_clip_graph graph, int32_t sequences, int32_t length, int threads,
                                 const okng_engine **out, okng_error *error)
{
    const okng_clip_engine wanted = {.graph = graph, .sequences = sequences, .length = length, .threads = threads};
    (void)pthread_mutex_lock(&clip->mutex);
    okng_status status = get(clip, &wanted, out, error);
    (void)pthread_mutex_unlock(&clip->mutex);
    return status;
}

void okng_clip_engines_free(okng_clip *clip)
{
    while (clip->engines) { /* the first made is the last here: it goes after those that share its weights */
        okng_clip_engine *e = clip->engines;
        clip->engines = e->next;
        okng_engine_free(&e->engine);
        free(e);
    }
}
