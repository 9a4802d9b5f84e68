/* How weights fit a backbone: beside its layers, in which layout a CLIP's are, and whether it can read texts too. */
#include <string.h>

#include "base/error.h"
#include "base/sized.h"
#include "net/clip.h"
#include "net/clip_activation.h"
#include "net/layout.h"
#include "net/node.h"

static const char what[] = "the place for a fit's description";

/* Names and shapes of the whole text tower. */
static okng_status check_text(const char *backbone, const okng_weights *weights, okng_error *error)
{
    okng_graph *graph;
    const okng_graph_request request = {.backbone = backbone,
                                        .layers = (const char *const[]){"embedding"},
                                        .layer_count = 1,
                                        .part = OKNG_PART_TEXT,
                                        .sequences = 1,
                                        .length = OKNG_CLIP_TOKENS};
    OKNG_TRY(okng_graph_build(&graph, &request, error));
    okng_status status = okng_graph_check_shapes(graph, weights, NULL, error);
    okng_graph_free(&graph);
    return status;
}

/* What the file lacks is no failure here, but what is told. */
static okng_status look_at_text(const char *backbone, const okng_weights *weights, okng_backbone_fit *full,
                                okng_error *error)
{
    const okng_naming naming = okng_naming_clip(weights);
    okng_error why;
    full->layout = okng_naming_layout(&naming);
    if (!(okng_naming_towers(&naming) & OKNG_TOWER_TEXT)) return OKNG_OK;
    okng_status status = check_text(backbone, weights, &why);
    if (status == OKNG_ERROR_MEMORY) return okng_fail(error, status, "%s", why.message);
    full->text = status == OKNG_OK ? OKNG_TEXT_TOWER_WHOLE : OKNG_TEXT_TOWER_OTHER;
    if (status != OKNG_OK) memcpy(full->text_problem, why.message, sizeof why.message);
    return OKNG_OK;
}

/* A checkpoint that contradicts itself has none. */
static okng_status look_at_activation(const char *backbone, const okng_weights *weights, okng_backbone_fit *full,
                                      okng_error *error)
{
    okng_error why;
    okng_status status = okng_clip_activation(backbone, weights, OKNG_ACTIVATION_AUTO, &full->activation, &why);
    if (status == OKNG_ERROR_MEMORY) return okng_fail(error, status, "%s", why.message);
    return OKNG_OK;
}

okng_status okng_backbone_fit_get(const char *backbone, const okng_weights *weights, okng_backbone_fit *fit,
                                  okng_error *error)
{
    okng_error why = {.status = OKNG_OK};
    okng_network_info info;
    okng_backbone_fit full = {.struct_size = sizeof full, .layout = ""};
    OKNG_TRY(okng_sized_check(fit, what, error));
    OKNG_TRY(okng_need(backbone, "the name of a backbone", error));
    OKNG_TRY(okng_need(weights, "the weights", error));
    OKNG_TRY(okng_network_get(backbone, &info, error));
    full.layers = okng_backbone_fits(backbone, weights, &why);
    if (full.layers == 0) return okng_fail(error, why.status, "%s", why.message);
    if (info.activation != OKNG_ACTIVATION_AUTO) {
        OKNG_TRY(look_at_text(backbone, weights, &full, error));
        OKNG_TRY(look_at_activation(backbone, weights, &full, error));
    }
    return okng_sized_give(fit, &full, sizeof full, what, error);
}
