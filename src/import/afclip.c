/* The authors saved two files for each data set that they trained on: the prompt, a tensor alone, and the adapter, a
 * whole module. Of that its tensors are read, and the few attributes that say how it computes. */
#include "import/afclip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "afclip/checkpoint.h"
#include "base/sha256.h"
#include "tensor/pickle_find.h"

/* Of these classes, and no others, is what torch.save(adapter) writes. A set is in every module. */
static const char *const classes[] = {"clip.adaptor.Adaptor",
                                      "clip.adaptor.BasicTransformerBlock",
                                      "clip.adaptor.CrossAttention",
                                      "torch.nn.modules.linear.Linear",
                                      "torch.nn.modules.container.Sequential",
                                      "torch.nn.modules.dropout.Dropout",
                                      "torch.nn.modules.normalization.LayerNorm",
                                      "__builtin__.set",
                                      "builtins.set",
                                      NULL};

/* ---- the two files --------------------------------------------------------------------------- */

static okng_status swapped(const okng_weights *file, bool is_prompt, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: is %s; were the two files given the wrong way round?",
                     okng_weights_path(file), is_prompt ? "a prompt, not an adapter" : "an adapter, not a prompt");
}

/* A tensor alone, or one of these names; in a state_dict of the whole model it stands beside the adapter. */
static okng_status find_prompt(const okng_weights *file, const char **name, okng_error *error)
{
    static const char *const names[] = {"", "state_prompt_embedding", "prompt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (okng_weights_has(file, names[i])) {
            *name = names[i];
            return OKNG_OK;
        }
    if (okng_afclip_learnt_has_adapter(file)) return swapped(file, false, error);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: holds no prompt among its %zu tensors: expected a tensor alone, or one called "
                     "\"state_prompt_embedding\" or \"prompt\"",
                     okng_weights_path(file), okng_weights_count(file));
}

/* Whether a number that the module says of itself, where it does, is the one that okng computes with. */
static okng_status check_number(const okng_weights *file, const okng_pickle *p, const okng_pickle_value *module,
                                const char *name, double expected, okng_error *error)
{
    double number = NAN;
    const okng_pickle_value *found = okng_pickle_member(p, module, name);
    if (!found || (okng_pickle_real(p, found, &number) && fabs(number - expected) <= 1e-9 * expected)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: its \"%s\" is %g, okng computes with %g",
                     okng_weights_path(file), name, number, expected);
}

/* Of a whole module: that it is the adapter, with 8 heads of 64 and the usual norm, which its tensors do not show. */
static okng_status check_module(const okng_weights *file, okng_error *error)
{
    okng_pickle_ref root;
    okng_name name = {"", 0, 0};
    const okng_pickle *p = okng_weights_object(file, &root);
    const okng_pickle_value *module = p ? okng_pickle_get(p, root) : NULL;
    if (!module || module->kind != OKNG_PICKLE_OBJECT) return OKNG_OK; /* a state_dict, or no pickle */
    if (!okng_pickle_class_name(p, module, &name) || name.length != strlen("Adaptor") ||
        memcmp(name.text, "Adaptor", name.length) != 0)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: holds a module of class %.*s, expected clip.adaptor.Adaptor", okng_weights_path(file),
                         (int)name.length, name.text);
    const okng_pickle_value *block = okng_pickle_member(p, module, "attention");
    const okng_pickle_value *attention = okng_pickle_member(p, block, "attn");
    OKNG_TRY(check_number(file, p, attention, "heads", OKNG_AFCLIP_HEADS, error));
    OKNG_TRY(check_number(file, p, attention, "scale", 1 / sqrt(OKNG_AFCLIP_INNER / OKNG_AFCLIP_HEADS), error));
    return check_number(file, p, okng_pickle_member(p, block, "norm"), "eps", 1e-5, error);
}

static okng_status take(okng_afclip_learnt *out, const okng_weights *prompt, const okng_weights *adapter,
                        okng_error *error)
{
    const char *name = NULL;
    OKNG_TRY(find_prompt(prompt, &name, error));
    if (!okng_afclip_learnt_has_adapter(adapter) && okng_weights_has(adapter, "")) return swapped(adapter, true, error);
    OKNG_TRY(check_module(adapter, error));
    return okng_afclip_learnt_join(out, prompt, name, adapter, error);
}

/* ---- which CLIP ------------------------------------------------------------------------------ */

