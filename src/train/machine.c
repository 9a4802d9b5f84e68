#include "train/machine.h"

#include <stdlib.h>
#include <string.h>

#include "afclip/aggregate.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "grad/gradient.h"

enum { FIRST = OKNG_AFCLIP_PARAM_PROMPT + 1, ADAPTER = OKNG_AFCLIP_PARAMS - FIRST };

struct okng_train_machine {
    okng_afclip_plan plan;
    const okng_afclip_words *words;
    int threads;
    int64_t most;    /* pictures of a batch */
    int32_t streams; /* at a time */
    okng_gradient *adapter, *text;
    okng_gradient_session *streams_session, *text_session;
    int64_t sequences; /* that streams_session is for */
    okng_losses *losses;
    size_t prompt_count;
    float *prompt, *d_prompt;   /* [12, Wt] */
    float *vectors, *d_vectors; /* [2, length, Wt] */
    float *texts, *d_texts;     /* [2, length, E] */
    float *rows, *d_rows;       /* [2, E], of those what is read out */
    float *input;               /* [streams, pictures, T, W] */
    float *z;                   /* [streams, pictures, T, E]; its gradient too */
    const float *const *taps;   /* of the batch in hand */
    int64_t pictures;
    int32_t first; /* stream of those in hand */
};

void okng_train_machine_free(okng_train_machine **machine)
{
    if (!machine || !*machine) return;
    okng_train_machine *m = *machine;
    okng_gradient_session_free(&m->streams_session);
    okng_gradient_session_free(&m->text_session);
    okng_gradient_free(&m->adapter);
    okng_gradient_free(&m->text);
    okng_losses_free(&m->losses);
    float *const owned[] = {m->prompt,  m->d_prompt, m->vectors, m->d_vectors, m->texts,
                            m->d_texts, m->rows,     m->d_rows,  m->input,     m->z};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) free(owned[i]);
    free(m);
    *machine = NULL;
}

/* ---- making --------------------------------------------------------------------------------- */

static okng_status make_gradient(okng_gradient **out, const okng_weights *weights, const okng_graph_request *request,
                                 const okng_gradient_request *wanted, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(okng_graph_build(&graph, request, error));
    okng_status status = okng_gradient_new(out, graph, weights, wanted, error);
    okng_graph_free(&graph);
    return status;
}

static okng_status make_adapter(okng_train_machine *m, const okng_weights *weights, const okng_train_machine_request *r,
                                okng_error *error)
{
    const char *names[ADAPTER];
    for (int i = 0; i < ADAPTER; i++) names[i] = okng_afclip_param_name((okng_afclip_param)(FIRST + i));
    const okng_graph_request graph = {.backbone = r->backbone,
                                      .layers = (const char *const[]){"tokens.embedding"},
                                      .layer_count = 1,
                                      .height = r->height,
                                      .width = r->width,
                                      .part = OKNG_PART_ADAPTER,
                                      .sequences = 1,
                                      .length = m->plan.tokens};
    const okng_gradient_request wanted = {.trained = names, .trained_count = ADAPTER, .threads = r->threads};
    return make_gradient(&m->adapter, weights, &graph, &wanted, error);
}

static okng_status make_text(okng_train_machine *m, const okng_weights *weights, const okng_train_machine_request *r,
                             okng_error *error)
{
    const okng_graph_request graph = {.backbone = r->backbone,
                                      .layers = (const char *const[]){"embedding"},
                                      .layer_count = 1,
                                      .height = r->height,
                                      .width = r->width,
                                      .activation = r->activation,
                                      .part = OKNG_PART_VECTORS,
                                      .sequences = OKNG_AFCLIP_STATES,
                                      .length = m->words->length};
    const okng_gradient_request wanted = {.inputs = true, .threads = r->threads};
    OKNG_TRY(make_gradient(&m->text, weights, &graph, &wanted, error));
    return okng_gradient_session_new(&m->text_session, m->text, 1, error);
}

