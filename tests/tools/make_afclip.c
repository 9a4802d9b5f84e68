/* Writes a checkpoint of AF-CLIP with fresh values, as training begins with, for tests that need one.
 *
 *   make_afclip BACKBONE OUT [--seed N] [--large]
 *
 * OUT is the folder. --large makes the prompt's vectors as long as tokens are, and the adapter's answers with them:
 * values as drawn hardly move anything. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/checkpoint.h"

static void scale(okng_afclip_learnt *learnt, okng_afclip_param param, float factor)
{
    const size_t count = okng_afclip_param_count(learnt, param);
    for (size_t i = 0; i < count; i++) learnt->values[param][i] *= factor;
}

int main(int argc, char **argv)
{
    okng_error error = {0};
    okng_afclip_plan plan;
    okng_clip_shape shape;
    okng_afclip_checkpoint checkpoint;
    unsigned long long seed = 0;
    bool large = false;
    if (argc < 3) {
        fprintf(stderr, "usage: make_afclip BACKBONE OUT [--seed N] [--large]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--large") == 0)
            large = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            return 2;
    }
    okng_afclip_checkpoint_init(&checkpoint);
    okng_status status = okng_clip_shape_of(argv[1], &shape, &error);
    if (status == OKNG_OK) status = okng_afclip_plan_of(&plan, argv[1], shape.patch, shape.patch, NULL, &error);
    if (status == OKNG_OK) status = okng_afclip_learnt_new(&checkpoint.learnt, shape.width, shape.text_width, &error);
    if (status == OKNG_OK) {
        okng_afclip_learnt_draw(&checkpoint.learnt, seed);
        if (large) {
            scale(&checkpoint.learnt, OKNG_AFCLIP_PARAM_PROMPT, 50.0f);
            scale(&checkpoint.learnt, OKNG_AFCLIP_PARAM_V, 3.0f);
            scale(&checkpoint.learnt, OKNG_AFCLIP_PARAM_OUT, 3.0f);
        }
        checkpoint.source = OKNG_AFCLIP_SOURCE_TRAINED;
        (void)snprintf(checkpoint.backbone, sizeof checkpoint.backbone, "%s", argv[1]);
        memcpy(checkpoint.taps, plan.taps, sizeof plan.taps);
        status = okng_afclip_checkpoint_save(&checkpoint, argv[2], &error);
    }
    okng_afclip_checkpoint_free(&checkpoint);
    if (status != OKNG_OK) fprintf(stderr, "%s\n", error.message);
    return status == OKNG_OK ? 0 : 1;
}
