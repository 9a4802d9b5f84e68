#include "engine/onednn/exact.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiled.h"
#include "engine/onednn/pack.h"

enum { SIDE = 6, CHANNELS = 32, WIDEST = 3, PIXELS = SIDE * SIDE, NUMBERS = CHANNELS * PIXELS };
enum { SRC, WEIGHTS, DST, OPERANDS, BIAS = OPERANDS, SCRATCH, ALL };

/* A convolution of a kernel of `side` x `side` that keeps the picture's size. Sums stay below 2^24, so float32 holds
 * them all. */
typedef struct trial {
    int64_t side;
    uint8_t src[NUMBERS];
    int8_t weights[CHANNELS * CHANNELS * WIDEST * WIDEST];
    float dst[NUMBERS], bias[CHANNELS];
    okng_md plain[OPERANDS], own[ALL]; /* as they are written here, and as the primitive wants them */
    void *data[ALL];
    dnnl_memory_t memories[ALL];
    dnnl_primitive_desc_t descriptor;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
} trial;

/* Ends of the range, ones, whose lowest bit must not be lost, and anything; the first channel and filter are all ends,
 * so that neighbours add up. */
static void fill(trial *t)
{
    static const uint8_t bytes[] = {255, 254, 1, 0};
    static const int8_t factors[] = {127, -127, 1, -1};
    const int64_t filter = CHANNELS * t->side * t->side;
    uint32_t random = 1;
    for (int i = 0; i < NUMBERS; i++) {
        random = random * 1664525u + 1013904223u;
        t->src[i] = i % PIXELS < SIDE ? 255 : random >> 31 ? bytes[random >> 24 & 3] : (uint8_t)(random >> 16);
    }
    for (int64_t i = 0; i < CHANNELS * filter; i++) {
        random = random * 1664525u + 1013904223u;
        t->weights[i] = i < filter     ? 127
                        : random >> 31 ? factors[random >> 24 & 3]
                                       : (int8_t)((int)(random >> 16 & 0xff) % 255 - 127);
    }
}

/* ---- as oneDNN does it ---- */

static dnnl_status_t plan(trial *t, dnnl_engine_t engine)
{
    const dnnl_dim_t side = t->side, map[] = {1, CHANNELS, SIDE, SIDE}, filters[] = {CHANNELS, CHANNELS, side, side};
    const dnnl_dim_t *dims[OPERANDS] = {map, filters, map};
    static const dnnl_data_type_t types[OPERANDS] = {dnnl_u8, dnnl_s8, dnnl_f32};
    okng_md any[OPERANDS] = {{{0}}};
    dnnl_status_t status = okng_md_new(&t->own[BIAS], &(int64_t){CHANNELS}, 1, dnnl_f32, dnnl_x);
    for (int i = 0; i < OPERANDS && status == dnnl_success; i++) {
        status = okng_md_new(&t->plain[i], dims[i], 4, types[i], dnnl_abcd);
        if (status == dnnl_success) status = okng_md_new(&any[i], dims[i], 4, types[i], dnnl_format_tag_any);
    }
    const okng_dnnl_convolution_call call = {
        .src = &any[SRC],
        .weights = &any[WEIGHTS],
        .bias = &t->own[BIAS],
        .dst = &any[DST],
        .window = {.kernel = {side, side}, .strides = {1, 1}, .padding = {side / 2, side / 2}},
        .channels = CHANNELS,
        .choice = OKNG_DNNL_REPRODUCIBLE};
    if (status == dnnl_success) status = okng_dnnl_convolution(&t->descriptor, engine, &call);
    for (int i = 0; i < OPERANDS; i++) okng_md_free(&any[i]);
    return status;
}

static dnnl_status_t prepare(trial *t, dnnl_engine_t engine)
{
    static const dnnl_query_t queries[] = {[SRC] = dnnl_query_src_md,
                                           [WEIGHTS] = dnnl_query_weights_md,
                                           [DST] = dnnl_query_dst_md,
                                           [SCRATCH] = dnnl_query_scratchpad_md};
    dnnl_status_t status = plan(t, engine);
    for (int i = 0; i < ALL && status == dnnl_success; i++)
        if (i != BIAS) status = okng_md_of(&t->own[i], t->descriptor, queries[i]);
    if (status == dnnl_success) status = okng_dnnl.primitive_create(&t->primitive, t->descriptor);
    if (status == dnnl_success) status = okng_dnnl.stream_create(&t->stream, engine, dnnl_stream_default_flags);
    for (int i = 0; i < ALL && status == dnnl_success; i++) {
        t->data[i] = okng_alloc_zero(1, okng_md_bytes(&t->own[i]));
        status = t->data[i] ? okng_dnnl_memory(&t->memories[i], &t->own[i], engine, t->data[i]) : dnnl_out_of_memory;
    }
    return status;
}

