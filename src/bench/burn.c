#include "bench/burn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/parallel.h"

struct okng_burners {
    _Atomic bool enough;
    _Atomic int running;
    int count;
    pthread_t ids[];
};

static void *burn(void *context)
{
    okng_burners *b = context;
    atomic_fetch_add(&b->running, 1);
    while (!atomic_load_explicit(&b->enough, memory_order_relaxed)) {
    }
    return NULL;
}

okng_status okng_burners_start(okng_burners **out, okng_error *error)
{
    const int cores = okng_thread_count(0), wanted = cores > 1 ? cores - 1 : 1;
    okng_burners *b = *out = calloc(1, sizeof *b + (size_t)wanted * sizeof *b->ids);
    if (!b) return okng_fail_memory(error, sizeof *b);
    for (; b->count < wanted; b->count++) {
        if (pthread_create(&b->ids[b->count], NULL, burn, b) == 0) continue;
        okng_burners_stop(out);
        return okng_fail(error, OKNG_ERROR_MEMORY, "%d busy threads cannot be had", wanted);
    }
    while (atomic_load(&b->running) < wanted) {
    }
    return OKNG_OK;
}

void okng_burners_stop(okng_burners **burners)
{
    if (!*burners) return;
    atomic_store(&(*burners)->enough, true);
    for (int i = 0; i < (*burners)->count; i++) (void)pthread_join((*burners)->ids[i], NULL);
    free(*burners);
    *burners = NULL;
}
