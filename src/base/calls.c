#include "base/calls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* What a call begins with, and its reply. A slot of -1 closes the calls. */
typedef struct call_head {
    int32_t slot;
} call_head;
typedef struct reply_head {
    int32_t slot;
    okng_status status;
    okng_error why;
} reply_head;

/* One thing that a rank may be doing for this one. */
typedef struct slot {
    int32_t rank;
    bool answered;
    void *reply; /* with its head */
    size_t size;
} slot;

struct okng_calls {
    const okng_ranks *ranks;
    int count;
    bool listens; /* the listener was started */
    pthread_t listener;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t came;
    slot *slots; /* [count] */
    okng_status broken;
    okng_error why; /* of a listener that could not go on */
};

/* ---- rank 0 ------------------------------------------------------------------------------------------------------ */

/* Puts a reply where the one who asked looks for it. */
static void deliver(okng_calls *calls, void *reply, size_t size)
{
    reply_head head = {.slot = -1};
    if (size >= sizeof head) memcpy(&head, reply, sizeof head);
    (void)pthread_mutex_lock(&calls->mutex);
    if (head.slot >= 0 && head.slot < calls->count && !calls->slots[head.slot].answered) {
        calls->slots[head.slot] = (slot){calls->slots[head.slot].rank, true, reply, size};
        reply = NULL;
    }
    (void)pthread_cond_broadcast(&calls->came);
    (void)pthread_mutex_unlock(&calls->mutex);
    free(reply);
}

/* Replies of all ranks, until every rank has said goodbye with a reply of no slot. */
static void *listen_to_all(void *context)
{
    okng_calls *calls = context;
    okng_error error = {0};
    for (int left = calls->ranks->count - 1; left > 0;) {
        void *reply;
        size_t size;
        okng_status status =
            calls->ranks->receive(calls->ranks->context, -1, OKNG_TAG_REPLY, NULL, &reply, &size, &error);
        if (status != OKNG_OK) {
            (void)pthread_mutex_lock(&calls->mutex);
            calls->broken = status;
            calls->why = error;
            (void)pthread_cond_broadcast(&calls->came);
            (void)pthread_mutex_unlock(&calls->mutex);
            return NULL;
        }
        left -= size == 0;
        deliver(calls, reply, size);
    }
    return NULL;
}

/* Every rank: how many things each can do at a time; *counts [ranks->count] is okng_alloc'd. */
static okng_status gather_threads(const okng_ranks *ranks, int32_t mine, int32_t **counts, okng_error *error)
{
    *counts = okng_alloc_zero((size_t)ranks->count, sizeof **counts);
    if (!*counts) return okng_fail_memory(error, (size_t)ranks->count * sizeof **counts);
    (*counts)[ranks->rank] = mine;
    return okng_ranks_gather_parts(ranks, *counts, sizeof **counts, ranks->count, error);
}

/* The slots of all ranks by turns, so that the first things go to different ones. */
static okng_status make_slots(okng_calls *calls, const int32_t *threads, okng_error *error)
{
    int32_t most = 0;
    for (int32_t r = 1; r < calls->ranks->count; r++) {
        calls->count += threads[r];
        most = threads[r] > most ? threads[r] : most;
    }
    calls->slots = calloc((size_t)calls->count + 1, sizeof *calls->slots);
    if (!calls->slots) return okng_fail_memory(error, (size_t)calls->count * sizeof *calls->slots);
    int made = 0;
    for (int32_t turn = 0; turn < most; turn++)
        for (int32_t r = 1; r < calls->ranks->count; r++)
            if (turn < threads[r]) calls->slots[made++].rank = r;
    return OKNG_OK;
}

/* The others answer from here on, until they hear a goodbye. */
static okng_status start(okng_calls *calls, okng_error *error)
{
    int32_t *threads = NULL;
    okng_status status = gather_threads(calls->ranks, 0, &threads, error);
    if (status == OKNG_OK) status = make_slots(calls, threads, error);
    free(threads);
    OKNG_TRY(status);
    calls->listens = pthread_create(&calls->listener, NULL, listen_to_all, calls) == 0;
    if (calls->listens) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MEMORY, "no thread could be started for what other ranks reply");
}