/* Bytes of the adapter's work on `streams` streams of a full batch. */
static uint64_t bytes_of(const okng_train_machine *m, int32_t streams)
{
    const uint64_t numbers = (uint64_t)m->plan.tokens * (uint64_t)(m->plan.width + m->plan.embedding),
                   sequences = (uint64_t)m->most * (uint64_t)streams;
    return okng_gradient_shared_bytes(m->adapter, (int64_t)sequences) + sequences * numbers * sizeof(float);
}

static okng_status choose_streams(okng_train_machine *m, uint64_t memory, okng_error *error)
{
    for (m->streams = OKNG_AFCLIP_STREAMS; m->streams > 0; m->streams--)
        if (OKNG_AFCLIP_STREAMS % m->streams == 0 && bytes_of(m, m->streams) <= memory) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "a batch of %lld pictures needs %llu MiB with one stream at a time, and training.memory is %llu "
                     "MiB; lower training.batch_size (training.accumulation makes steps of several batches), or raise "
                     "it",
                     (long long)m->most, (unsigned long long)(bytes_of(m, 1) >> 20) + 1,
                     (unsigned long long)(memory >> 20));
}

static okng_status take_memory(okng_train_machine *m, okng_error *error)
{
    const size_t tokens = (size_t)m->plan.tokens, e = (size_t)m->plan.embedding, wt = (size_t)m->plan.text_width;
    const size_t sequences = (size_t)(m->most * m->streams), words = OKNG_AFCLIP_STATES * (size_t)m->words->length;
    struct {
        float **to;
        size_t count;
    } const wanted[] = {{&m->prompt, m->prompt_count},
                        {&m->d_prompt, m->prompt_count},
                        {&m->vectors, words * wt},
                        {&m->d_vectors, words * wt},
                        {&m->texts, words * e},
                        {&m->d_texts, words * e},
                        {&m->rows, OKNG_AFCLIP_STATES * e},
                        {&m->d_rows, OKNG_AFCLIP_STATES * e},
                        {&m->input, sequences * tokens * (size_t)m->plan.width},
                        {&m->z, sequences * tokens * e}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        *wanted[i].to = okng_alloc(wanted[i].count, sizeof(float));
        if (!*wanted[i].to) return okng_fail_memory(error, wanted[i].count * sizeof(float));
    }
    memset(m->prompt, 0, m->prompt_count * sizeof(float));
    memset(m->d_prompt, 0, m->prompt_count * sizeof(float));
    return OKNG_OK;
}

static okng_status make(okng_train_machine *m, const okng_weights *weights, const okng_train_machine_request *r,
                        okng_error *error)
{
    const okng_loss_shape shape = {r->pictures, (int64_t)m->plan.rows * m->plan.columns, m->plan.embedding,
                                   OKNG_AFCLIP_STREAMS};
    OKNG_TRY(make_adapter(m, weights, r, error));
    OKNG_TRY(make_text(m, weights, r, error));
    OKNG_TRY(choose_streams(m, r->memory, error));
    OKNG_TRY(take_memory(m, error));
    return okng_losses_new(&m->losses, &shape, &r->rule, r->threads, error);
}

okng_status okng_train_machine_new(okng_train_machine **out, const okng_weights *weights,
                                   const okng_train_machine_request *request, okng_error *error)
{
    okng_train_machine *m = *out = calloc(1, sizeof *m);
    if (!m) return okng_fail_memory(error, sizeof *m);
    m->plan = *request->plan;
    m->words = request->words;
    m->threads = request->threads;
    m->most = request->pictures;
    m->prompt_count = (size_t)OKNG_AFCLIP_PROMPT * (size_t)m->plan.text_width;
    okng_status status = make(m, weights, request, error);
    if (status != OKNG_OK) okng_train_machine_free(out);
    return status;
}

