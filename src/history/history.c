/* Opening and closing a history, and what is written to it. */
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "history/inside.h"
#include "history/rows.h"

bool okng_history_available(void)
{
    return true;
}

void okng_history_options_init(okng_history_options *options)
{
    *options = (okng_history_options){.keep = 1u << OKNG_OUTCOME_NG | 1u << OKNG_OUTCOME_REVIEW,
                                      .days = 365,
                                      .max_bytes = (uint64_t)10 << 30,
                                      .queue = 4096};
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status name_places(okng_history *h, const okng_history_options *options, okng_error *error)
{
    const bool is_file = options->read_only && !okng_is_folder(options->folder);
    h->folder = strdup(options->folder);
    h->path = is_file ? strdup(options->folder) : okng_path_join(options->folder, OKNG_HISTORY_DATABASE);
    h->pictures = okng_path_join(options->folder, OKNG_HISTORY_PICTURES);
    return h->folder && h->path && h->pictures ? OKNG_OK : okng_fail_memory(error, strlen(options->folder));
}

/* Connections have their own attributes of conditions: times to wait until are of the clock that is never set. */
static void make_locks(okng_history *h)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&h->mutex, NULL);
    (void)pthread_cond_init(&h->work, &attributes);
    (void)pthread_cond_init(&h->room, &attributes);
    (void)pthread_cond_init(&h->done, NULL);
    (void)pthread_condattr_destroy(&attributes);
}

static okng_status look_at_clock(okng_history *h, okng_error *error)
{
    int64_t newest, jumped;
    OKNG_TRY(okng_database_number(&h->database, "SELECT time FROM inspection ORDER BY number DESC LIMIT 1", 0, &newest,
                                  error));
    OKNG_TRY(okng_database_number(
        &h->database, "SELECT time FROM change WHERE what = '" OKNG_CLOCK_JUMPED "' ORDER BY number DESC LIMIT 1", 0,
        &jumped, error));
    const int64_t jump = okng_watch_start(&h->watch, h->options.clock, newest, jumped);
    if (jump != 0) okng_retention_note_jump(h, jump);
    return OKNG_OK;
}

/* Opens it and looks at all of it. */
static okng_status open_and_look(okng_history *h, okng_error *error)
{
    OKNG_TRY(okng_database_open(&h->database, h->path, OKNG_DATABASE_WRITE, error));
    return okng_database_look(&h->database, error);
}

static okng_status open_to_write(okng_history *h, okng_error *error)
{
    okng_error why;
    OKNG_TRY(okng_make_folders(h->pictures, error));
    (void)okng_watch_start(&h->watch, h->options.clock, 0, 0);
    okng_status status = open_and_look(h, &why);
    if (status == OKNG_ERROR_FORMAT)
        OKNG_TRY(okng_history_put_aside(h, why.message, error));
    else if (status != OKNG_OK)
        return okng_fail(error, status, "%s", why.message);
    OKNG_TRY(look_at_clock(h, error));
    return okng_writer_start(h, error);
}

/* Whether it can be read at all is seen at once. */
static okng_status open_to_read(okng_history *h, okng_error *error)
{
    okng_loan loan;
    OKNG_TRY(okng_reader_take(h, &loan, error));
    okng_reader_give(h, &loan);
    return OKNG_OK;
}

okng_status okng_history_open(okng_history **out, const okng_history_options *options, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_need(options->folder, "the folder of the history", error));
    if (options->queue < 1 || options->days < 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a queue of %d and %d days, expected at least 1 and 0",
                         options->queue, options->days);
    okng_history *h = calloc(1, sizeof *h);
    if (!h) return okng_fail_memory(error, sizeof *h);
    h->options = *options;
    if (!h->options.clock) h->options.clock = &okng_machine_clock;
    make_locks(h);
    okng_status status = name_places(h, options, error);
    if (status == OKNG_OK) status = options->read_only ? open_to_read(h, error) : open_to_write(h, error);
    if (status == OKNG_OK)
        *out = h;
    else
        okng_history_close(&h);
    return status;
}

void okng_history_close(okng_history **history)
{
    okng_history *h = *history;
    *history = NULL;
    if (!h) return;
    okng_writer_stop(h);
    okng_sweep_stop(h);
    okng_drift_stop(h);
    okng_readers_close(h);
    okng_database_close(&h->database); /* the last one: brings -wal into the database */
    (void)pthread_cond_destroy(&h->done);
    (void)pthread_cond_destroy(&h->room);
    (void)pthread_cond_destroy(&h->work);
    (void)pthread_mutex_destroy(&h->mutex);
    free(h->folder);
    free(h->path);
    free(h->pictures);
    free(h);
}

