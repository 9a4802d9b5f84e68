/* A bank that was made from others, put in its place. Private to grow/. */
#ifndef OKNG_GROW_MADE_H
#define OKNG_GROW_MADE_H

#include "grow/source.h"

/* A bank that is being made: `file` is filled by a method's okng_growing. */
typedef struct okng_grow_made {
    okng_bank_writer writer;
    okng_bank_file file; /* without data */
    const okng_method *method;
    void *model;
    okng_weights *weights; /* NULL where none are needed */
} okng_grow_made;

/* Takes the right to write `folder`. Errors: those of okng_bank_writer_open. okng_grow_made_close must follow, on
 * failure too. */
okng_status okng_grow_made_open(okng_grow_made *made, const char *folder, okng_error *error);
/* The configuration of `source` is that of the new bank, to be changed. */
void okng_grow_made_begin(okng_grow_made *made, const okng_grow_source *source, int32_t threads);
/* Once made->model is there: writes the bank, with the weights of the source's folder where it has its own, and what
 * somebody chose in it where `keep_choice`; then in place. */
okng_status okng_grow_made_finish(okng_grow_made *made, const okng_grow_source *source, bool keep_choice,
                                  okng_error *error);
/* Whether somebody chose a threshold or a band in it. */
bool okng_grow_has_choice(const okng_grow_source *source);
void okng_grow_made_close(okng_grow_made *made);

#endif
