/* Sessions of the towers that wait for their next picture. Private to winclip/. */
#ifndef OKNG_WINCLIP_SESSIONS_H
#define OKNG_WINCLIP_SESSIONS_H

#include "clip/clip.h"

/* May be used by several threads at a time. */
typedef struct okng_clip_sessions okng_clip_sessions;

/* Borrows the towers. Errors: MEMORY. */
okng_status okng_clip_sessions_new(okng_clip_sessions **out, okng_clip *clip, okng_error *error);
void okng_clip_sessions_free(okng_clip_sessions **sessions);
/* A session for `threads` threads; must be given back with the same number. Errors: those of okng_clip_session_new. */
okng_status okng_clip_sessions_take(okng_clip_sessions *sessions, int threads, okng_clip_session **session,
                                    okng_error *error);
void okng_clip_sessions_give(okng_clip_sessions *sessions, int threads, okng_clip_session *session);

#endif
