/* The tables of the history, and how an older database comes to them. */
#ifndef OKNG_HISTORY_SCHEMA_H
#define OKNG_HISTORY_SCHEMA_H

enum {
    OKNG_HISTORY_APPLICATION = 0x6f6b6e67, /* "okng", PRAGMA application_id */
    OKNG_HISTORY_VERSION = 1               /* PRAGMA user_version */
};

/* Step i brings version i to i + 1; version 0 is an empty file. A step that was released is never changed. */
extern const char *const okng_history_steps[OKNG_HISTORY_VERSION];

#endif
