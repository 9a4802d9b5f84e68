#include "model/whole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "features/anomaly_map.h"
#include "model/express.h"
#include "program/node.h"

enum { MAP, SCORE, OUTPUTS };
static const char *const output_names[OUTPUTS] = {OKNG_OUTPUT_MAP, OKNG_OUTPUT_SCORE};

struct okng_whole {
    okng_engine_whole *engine;
    okng_whole_frame frame;
    okng_build_options plain; /* as the frame's, but for colours, which the graph normalises */
    uint8_t *unseen;          /* [height, width]: 1 = under the ignore mask; NULL: nothing is */
    int32_t place[OUTPUTS];   /* among the graph's outputs */
};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status find_outputs(okng_whole *whole, const okng_program *program, okng_error *error)
{
    for (int k = 0; k < OUTPUTS; k++) {
        whole->place[k] = -1;
        for (int32_t i = 0; i < program->output_count; i++)
            if (strcmp(program->outputs[i].name, output_names[k]) == 0) whole->place[k] = i;
        if (whole->place[k] < 0)
            return okng_fail(error, OKNG_ERROR_INTERNAL, "the graph of the bank has no %s", output_names[k]);
    }
    return OKNG_OK;
}

static okng_status fill(okng_whole *whole, const okng_program *program, const char *device, int threads,
                        okng_error *error)
{
    const okng_whole_frame *frame = &whole->frame;
    const okng_engine_options options = {.device = device, .threads = threads};
    whole->plain = *frame->options;
    for (int c = 0; c < 3; c++) {
        whole->plain.mean[c] = 0;
        whole->plain.std[c] = 1;
    }
    OKNG_TRY(find_outputs(whole, program, error));
    OKNG_TRY(okng_ignored_unseen(&whole->unseen, frame->ignored, frame->options, frame->height, frame->width, error));
    return okng_engine_whole_compile(&whole->engine, program, frame->options->backbone, &options, error);
}

okng_status okng_whole_new(okng_whole **out, const okng_program *program, const okng_whole_frame *frame,
                           const char *device, int threads, okng_error *error)
{
    okng_whole *whole = *out = calloc(1, sizeof *whole);
    if (!whole) return okng_fail_memory(error, sizeof *whole);
    whole->frame = *frame;
    const okng_status status = fill(whole, program, device, threads, error);
    if (status != OKNG_OK) okng_whole_free(out);
    return status;
}

void okng_whole_free(okng_whole **whole)
{
    if (!whole || !*whole) return;
    okng_engine_whole_free(&(*whole)->engine);
    free((*whole)->unseen);
    free(*whole);
    *whole = NULL;
}

/* ---- inspecting -------------------------------------------------------------------------------------------------- */

static okng_status prepare(const okng_whole *whole, const okng_image *rgb, okng_placement *placement, float *input,
                           okng_error *error)
{
    const okng_whole_frame *frame = &whole->frame;
    if (placement->height != frame->height || placement->width != frame->width)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "a picture of %dx%d comes to an input of %dx%d, expected %dx%d, for which the graph was made",
                         rgb->width, rgb->height, placement->width, placement->height, frame->width, frame->height);
    if (frame->ignored) OKNG_TRY(okng_ignored_check(frame->ignored, rgb->width, rgb->height, error));
    return okng_preprocess_image(&whole->plain, placement, rgb, input, error);
}

/* The map of the picture from that of the input. A picture without a score is NaN in both. */
static void place_map(const okng_whole *whole, okng_scored *scored)
{
    const okng_placement *placement = &scored->placement;
    const size_t pixels = (size_t)placement->height * (size_t)placement->width;
    okng_map_place(scored->input_map, placement, scored->map);
    if (!whole->unseen) return;
    okng_ignored_fill(whole->frame.ignored, scored->map, placement->original_height, placement->original_width, NAN);
    for (size_t i = 0; i < pixels; i++)
        if (whole->unseen[i]) scored->input_map[i] = 0;
}

static okng_status run(const okng_whole *whole, const okng_image *rgb, float *input, okng_scored *scored,
                       okng_error *error)
{
    void *outputs[OKNG_PROGRAM_MAX_ENDS] = {NULL};
    double since = okng_clock();
    outputs[whole->place[MAP]] = scored->input_map;
    outputs[whole->place[SCORE]] = &scored->score;
    OKNG_TRY(prepare(whole, rgb, &scored->placement, input, error));
    okng_stages_add(&scored->stages, OKNG_STAGE_RESIZE, &since);
    OKNG_TRY(okng_engine_whole_run(whole->engine, 1, (const void *[]){input}, outputs, error));
    okng_stages_add(&scored->stages, OKNG_STAGE_NETWORK, &since);
    place_map(whole, scored);
    okng_stages_add(&scored->stages, OKNG_STAGE_POST, &since);
    return OKNG_OK;
}

okng_status okng_whole_inspect(const okng_whole *whole, const okng_image *rgb, okng_scored *scored, okng_error *error)
{
    const size_t seen = (size_t)whole->frame.height * (size_t)whole->frame.width;
    const size_t pixels = (size_t)rgb->height * (size_t)rgb->width;
    memset(scored, 0, sizeof *scored);
    OKNG_TRY(okng_placement_of(&whole->plain, rgb->width, rgb->height, &scored->placement, error));
    float *input = okng_alloc(3 * seen, sizeof *input);
    scored->input_map = okng_alloc(seen, sizeof(float));
    scored->map = okng_alloc(pixels, sizeof(float));
    const okng_status status = input && scored->input_map && scored->map
                                   ? run(whole, rgb, input, scored, error)
                                   : okng_fail_memory(error, (4 * seen + pixels) * sizeof(float));
    free(input);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}
