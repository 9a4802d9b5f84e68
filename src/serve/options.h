/* What `okng serve` is told, by the command line and by serve.yaml: a row each. */
#ifndef OKNG_SERVE_OPTIONS_H
#define OKNG_SERVE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { OKNG_SERVE_HOSTS = 16 };

typedef struct okng_serve_options {
    char *banks;                   /* folder of banks */
    char *listen;                  /* "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses); port 0: a free one */
    char *token_file;              /* NULL: no tokens */
    char *state;                   /* folder of history, uploads and bin; NULL: BANKS/.okng-serve */
    char *root;                    /* folder whose folders builds may read; NULL: none */
    char *line;                    /* line.yaml to run inside; NULL: none */
    char *hosts[OKNG_SERVE_HOSTS]; /* names it is called by, besides addresses and localhost */
    size_t host_count;
    bool insecure;
    int64_t max_banks;                        /* open at once */
    int64_t max_bytes;                        /* of open banks; 0: max_banks counts alone */
    int64_t workers;                          /* pictures inspected at once; 0: one a core */
    int64_t max_queue;                        /* pictures that wait */
    int64_t max_body, max_upload, max_pixels; /* bytes of a body, bytes of an upload's body, pixels of a picture */
    int64_t max_connections, max_requests;    /* open connections; requests that wait for a thread */
    double idle_time, request_time,
        answer_time;     /* seconds: a connection without a request; until a request is whole; until it is answered */
    double keep_days;    /* history older than this goes */
    int64_t keep_bytes;  /* of history and its pictures */
    char *keep_pictures; /* verdicts whose pictures are kept, "NG,REVIEW", "all", "none"; NULL: NG and REVIEW */
} okng_serve_options;

okng_status okng_serve_options_init(okng_serve_options *options, okng_error *error);
void okng_serve_options_free(okng_serve_options *options);
/* Sets an option by the name it has on the command line ("max-banks") or in serve.yaml ("max_banks" is the same).
 * Errors: ARGUMENT, which names the nearest option. */
okng_status okng_serve_options_set(okng_serve_options *options, const char *name, const char *value, okng_error *error);
/* Reads serve.yaml. What it says gives way to what is set afterwards. Errors name file and line. */
okng_status okng_serve_options_read(okng_serve_options *options, const char *path, okng_error *error);
/* Whether the address is of this machine alone. */
bool okng_serve_is_local(const okng_serve_options *options);
/* What cannot be together: another address without tokens needs `insecure`. ARGUMENT. */
okng_status okng_serve_options_check(const okng_serve_options *options, okng_error *error);

#endif
