/* Writes a checkpoint of AF-CLIP with fresh values, as training begins with, for tests that need one.
 *
 *   make_afclip BACKBONE OUT [--seed N] [--large] [--released DIR]
 *
 * OUT is the folder. --large makes the prompt's vectors as long as tokens are, and the adapter's answers with them:
 * values as drawn hardly move anything. --released writes the same values as AF-CLIP's authors do, of a CLIP whose
 * widths are 256: DIR/prompt.pt, DIR/adaptor.pt and, in the older container, DIR/legacy.pt. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/checkpoint.h"
#include "made_released.h"

typedef struct wish {
    const char *backbone, *out, *released;
    unsigned long long seed;
    bool large;
} wish;

static bool parse(wish *w, int argc, char **argv)
{
    if (argc < 3) return false;
    *w = (wish){.backbone = argv[1], .out = argv[2]};
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--large") == 0)
            w->large = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            w->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--released") == 0 && i + 1 < argc)
            w->released = argv[++i];
        else
            return false;
    }
    return true;
}

static void scale(okng_afclip_learnt *learnt, okng_afclip_param param, float factor)
{
    const size_t count = okng_afclip_param_count(learnt, param);
    for (size_t i = 0; i < count; i++) learnt->values[param][i] *= factor;
}

static okng_status make(okng_afclip_checkpoint *checkpoint, const wish *w, okng_error *error)
{
    okng_afclip_plan plan;
    okng_clip_shape shape;
    OKNG_TRY(okng_clip_shape_of(w->backbone, &shape, error));
    OKNG_TRY(okng_afclip_plan_of(&plan, w->backbone, shape.patch, shape.patch, NULL, error));
    OKNG_TRY(okng_afclip_learnt_new(&checkpoint->learnt, shape.width, shape.text_width, error));
    okng_afclip_learnt_draw(&checkpoint->learnt, w->seed);
    if (w->large) {
        scale(&checkpoint->learnt, OKNG_AFCLIP_PARAM_PROMPT, 50.0f);
        scale(&checkpoint->learnt, OKNG_AFCLIP_PARAM_V, 3.0f);
        scale(&checkpoint->learnt, OKNG_AFCLIP_PARAM_OUT, 3.0f);
    }
    checkpoint->source = OKNG_AFCLIP_SOURCE_TRAINED;
    (void)snprintf(checkpoint->backbone, sizeof checkpoint->backbone, "%s", w->backbone);
    memcpy(checkpoint->taps, plan.taps, sizeof plan.taps);
    return okng_afclip_checkpoint_save(checkpoint, w->out, error);
}

static bool release(const okng_afclip_learnt *learnt, const char *folder)
{
    char prompt[512], adapter[512], legacy[512];
    if (learnt->width != RELEASED_WIDTH || learnt->text_width != RELEASED_WIDTH) return false;
    (void)snprintf(prompt, sizeof prompt, "%s/prompt.pt", folder);
    (void)snprintf(adapter, sizeof adapter, "%s/adaptor.pt", folder);
    (void)snprintf(legacy, sizeof legacy, "%s/legacy.pt", folder);
    return released_prompt(prompt, OKNG_GOLDEN, learnt) && released_adapter(adapter, OKNG_GOLDEN, learnt) &&
           released_legacy(legacy, OKNG_GOLDEN, learnt, NULL, NULL, 0);
}

int main(int argc, char **argv)
{
    okng_error error = {0};
    okng_afclip_checkpoint checkpoint;
    wish w;
    if (!parse(&w, argc, argv)) {
        fprintf(stderr, "usage: make_afclip BACKBONE OUT [--seed N] [--large] [--released DIR]\n");
        return 2;
    }
    okng_afclip_checkpoint_init(&checkpoint);
    bool fine = make(&checkpoint, &w, &error) == OKNG_OK;
    if (!fine) fprintf(stderr, "%s\n", error.message);
    if (fine && w.released && !release(&checkpoint.learnt, w.released)) {
        fprintf(stderr, "%s: cannot write files as released\n", w.released);
        fine = false;
    }
    okng_afclip_checkpoint_free(&checkpoint);
    return fine ? 0 : 1;
}
