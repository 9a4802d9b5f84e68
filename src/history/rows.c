#include "history/rows.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/utf8.h"
#include "history/history.h"

typedef enum kind {
    TEXT,    /* char [size]; "" is null */
    OWNED,   /* char *, malloc'd; NULL is null */
    TIME,    /* int64_t, microseconds */
    MOMENT,  /* the same; 0 is null */
    REAL,    /* double; NaN is null */
    WHOLE,   /* int32_t; below 0 is null */
    OUTCOME, /* okng_outcome */
    JUDGED   /* the same; NOT_INSPECTED is null */
} kind;

typedef struct column {
    const char *name;
    kind kind;
    size_t offset, size;
} column;

#define COLUMN(name, kind, member)                                                          \
    {                                                                                       \
        name, kind, offsetof(okng_record, member), sizeof(((const okng_record *)0)->member) \
    }
/* In the order of OKNG_ROW_COLUMNS. */
static const column columns[] = {
    COLUMN("id", TEXT, id),
    COLUMN("time", TIME, time),
    COLUMN("bank", TEXT, bank),
    COLUMN("bank_hash", TEXT, bank_hash),
    COLUMN("source", TEXT, source),
    COLUMN("picture", TEXT, picture),
    COLUMN("picture_hash", TEXT, picture_hash),
    COLUMN("verdict", OUTCOME, outcome),
    COLUMN("score", REAL, score),
    COLUMN("p_value", REAL, p_value),
    COLUMN("image_threshold", REAL, image_threshold),
    COLUMN("pixel_threshold", REAL, pixel_threshold),
    COLUMN("review_low", REAL, review_low),
    COLUMN("review_high", REAL, review_high),
    COLUMN("regions", OWNED, regions),
    COLUMN("duration_ms", REAL, duration),
    COLUMN("recipe_number", WHOLE, recipe_number),
    COLUMN("why", TEXT, why),
    COLUMN("judged", JUDGED, judged),
    COLUMN("judged_by", TEXT, judged_by),
    COLUMN("judged_time", MOMENT, judged_time),
};
_Static_assert(sizeof columns / sizeof *columns == OKNG_ROW_COUNT, "one for each of OKNG_ROW_COLUMNS");

static const void *member_of(const okng_record *record, const column *c)
{
    return (const char *)record + c->offset;
}

static void *place_in(okng_record *record, const column *c)
{
    return (char *)record + c->offset;
}

/* ---- to a row ---------------------------------------------------------------------------------------------------- */

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text && *text)
        (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(statement, at);
}

static void bind_whole(sqlite3_stmt *statement, int at, int64_t value, bool known)
{
    if (known)
        (void)sqlite3_bind_int64(statement, at, value);
    else
        (void)sqlite3_bind_null(statement, at);
}

static void bind_column(sqlite3_stmt *statement, int at, const okng_record *record, const column *c)
{
    const void *member = member_of(record, c);
    switch (c->kind) {
    case TEXT:
        bind_text(statement, at, member);
        break;
    case OWNED:
        bind_text(statement, at, *(char *const *)member);
        break;
    case TIME:
        bind_whole(statement, at, *(const int64_t *)member, true);
        break;
    case MOMENT:
        bind_whole(statement, at, *(const int64_t *)member, *(const int64_t *)member != 0);
        break;
    case REAL:
        (void)sqlite3_bind_double(statement, at, *(const double *)member);
        break; /* NaN becomes null */
    case WHOLE:
        bind_whole(statement, at, *(const int32_t *)member, *(const int32_t *)member >= 0);
        break;
    case OUTCOME:
        bind_text(statement, at, okng_outcome_text(*(const okng_outcome *)member));
        break;
    case JUDGED: {
        const okng_outcome judged = *(const okng_outcome *)member;
        bind_text(statement, at, judged == OKNG_OUTCOME_NOT_INSPECTED ? NULL : okng_outcome_text(judged));
    }
    }
}

void okng_row_bind(sqlite3_stmt *statement, const okng_record *record)
{
    for (int i = 0; i < OKNG_ROW_COUNT; i++) bind_column(statement, i + 1, record, &columns[i]);
}

