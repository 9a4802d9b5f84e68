/* Triggers of a source that takes pictures when it is asked: one at a time, each answered by its picture or by the word
 * that none came. */
#ifndef OKNG_LINE_ASKED_H
#define OKNG_LINE_ASKED_H

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"

/* Any thread. */
typedef struct okng_asked {
    pthread_mutex_t mutex;
    bool ready;     /* triggers are taken */
    double since;   /* when the one was given whose picture has not come, by okng_clock; 0: none */
    double timeout; /* seconds that a picture may take */
} okng_asked;

void okng_asked_init(okng_asked *asked, double timeout);
void okng_asked_free(okng_asked *asked);
/* Whether triggers are taken from now on; one that was given is forgotten. */
void okng_asked_open(okng_asked *asked, bool ready);
/* A trigger. BUSY where none is taken now. */
okng_status okng_asked_begin(okng_asked *asked, okng_error *error);
/* A picture came, or the trigger failed: whether one was waited for. */
bool okng_asked_answer(okng_asked *asked);
bool okng_asked_waits(okng_asked *asked);
/* True once where the picture has not come in time, or `hopeless`. No triggers are taken until okng_asked_open: what
 * may still come must not be taken for the next one's. */
bool okng_asked_is_late(okng_asked *asked, bool hopeless);

#endif
