/* What the test of drift.h knows of each bank, in the table `drift`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "history/drift.h"
#include "history/inside.h"

/* A bank, and how many of its scores were written since it was looked at. */
struct okng_drift_due {
    char bank[OKNG_RECORD_NAME];
    int fresh;
};

enum { MOST_BANKS = 4096 }; /* beyond it drift is not looked at: a history of that many is of no line */

void okng_drift_count(okng_history *history, const okng_record *record)
{
    if (record->outcome != OKNG_OUTCOME_OK || isnan(record->score) || !record->bank[0]) return;
    size_t i = 0;
    while (i < history->due_count && strcmp(history->due[i].bank, record->bank) != 0) i++;
    if (i == history->due_count) {
        void *due = history->due;
        if (i == MOST_BANKS || !okng_grow(&due, &history->due_room, i + 1, sizeof *history->due)) return;
        history->due = due;
        (void)snprintf(history->due[i].bank, sizeof history->due[i].bank, "%s", record->bank);
        history->due[i].fresh = OKNG_DRIFT_BLOCK; /* there may be older ones that nobody looked at */
        history->due_count++;
    }
    history->due[i].fresh++;
}

void okng_drift_stop(okng_history *history)
{
    free(history->due);
    history->due = NULL;
}

/* ---- one bank's row ---------------------------------------------------------------------------------------------- */

typedef struct state {
    const char *bank;
    char hash[OKNG_HASH_TEXT]; /* of the bank when its reference began */
    double reference[OKNG_DRIFT_REFERENCE];
    bool complete;  /* the reference is */
    int64_t after;  /* number of the last inspection that was looked at */
    int64_t blocks; /* since then */
    double p_value; /* of the newest block; NaN: there is none */
    int64_t since;  /* time at which the first block of a warning began; 0: there is no warning */
} state;

/* False where the bank has none. */
static okng_status load(okng_database *database, state *s, bool *found, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(
        database, "SELECT bank_hash, reference, after, blocks, p_value, since FROM drift WHERE bank = ?1", &statement,
        error));
    (void)sqlite3_bind_text(statement, 1, s->bank, -1, SQLITE_STATIC);
    OKNG_TRY(okng_database_step(database, statement, found, error));
    if (*found) {
        const char *hash = (const char *)sqlite3_column_text(statement, 0);
        const void *reference = sqlite3_column_blob(statement, 1);
        (void)snprintf(s->hash, sizeof s->hash, "%s", hash ? hash : "");
        s->complete = reference && sqlite3_column_bytes(statement, 1) == (int)sizeof s->reference;
        if (s->complete) memcpy(s->reference, reference, sizeof s->reference);
        s->after = sqlite3_column_int64(statement, 2);
        s->blocks = sqlite3_column_int64(statement, 3);
        s->p_value =
            sqlite3_column_type(statement, 4) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(statement, 4);
        s->since = sqlite3_column_int64(statement, 5);
    }
    (void)sqlite3_reset(statement);
    return OKNG_OK;
}