void okng_history_state_get(okng_history *history, okng_history_state *state)
{
    *state = (okng_history_state){0};
    if (!history) return;
    (void)pthread_mutex_lock(&history->mutex);
    *state = history->state;
    state->waiting = (uint64_t)history->waiting;
    (void)pthread_mutex_unlock(&history->mutex);
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

enum { MOST_PICTURES = 3 };

typedef struct adding {
    okng_history *history;
    okng_record *record;
    struct {
        unsigned kind;
        size_t bytes;
        char name[OKNG_PICTURE_NAME];
        bool was_there; /* of the same record, which comes again */
    } pictures[MOST_PICTURES];
    int count;
    bool fresh; /* it was not there before */
} adding;

static okng_status write_kept(okng_database *database, const adding *a, int64_t number, okng_error *error)
{
    sqlite3_stmt *statement;
    for (int i = 0; i < a->count; i++) {
        OKNG_TRY(okng_database_statement(
            database, "INSERT INTO kept (number, kind, file, bytes) VALUES (?1, ?2, ?3, ?4)", &statement, error));
        (void)sqlite3_bind_int64(statement, 1, number);
        (void)sqlite3_bind_int(statement, 2, (int)a->pictures[i].kind);
        (void)sqlite3_bind_text(statement, 3, a->pictures[i].name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)a->pictures[i].bytes);
        OKNG_TRY(okng_database_finish(database, statement, error));
    }
    return OKNG_OK;
}

static okng_status write_record(okng_database *database, void *context, okng_error *error)
{
    adding *a = context;
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database,
                                     "INSERT INTO inspection (" OKNG_ROW_COLUMNS ") VALUES (" OKNG_ROW_PLACES ") "
                                     "ON CONFLICT (id) DO NOTHING",
                                     &statement, error));
    okng_row_bind(statement, a->record);
    OKNG_TRY(okng_database_finish(database, statement, error));
    a->fresh = sqlite3_changes(database->sqlite) > 0;
    if (!a->fresh) return OKNG_OK;
    OKNG_TRY(write_kept(database, a, sqlite3_last_insert_rowid(database->sqlite), error));
    okng_drift_count(a->history, a->record);
    return OKNG_OK;
}

/* A picture is on the disk before the row that names it. */
static okng_status keep_picture(adding *a, const okng_history_picture *picture, okng_error *error)
{
    char *name = a->pictures[a->count].name;
    OKNG_TRY(okng_picture_name(a->record, picture, name, error));
    a->pictures[a->count].kind = picture->kind;
    a->pictures[a->count].bytes = picture->size;
    OKNG_TRY(okng_picture_write(a->history, name, picture, &a->pictures[a->count].was_there, error));
    a->record->kept |= picture->kind;
    a->count++;
    return OKNG_OK;
}

static void count_unkept(okng_history *history, const okng_error *why)
{
    (void)pthread_mutex_lock(&history->mutex);
    history->state.pictures_failed++;
    (void)snprintf(history->state.why, sizeof history->state.why, "%s", why->message);
    (void)pthread_mutex_unlock(&history->mutex);
}

/* A record is worth more than its pictures: one that cannot be written is told by its absence from `kept`, and in the
 * state. */
static void keep_pictures(adding *a, const okng_history_picture *pictures, size_t count)
{
    okng_error why;
    for (size_t i = 0; i < count && a->count < MOST_PICTURES; i++)
        if ((a->record->kept & pictures[i].kind) == 0 && keep_picture(a, &pictures[i], &why) != OKNG_OK)
            count_unkept(a->history, &why);
    if (a->count > 0 && okng_picture_flush_name(a->history, a->pictures[0].name, &why) != OKNG_OK)
        count_unkept(a->history, &why);
}

static void forget_pictures(const adding *a)
{
    for (int i = 0; i < a->count; i++)
        if (!a->pictures[i].was_there) okng_picture_remove(a->history, a->pictures[i].name);
}

static void count_record(okng_history *history, okng_status status, const okng_error *error)
{
    (void)pthread_mutex_lock(&history->mutex);
    history->state.written += status == OKNG_OK;
    history->state.failed += status != OKNG_OK;
    history->state.failing = status != OKNG_OK;
    if (status != OKNG_OK) (void)snprintf(history->state.why, sizeof history->state.why, "%s", error->message);
    (void)pthread_mutex_unlock(&history->mutex);
}

/* Ids are parts of names of files. */
static okng_status need_id(const char id[OKNG_RECORD_ID], okng_error *error)
{
    if (strspn(id, "0123456789abcdef") == OKNG_RECORD_ID - 1 && id[OKNG_RECORD_ID - 1] == '\0') return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "the id of a record is \"%.32s\", expected 32 hexadecimal digits", id);
}

