#include "engine/onednn/heads.h"

#include <math.h>
#include <string.h>

#include "base/parts.h"

enum {
    SOME = 48,  /* queries that are done at a time: tiles of every variant's rows */
    STEP = 192, /* keys that one chain sums */
    MANY = 16,  /* heads that share out well among threads */
    LONG = 2 * SOME
};

bool okng_heads_plan(okng_heads *h)
{
    h->kernels = okng_linear_get();
    if (!h->kernels || h->value_width % (int64_t)h->kernels->panel != 0) return false;
    const int64_t all = h->stacks * h->heads;
    h->parts = all >= MANY || all % 2 == 0 || h->queries < LONG ? 1 : 2;
    return true;
}

int64_t okng_heads_tiles(const okng_heads *h)
{
    return h->stacks * h->heads * h->parts;
}

/* Keys in whole panels. */
static int64_t room_of(const okng_heads *h)
{
    const int64_t panel = (int64_t)h->kernels->panel;
    return okng_divide_up(h->keys, panel) * panel;
}

size_t okng_heads_scratch(const okng_heads *h)
{
    const int64_t some = okng_smaller(SOME, h->queries);
    return (size_t)(room_of(h) * h->width + h->keys * h->value_width + some * room_of(h)) * sizeof(float);
}

/* A head's parts of the arguments, and what is made of them. */
typedef struct head {
    const okng_heads *of;
    float *out;
    const float *queries, *keys, *values;
    float *key_panels;   /* [panel][element][key of the panel] */
    float *value_panels; /* [panel][key][column of the panel] */
    float *scores;       /* [query][key], a row every `room` floats */
    float *logs;         /* [query], or NULL */
    int64_t room;
} head;

static void pack_keys(const head *h)
{
    const int64_t panel = (int64_t)h->of->kernels->panel, width = h->of->width;
    for (int64_t key = 0; key < h->room; key++) {
        float *to = h->key_panels + key / panel * panel * width + key % panel;
        const float *from = h->keys + key * h->of->row[OKNG_HEADS_KEYS];
        for (int64_t i = 0; i < width; i++) to[i * panel] = key < h->of->keys ? from[i] : 0.0f;
    }
}

static void pack_values(const head *h)
{
    const int64_t panel = (int64_t)h->of->kernels->panel, keys = h->of->keys;
    for (int64_t key = 0; key < keys; key++)
        for (int64_t n = 0; n < h->of->value_width; n += panel)
            memcpy(h->value_panels + n * keys + key * panel, h->values + key * h->of->row[OKNG_HEADS_VALUES] + n,
                   (size_t)panel * sizeof(float));
}

static void score(const head *h, int64_t first, int64_t count)
{
    const okng_heads *of = h->of;
    const int64_t panel = (int64_t)of->kernels->panel;
    okng_linear_product product = {.rows = h->queries + first * of->row[OKNG_HEADS_QUERIES],
                                   .stride = (size_t)of->row[OKNG_HEADS_QUERIES],
                                   .count = (size_t)count,
                                   .inner = (size_t)of->width,
                                   .target_count = 1,
                                   .out_stride = (size_t)h->room};
    for (int64_t key = 0; key < of->keys; key += panel) {
        product.panel = h->key_panels + key * of->width;
        product.targets[0] = (okng_linear_target){h->scores + key, OKNG_LINEAR_SET};
        of->kernels->multiply(&product);
    }
}

/* A query sees all keys, or with `causal` those up to its own place. */
static void weigh(const head *h, int64_t first, int64_t count)
{
    const okng_heads *of = h->of;
    const float scale = 1.0f / sqrtf((float)of->width);
    for (int64_t q = 0; q < count; q++) {
        float *row = h->scores + q * h->room;
        const int64_t seen = of->causal ? okng_smaller(first + q + 1, of->keys) : of->keys;
        if (h->logs)
            h->logs[first + q] = of->kernels->weigh(row, (size_t)seen, scale);
        else
            of->kernels->softmax(row, (size_t)seen, scale);
        if (seen < of->keys) memset(row + seen, 0, (size_t)(of->keys - seen) * sizeof *row);
    }
}

static void sum_values(const head *h, int64_t first, int64_t count)
{
    const okng_heads *of = h->of;
    const int64_t panel = (int64_t)of->kernels->panel;
    okng_linear_product product = {.stride = (size_t)h->room,
                                   .count = (size_t)count,
                                   .target_count = 1,
                                   .out_stride = (size_t)of->row[OKNG_HEADS_DST]};
    float *out = h->out + first * of->row[OKNG_HEADS_DST];
    for (int64_t key = 0; key < of->keys; key += STEP) {
        product.rows = h->scores + key;
        product.inner = (size_t)okng_smaller(STEP, of->keys - key);
        for (int64_t n = 0; n < of->value_width; n += panel) {
            product.panel = h->value_panels + n * of->keys + key * panel;
            product.targets[0] = (okng_linear_target){out + n, key == 0 ? OKNG_LINEAR_SET : OKNG_LINEAR_ADD};
            of->kernels->multiply(&product);
        }
    }
}

/* Where a head's part of an argument begins. */
static float *find(const okng_heads *of, void *const *data, int which, int64_t stack, int64_t number)
{
    const bool values = which == OKNG_HEADS_DST || which == OKNG_HEADS_VALUES;
    const bool queries = which == OKNG_HEADS_DST || which == OKNG_HEADS_QUERIES;
    return (float *)data[which] + of->base[which] + stack * (queries ? of->queries : of->keys) * of->row[which] +
           number * (values ? of->value_width : of->width);
}

void okng_heads_run(const okng_heads *of, int64_t index, void *const *data, float *scratch)
{
    const int64_t part = index % of->parts, number = index / of->parts % of->heads,
                  stack = index / of->parts / of->heads;
    head h = {.of = of, .room = room_of(of)};
    h.out = find(of, data, OKNG_HEADS_DST, stack, number);
    h.queries = find(of, data, OKNG_HEADS_QUERIES, stack, number);
    h.keys = find(of, data, OKNG_HEADS_KEYS, stack, number);
    h.values = find(of, data, OKNG_HEADS_VALUES, stack, number);
    if (of->logs) h.logs = (float *)data[OKNG_HEADS_LOGS] + (stack * of->heads + number) * of->queries;
    h.key_panels = scratch;
    h.value_panels = h.key_panels + h.room * of->width;
    h.scores = h.value_panels + of->keys * of->value_width;
    pack_keys(&h);
    pack_values(&h);
    const int64_t end = (part + 1) * of->queries / of->parts;
    for (int64_t q = part * of->queries / of->parts, count; q < end; q += count) {
        count = okng_smaller(SOME, end - q);
        score(&h, q, count);
        weigh(&h, q, count);
        sum_values(&h, q, count);
    }
}
