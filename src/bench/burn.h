/* A machine that others use too: a busy process for each core beside one. */
#ifndef OKNG_BENCH_BURN_H
#define OKNG_BENCH_BURN_H

#include "base/error.h"

typedef struct okng_burners okng_burners;

/* As many processes as there are cores beside one, at least one, which compute until they are stopped or this process
 * ends. Each is a session of its own, as a stranger's is: Linux shares a core between sessions first. They are as nice
 * as this process, and the system places them as it likes. Comes back when all run. MEMORY, IO. */
okng_status okng_burners_start(okng_burners **out, okng_error *error);
void okng_burners_stop(okng_burners **burners); /* NULL inside is fine */

#endif
