#include "method/scored.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/anomaly_map.h"

void okng_scored_free(okng_scored *scored)
{
    free(scored->map);
    free(scored->input_map);
    free(scored->nearest);
    memset(scored, 0, sizeof *scored);
}

okng_status okng_scored_fill(okng_scored *scored, const float *scores, int32_t grid_height, int32_t grid_width,
                             float smoothing, okng_error *error)
{
    const okng_placement *placement = &scored->placement;
    size_t seen = (size_t)placement->height * (size_t)placement->width;
    size_t whole = (size_t)placement->original_height * (size_t)placement->original_width;
    scored->input_map = okng_alloc(seen, sizeof(float));
    scored->map = okng_alloc(whole, sizeof(float));
    if (!scored->input_map || !scored->map) return okng_fail_memory(error, (seen + whole) * sizeof(float));
    okng_map_upsample(scores, grid_height, grid_width, scored->input_map, placement->height, placement->width);
    OKNG_TRY(okng_map_smooth(scored->input_map, placement->height, placement->width, smoothing, error));
    okng_map_place(scored->input_map, placement, scored->map);
    return OKNG_OK;
}
