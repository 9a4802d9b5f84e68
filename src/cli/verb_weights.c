/* okng weights show, okng weights list */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const okng_cli_option no_options[] = {{0}};

/* ---- show ----------------------------------------------------------------------------------- */

static json_t *tensor_json(const okng_tensor_info *info)
{
    json_t *shape = json_array();
    for (int32_t i = 0; i < info->dims; i++) okng_cli_json_add(&shape, json_integer(info->shape[i]));
    return json_pack("{s:s, s:s, s:o}", "name", info->name, "dtype", info->type_name, "shape", shape);
}

/* The layer of that number, from 1 on, of "layer1 layer2 layer3"; returns text. */
static const char *layer_text(const okng_backbone_info *info, int32_t number, char text[OKNG_NAME_MAX])
{
    const char *at = info->layers;
    for (; number > 1 && strchr(at, ' '); number--) at = strchr(at, ' ') + 1;
    (void)snprintf(text, OKNG_NAME_MAX, "%.*s", (int)strcspn(at, " "), at);
    return text;
}

/* What the weights have of backbone i, described in *info: fit->layers is 0 where they do not fit. Fails where memory
 * could not be had. */
static okng_status fit_of(size_t i, const okng_weights *weights, okng_backbone_info *info, okng_backbone_fit *fit,
                          okng_error *error)
{
    okng_error why;
    *info = (okng_backbone_info){.struct_size = sizeof *info};
    *fit = (okng_backbone_fit){.struct_size = sizeof *fit};
    okng_status status = okng_backbone_get(i, info, error);
    if (status != OKNG_OK) return status;
    status = okng_backbone_fit_get(info->name, weights, fit, &why);
    if (status != OKNG_OK) fit->layers = 0;
    return status == OKNG_ERROR_MEMORY ? okng_cli_set_error(error, status, "%s", why.message) : OKNG_OK;
}

static const char *activation_name(okng_activation activation)
{
    return activation == OKNG_ACTIVATION_QUICKGELU ? "quickgelu" : "gelu";
}

/* Of a CLIP its layout, towers and activation too. */
static json_t *fit_json(const okng_backbone_info *info, const okng_backbone_fit *fit)
{
    static const char *const towers[] = {"none", "whole", "other"};
    char layer[OKNG_NAME_MAX];
    json_t *object = json_pack("{s:s, s:i, s:s}", "backbone", info->name, "layers", (int)fit->layers, "deepest",
                               layer_text(info, fit->layers, layer));
    if (fit->layout[0] == '\0') return object;
    okng_cli_json_put(&object, "layout", json_string(fit->layout));
    okng_cli_json_put(&object, "text_tower", json_string(towers[fit->text]));
    if (fit->activation != OKNG_ACTIVATION_AUTO)
        okng_cli_json_put(&object, "activation", json_string(activation_name(fit->activation)));
    return object;
}

static int show_json(const char *path, const okng_weights *weights)
{
    json_t *tensors = json_array(), *fits = json_array();
    uint64_t bytes = 0;
    for (size_t i = 0; i < okng_weights_count(weights); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        if (okng_weights_tensor(weights, i, &info, NULL) != OKNG_OK) continue;
        bytes += info.bytes;
        okng_cli_json_add(&tensors, tensor_json(&info));
    }
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info;
        okng_backbone_fit fit;
        okng_error error;
        if (fit_of(i, weights, &info, &fit, &error) != OKNG_OK) {
            json_decref(tensors);
            json_decref(fits);
            return okng_cli_fail(&error);
        }
        if (fit.layers > 0) okng_cli_json_add(&fits, fit_json(&info, &fit));
    }
    return okng_cli_print_json(json_pack("{s:o, s:I, s:o, s:o}", "file", okng_cli_json_path(path), "bytes",
                                         (json_int_t)bytes, "fits", fits, "tensors", tensors));
}

static void print_fit(const okng_backbone_info *info, const okng_backbone_fit *fit)
{
    char layer[OKNG_NAME_MAX];
    (void)printf(_("fits %s up to %s\n"), info->name, layer_text(info, fit->layers, layer));
    if (fit->layout[0] == '\0') return;
    (void)printf("  ");
    if (fit->text == OKNG_TEXT_TOWER_WHOLE)
        (void)printf(_("layout of %s, both towers"), fit->layout);
    else if (fit->text == OKNG_TEXT_TOWER_NONE)
        (void)printf(_("layout of %s, vision only: no text tower"), fit->layout);
    else
        (void)printf(_("layout of %s, its text tower does not fit: %s"), fit->layout, fit->text_problem);
    if (fit->activation != OKNG_ACTIVATION_AUTO) (void)printf(_("; activation %s"), activation_name(fit->activation));
    (void)printf("\n");
}

