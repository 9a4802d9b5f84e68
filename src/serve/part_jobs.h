/* Private to parts.c. */
#ifndef OKNG_SERVE_PART_JOBS_H
#define OKNG_SERVE_PART_JOBS_H

#include "serve/serve.h"

okng_status okng_part_jobs_open(okng_serve *serve, okng_error *error);
void okng_part_jobs_stop(okng_serve *serve);
void okng_part_jobs_close(okng_serve *serve);

#endif
