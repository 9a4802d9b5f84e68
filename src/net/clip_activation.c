#include "net/clip_activation.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/sha256.h"
#include "net/clip_config.h"
#include "net/graph.h"

/* What is known of a checkpoint, and where it was read. */
typedef struct evidence {
    okng_activation activation; /* AUTO: nothing */
    char where[OKNG_WHERE_MAX];
} evidence;

static const char *text_of(okng_activation activation)
{
    return activation == OKNG_ACTIVATION_QUICKGELU ? "quickgelu" : "gelu";
}

/* ---- by the file's name ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The tags that open_clip gives to what a checkpoint was trained on (src/open_clip/pretrained.py). The first that a
 * name holds counts. */
static const struct {
    const char *part, *backbone; /* NULL: any */
    okng_activation activation;
} tags[] = {
    {"quickgelu", NULL, OKNG_ACTIVATION_QUICKGELU},
    {"openai", NULL, OKNG_ACTIVATION_QUICKGELU},
    {"metaclip", NULL, OKNG_ACTIVATION_QUICKGELU},
    {"dfn2b", NULL, OKNG_ACTIVATION_QUICKGELU},
    {"laion400m", "clip-vit-b-32", OKNG_ACTIVATION_QUICKGELU},
    {"laion", NULL, OKNG_ACTIVATION_GELU},
    {"datacomp", NULL, OKNG_ACTIVATION_GELU},
    {"commonpool", NULL, OKNG_ACTIVATION_GELU},
};

/* In small letters, cut where it is longer than any that is known. */
static const char *lower_name(const char *path, char name[256])
{
    (void)snprintf(name, 256, "%s", last_part(path));
    for (char *c = name; *c; c++) *c = (char)tolower((unsigned char)*c);
    return name;
}

static void look_at_name(const char *backbone, const okng_weights *weights, evidence *e)
{
    char name[256];
    lower_name(okng_weights_path(weights), name);
    for (size_t i = 0; i < sizeof tags / sizeof *tags && e->activation == OKNG_ACTIVATION_AUTO; i++) {
        if (!strstr(name, tags[i].part) || (tags[i].backbone && strcmp(tags[i].backbone, backbone) != 0)) continue;
        e->activation = tags[i].activation;
        (void)snprintf(e->where, sizeof e->where, "%s, \"%s\" in the file's name", okng_weights_path(weights),
                       tags[i].part);
    }
}

/* ---- by what the file is ---- */

static void look_at_layout(const okng_naming *naming, evidence *e)
{
    const char *path = okng_weights_path(naming->weights), *what = NULL;
    if (e->activation != OKNG_ACTIVATION_AUTO) return;
    if (okng_weights_is_script(naming->weights)) {
        e->activation = OKNG_ACTIVATION_QUICKGELU;
        what = "a TorchScript archive, as OpenAI's";
    } else if (strcmp(okng_naming_layout(naming), "TinyCLIP") == 0) {
        e->activation = OKNG_ACTIVATION_GELU;
        what = "of TinyCLIP's training code";
    }
    if (what) (void)snprintf(e->where, sizeof e->where, "%s, %s", path, what);
}

/* The public file that the backbone's name stands for. Its hash is computed only where that decides something. */
static void look_at_hash(const okng_network_info *info, const okng_weights *weights, okng_activation asked, evidence *e)
{
    char sha256[65];
    size_t size;
    if (e->activation != OKNG_ACTIVATION_AUTO || asked == OKNG_ACTIVATION_AUTO || asked == info->activation) return;
    if (info->hash_prefix[0] == '\0') return;
    const void *bytes = okng_weights_bytes(weights, &size);
    okng_sha256(bytes, size, sha256);
    if (strncmp(sha256, info->hash_prefix, strlen(info->hash_prefix)) != 0) return;
    e->activation = info->activation;
    (void)snprintf(e->where, sizeof e->where, "%s, by its SHA-256 the public file %s", okng_weights_path(weights),
                   last_part(info->url));
}

/* ---- both together ---- */

/* A configuration that cannot be read matters only where nobody says what it would. */
static okng_status look_at_config(const okng_naming *naming, const char *backbone, okng_activation asked, evidence *e,
                                  okng_error *error)
{
    okng_clip_shape shape;
    okng_error why;
    OKNG_TRY(okng_clip_shape_of(backbone, &shape, error));
    okng_status status = okng_clip_config_activation(naming, &shape, &e->activation, e->where, &why);
    if (status == OKNG_OK) return OKNG_OK;
    const bool matters = status == OKNG_ERROR_MEMORY || asked == OKNG_ACTIVATION_AUTO;
    e->activation = OKNG_ACTIVATION_AUTO;
    if (!matters) return OKNG_OK;
    return okng_fail(error, status, "%s", why.message);
}

okng_status okng_clip_activation(const char *backbone, const okng_weights *weights, okng_activation asked,
                                 okng_activation *out, okng_error *error)
{
    okng_network_info info;
    evidence e = {.activation = OKNG_ACTIVATION_AUTO};
    *out = asked;
    OKNG_TRY(okng_network_get(backbone, &info, error));
    if (info.activation == OKNG_ACTIVATION_AUTO && asked != OKNG_ACTIVATION_AUTO)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s has no choice of its activation, expected auto", backbone);
    if (info.activation == OKNG_ACTIVATION_AUTO) return OKNG_OK;
    const okng_naming naming = okng_naming_clip(weights);
    OKNG_TRY(look_at_config(&naming, backbone, asked, &e, error));
    look_at_name(backbone, weights, &e);
    look_at_layout(&naming, &e);
    look_at_hash(&info, weights, asked, &e);
    if (asked != OKNG_ACTIVATION_AUTO && e.activation != OKNG_ACTIVATION_AUTO && asked != e.activation)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "activation is %s, but the weights were trained with %s (%s); leave it at auto",
                         text_of(asked), text_of(e.activation), e.where);
    if (asked == OKNG_ACTIVATION_AUTO) *out = e.activation != OKNG_ACTIVATION_AUTO ? e.activation : info.activation;
    return OKNG_OK;
}