static okng_status save(okng_database *database, const state *s, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(
        okng_database_statement(database,
                                "INSERT OR REPLACE INTO drift (bank, bank_hash, reference, after, blocks, p_value, "
                                "since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                &statement, error));
    (void)sqlite3_bind_text(statement, 1, s->bank, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, s->hash, -1, SQLITE_STATIC);
    if (s->complete)
        (void)sqlite3_bind_blob(statement, 3, s->reference, (int)sizeof s->reference, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(statement, 3);
    (void)sqlite3_bind_int64(statement, 4, s->after);
    (void)sqlite3_bind_int64(statement, 5, s->blocks);
    (void)sqlite3_bind_double(statement, 6, s->p_value);
    (void)sqlite3_bind_int64(statement, 7, s->since);
    return okng_database_finish(database, statement, error);
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* The next scores of a bank. */
typedef struct taken {
    double scores[OKNG_DRIFT_REFERENCE];
    int count, wanted;
    int64_t begin;             /* time of the first */
    int64_t last;              /* number of the last */
    bool changed;              /* the bank is another from `last` on */
    char hash[OKNG_HASH_TEXT]; /* that it has then */
} taken;

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* False: it is of a bank that changed. */
static bool take_score(sqlite3_stmt *statement, const state *s, taken *t)
{
    const char *text = (const char *)sqlite3_column_text(statement, 3);
    const char *hash = text ? text : "";
    if (strncmp(hash, s->hash, OKNG_HASH_TEXT - 1) != 0) {
        t->changed = true;
        (void)snprintf(t->hash, sizeof t->hash, "%s", hash);
        return false;
    }
    t->last = sqlite3_column_int64(statement, 0);
    if (t->count == 0) t->begin = sqlite3_column_int64(statement, 1);
    t->scores[t->count++] = sqlite3_column_double(statement, 2);
    return true;
}

/* Up to `wanted` scores of OK pictures behind s->after. What a person judged NG is none of a good part. */
static okng_status take_scores(okng_database *database, const state *s, taken *t, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database,
                                     "SELECT number, time, score, bank_hash FROM inspection WHERE bank = ?1 AND "
                                     "number > ?2 AND verdict = 'OK' AND judged IS NOT 'NG' AND score IS NOT NULL "
                                     "ORDER BY number LIMIT ?3",
                                     &statement, error));
    (void)sqlite3_bind_text(statement, 1, s->bank, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, s->after);
    (void)sqlite3_bind_int(statement, 3, t->wanted);
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row)
        if (!take_score(statement, s, t)) break;
    (void)sqlite3_reset(statement);
    qsort(t->scores, (size_t)t->count, sizeof *t->scores, by_value);
    return status;
}

/* ---- a look ------------------------------------------------------------------------------------------------------ */

/* The scores behind s->after are the next reference. */
static void begin_reference(state *s)
{
    s->complete = false;
    s->blocks = 0;
    s->p_value = (double)NAN;
    s->since = 0;
}

static void judge_block(state *s, const taken *t)
{
    double row[OKNG_DRIFT_BLOCK + 1];
    const double d = okng_ks_distance(s->reference, OKNG_DRIFT_REFERENCE, t->scores, OKNG_DRIFT_BLOCK);
    s->p_value = okng_ks_p_value(OKNG_DRIFT_REFERENCE, OKNG_DRIFT_BLOCK, d, row);
    s->blocks++;
    if (s->p_value >= OKNG_DRIFT_LEVEL)
        s->since = 0;
    else if (s->since == 0)
        s->since = t->begin;
}

/* Takes the next part of the scores; *more is false where they do not fill one. A part that a change of the bank cuts
 * off is left out. */
static okng_status step(okng_database *database, state *s, bool *more, okng_error *error)
{
    taken t = {.wanted = s->complete ? OKNG_DRIFT_BLOCK : OKNG_DRIFT_REFERENCE, .last = s->after};
    OKNG_TRY(take_scores(database, s, &t, error));
    *more = t.changed || t.count == t.wanted;
    if (!*more) return OKNG_OK;
    s->after = t.last;
    if (t.changed) {
        memcpy(s->hash, t.hash, sizeof s->hash);
        begin_reference(s);
    } else if (s->complete)
        judge_block(s, &t);
    else {
        memcpy(s->reference, t.scores, sizeof s->reference);
        s->complete = true;
    }
    return OKNG_OK;
}

/* An okng_write_fn; `bank` is its name. Every bank comes to a row, so that one without enough scores has one too. */
static okng_status look(okng_database *database, void *bank, okng_error *error)
{
    enum { STEPS = 50 }; /* of one transaction */
    state s = {.bank = bank, .p_value = (double)NAN};
    bool found, more = true;
    OKNG_TRY(load(database, &s, &found, error));
    for (int i = 0; i < STEPS && more; i++) OKNG_TRY(step(database, &s, &more, error));
    return save(database, &s, error);
}

void okng_drift_tick(okng_history *history)
{
    if (!history->database.sqlite) return;
    for (size_t i = 0; i < history->due_count; i++) {
        struct okng_drift_due *due = &history->due[i];
        if (due->fresh < OKNG_DRIFT_BLOCK) continue;
        if (okng_transaction(history, look, due->bank, NULL) == OKNG_OK) due->fresh = 0;
    }
}

/* ---- a new reference --------------------------------------------------------------------------------------------- */

static okng_status renew(okng_database *database, void *context, okng_error *error)
{
    okng_change *change = context;
    state s = {.bank = change->bank, .p_value = (double)NAN};
    bool found;
    OKNG_TRY(load(database, &s, &found, error));
    if (!found) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the history has no scores of a bank \"%s\"", s.bank);
    OKNG_TRY(okng_database_number(database, "SELECT max(number) FROM inspection", 0, &s.after, error));
    begin_reference(&s);
    OKNG_TRY(save(database, &s, error));
    return okng_change_run(database, change, error);
}

