/* What lies in the spool for a result: a line for the line itself, and the record as JSON on the next. */
#ifndef OKNG_LINE_ENVELOPE_H
#define OKNG_LINE_ENVELOPE_H

#include "history/record.h"

typedef struct okng_envelope {
    const char *source, *key, *path; /* of the frame */
    unsigned wanted;                 /* OKNG_WITH_... that are being made for it */
} okng_envelope;

/* The text for the spool, malloc'd, and where the record's JSON begins in it. */
okng_status okng_envelope_write(const okng_envelope *envelope, const okng_record *record, char **text, size_t *size,
                                size_t *record_at, okng_error *error);

/* A text of the spool, taken apart. */
typedef struct okng_opened {
    json_t *head;           /* owns the strings of the envelope */
    okng_envelope envelope; /* borrowed of it */
    okng_record record;
    const char *json; /* of the record, in the text that was given */
} okng_opened;
/* `text` is NUL-terminated. FORMAT, LIMIT, MEMORY. Release with okng_opened_free, also after a failure. */
okng_status okng_envelope_open(okng_opened *out, const char *text, okng_error *error);
/* The envelope alone: no record. */
okng_status okng_envelope_look(okng_opened *out, const char *text, okng_error *error);
void okng_opened_free(okng_opened *opened);

#endif
