/* What is said of good pictures before a bank is made of them. */
#ifndef OKNG_LEARN_WARNINGS_H
#define OKNG_LEARN_WARNINGS_H

#include "learn/survey.h"

/* Who hears what is said. */
typedef struct okng_listener {
    okng_build_event_fn fn; /* may be NULL */
    void *user;
} okng_listener;
/* `code` is static; `picture` may be NULL; the rest makes the text, of at most 1,000 bytes. */
__attribute__((format(printf, 5, 6))) void okng_say(const okng_listener *listener, okng_build_event_kind kind,
                                                    const char *code, const char *picture, const char *format, ...);

/* Warns, in this order: few-pictures, name, same-pictures, similar-pictures, sizes, aspects, colours. `folder` is that
 * of the pictures as it was given; `squeezed`: all are brought to one width and height. */
void okng_warn(const okng_listener *listener, const char *folder, const okng_pictures *pictures,
               const okng_surveyed *surveyed, bool squeezed);

/* ARGUMENT, naming it, where a file below `folder` is one that okng infer writes. Errors: those of listing. */
okng_status okng_refuse_results(const char *folder, okng_error *error);

#endif
