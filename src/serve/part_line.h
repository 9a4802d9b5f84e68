/* Private to parts.c: the line that runs inside the server. */
#ifndef OKNG_SERVE_PART_LINE_H
#define OKNG_SERVE_PART_LINE_H

#include "serve/serve.h"

okng_status okng_part_line_open(okng_serve *serve, okng_error *error);
void okng_part_line_close(okng_serve *serve);
const char *okng_part_line_why_not_ready(okng_serve *serve);

#endif
