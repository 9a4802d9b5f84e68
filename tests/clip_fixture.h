/* Both towers of a CLIP with generated weights, and what torch makes of them (golden/make_clip.py). */
#ifndef OKNG_TESTS_CLIP_FIXTURE_H
#define OKNG_TESTS_CLIP_FIXTURE_H

#include "clip/clip.h"
#include "golden_weights.h"
#include "net/clip.h"
#include "test.h"

enum { IMAGE = 1, TEXT = 2 };

typedef struct clip_fixture {
    okng_weights *weights;
    okng_clip *clip;
    okng_clip_sizes sizes;
    float *tensor;  /* [3, height, width] */
    int64_t tokens; /* 1 + rows * columns */
} clip_fixture;

static inline okng_graph *clip_graph(const char *backbone, okng_part part)
{
    okng_graph *graph = NULL;
    const okng_graph_request request = {.backbone = backbone,
                                        .layers = (const char *const[]){"embedding"},
                                        .layer_count = 1,
                                        .height = 224,
                                        .width = 224,
                                        .part = part,
                                        .sequences = 1,
                                        .length = 77};
    assert_ok(okng_graph_build(&graph, &request, error));
    return graph;
}

/* The bytes of a file of some towers. */
static inline unsigned char *clip_bytes(const char *backbone, int towers, size_t *size)
{
    okng_graph *graphs[2] = {NULL, NULL}, joined = {0};
    if (towers & IMAGE) graphs[0] = clip_graph(backbone, OKNG_PART_PICTURE);
    if (towers & TEXT) graphs[1] = clip_graph(backbone, OKNG_PART_TEXT);
    for (int i = 0; i < 2; i++) joined.node_count += graphs[i] ? graphs[i]->node_count : 0;
    joined.nodes = calloc(joined.node_count, sizeof *joined.nodes);
    assert_non_null(joined.nodes);
    size_t used = 0;
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; graphs[i] && k < graphs[i]->node_count; k++) joined.nodes[used++] = graphs[i]->nodes[k];
    unsigned char *bytes = okng_golden_safetensors(&joined, "", size);
    assert_non_null(bytes);
    free(joined.nodes);
    for (int i = 0; i < 2; i++) okng_graph_free(&graphs[i]);
    return bytes;
}

/* The same, made once for tests that follow each other; kept until others are asked for. */
static inline const unsigned char *kept_clip_bytes(const char *backbone, int towers, size_t *size)
{
    static unsigned char *kept;
    static size_t kept_size;
    static char whose[OKNG_NAME_MAX + 16];
    char wanted[sizeof whose];
    (void)snprintf(wanted, sizeof wanted, "%d %s", towers, backbone);
    if (!kept || strcmp(whose, wanted) != 0) {
        free(kept);
        kept = clip_bytes(backbone, towers, &kept_size);
        memcpy(whose, wanted, sizeof whose);
    }
    *size = kept_size;
    return kept;
}

static inline clip_fixture open_clip_fixture(const okng_clip_request *request, int towers)
{
    clip_fixture f = {0};
    size_t size;
    const unsigned char *bytes = kept_clip_bytes(request->backbone, towers, &size);
    assert_ok(okng_weights_open_memory(&f.weights, bytes, size, "clip.safetensors", error));
    assert_ok(okng_clip_open(&f.clip, f.weights, request, error));
    okng_clip_get_sizes(f.clip, &f.sizes);
    f.tokens = 1 + (int64_t)f.sizes.rows * f.sizes.columns;
    const size_t count = 3 * (size_t)request->height * (size_t)request->width;
    f.tensor = malloc(count * sizeof *f.tensor);
    assert_non_null(f.tensor);
    okng_golden_input(f.tensor, count);
    return f;
}

static inline void close_clip_fixture(clip_fixture *f)
{
    okng_clip_close(&f->clip);
    okng_weights_close(&f->weights);
    free(f->tensor);
}

static inline float *floats(int64_t count)
{
    float *out = malloc((size_t)count * sizeof *out);
    assert_non_null(out);
    memset(out, 0xff, (size_t)count * sizeof *out); /* NaN: every element must be written */
    return out;
}

#endif
