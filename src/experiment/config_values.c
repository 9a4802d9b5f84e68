/* Values of keys: from text and to text. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "data/options.h"
#include "experiment/config_keys.h"
#include "experiment/config_late.h"
#include "experiment/config_row.h"
#include "options/number.h"

/* ---- text to field -------------------------------------------------------------------------- */

static okng_status refuse(const okng_key_row *r, const char *value, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected %s", value, r->info.values);
}

static okng_status set_text(const okng_key_row *r, void *field, const char *value, okng_error *error)
{
    size_t length = strlen(value);
    bool folder = *value && !strchr(value, '/') && strcmp(value, ".") != 0 && strcmp(value, "..") != 0;
    if (r->kind == OKNG_KEY_IS_NAME && !folder)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected a name without /", value);
    if (length >= r->size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.40s...\", expected fewer than %zu bytes", value,
                         r->size);
    memset(field, 0, r->size);
    memcpy(field, value, length);
    return OKNG_OK;
}

bool okng_key_bool(const char *value, bool *out)
{
    *out = strcasecmp(value, "true") == 0;
    return *out || strcasecmp(value, "false") == 0;
}

static okng_status set_choice(const okng_key_row *r, void *field, const char *value, okng_error *error)
{
    const char *choice = r->info.values;
    for (int32_t index = 0; *choice; index++) {
        size_t length = strcspn(choice, "|");
        if (strlen(value) == length && strncmp(choice, value, length) == 0) {
            memcpy(field, &index, sizeof index);
            return OKNG_OK;
        }
        choice += length + (choice[length] == '|');
    }
    return refuse(r, value, error);
}

static okng_status set_int(const okng_key_row *r, void *field, const char *value, okng_error *error)
{
    int64_t number;
    if (!okng_number_i64(value, &number) || (double)number < r->low || (double)number > r->high)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected a whole number %.0f..%.0f", value,
                         r->low, r->high);
    int32_t narrow = (int32_t)number;
    memcpy(field, &narrow, sizeof narrow);
    return OKNG_OK;
}

static okng_status set_seed(okng_experiment_config *config, const char *value, okng_error *error)
{
    OKNG_TRY(okng_dataset_options_set(&config->data, "seed", value, error));
    config->build.seed = config->data.seed;
    return OKNG_OK;
}

static okng_status set_map_size(const okng_key_row *r, okng_experiment_config *config, const char *value,
                                okng_error *error)
{
    int32_t height = 0, width = 0;
    if (strcmp(value, "picture") != 0 && !okng_key_size(value, &height, &width)) return refuse(r, value, error);
    config->map_height = height;
    config->map_width = width;
    return OKNG_OK;
}

/* Lists come with commas: "256,320" is what the option calls 256x320. */
static okng_status set_option(const okng_key_row *r, okng_experiment_config *config, const char *value,
                              okng_error *error)
{
    int32_t height, width;
    char text[32];
    bool size = strcmp(r->option, "resize") == 0 && strchr(value, ',');
    if (size && !okng_key_size(value, &height, &width)) return refuse(r, value, error);
    if (size) (void)snprintf(text, sizeof text, "%dx%d", (int)height, (int)width);
    return okng_build_options_set(&config->build, r->option, size ? text : value, error);
}

static okng_status set_embed(const okng_key_row *r, okng_experiment_config *config, const char *value,
                             okng_error *error)
{
    OKNG_TRY(okng_build_options_set(&config->build, r->option, value, error));
    config->build.aggregate = OKNG_AGGREGATE_MEAN_MAP;
    return OKNG_OK;
}

static okng_status set_k(okng_experiment_config *config, const char *value, okng_error *error)
{
    OKNG_TRY(okng_build_options_set(&config->build, "neighbors", value, error));
    config->build.image_score = OKNG_SCORE_MEAN_K;
    return OKNG_OK;
}

static okng_status set_normalize(const okng_key_row *r, okng_experiment_config *config, const char *value,
                                 okng_error *error)
{
    bool on = false, imagenet = strcmp(value, "imagenet") == 0 || (okng_key_bool(value, &on) && on);
    if (!imagenet && strcmp(value, "none") != 0 && !okng_key_bool(value, &on)) return refuse(r, value, error);
    OKNG_TRY(okng_build_options_set(&config->build, "mean", imagenet ? "0.485,0.456,0.406" : "0,0,0", error));
    return okng_build_options_set(&config->build, "std", imagenet ? "0.229,0.224,0.225" : "1,1,1", error);
}