bool okng_history_keeps(const okng_history *history, okng_outcome outcome)
{
    return !history->options.read_only && (history->options.keep >> (unsigned)outcome & 1) != 0;
}

okng_status okng_history_add(okng_history *history, okng_record *record, const okng_history_picture *pictures,
                             size_t count, double patience, okng_error *error)
{
    okng_error why;
    adding a = {.history = history, .record = record};
    record->kept = 0;
    OKNG_TRY(need_id(record->id, error));
    if (okng_history_keeps(history, record->outcome)) keep_pictures(&a, pictures, count);
    const okng_status status = okng_history_write(history, write_record, &a, patience, &why);
    count_record(history, status, &why);
    if (status != OKNG_OK) {
        record->kept = 0;
        forget_pictures(&a);
        return okng_fail(error, status, "%s", why.message);
    }
    if (a.fresh && history->options.tell) history->options.tell(history->options.user, "inspection", record);
    return OKNG_OK;
}

/* ---- judging ----------------------------------------------------------------------------------------------------- */

typedef struct judging {
    const char *id, *by;
    okng_outcome judged;
    int64_t now;
    char bank[OKNG_RECORD_NAME];
} judging;

/* {"id": ..., "judged": ...} before or after. */
static okng_status judged_text(const char *id, const char *judged, char **text, okng_error *error)
{
    json_t *state = json_object();
    okng_json_put(&state, "id", okng_json_any_text(id));
    okng_json_put(&state, "judged", judged ? okng_json_any_text(judged) : json_null());
    okng_status status = okng_json_text(state, JSON_COMPACT, "a change", text, NULL, error);
    json_decref(state);
    return status;
}

/* What it was judged before, and of which bank it is. */
static okng_status find_judged(okng_database *database, judging *j, char **before, okng_error *error)
{
    sqlite3_stmt *statement;
    bool row;
    OKNG_TRY(okng_database_statement(database, "SELECT judged, bank FROM inspection WHERE id = ?1", &statement, error));
    (void)sqlite3_bind_text(statement, 1, j->id, -1, SQLITE_STATIC);
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    okng_status status;
    if (row) {
        const char *bank = (const char *)sqlite3_column_text(statement, 1);
        (void)snprintf(j->bank, sizeof j->bank, "%s", bank ? bank : "");
        status = judged_text(j->id, (const char *)sqlite3_column_text(statement, 0), before, error);
    } else
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "the history has no inspection \"%.64s\"", j->id);
    (void)sqlite3_reset(statement);
    return status;
}

static okng_status set_judged(okng_database *database, const judging *j, const char *judged, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(
        database, "UPDATE inspection SET judged = ?2, judged_by = ?3, judged_time = ?4 WHERE id = ?1", &statement,
        error));
    (void)sqlite3_bind_text(statement, 1, j->id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, judged, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 3, judged ? j->by : NULL, -1, SQLITE_STATIC);
    if (judged)
        (void)sqlite3_bind_int64(statement, 4, j->now);
    else
        (void)sqlite3_bind_null(statement, 4);
    return okng_database_finish(database, statement, error);
}

static okng_status judge(okng_database *database, void *context, okng_error *error)
{
    judging *j = context;
    const char *judged = j->judged == OKNG_OUTCOME_NOT_INSPECTED ? NULL : okng_outcome_text(j->judged);
    char *before = NULL, *after = NULL;
    okng_status status = find_judged(database, j, &before, error);
    if (status == OKNG_OK) status = judged_text(j->id, judged, &after, error);
    if (status == OKNG_OK) status = set_judged(database, j, judged, error);
    okng_change change = {
        .time = j->now, .by = j->by, .what = "judged", .bank = j->bank, .before = before, .after = after};
    if (status == OKNG_OK) status = okng_change_run(database, &change, error);
    free(before);
    free(after);
    return status;
}

okng_status okng_history_judge(okng_history *history, const char *id, okng_outcome judged, const char *by,
                               okng_error *error)
{
    if (judged != OKNG_OUTCOME_OK && judged != OKNG_OUTCOME_NG && judged != OKNG_OUTCOME_NOT_INSPECTED)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "judged %s, expected OK or NG", okng_outcome_text(judged));
    OKNG_TRY(okng_need(id, "the inspection", error));
    OKNG_TRY(okng_need(by, "who judges", error));
    judging j = {.id = id, .by = by, .judged = judged, .now = history->options.clock->wall()};
    OKNG_TRY(okng_history_write(history, judge, &j, 10, error));
    okng_record record;
    if (!history->options.tell || okng_history_find(history, id, &record, NULL) != OKNG_OK) return OKNG_OK;
    history->options.tell(history->options.user, "judged", &record);
    okng_record_free(&record);
    return OKNG_OK;
}
