/* A machine that others use too: a busy thread for each core beside one. */
#ifndef OKNG_BENCH_BURN_H
#define OKNG_BENCH_BURN_H

#include "base/error.h"

typedef struct okng_burners okng_burners;

/* As many threads as there are cores beside one, at least one, which compute until they are stopped; the system places
 * them as it likes. Comes back when all run. MEMORY. */
okng_status okng_burners_start(okng_burners **out, okng_error *error);
void okng_burners_stop(okng_burners **burners); /* NULL inside is fine */

#endif
