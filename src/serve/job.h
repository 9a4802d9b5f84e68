/* What a job does: a row of functions for each kind. Private to jobs*.c. */
#ifndef OKNG_SERVE_JOB_H
#define OKNG_SERVE_JOB_H

#include "serve/serve.h"

/* A job at work, as its kind sees it. */
typedef struct okng_job_run {
    okng_serve *serve;
    const json_t *asked;  /* the object of POST /v1/jobs */
    const char *bank;     /* its name */
    const char *path;     /* where it lies; of a build: will lie */
    const char *pictures; /* folder of the pictures, of the upload or the one that is named; NULL: none */
    const char *folder;   /* of the job, for what it needs meanwhile */
    const char *files;    /* folder of what is there to download */
    int32_t threads;      /* that it may use */
    okng_progress_fn progress;
    void *user;     /* of progress */
    json_t *result; /* an object to be filled */
} okng_job_run;

/* Tells a stage that the library does not tell, and asks whether the job was cancelled: CANCELLED. */
okng_status okng_job_step(const okng_job_run *run, const char *stage, uint64_t done, uint64_t total, okng_error *error);

typedef struct okng_job_kind {
    const char *name;
    bool needs_bank;     /* that is there */
    bool needs_pictures; /* an upload, or a folder */
    bool changes;        /* the bank */
    const char *noted;   /* what the history calls it; NULL: it is not noted */
    /* Looks at what is asked for before it is queued. ARGUMENT, naming the member; may be NULL. */
    okng_status (*check)(const json_t *asked, const okng_serve_options *options, okng_error *error);
    okng_status (*run)(okng_job_run *run, okng_error *error);
} okng_job_kind;

extern const okng_job_kind okng_job_build, okng_job_add, okng_job_evaluate, okng_job_export, okng_job_pack;

/* A member that is a text: NULL where it is missing. ARGUMENT where it is something else. */
okng_status okng_job_text(const json_t *asked, const char *key, const char **text, okng_error *error);

#endif