okng_status okng_history_renew_drift(okng_history *history, const char *bank, const char *by, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_need(by, "who asks for a new reference", error));
    okng_change change = {
        .time = history->options.clock->wall(), .by = by, .what = "drift reference renewed", .bank = bank};
    return okng_history_write(history, renew, &change, 10, error);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

/* The bank with the worst newest block; false where none has one. */
static okng_status worst_bank(okng_database *database, char bank[OKNG_RECORD_NAME], okng_error *error)
{
    sqlite3_stmt *statement;
    bool row;
    OKNG_TRY(okng_database_statement(database, "SELECT bank FROM drift ORDER BY p_value IS NULL, p_value, bank LIMIT 1",
                                     &statement, error));
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    const char *text = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    (void)snprintf(bank, OKNG_RECORD_NAME, "%s", text ? text : "");
    (void)sqlite3_reset(statement);
    return OKNG_OK;
}

static json_t *state_json(const state *s, bool found)
{
    char text[256], since[32];
    const bool known = found && !isnan(s->p_value), warning = known && s->since != 0;
    if (!known)
        (void)snprintf(text, sizeof text, "not known before %d pictures of this bank are OK",
                       OKNG_DRIFT_REFERENCE + OKNG_DRIFT_BLOCK);
    else
        (void)snprintf(text, sizeof text, "%s, p-value %.2g of the last %d OK scores against the bank's first %d",
                       warning ? "the scores of OK pictures have changed" : "no change of the scores of OK pictures",
                       s->p_value, OKNG_DRIFT_BLOCK, OKNG_DRIFT_REFERENCE);
    json_t *drift = json_object();
    okng_json_put(&drift, "state", json_string(!known ? "unknown" : warning ? "warning" : "none"));
    okng_json_put(&drift, "bank", *s->bank ? okng_json_any_text(s->bank) : json_null());
    okng_json_put(&drift, "p_value", known ? json_real(s->p_value) : json_null());
    okng_json_put(&drift, "level", json_real(OKNG_DRIFT_LEVEL));
    okng_json_put(&drift, "blocks", json_integer(found ? s->blocks : 0));
    okng_json_put(&drift, "test", json_string("two-sample Kolmogorov-Smirnov, exact, blocks of 100 against 500"));
    okng_json_put(&drift, "since", warning ? json_string(okng_time_text(s->since, since)) : json_null());
    okng_json_put(&drift, "text", json_string(text));
    return drift;
}
_Static_assert(OKNG_DRIFT_BLOCK == 100 && OKNG_DRIFT_REFERENCE == 500, "as the test is called");

okng_status okng_drift_json(okng_database *database, const char *bank, json_t **out, okng_error *error)
{
    char worst[OKNG_RECORD_NAME];
    bool found;
    if (!bank) OKNG_TRY(worst_bank(database, worst, error));
    state s = {.bank = bank ? bank : worst, .p_value = (double)NAN};
    OKNG_TRY(load(database, &s, &found, error));
    *out = state_json(&s, found);
    return *out ? OKNG_OK : okng_fail_memory(error, sizeof s);
}
