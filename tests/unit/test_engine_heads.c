/* Attention by kernels of ours against sums in double: stacks, heads, tails of every kind, what lies side by side. */
#include "engine/onednn/heads.h"

#include <math.h>

#include "base/rng.h"
#include "test.h"

typedef struct made {
    okng_heads of;
    float *queries, *keys, *values; /* of a packed one all the same */
    float *out, *scratch, *logs;
    double *shares; /* [keys] */
} made;

static float *numbers(okng_rng *rng, int64_t count)
{
    float *list = malloc((size_t)count * sizeof *list);
    assert_non_null(list);
    for (int64_t i = 0; i < count; i++) list[i] = (float)okng_rng_normal(rng);
    return list;
}

/* Arguments of exactly the size that is needed, so that a sanitizer sees what is read beyond. */
static void fill(made *m, okng_rng *rng, bool packed)
{
    okng_heads *h = &m->of;
    const int64_t width = h->heads * h->width, wide = h->heads * h->value_width;
    h->row[OKNG_HEADS_DST] = wide;
    if (packed) {
        m->queries = m->keys = m->values = numbers(rng, h->stacks * h->queries * 3 * width);
        for (int i = OKNG_HEADS_QUERIES; i <= OKNG_HEADS_VALUES; i++) {
            h->row[i] = 3 * width;
            h->base[i] = (i - 1) * width;
        }
    } else {
        m->queries = numbers(rng, h->stacks * h->queries * width);
        m->keys = numbers(rng, h->stacks * h->keys * width);
        m->values = numbers(rng, h->stacks * h->keys * wide);
        h->row[OKNG_HEADS_QUERIES] = h->row[OKNG_HEADS_KEYS] = width;
        h->row[OKNG_HEADS_VALUES] = wide;
    }
    m->out = numbers(rng, h->stacks * h->queries * wide);
    m->logs = numbers(rng, h->stacks * h->heads * h->queries);
    m->shares = malloc((size_t)h->keys * sizeof *m->shares);
    assert_non_null(m->shares);
}

static void release(made *m, bool packed)
{
    free(m->queries);
    if (!packed) {
        free(m->keys);
        free(m->values);
    }
    free(m->out);
    free(m->logs);
    free(m->shares);
}

static const float *row_of(const made *m, int which, int64_t stack, int64_t head, int64_t token)
{
    const okng_heads *h = &m->of;
    const float *const all[] = {m->out, m->queries, m->keys, m->values};
    const bool queries = which == OKNG_HEADS_DST || which == OKNG_HEADS_QUERIES;
    const bool values = which == OKNG_HEADS_DST || which == OKNG_HEADS_VALUES;
    return all[which] + h->base[which] + (stack * (queries ? h->queries : h->keys) + token) * h->row[which] +
           head * (values ? h->value_width : h->width);
}

static void assert_row(const made *m, int64_t stack, int64_t head, int64_t query)
{
    const okng_heads *h = &m->of;
    const int64_t seen = h->causal ? query + 1 : h->keys;
    const float *q = row_of(m, OKNG_HEADS_QUERIES, stack, head, query);
    double most = -INFINITY, total = 0;
    for (int64_t k = 0; k < seen; k++) {
        const float *key = row_of(m, OKNG_HEADS_KEYS, stack, head, k);
        double sum = 0;
        for (int64_t i = 0; i < h->width; i++) sum += (double)q[i] * (double)key[i];
        m->shares[k] = sum / sqrt((double)h->width);
        most = fmax(most, m->shares[k]);
    }
    for (int64_t k = 0; k < seen; k++) total += m->shares[k] = exp(m->shares[k] - most);
    if (h->logs) {
        const double log_sum = (double)m->logs[(stack * h->heads + head) * h->queries + query];
        assert_true(fabs(log_sum - (most + log(total))) < 1e-5);
    }
    for (int64_t n = 0; n < h->value_width; n++) {
        double expected = 0;
        for (int64_t k = 0; k < seen; k++)
            expected += m->shares[k] / total * (double)row_of(m, OKNG_HEADS_VALUES, stack, head, k)[n];
        const double found = (double)row_of(m, OKNG_HEADS_DST, stack, head, query)[n];
        if (!(fabs(found - expected) < 1e-5))
            fail_msg("stack %lld, head %lld, query %lld, column %lld: %g, expected %g", (long long)stack,
                     (long long)head, (long long)query, (long long)n, found, expected);
    }
}

static void run(made *m)
{
    void *const data[] = {m->out, m->queries, m->keys, m->values, m->logs};
    for (int64_t tile = okng_heads_tiles(&m->of); tile-- > 0;) { /* in whatever order, with whatever room */
        float *scratch = malloc(okng_heads_scratch(&m->of));
        assert_non_null(scratch);
        okng_heads_run(&m->of, tile, data, scratch);
        free(scratch);
    }
}

static void every_query_of_every_head_equals_the_definition(void **state)
{
    (void)state;
    static const okng_heads cases[] = {
        {.stacks = 3, .heads = 2, .queries = 5, .keys = 5, .width = 32, .value_width = 32},
        {.stacks = 2, .heads = 3, .queries = 8, .keys = 8, .width = 64, .value_width = 64, .causal = true},
        {.stacks = 1, .heads = 1, .queries = 150, .keys = 201, .width = 7, .value_width = 96}, /* in two parts */
        {.stacks = 1, .heads = 3, .queries = 97, .keys = 97, .width = 32, .value_width = 32, .causal = true},
        {.stacks = 5, .heads = 1, .queries = 1, .keys = 33, .width = 3, .value_width = 32},
        {.stacks = 1, .heads = 2, .queries = 49, .keys = 385, .width = 16, .value_width = 64},
    };
    okng_rng rng = okng_rng_new(12, OKNG_STREAM_START);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int packed = 0; packed < 2; packed++) {
            made m = {.of = cases[i]};
            if (packed && (m.of.queries != m.of.keys || m.of.width != m.of.value_width)) continue;
            if (!okng_heads_plan(&m.of)) skip(); /* a CPU without these kernels */
            m.of.logs = packed != 0;
            fill(&m, &rng, packed);
            run(&m);
            for (int64_t stack = 0; stack < m.of.stacks; stack++)
                for (int64_t head = 0; head < m.of.heads; head++)
                    for (int64_t query = 0; query < m.of.queries; query++) assert_row(&m, stack, head, query);
            release(&m, packed);
        }
}

static void widths_that_fill_no_panel_are_left_to_others(void **state)
{
    (void)state;
    okng_heads odd = {.stacks = 1, .heads = 1, .queries = 4, .keys = 4, .width = 24, .value_width = 24};
    assert_false(okng_heads_plan(&odd));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_query_of_every_head_equals_the_definition),
        cmocka_unit_test(widths_that_fill_no_panel_are_left_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
