#include "experiment/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/loco.h"
#include "eval/image_metrics.h"
#include "eval/spro.h"
#include "image/mask.h"

struct okng_kinds {
    const okng_saturations *saturations;
    okng_spro *spro;
};

okng_status okng_kinds_new(okng_kinds **out, const okng_saturations *saturations, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->saturations = saturations;
    okng_status status = okng_spro_new(&(*out)->spro, error);
    if (status != OKNG_OK) okng_kinds_free(out);
    return status;
}

void okng_kinds_free(okng_kinds **kinds)
{
    if (!kinds || !*kinds) return;
    okng_spro_free(&(*kinds)->spro);
    free(*kinds);
    *kinds = NULL;
}

int okng_kind_of(const okng_sample *sample)
{
    return sample->label && strcmp(sample->kind, OKNG_LOCO_LOGICAL) != 0;
}

/* ---- defects -------------------------------------------------------------------------------- */

static okng_status read_defect(const okng_kinds *kinds, const okng_sample *sample, size_t m, int32_t width,
                               int32_t height, uint8_t *mask, okng_spro_defect *defect, okng_error *error)
{
    uint8_t value;
    OKNG_TRY(okng_mask_of_value(sample->masks[m], sample->path, width, height, mask, &value, error));
    const okng_saturation *saturation = &kinds->saturations->values[value];
    if (!saturation->known)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the mask's value is %d, of which %s says nothing",
                         sample->masks[m], value, kinds->saturations->path);
    uint64_t area = 0;
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) area += mask[i];
    *defect = (okng_spro_defect){.mask = mask, .saturation = okng_saturation_area(saturation, area)};
    return OKNG_OK;
}

okng_status okng_kinds_add_defects(okng_kinds *kinds, const okng_sample *sample, const float *map, int32_t width,
                                   int32_t height, okng_error *error)
{
    const size_t pixels = (size_t)width * (size_t)height;
    uint8_t *mask = okng_alloc(pixels, sizeof *mask);
    if (!mask) return okng_fail_memory(error, pixels);
    okng_status status = OKNG_OK;
    for (size_t m = 0; m < sample->mask_count && status == OKNG_OK; m++) {
        okng_spro_defect defect;
        status = read_defect(kinds, sample, m, width, height, mask, &defect, error);
        if (status == OKNG_OK)
            status = okng_spro_add(kinds->spro, okng_kind_of(sample), map, pixels, &defect, 1, error);
    }
    free(mask);
    return status;
}

/* ---- figures -------------------------------------------------------------------------------- */

okng_status okng_kinds_pixel_figures(const okng_kinds *kinds, const okng_pixel_metrics *pixels,
                                     double values[OKNG_FIGURES], okng_error *error)
{
    static const okng_figure_id mean[OKNG_SPRO_LIMITS] = {OKNG_FIGURE_SPRO_01, OKNG_FIGURE_SPRO_05, OKNG_FIGURE_SPRO_10,
                                                          OKNG_FIGURE_SPRO_30, OKNG_FIGURE_SPRO_100};
    double areas[OKNG_PIXEL_KINDS][OKNG_SPRO_LIMITS];
    for (int k = 0; k < OKNG_PIXEL_KINDS; k++) OKNG_TRY(okng_spro_areas(kinds->spro, pixels, k, areas[k], error));
    for (int l = 0; l < OKNG_SPRO_LIMITS; l++) { /* in the table the kinds follow their mean */
        values[mean[l]] = (areas[0][l] + areas[1][l]) / 2;
        values[mean[l] + 1] = areas[0][l];
        values[mean[l] + 2] = areas[1][l];
    }
    return OKNG_OK;
}

/* Of the good pictures and those of one kind. */
static okng_status auroc_of(const okng_picture_result *pictures, size_t count, int kind, double *scores, uint8_t *bad,
                            double *auroc, okng_error *error)
{
    size_t used = 0;
    okng_image_metrics *figures = okng_alloc_zero(1, sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    for (size_t i = 0; i < count; i++) {
        const okng_sample *sample = pictures[i].sample;
        if (sample->label && okng_kind_of(sample) != kind) continue;
        scores[used] = (double)pictures[i].score;
        bad[used++] = (uint8_t)sample->label;
    }
    okng_status status = okng_image_metrics_compute(scores, bad, used, figures, error);
    if (status == OKNG_OK && figures->good > 0 && figures->bad > 0) *auroc = okng_auroc(&figures->evidence);
    free(figures);
    return status;
}

okng_status okng_kinds_image_figures(const okng_picture_result *pictures, size_t count, double values[OKNG_FIGURES],
                                     okng_error *error)
{
    double *scores = okng_alloc(count, sizeof *scores);
    uint8_t *bad = okng_alloc(count, sizeof *bad);
    double *logical = &values[OKNG_FIGURE_IMAGE_AUROC_LOGICAL],
           *structural = &values[OKNG_FIGURE_IMAGE_AUROC_STRUCTURAL];
    okng_status status = scores && bad ? OKNG_OK : okng_fail_memory(error, count * sizeof *scores);
    if (status == OKNG_OK) status = auroc_of(pictures, count, 0, scores, bad, logical, error);
    if (status == OKNG_OK) status = auroc_of(pictures, count, 1, scores, bad, structural, error);
    values[OKNG_FIGURE_IMAGE_AUROC_KINDS] = (*logical + *structural) / 2;
    free(scores);
    free(bad);
    return status;
}
