/* Records as rows of the table `inspection`: one table of columns binds, reads and prints them. */
#ifndef OKNG_HISTORY_ROWS_H
#define OKNG_HISTORY_ROWS_H

#include "history/database.h"
#include "history/record.h"

/* The columns of a record, in order, without `number` and what is kept. */
#define OKNG_ROW_COLUMNS                                                                                      \
    "id, time, bank, bank_hash, source, picture, picture_hash, verdict, score, p_value, image_threshold, "    \
    "pixel_threshold, review_low, review_high, regions, duration_ms, recipe_number, why, judged, judged_by, " \
    "judged_time"
/* A place for each. */
#define OKNG_ROW_PLACES "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21"
enum { OKNG_ROW_COUNT = 21 };

/* Binds all columns; texts are borrowed until the statement is reset. */
void okng_row_bind(sqlite3_stmt *statement, const okng_record *record);
/* Reads those columns from column `first` on; what a hostile database holds in them becomes something that a record can
 * hold: texts are cut, verdicts that nobody knows are NG. Errors: MEMORY. */
okng_status okng_row_read(sqlite3_stmt *statement, int first, okng_record *record, okng_error *error);

#endif
