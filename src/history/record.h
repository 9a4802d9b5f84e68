/* One inspection, as the history keeps it, sinks send it, events tell it and `okng log` prints it. */
#ifndef OKNG_HISTORY_RECORD_H
#define OKNG_HISTORY_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

enum {
    OKNG_RECORD_ID = 33,      /* bytes of an id, NUL included */
    OKNG_HASH_TEXT = 65,      /* of a SHA-256 in hex, NUL included */
    OKNG_RECORD_NAME = 256,   /* of the names of banks, sources and people, NUL included */
    OKNG_RECORD_REGIONS = 100 /* regions of the mask that a record holds, those of the highest peaks */
};

/* What came of a picture. Only OK is OK: who meets a verdict that he does not know treats it as NG. */
typedef enum okng_outcome {
    OKNG_OUTCOME_NOT_INSPECTED = 0, /* nothing was judged: no picture, a damaged one, lost packets, a time-out */
    OKNG_OUTCOME_OK,
    OKNG_OUTCOME_NG,
    OKNG_OUTCOME_REVIEW,
    OKNG_OUTCOME_NOT_FOUND /* the region that is inspected is not in the picture */
} okng_outcome;
/* "OK", "NG", "REVIEW", "NOT_FOUND", "NOT_INSPECTED"; static storage, never NULL. */
const char *okng_outcome_text(okng_outcome outcome);
/* The outcome of that name; false where there is none of it. */
bool okng_outcome_of(const char *text, okng_outcome *outcome);
/* Bits 1 << okng_outcome of names with commas between them, "all", or "none". False where one is unknown. */
bool okng_outcomes_of(const char *text, unsigned *bits);

/* A picture that was kept: flags of okng_record.kept. */
enum { OKNG_KEPT_PICTURE = 1, OKNG_KEPT_OVERLAY = 2, OKNG_KEPT_HEAT = 4 };

/* Texts are UTF-8. Zeroed, but for its numbers (okng_record_init), it is a picture that was not inspected. */
typedef struct okng_record {
    char id[OKNG_RECORD_ID]; /* 32 hex digits; later ones sort after earlier ones of one process */
    int64_t time;            /* microseconds since 1970, UTC: when the picture was taken, else when it came */
    char bank[OKNG_RECORD_NAME];
    char bank_hash[OKNG_HASH_TEXT];
    char source[OKNG_RECORD_NAME];  /* where the picture came from: "http", or a source of the line */
    char picture[OKNG_RECORD_NAME]; /* its name; "" where it has none */
    char picture_hash[OKNG_HASH_TEXT];
    okng_outcome outcome;
    double score, p_value;                   /* NaN where there is none, as those below */
    double image_threshold, pixel_threshold; /* that were in force */
    double review_low, review_high;          /* both NaN: no band */
    double duration;                         /* milliseconds from having the picture to having the verdict */
    int32_t recipe_number;                   /* -1: the bank was not chosen by a number */
    char why[512];                           /* it was not inspected, or not found; "" otherwise */
    char *regions;                           /* JSON array {x, y, width, height, area, score}; owned; NULL: none */
    okng_outcome judged;                     /* by a person: OK or NG; NOT_INSPECTED: nobody did */
    char judged_by[OKNG_RECORD_NAME];
    int64_t judged_time; /* as time; 0: not judged */
    unsigned kept;       /* OKNG_KEPT_... */
} okng_record;

/* Zeroes, sets the numbers to NaN, recipe_number to -1 and the time to now, and makes an id: of 48 bits of time, 16 of
 * a counter and 64 random ones, so that ids of several processes differ. Any thread. */
void okng_record_init(okng_record *record);
void okng_record_free(okng_record *record); /* what it owns; zeroed is fine */

/* The one JSON form of a record: members "id", "time" (ISO 8601, UTC, milliseconds), "bank", "bank_hash", "source",
 * "picture", "picture_hash", "verdict", "score", "p_value", "image_threshold", "pixel_threshold", "review" ([low, high]
 * or null), "regions", "duration_ms", "recipe_number", "why", "judged", "judged_by", "judged_time", "kept". What is
 * not known is null. NULL when memory is out. */
json_t *okng_record_json(const okng_record *record);
/* The record of such an object; `name` is told in errors. What is missing is as null. FORMAT, also of a verdict that is
 * not known, LIMIT, MEMORY; the record owns nothing then. Release with okng_record_free. */
okng_status okng_record_read(okng_record *record, const json_t *object, const char *name, okng_error *error);
/* Score, p-value, thresholds, band, regions and verdict of a result; the rest stays as it is. MEMORY: the record still
 * is one of a picture that was not inspected. */
okng_status okng_record_take_result(okng_record *record, const okng_result *result, okng_error *error);
/* "2026-11-28T10:15:30.123Z" of microseconds since 1970 into text; returns text. */
const char *okng_time_text(int64_t time, char text[32]);
/* time_text.c: the other way, of "2026-11-28", which is its midnight, "2026-11-28T10:15", with seconds and their
 * fraction, and with a zone, "Z" or "+09:00"; without one it is UTC. False where it is none. */
bool okng_time_of(const char *text, int64_t *time);

#endif
