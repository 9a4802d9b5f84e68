#include "history/schema.h"

/* `number` is the order in which inspections were recorded, and is never given twice (AUTOINCREMENT), so that pages
 * neither repeat nor lose any, whatever the clock does. The index of times has all that figures are made of, which are
 * then read without the rows. */
static const char first[] =
    "CREATE TABLE inspection ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id TEXT NOT NULL UNIQUE,"
    "  time INTEGER NOT NULL," /* microseconds since 1970, UTC */
    "  bank TEXT, bank_hash TEXT, source TEXT, picture TEXT, picture_hash TEXT,"
    "  verdict TEXT NOT NULL,"
    "  score REAL, p_value REAL, image_threshold REAL, pixel_threshold REAL, review_low REAL, review_high REAL,"
    "  regions TEXT," /* JSON */
    "  duration_ms REAL, recipe_number INTEGER, why TEXT,"
    "  judged TEXT, judged_by TEXT, judged_time INTEGER);"
    "CREATE INDEX inspection_bank ON inspection (bank);"
    "CREATE INDEX inspection_verdict ON inspection (verdict, bank);"
    "CREATE INDEX inspection_judged ON inspection (judged, bank) WHERE judged IS NOT NULL;"
    "CREATE INDEX inspection_time ON inspection (time, verdict, bank, score);"
    /* Kept pictures: files below the folder `pictures`. */
    "CREATE TABLE kept ("
    "  number INTEGER NOT NULL REFERENCES inspection ON DELETE CASCADE,"
    "  kind INTEGER NOT NULL," /* OKNG_KEPT_... */
    "  file TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL,"
    "  PRIMARY KEY (number, kind)) WITHOUT ROWID;"
    "CREATE TABLE change ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, bank TEXT, before TEXT, after TEXT);"
    "CREATE INDEX change_bank ON change (bank);"
    /* The scores that a bank's later ones are held against, and what came of the newest block: drift.h. */
    "CREATE TABLE drift ("
    "  bank TEXT PRIMARY KEY, bank_hash TEXT NOT NULL,"
    "  reference BLOB,"         /* float64, ascending; NULL: not yet complete */
    "  after INTEGER NOT NULL," /* the last inspection that is in the reference or in a block */
    "  blocks INTEGER NOT NULL, p_value REAL, since INTEGER) WITHOUT ROWID;"
    /* For people with SQLite's shell. */
    "CREATE VIEW inspections AS SELECT number, strftime('%Y-%m-%dT%H:%M:%fZ', time / 1e6, 'unixepoch') AS time, bank,"
    "  verdict, score, image_threshold, judged, judged_by, source, picture, duration_ms, why, id FROM inspection;"
    "CREATE VIEW changes AS SELECT number, strftime('%Y-%m-%dT%H:%M:%fZ', time / 1e6, 'unixepoch') AS time, by, what,"
    "  bank, before, after FROM change;"
    "PRAGMA application_id = 1869311591;"
    "PRAGMA user_version = 1;";

const char *const okng_history_steps[OKNG_HISTORY_VERSION] = {first};
