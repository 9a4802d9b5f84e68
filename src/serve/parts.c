/* The parts of the server in the order in which they are opened. */
#include "serve/part_banks.h"
#include "serve/part_history.h"
#include "serve/part_jobs.h"
#include "serve/part_line.h"

const okng_serve_part okng_serve_parts[] = {
    {"history", okng_part_history_open, NULL, okng_part_history_close, NULL},
    {"banks", okng_part_banks_open, NULL, okng_part_banks_close, NULL},
    {"jobs", okng_part_jobs_open, okng_part_jobs_stop, okng_part_jobs_close, NULL},
    {"line", okng_part_line_open, NULL, okng_part_line_close, okng_part_line_why_not_ready},
    {0},
};