static int show_text(const char *path, const okng_weights *weights)
{
    uint64_t bytes = 0;
    size_t count = okng_weights_count(weights);
    for (size_t i = 0; i < count; i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        char shape[160];
        if (okng_weights_tensor(weights, i, &info, NULL) != OKNG_OK) continue;
        bytes += info.bytes;
        (void)printf("%-44s %-9s %s\n", info.name, info.type_name,
                     okng_cli_shape_text(info.dims, info.shape, shape, sizeof shape));
    }
    char size[32];
    (void)printf(_("%s: %zu tensors, %s\n"), path, count, okng_cli_size_text(bytes, size, sizeof size));
    bool fits = false;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info;
        okng_backbone_fit fit;
        okng_error error;
        if (fit_of(i, weights, &info, &fit, &error) != OKNG_OK) return okng_cli_fail(&error);
        if (fit.layers > 0) print_fit(&info, &fit);
        fits = fits || fit.layers > 0;
    }
    if (!fits) (void)printf("%s", _("fits no backbone that okng knows\n"));
    return EXIT_OKAY;
}

static int run_show(okng_cli_args *args)
{
    okng_error error;
    okng_weights *weights = NULL;
    if (okng_weights_open(&weights, args->operand, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = EXIT_OKAY;
    if (args->json)
        code = show_json(args->operand, weights);
    else if (!args->quiet)
        code = show_text(args->operand, weights);
    okng_weights_close(&weights);
    return code;
}

const okng_cli_verb okng_cli_weights_show = {
    .name = "weights show",
    .usage = "FILE",
    .summary = "lists the tensors of a weight file and the backbones it fits",
    .about = "Reads .pth and .pt (both containers, and TorchScript archives) and .safetensors. Of a CLIP it tells the "
             "layout, "
             "whether the text tower is there, and the activation. Nothing in the file is executed.",
    .examples = "  okng weights show resnet18-f37072fd.pth\n",
    .operand = "FILE",
    .options = no_options,
    .no_kernels = true,
    .run = run_show,
};

/* ---- list ----------------------------------------------------------------------------------- */

static void print_list_head(void)
{
    okng_cli_print_left(N_("backbone"), 23);
    okng_cli_print_right(N_("parameters"), 12);
    (void)printf(" %8s  %-8s  ", "GFLOP", "sha256");
    okng_cli_print_left(N_("cached"), 6);
    (void)printf("  %s\n", "url");
}

static void print_list_row(const okng_backbone_info *info, bool cached)
{
    (void)printf("%-23s %11lld %8.2f  %-8s  ", info->name, (long long)info->parameters, info->flops * 1e-9,
                 info->hash_prefix);
    okng_cli_print_left(info->built_in ? "-" : cached ? N_("yes") : N_("no"), 6);
    (void)printf("  %s\n", info->built_in ? _("built in") : info->url);
}

static bool is_cached(const char *name)
{
    char path[OKNG_PATH_MAX];
    return okng_public_file_cache(name, path, sizeof path, NULL) == OKNG_OK && access(path, R_OK) == 0;
}

static json_t *list_json(const okng_backbone_info *info)
{
    return json_pack("{s:s, s:I, s:f, s:s, s:s, s:b, s:b, s:s, s:I, s:s}", "name", info->name, "parameters",
                     (json_int_t)info->parameters, "flops", info->flops, "url", info->url, "hash_prefix",
                     info->hash_prefix, "cached", (int)is_cached(info->name), "built_in", (int)info->built_in, "sha256",
                     info->sha256, "bytes", (json_int_t)info->bytes, "licence", info->licence);
}

/* What is no backbone: CLIP's vocabulary, as the last row. */
static void print_list_other(void)
{
    okng_public_file file = {.struct_size = sizeof file};
    if (okng_public_file_find("clip-vocabulary", &file, NULL) != OKNG_OK) return;
    (void)printf("%-23s %11s %8s  %-8s  ", file.name, "-", "-", file.hash_prefix);
    okng_cli_print_left(is_cached(file.name) ? N_("yes") : N_("no"), 6);
    (void)printf("  %s\n", file.url);
}

static int run_list(okng_cli_args *args)
{
    json_t *list = json_array();
    const bool text = !args->json && !args->quiet;
    if (text) print_list_head();
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        okng_error error;
        if (okng_backbone_get(i, &info, &error) != OKNG_OK) {
            json_decref(list);
            return okng_cli_fail(&error);
        }
        okng_cli_json_add(&list, list_json(&info));
        if (text) print_list_row(&info, is_cached(info.name));
    }
    if (args->json) return okng_cli_print_json(list);
    if (text) print_list_other();
    json_decref(list);
    return EXIT_OKAY;
}

const okng_cli_verb okng_cli_weights_list = {
    .name = "weights list",
    .usage = "",
    .summary = "lists the backbones that okng knows, and where their weights are",
    .about = "Parameters and floating-point operations are those up to the deepest layer, of a CLIP those of its image "
             "tower, at 224x224, a multiply-add counted as two. --json tells sizes, whole hashes and licences too.",
    .examples = "  okng weights list\n",
    .options = no_options,
    .no_kernels = true,
    .run = run_list,
};