static void release(okng_calls *c)
{
    for (int i = 0; i < c->count && c->slots; i++) free(c->slots[i].reply);
    (void)pthread_cond_destroy(&c->came);
    (void)pthread_mutex_destroy(&c->mutex);
    free(c->slots);
    free(c);
    okng_ranks_release();
}

okng_status okng_calls_open(okng_calls **out, const char *job, const okng_grown *parcel, okng_prelude_fn prelude,
                            const void *context, okng_error *error)
{
    *out = NULL;
    if (!okng_ranks_claim()) return OKNG_OK;
    okng_calls *c = calloc(1, sizeof *c);
    if (!c) {
        okng_ranks_release();
        return okng_fail_memory(error, sizeof *c);
    }
    c->ranks = okng_ranks_led();
    (void)pthread_mutex_init(&c->mutex, NULL);
    (void)pthread_cond_init(&c->came, NULL);
    okng_status status = okng_ranks_begin(c->ranks, job, parcel, error);
    if (status == OKNG_OK) status = okng_ranks_agree(c->ranks, prelude(c->ranks, context, error), error);
    if (status != OKNG_OK) {
        release(c);
        return status;
    }
    status = start(c, error);
    *out = c;
    if (status != OKNG_OK) okng_calls_close(out);
    return status;
}

void okng_calls_close(okng_calls **calls)
{
    okng_calls *c = *calls;
    if (!c) return;
    const call_head goodbye = {-1};
    for (int32_t r = 1; r < c->ranks->count; r++)
        (void)c->ranks->send(c->ranks->context, r, OKNG_TAG_CALL, &goodbye, sizeof goodbye, NULL);
    if (c->listens)
        (void)pthread_join(c->listener, NULL);
    else
        (void)listen_to_all(c);
    release(c);
    *calls = NULL;
}

/* What the other ranks can do at a time, all together; 0 of NULL. */
static int slots_of(const okng_calls *calls)
{
    return calls ? calls->count : 0;
}

/* Waits for the reply of a slot, and frees the slot. */
static okng_status await(okng_calls *calls, int number, void **reply, size_t *size, okng_error *error)
{
    slot *s = &calls->slots[number];
    (void)pthread_mutex_lock(&calls->mutex);
    while (!s->answered && calls->broken == OKNG_OK) (void)pthread_cond_wait(&calls->came, &calls->mutex);
    okng_status status = s->answered ? OKNG_OK : calls->broken;
    if (status != OKNG_OK && error) *error = calls->why;
    *reply = s->reply;
    *size = s->size;
    *s = (slot){.rank = s->rank};
    (void)pthread_mutex_unlock(&calls->mutex);
    return status;
}

okng_status okng_calls_ask(okng_calls *calls, int number, const okng_grown *request, void **reply, size_t *size,
                           okng_error *error)
{
    const call_head head = {number};
    okng_grown message = {0};
    *reply = NULL;
    okng_parcel_put(&message, &head, sizeof head);
    okng_parcel_put(&message, request->data, request->size);
    okng_status status = okng_parcel_packed(request, error);
    if (status == OKNG_OK) status = okng_parcel_packed(&message, error);
    if (status == OKNG_OK)
        status = calls->ranks->send(calls->ranks->context, calls->slots[number].rank, OKNG_TAG_CALL, message.data,
                                    message.size, error);
    free(message.data);
    OKNG_TRY(status);
    char *whole;
    OKNG_TRY(await(calls, number, (void **)&whole, size, error));
    reply_head said;
    memcpy(&said, whole, sizeof said); /* a reply that is shorter is no slot's */
    *size -= sizeof said;
    if (said.status == OKNG_OK) {
        memmove(whole, whole + sizeof said, *size);
        *reply = whole;
        return OKNG_OK;
    }
    free(whole);
    if (error) *error = said.why;
    return said.status;
}

/* ---- loops ------------------------------------------------------------------------------------------------------- */