int32_t okng_train_machine_streams(const okng_train_machine *m)
{
    return m->streams;
}

float *okng_train_machine_values(okng_train_machine *m, okng_afclip_param param)
{
    return param == OKNG_AFCLIP_PARAM_PROMPT ? m->prompt : okng_gradient_values(m->adapter, (int)param - FIRST);
}

const float *okng_train_machine_gradient(okng_train_machine *m, okng_afclip_param param)
{
    return param == OKNG_AFCLIP_PARAM_PROMPT ? m->d_prompt : okng_gradient_of(m->adapter, (int)param - FIRST);
}

size_t okng_train_machine_count(const okng_train_machine *m, okng_afclip_param param)
{
    return param == OKNG_AFCLIP_PARAM_PROMPT ? m->prompt_count : okng_gradient_count(m->adapter, (int)param - FIRST);
}

void okng_train_machine_clear(okng_train_machine *m)
{
    okng_gradient_clear(m->adapter);
    memset(m->d_prompt, 0, m->prompt_count * sizeof *m->d_prompt);
}

/* ---- words ---------------------------------------------------------------------------------- */

/* What the text tower makes of both sentences, into rows [2, E]. */
static okng_status read_words(okng_train_machine *m, okng_error *error)
{
    const size_t e = (size_t)m->plan.embedding;
    okng_afclip_words_vectors(m->words, m->prompt, m->vectors);
    OKNG_TRY(okng_gradient_forward(m->text_session, (const void *[]){m->vectors}, (float *[]){m->texts}, error));
    for (int32_t state = 0; state < OKNG_AFCLIP_STATES; state++)
        memcpy(m->rows + (size_t)state * e,
               m->texts + (size_t)(state * m->words->length + m->words->readout[state]) * e, e * sizeof(float));
    return OKNG_OK;
}

static okng_status back_words(okng_train_machine *m, okng_error *error)
{
    const size_t e = (size_t)m->plan.embedding, sentence = (size_t)m->words->length * (size_t)m->plan.text_width;
    okng_losses_texts(m->losses, m->d_rows);
    memset(m->d_texts, 0, OKNG_AFCLIP_STATES * (size_t)m->words->length * e * sizeof(float));
    for (int32_t state = 0; state < OKNG_AFCLIP_STATES; state++)
        memcpy(m->d_texts + (size_t)(state * m->words->length + m->words->readout[state]) * e,
               m->d_rows + (size_t)state * e, e * sizeof(float));
    OKNG_TRY(okng_gradient_backward(m->text_session, (const float *[]){m->d_texts}, (float *[]){m->d_vectors}, error));
    for (int32_t state = 0; state < OKNG_AFCLIP_STATES; state++) /* both begin with the prompt */
        for (size_t i = 0; i < m->prompt_count; i++) m->d_prompt[i] += m->d_vectors[(size_t)state * sentence + i];
    return OKNG_OK;
}

/* ---- pictures ------------------------------------------------------------------------------- */

/* Room for one tap of one picture with its neighbours. */
static size_t stream_floats(const okng_train_machine *m)
{
    return (size_t)m->plan.tokens * (size_t)m->plan.width;
}

/* Work of one thread. */
typedef struct aggregation {
    okng_train_machine *machine;
    float *scales; /* [threads, OKNG_AFCLIP_SCALES, T, W] */
} aggregation;