okng_status okng_key_set(okng_experiment_config *config, int key, const char *value, const okng_yaml *layer,
                         okng_error *error)
{
    const okng_key_row *r = okng_key_row_of(key);
    void *field = (char *)config + r->offset;
    switch (r->kind) {
    case OKNG_KEY_IS_TEXT:
    case OKNG_KEY_IS_NAME:
        return set_text(r, field, value, error);
    case OKNG_KEY_IS_BOOL:
        return okng_key_bool(value, field) ? OKNG_OK : refuse(r, value, error);
    case OKNG_KEY_IS_CHOICE:
        return set_choice(r, field, value, error);
    case OKNG_KEY_IS_INT32:
        return set_int(r, field, value, error);
    case OKNG_KEY_IS_SEED:
        return set_seed(config, value, error);
    case OKNG_KEY_IS_DEVICE:
        return strcmp(value, "cpu") == 0 ? OKNG_OK : refuse(r, value, error);
    case OKNG_KEY_IS_SIZE:
        return set_map_size(r, config, value, error);
    case OKNG_KEY_IS_OPTION:
        return set_option(r, config, value, error);
    case OKNG_KEY_IS_DATA:
        return okng_dataset_options_set(&config->data, r->option, value, error);
    case OKNG_KEY_IS_EMBED:
        return set_embed(r, config, value, error);
    case OKNG_KEY_IS_K:
        return set_k(config, value, error);
    case OKNG_KEY_IS_NORMALIZE:
        return set_normalize(r, config, value, error);
    case OKNG_KEY_IS_INPUT_SIZE:
        return okng_key_set_input_size(config, value, layer, error);
    case OKNG_KEY_IS_WORKERS:
        return okng_key_set_workers(config, value, layer, error);
    case OKNG_KEY_IS_FULL_TRAIN:
        break;
    }
    return okng_key_set_full_train(config, value, error);
}

okng_status okng_key_set_option(okng_experiment_config *config, const char *name, const char *value, okng_error *error)
{
    static const char *const elsewhere[][2] = {
        {"preset", "model.preset"}, {"seed", "experiment.seed"}, {"threads", "data.threads"}};
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(name, elsewhere[i][0]) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "is not set here but by the key %s", elsewhere[i][1]);
    return okng_build_options_set(&config->build, name, value, error);
}

/* ---- field to text -------------------------------------------------------------------------- */

static void choice_text(const okng_key_row *r, int32_t index, char *text, size_t size)
{
    const char *choice = r->info.values;
    for (int32_t i = 0; i < index && *choice; i++) {
        choice += strcspn(choice, "|");
        choice += *choice == '|';
    }
    if (index < 0 || !*choice) /* a struct filled by hand: setting this fails */
        (void)snprintf(text, size, "%d", (int)index);
    else
        (void)snprintf(text, size, "%.*s", (int)strcspn(choice, "|"), choice);
}

static void size_text(const okng_experiment_config *config, char *text, size_t size)
{
    if (config->map_height == 0 && config->map_width == 0)
        (void)snprintf(text, size, "picture");
    else
        (void)snprintf(text, size, "%d,%d", (int)config->map_height, (int)config->map_width);
}

void okng_key_get(const okng_experiment_config *config, int key, char *text, size_t size)
{
    const okng_key_row *r = okng_key_row_of(key);
    const char *field = (const char *)config + r->offset;
    int32_t narrow = 0;
    bool on = false;
    if (r->kind == OKNG_KEY_IS_INT32 || r->kind == OKNG_KEY_IS_CHOICE) memcpy(&narrow, field, sizeof narrow);
    if (r->kind == OKNG_KEY_IS_BOOL) memcpy(&on, field, sizeof on);
    text[0] = '\0';
    if (r->kind == OKNG_KEY_IS_TEXT || r->kind == OKNG_KEY_IS_NAME)
        (void)snprintf(text, size, "%.*s", (int)r->size, field);
    else if (r->kind == OKNG_KEY_IS_BOOL)
        (void)snprintf(text, size, "%s", on ? "true" : "false");
    else if (r->kind == OKNG_KEY_IS_CHOICE)
        choice_text(r, narrow, text, size);
    else if (r->kind == OKNG_KEY_IS_INT32)
        (void)snprintf(text, size, "%d", (int)narrow);
    else if (r->kind == OKNG_KEY_IS_SEED)
        (void)okng_dataset_options_get(&config->data, "seed", text, size, NULL);
    else if (r->kind == OKNG_KEY_IS_DEVICE)
        (void)snprintf(text, size, "cpu");
    else if (r->kind == OKNG_KEY_IS_SIZE)
        size_text(config, text, size);
    else if (r->kind == OKNG_KEY_IS_OPTION)
        (void)okng_build_options_get(&config->build, r->option, text, size, NULL);
    else if (r->kind == OKNG_KEY_IS_DATA)
        (void)okng_dataset_options_get(&config->data, r->option, text, size, NULL);
}