static okng_status do_or_ask(void *context, int64_t i, int thread, okng_error *error)
{
    const okng_shared_loop *loop = context;
    if (thread < loop->threads) return loop->here(loop->context, i, thread, error);
    return loop->asked(loop->context, i, thread - loop->threads, error);
}

int okng_shared_width(const okng_shared_loop *loop)
{
    return loop->threads + slots_of(loop->calls);
}

okng_status okng_shared_each(const okng_shared_loop *loop, int64_t count, okng_ticker *ticker, const char *what,
                             okng_error *error)
{
    okng_shared_loop own = *loop;
    return okng_each_with(loop->threads, slots_of(loop->calls), count, do_or_ask, &own, ticker, what, error);
}

/* ---- other ranks ------------------------------------------------------------------------------------------------- */

typedef struct answering {
    const okng_ranks *ranks;
    okng_answer_fn answer;
    void *context;
    pthread_mutex_t mutex; /* guards what follows; who waits for a call holds it */
    bool closed;
    okng_status status;
    okng_error why;
} answering;

/* The next call; NULL once there are no more. */
static void *next_call(answering *a, size_t *size)
{
    void *bytes = NULL;
    (void)pthread_mutex_lock(&a->mutex);
    if (!a->closed) {
        call_head head = {-1};
        okng_status status = a->ranks->receive(a->ranks->context, 0, OKNG_TAG_CALL, NULL, &bytes, size, &a->why);
        if (status != OKNG_OK) a->status = status;
        if (status == OKNG_OK && *size >= sizeof head) memcpy(&head, bytes, sizeof head);
        a->closed = head.slot < 0;
    }
    if (a->closed) {
        free(bytes);
        bytes = NULL;
    }
    (void)pthread_mutex_unlock(&a->mutex);
    return bytes;
}

static void reply_to(answering *a, int thread, const char *bytes, size_t size)
{
    call_head call;
    okng_parcel request = {.next = bytes, .left = size};
    okng_parcel_take(&request, &call, sizeof call);
    okng_grown reply = {0};
    reply_head head = {.slot = call.slot};
    okng_parcel_put(&reply, &head, sizeof head);
    head.status = a->answer(a->context, thread, &request, &reply, &head.why);
    if (head.status == OKNG_OK) head.status = okng_parcel_packed(&reply, &head.why);
    if (reply.size >= sizeof head) memcpy(reply.data, &head, sizeof head);
    const bool whole = head.status == OKNG_OK;
    okng_error why = {0};
    okng_status status = a->ranks->send(a->ranks->context, 0, OKNG_TAG_REPLY, whole ? reply.data : (const void *)&head,
                                        whole ? reply.size : sizeof head, &why);
    free(reply.data);
    if (status == OKNG_OK) return;
    (void)pthread_mutex_lock(&a->mutex);
    a->status = status;
    a->why = why;
    (void)pthread_mutex_unlock(&a->mutex);
}

static void answer_some(void *context, int64_t begin, int64_t end, int thread)
{
    answering *a = context;
    size_t size;
    (void)begin;
    (void)end;
    for (char *bytes; (bytes = next_call(a, &size));) {
        reply_to(a, thread, bytes, size);
        free(bytes);
    }
}

okng_status okng_calls_answer(const okng_ranks *ranks, okng_status mine, int threads, okng_answer_fn answer,
                              void *context, okng_error *error)
{
    int32_t *counts = NULL;
    OKNG_TRY(okng_ranks_agree(ranks, mine, error));
    okng_status status = gather_threads(ranks, threads, &counts, error);
    free(counts);
    OKNG_TRY(status);
    answering a = {.ranks = ranks, .answer = answer, .context = context};
    (void)pthread_mutex_init(&a.mutex, NULL);
    okng_parallel_for(threads, threads, 1, answer_some, &a);
    (void)pthread_mutex_destroy(&a.mutex);
    if (a.status == OKNG_OK) a.status = ranks->send(ranks->context, 0, OKNG_TAG_REPLY, NULL, 0, &a.why);
    if (a.status != OKNG_OK && error) *error = a.why;
    return a.status;
}
