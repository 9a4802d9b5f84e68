/* Private to parts.c: the part of the server that keeps the history. */
#ifndef OKNG_SERVE_PART_HISTORY_H
#define OKNG_SERVE_PART_HISTORY_H

#include "serve/serve.h"

okng_status okng_part_history_open(okng_serve *serve, okng_error *error);
void okng_part_history_close(okng_serve *serve);

#endif
