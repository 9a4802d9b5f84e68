/* What jobs tell of the banks that they made. Private to job_*.c. */
#ifndef OKNG_SERVE_JOB_RESULT_H
#define OKNG_SERVE_JOB_RESULT_H

#include "serve/job.h"

/* What is heard while a bank is built. */
typedef struct okng_job_heard {
    const okng_job_run *run;
    json_t *events; /* [{"code", "picture", "text"}] */
    size_t count;   /* of all, those that are not kept too */
} okng_job_heard;

/* Adds "pictures", "rows", "image_threshold", "pixel_threshold", "scores" ([{"picture", "score"}], the highest first),
 * "doubtful" (those that stand out among them), "expected_false_alarms" (the share of the good pictures, scored
 * without their own rows, above the threshold in force; null where there are none) of the bank to the result. */
okng_status okng_job_tell_bank(okng_job_run *run, okng_error *error);
/* Names of the pictures in which a region of interest was not found. */
json_t *okng_job_not_found(const json_t *events);

#endif
