/* Private to parts.c. */
#ifndef OKNG_SERVE_PART_BANKS_H
#define OKNG_SERVE_PART_BANKS_H

#include "serve/serve.h"

okng_status okng_part_banks_open(okng_serve *serve, okng_error *error);
void okng_part_banks_close(okng_serve *serve);

#endif
