#include "winclip/sessions.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct idle {
    okng_clip_session *session;
    int threads;
    struct idle *next;
} idle;

struct okng_clip_sessions {
    okng_clip *clip;
    pthread_mutex_t mutex; /* guards `idle` */
    idle *idle;
};

okng_status okng_clip_sessions_new(okng_clip_sessions **out, okng_clip *clip, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->clip = clip;
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return OKNG_OK;
}

void okng_clip_sessions_free(okng_clip_sessions **sessions)
{
    if (!*sessions) return;
    while ((*sessions)->idle) {
        idle *first = (*sessions)->idle;
        (*sessions)->idle = first->next;
        okng_clip_session_free(&first->session);
        free(first);
    }
    (void)pthread_mutex_destroy(&(*sessions)->mutex);
    free(*sessions);
    *sessions = NULL;
}

okng_status okng_clip_sessions_take(okng_clip_sessions *sessions, int threads, okng_clip_session **session,
                                    okng_error *error)
{
    (void)pthread_mutex_lock(&sessions->mutex);
    idle **at = &sessions->idle;
    while (*at && (*at)->threads != threads) at = &(*at)->next;
    idle *found = *at;
    if (found) *at = found->next;
    (void)pthread_mutex_unlock(&sessions->mutex);
    if (!found) return okng_clip_session_new(session, sessions->clip, threads, error);
    *session = found->session;
    free(found);
    return OKNG_OK;
}

void okng_clip_sessions_give(okng_clip_sessions *sessions, int threads, okng_clip_session *session)
{
    idle *entry = malloc(sizeof *entry);
    if (!entry) { /* no room to remember it */
        okng_clip_session_free(&session);
        return;
    }
    (void)pthread_mutex_lock(&sessions->mutex);
    *entry = (idle){session, threads, sessions->idle};
    sessions->idle = entry;
    (void)pthread_mutex_unlock(&sessions->mutex);
}
