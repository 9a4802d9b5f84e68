/* Transactions of the writing thread. */
#include "history/inside.h"

static void roll_back(okng_database *database)
{
    if (!sqlite3_get_autocommit(database->sqlite)) (void)sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* Whether a failure is the database's own, and not of what one of them asked for. */
static bool is_of_database(okng_status status)
{
    return status == OKNG_ERROR_IO || status == OKNG_ERROR_FORMAT || status == OKNG_ERROR_BUSY ||
           status == OKNG_ERROR_MEMORY || status == OKNG_ERROR_INTERNAL;
}

/* All of a list, or none of those that the database failed. */
okng_status okng_transaction_all(okng_database *database, okng_write *list, okng_error *error)
{
    okng_status status = okng_database_run(database, "BEGIN IMMEDIATE", error);
    for (okng_write *w = list; w && status == OKNG_OK; w = w->next) {
        w->status = w->run(database, w->context, &w->why);
        if (is_of_database(w->status)) status = okng_fail(error, w->status, "%s", w->why.message);
    }
    if (status == OKNG_OK) status = okng_database_run(database, "COMMIT", error);
    if (status != OKNG_OK) roll_back(database);
    return status;
}

okng_status okng_transaction(okng_history *history, okng_write_fn *run, void *context, okng_error *error)
{
    okng_write write = {.run = run, .context = context};
    okng_status status = okng_transaction_all(&history->database, &write, error);
    if (status == OKNG_OK && write.status != OKNG_OK) return okng_fail(error, write.status, "%s", write.why.message);
    return status;
}