/* ---- from a row -------------------------------------------------------------------------------------------------- */

static okng_outcome read_outcome(const char *text, okng_outcome otherwise)
{
    okng_outcome outcome;
    return text && okng_outcome_of(text, &outcome) ? outcome : otherwise;
}

static void read_text(const char *text, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", text ? okng_utf8_cut(text, (int)size - 1) : 0, text ? text : "");
}

static int32_t read_whole(sqlite3_stmt *statement, int at)
{
    const int64_t value = sqlite3_column_int64(statement, at);
    return sqlite3_column_type(statement, at) == SQLITE_NULL || value < 0 || value > INT32_MAX ? -1 : (int32_t)value;
}

static bool read_column(sqlite3_stmt *statement, int at, okng_record *record, const column *c)
{
    void *place = place_in(record, c);
    const bool null = sqlite3_column_type(statement, at) == SQLITE_NULL;
    const char *text = NULL;
    if (c->kind == TEXT || c->kind == OWNED || c->kind == OUTCOME || c->kind == JUDGED) {
        text = (const char *)sqlite3_column_text(statement, at);
        if (!text && !null) return false; /* there was no memory to bring it out */
    }
    switch (c->kind) {
    case TEXT:
        read_text(text, place, c->size);
        break;
    case OWNED:
        return !text || (*(char **)place = strdup(text)) != NULL;
    case TIME:
    case MOMENT:
        *(int64_t *)place = sqlite3_column_int64(statement, at);
        break;
    case REAL:
        *(double *)place = null ? (double)NAN : sqlite3_column_double(statement, at);
        break;
    case WHOLE:
        *(int32_t *)place = read_whole(statement, at);
        break;
    case OUTCOME:
        *(okng_outcome *)place = read_outcome(text, OKNG_OUTCOME_NG);
        break;
    case JUDGED:
        *(okng_outcome *)place = read_outcome(text, OKNG_OUTCOME_NOT_INSPECTED);
        break;
    }
    return true;
}

okng_status okng_row_read(sqlite3_stmt *statement, int first, okng_record *record, okng_error *error)
{
    bool read = true;
    *record = (okng_record){0};
    for (int i = 0; i < OKNG_ROW_COUNT && read; i++) read = read_column(statement, first + i, record, &columns[i]);
    if (read) return OKNG_OK;
    okng_record_free(record);
    return okng_fail_memory(error, sizeof *record);
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

void okng_record_csv_header(FILE *stream)
{
    for (int i = 0; i < OKNG_ROW_COUNT; i++) (void)fprintf(stream, "%s%s", i > 0 ? "," : "", columns[i].name);
    (void)fputs("\n", stream);
}

static void write_time(FILE *stream, int64_t time)
{
    char text[32];
    (void)fputs(okng_time_text(time, text), stream);
}

static void write_column(FILE *stream, const okng_record *record, const column *c)
{
    const void *member = member_of(record, c);
    switch (c->kind) {
    case TEXT:
        okng_csv_write_field(stream, member);
        break;
    case OWNED:
        okng_csv_write_field(stream, *(char *const *)member ? *(char *const *)member : "");
        break;
    case TIME:
        write_time(stream, *(const int64_t *)member);
        break;
    case MOMENT:
        if (*(const int64_t *)member != 0) write_time(stream, *(const int64_t *)member);
        break;
    case REAL:
        if (isfinite(*(const double *)member)) (void)fprintf(stream, "%.9g", *(const double *)member);
        break;
    case WHOLE:
        if (*(const int32_t *)member >= 0) (void)fprintf(stream, "%d", *(const int32_t *)member);
        break;
    case OUTCOME:
        (void)fputs(okng_outcome_text(*(const okng_outcome *)member), stream);
        break;
    case JUDGED:
        if (record->judged != OKNG_OUTCOME_NOT_INSPECTED) (void)fputs(okng_outcome_text(record->judged), stream);
    }
}

void okng_record_csv(FILE *stream, const okng_record *record)
{
    for (int i = 0; i < OKNG_ROW_COUNT; i++) {
        if (i > 0) (void)fputc(',', stream);
        write_column(stream, record, &columns[i]);
    }
    (void)fputs("\n", stream);
}
