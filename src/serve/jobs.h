/* Long work, one at a time and in the order in which it was asked for: banks are built, get pictures, are evaluated,
 * exported. What is known of a job lies in FOLDER/ID/job.json, its files in FOLDER/ID/files/, so that both are there
 * after a restart; a job that ran when the server ended has failed. */
#ifndef OKNG_SERVE_JOBS_H
#define OKNG_SERVE_JOBS_H

#include "serve/folders.h"
#include "serve/serve.h"

typedef struct okng_jobs okng_jobs; /* threads may share it */

enum {
    OKNG_JOBS_WAITING = 32, /* that are not begun */
    OKNG_JOBS_KEPT = 200    /* that are over; the oldest goes, with its files */
};

/* `folder` is made. Errors: IO, MEMORY. */
okng_status okng_jobs_open(okng_jobs **out, okng_serve *serve, const char *folder, okng_error *error);
/* Cancels what runs and what waits: the server is to end. */
void okng_jobs_stop(okng_jobs *jobs);
/* Waits for what was cancelled. */
void okng_jobs_close(okng_jobs **jobs);

/* Queues what `asked` (an object as POST /v1/jobs takes it) says, for `by`. *job is the row of it. Errors: ARGUMENT
 * (naming the member), NOT_FOUND (a bank, an upload, a folder), UNSUPPORTED (folders, where the server has none that
 * may be read), BUSY (as many wait as may), IO, MEMORY. */
okng_status okng_jobs_add(okng_jobs *jobs, const json_t *asked, const char *by, json_t **job, okng_error *error);
/* {"id", "kind", "bank", "state", "stage", "done", "total", "created", "started", "finished", "by", "why", "result",
 * "files"}. Errors: NOT_FOUND, MEMORY. */
okng_status okng_jobs_get(okng_jobs *jobs, const char *id, json_t **job, okng_error *error);
/* {"jobs": [...]} without results, the last first. */
json_t *okng_jobs_list(okng_jobs *jobs);
/* Cancels a job that waits or runs (*over: false); forgets one that is over, with its files (true). Errors: NOT_FOUND,
 * IO. */
okng_status okng_jobs_remove(okng_jobs *jobs, const char *id, bool *over, okng_error *error);
/* The file `name` of a job; malloc'd. *known: whether there is such a job, also after an error. Errors: NOT_FOUND,
 * MEMORY. */
okng_status okng_jobs_file(okng_jobs *jobs, const char *id, const char *name, char **path, bool *known,
                           okng_error *error);
/* Whether a job that builds bank `name`, or adds to it, waits or runs. */
bool okng_jobs_change(okng_jobs *jobs, const char *name);

#endif
