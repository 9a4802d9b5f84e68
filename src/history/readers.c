/* Connections for reading: each has one reader at a time, idle ones are kept for the next. */
#include "history/inside.h"

okng_status okng_reader_take(okng_history *history, okng_loan *loan, okng_error *error)
{
    *loan = (okng_loan){0};
    (void)pthread_mutex_lock(&history->mutex);
    loan->generation = history->generation;
    if (history->reader_count > 0) loan->database = history->readers[--history->reader_count];
    (void)pthread_mutex_unlock(&history->mutex);
    if (loan->database.sqlite) return OKNG_OK;
    return okng_database_open(&loan->database, history->path, OKNG_DATABASE_READ, error);
}

void okng_reader_give(okng_history *history, okng_loan *loan)
{
    (void)pthread_mutex_lock(&history->mutex);
    if (loan->generation == history->generation && history->reader_count < OKNG_READERS) {
        history->readers[history->reader_count++] = loan->database;
        loan->database = (okng_database){0};
    }
    (void)pthread_mutex_unlock(&history->mutex);
    okng_database_abandon(&loan->database);
}

void okng_readers_close(okng_history *history)
{
    okng_database idle[OKNG_READERS];
    (void)pthread_mutex_lock(&history->mutex);
    const int count = history->reader_count;
    for (int i = 0; i < count; i++) idle[i] = history->readers[i];
    history->reader_count = 0;
    history->generation++;
    (void)pthread_mutex_unlock(&history->mutex);
    for (int i = 0; i < count; i++) okng_database_abandon(&idle[i]);
}