/* Adds a name to those in the report, where there is room for it. */
static void add_name(okng_afclip_report *report, const char *name)
{
    const size_t used = strlen(report->backbones);
    if (used + 1 + strlen(name) >= sizeof report->backbones) return;
    (void)snprintf(report->backbones + used, sizeof report->backbones - used, "%s%s", used > 0 ? " " : "", name);
}

static okng_status list_fitting(const okng_afclip_learnt *learnt, okng_afclip_report *report, okng_error *error)
{
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info;
        okng_clip_shape shape;
        okng_init(&info);
        OKNG_TRY(okng_backbone_get(i, &info, error));
        if (okng_clip_shape_of(info.name, &shape, NULL) != OKNG_OK) continue;
        if (shape.width == learnt->width && shape.text_width == learnt->text_width) add_name(report, info.name);
    }
    return OKNG_OK;
}

/* Both must be of one CLIP; of the one that is named, where one is. */
static okng_status settle_backbone(okng_afclip_checkpoint *c, const okng_afclip_files *files,
                                   okng_afclip_report *report, okng_error *error)
{
    okng_clip_shape shape;
    okng_afclip_plan plan;
    OKNG_TRY(list_fitting(&c->learnt, report, error));
    if (!files->backbone) {
        if (report->backbones[0]) return OKNG_OK;
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s and %s: vectors of %d numbers and an adapter of width %d belong to no CLIP that okng "
                         "knows; are they of one training?",
                         files->prompt, files->adapter, (int)c->learnt.text_width, (int)c->learnt.width);
    }
    OKNG_TRY(okng_clip_shape_of(files->backbone, &shape, error));
    const char *blamed = c->learnt.width == shape.width ? files->prompt : files->adapter;
    OKNG_TRY(okng_afclip_learnt_check(&c->learnt, blamed, files->backbone, &shape, error));
    OKNG_TRY(okng_afclip_plan_of(&plan, files->backbone, shape.patch, shape.patch, NULL, error));
    memcpy(c->taps, plan.taps, sizeof plan.taps);
    (void)snprintf(c->backbone, sizeof c->backbone, "%s", files->backbone);
    return OKNG_OK;
}

/* ---- the checkpoint -------------------------------------------------------------------------- */

/* Name and hash of a file; NULL where memory is out. */
static json_t *origin(const okng_weights *file)
{
    char sha256[65];
    size_t size;
    const void *bytes = okng_weights_bytes(file, &size);
    const char *path = okng_weights_path(file), *slash = strrchr(path, '/');
    okng_sha256(bytes, size, sha256);
    return json_pack("{s:o, s:s}", "file", okng_json_any_text(slash ? slash + 1 : path), "sha256", sha256);
}

static okng_status write(okng_afclip_checkpoint *c, const okng_afclip_files *files, const okng_weights *prompt,
                         const okng_weights *adapter, const char *out_dir, okng_afclip_report *report,
                         okng_error *error)
{
    OKNG_TRY(take(&c->learnt, prompt, adapter, error));
    OKNG_TRY(okng_afclip_learnt_check_values(&c->learnt, files->prompt, files->adapter, error));
    OKNG_TRY(settle_backbone(c, files, report, error));
    c->source = OKNG_AFCLIP_SOURCE_IMPORTED;
    c->training = json_pack("{s:o, s:o}", "prompt", origin(prompt), "adapter", origin(adapter));
    if (!c->training) return okng_fail_memory(error, sizeof *c->training);
    report->width = c->learnt.width;
    report->text_width = c->learnt.text_width;
    return okng_afclip_checkpoint_save(c, out_dir, error);
}

okng_status okng_import_afclip_files(const okng_afclip_files *files, const char *out_dir, okng_afclip_report *report,
                                     okng_error *error)
{
    okng_weights *prompt = NULL, *adapter = NULL;
    okng_afclip_checkpoint checkpoint;
    okng_init(report);
    okng_afclip_checkpoint_init(&checkpoint);
    OKNG_TRY(okng_afclip_checkpoint_check_folder(out_dir, error));
    okng_status status = okng_weights_open_module(&prompt, files->prompt, classes, error);
    if (status == OKNG_OK) status = okng_weights_open_module(&adapter, files->adapter, classes, error);
    if (status == OKNG_OK) status = write(&checkpoint, files, prompt, adapter, out_dir, report, error);
    okng_weights_close(&prompt);
    okng_weights_close(&adapter);
    okng_afclip_checkpoint_free(&checkpoint);
    return status;
}