/* The streams in hand of some pictures, tap by tap. */
static void aggregate(void *context, int64_t begin, int64_t end, int thread)
{
    const aggregation *a = context;
    okng_train_machine *m = a->machine;
    const size_t floats = stream_floats(m);
    float *scales = a->scales + (size_t)thread * OKNG_AFCLIP_SCALES * floats;
    for (int64_t index = begin; index < end; index++) {
        const int64_t picture = index % m->pictures;
        const int32_t tap = m->first / OKNG_AFCLIP_SCALES + (int32_t)(index / m->pictures);
        okng_afclip_aggregate(&m->plan, m->plan.width, m->taps[picture] + (size_t)tap * floats, scales);
        for (int32_t scale = 0; scale < OKNG_AFCLIP_SCALES; scale++) {
            const int32_t at = tap * OKNG_AFCLIP_SCALES + scale - m->first;
            if (at < 0 || at >= m->streams) continue;
            memcpy(m->input + (size_t)(at * m->pictures + picture) * floats, scales + (size_t)scale * floats,
                   floats * sizeof *scales);
        }
    }
}

static okng_status fill_input(okng_train_machine *m, okng_error *error)
{
    const int32_t last = m->first + m->streams - 1;
    const int64_t taps = last / OKNG_AFCLIP_SCALES - m->first / OKNG_AFCLIP_SCALES + 1;
    const size_t room = (size_t)m->threads * OKNG_AFCLIP_SCALES * stream_floats(m);
    aggregation a = {m, okng_alloc(room, sizeof *a.scales)};
    if (!a.scales) return okng_fail_memory(error, room * sizeof *a.scales);
    okng_parallel_for(m->threads, taps * m->pictures, 1, aggregate, &a);
    free(a.scales);
    return OKNG_OK;
}

/* Forward of the streams from `first` on: z. */
static okng_status forward(okng_train_machine *m, int32_t first, okng_error *error)
{
    m->first = first;
    OKNG_TRY(fill_input(m, error));
    return okng_gradient_forward(m->streams_session, (const void *[]){m->input}, (float *[]){m->z}, error);
}

static float *z_of(const okng_train_machine *m, int32_t stream)
{
    return m->z + (size_t)stream * (size_t)m->pictures * (size_t)m->plan.tokens * (size_t)m->plan.embedding;
}

/* For as many sequences as this batch has; the last of an epoch may be a smaller one. */
static okng_status need_session(okng_train_machine *m, okng_error *error)
{
    const int64_t sequences = m->pictures * m->streams;
    if (m->streams_session && m->sequences == sequences) return OKNG_OK;
    okng_gradient_session_free(&m->streams_session);
    m->sequences = sequences;
    return okng_gradient_session_new(&m->streams_session, m->adapter, sequences, error);
}

/* Every stream forward, some at a time; then every one back, from a forward of its own unless all went at once. */
static okng_status run_streams(okng_train_machine *m, double weight, okng_loss_parts *parts, okng_error *error)
{
    for (int32_t first = 0; first < OKNG_AFCLIP_STREAMS; first += m->streams) {
        OKNG_TRY(forward(m, first, error));
        for (int32_t s = 0; s < m->streams; s++) okng_losses_see(m->losses, first + s, z_of(m, s));
    }
    okng_losses_finish(m->losses, weight, parts);
    for (int32_t first = 0; first < OKNG_AFCLIP_STREAMS; first += m->streams) {
        if (m->streams < OKNG_AFCLIP_STREAMS) OKNG_TRY(forward(m, first, error));
        for (int32_t s = 0; s < m->streams; s++) okng_losses_back(m->losses, first + s, z_of(m, s), z_of(m, s));
        OKNG_TRY(okng_gradient_backward(m->streams_session, (const float *[]){m->z}, NULL, error));
    }
    return OKNG_OK;
}

okng_status okng_train_machine_batch(okng_train_machine *m, const float *const *taps, int64_t pictures,
                                     const float *labels, const float *targets, double weight, okng_loss_parts *parts,
                                     okng_error *error)
{
    m->taps = taps;
    m->pictures = pictures;
    OKNG_TRY(need_session(m, error));
    OKNG_TRY(read_words(m, error));
    OKNG_TRY(okng_losses_begin(m->losses, pictures, m->rows, labels, targets, error));
    OKNG_TRY(run_streams(m, weight, parts, error));
    return back_words(m, error);
}
