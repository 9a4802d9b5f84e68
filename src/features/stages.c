#include "features/stages.h"

#include "base/clock.h"

const char *okng_stage_name(okng_stage stage)
{
    static const char *const names[OKNG_STAGE_COUNT] = {"decode", "resize", "network", "patches", "search", "post"};
    return names[stage];
}

void okng_stages_add(okng_stages *stages, okng_stage stage, double *since)
{
    if (!stages) return;
    double now = okng_clock();
    stages->seconds[stage] += now - *since;
    *since = now;
}