static dnnl_status_t run(trial *t, dnnl_engine_t engine)
{
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, t->memories[SRC]},
                                    {DNNL_ARG_WEIGHTS, t->memories[WEIGHTS]},
                                    {DNNL_ARG_BIAS, t->memories[BIAS]},
                                    {DNNL_ARG_DST, t->memories[DST]},
                                    {DNNL_ARG_SCRATCHPAD, t->memories[SCRATCH]}};
    dnnl_status_t status = okng_pack(engine, &t->plain[SRC], t->src, &t->own[SRC], t->data[SRC]);
    if (status == dnnl_success)
        status = okng_pack(engine, &t->plain[WEIGHTS], t->weights, &t->own[WEIGHTS], t->data[WEIGHTS]);
    if (status == dnnl_success) status = okng_dnnl.primitive_execute(t->primitive, t->stream, ALL, args);
    if (status == dnnl_success) status = okng_dnnl.stream_wait(t->stream);
    return status == dnnl_success ? okng_pack(engine, &t->own[DST], t->data[DST], &t->plain[DST], t->dst) : status;
}

static void release(trial *t)
{
    for (int i = 0; i < ALL; i++) {
        if (t->memories[i]) (void)okng_dnnl.memory_destroy(t->memories[i]);
        free(t->data[i]);
        okng_md_free(&t->own[i]);
        if (i < OPERANDS) okng_md_free(&t->plain[i]);
    }
    if (t->stream) (void)okng_dnnl.stream_destroy(t->stream);
    if (t->primitive) (void)okng_dnnl.primitive_destroy(t->primitive);
    if (t->descriptor) (void)okng_dnnl.primitive_desc_destroy(t->descriptor);
}

/* ---- in whole numbers ---- */

static int64_t sum_at(const trial *t, int64_t out, int64_t y, int64_t x)
{
    const int64_t side = t->side, around = side / 2;
    int64_t sum = 0;
    for (int64_t c = 0; c < CHANNELS; c++)
        for (int64_t i = 0; i < side * side; i++) {
            const int64_t row = y + i / side - around, column = x + i % side - around;
            if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
            sum +=
                (int64_t)t->weights[(out * CHANNELS + c) * side * side + i] * t->src[c * PIXELS + row * SIDE + column];
        }
    return sum;
}

static okng_status compare(const trial *t, okng_error *error)
{
    for (int64_t i = 0; i < NUMBERS; i++) {
        const int64_t exact = sum_at(t, i / PIXELS, i % PIXELS / SIDE, i % SIDE);
        if ((double)t->dst[i] == (double)exact) continue;
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "precision int8: sums of products of bytes are not exact here: %s gives %.0f, expected %lld; "
                         "use precision fp32, with which a bank must be built anew",
                         okng_dnnl_version_text(), (double)t->dst[i], (long long)exact);
    }
    return OKNG_OK;
}

static okng_status try_kernel(dnnl_engine_t engine, int64_t side, okng_error *error)
{
    trial *t = okng_alloc_zero(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    t->side = side;
    fill(t);
    const int before = okng_dnnl_use_threads(1);
    dnnl_status_t done = prepare(t, engine);
    if (done == dnnl_success) done = run(t, engine);
    okng_dnnl_leave_threads(before);
    okng_status status =
        done == dnnl_success ? compare(t, error) : okng_fail_dnnl(error, done, "try", "products of bytes");
    release(t);
    free(t);
    return status;
}

okng_status okng_prove_exact_sums(dnnl_engine_t engine, okng_error *error)
{
    static atomic_bool exact;
    if (atomic_load(&exact)) return OKNG_OK;
    for (int64_t side = 1; side <= WIDEST; side += WIDEST - 1) OKNG_TRY(try_kernel(engine, side, error));
    atomic_store(&exact, true);
    return OKNG_OK;
}
