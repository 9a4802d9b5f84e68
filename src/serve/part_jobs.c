/* The part of the server that has uploads and jobs. */
#include "serve/part_jobs.h"

#include <stdlib.h>

#include "serve/jobs.h"
#include "serve/state.h"
#include "serve/uploads.h"

okng_status okng_part_jobs_open(okng_serve *serve, okng_error *error)
{
    char *uploads = NULL, *jobs = NULL;
    okng_status status = okng_state_path(serve->options, "uploads", &uploads, error);
    if (status == OKNG_OK) status = okng_state_path(serve->options, "jobs", &jobs, error);
    if (status == OKNG_OK) status = okng_uploads_open(&serve->uploads, uploads, error);
    if (status == OKNG_OK) status = okng_jobs_open(&serve->jobs, serve, jobs, error);
    free(jobs);
    free(uploads);
    return status;
}

void okng_part_jobs_stop(okng_serve *serve)
{
    okng_jobs_stop(serve->jobs);
}

void okng_part_jobs_close(okng_serve *serve)
{
    okng_jobs_close(&serve->jobs);
    okng_uploads_close(&serve->uploads);
}
