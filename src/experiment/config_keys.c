#include "experiment/config_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "data/options.h"
#include "experiment/config_late.h"
#include "options/number.h"

typedef enum key_kind {
    KIND_TEXT,
    KIND_NAME, /* a text that can be a folder's name */
    KIND_BOOL,
    KIND_CHOICE, /* an enum; its values are in the order of info.values */
    KIND_INT32,
    KIND_SEED,
    KIND_DEVICE,
    KIND_SIZE,   /* map_height, map_width */
    KIND_OPTION, /* of okng_build_options, by name */
    KIND_DATA,   /* of okng_dataset_options, by name */
    /* These stand for others. */
    KIND_EMBED, /* an option that also makes the aggregate mean-map */
    KIND_K,
    KIND_NORMALIZE,
    KIND_INPUT_SIZE,
    KIND_WORKERS,
    KIND_FULL_TRAIN
} key_kind;

typedef struct row {
    okng_experiment_key info;
    key_kind kind;
    const char *option;
    size_t offset, size;
    double low, high; /* of KIND_INT32 */
    bool idle;        /* no figure depends on it */
} row;

#define AT(field) NULL, offsetof(okng_experiment_config, field), sizeof(((okng_experiment_config *)0)->field)
#define AS(option) option, 0, 0
#define NONE NULL, 0, 0
#define BOOLS "true|false"

/* clang-format off */
static const row rows[] = {
    {{"experiment.name", "NAME", "folder of the results, below <dataset>/<method>"}, KIND_NAME, AT(name), 0, 0, false},
    {{"experiment.seed", "N", "of all random numbers"}, KIND_SEED, NONE, 0, 0, false},
    {{"experiment.output_root", "DIR", "where results go"}, KIND_TEXT, AT(output_root), 0, 0, true},

    {{"data.dataset", "NAME", "layout of the data: mvtec, visa, mvtec-ad2, casting, folder, csv"},
     KIND_NAME, AT(dataset), 0, 0, false},
    {{"data.root", "DIR", "where the data set is"}, KIND_TEXT, AT(root), 0, 0, false},
    {{"data.categories", "all|[NAME, ...]", "categories that are run"}, KIND_DATA, AS("category"), 0, 0, true},
    {{"data.batch_size", "N", "pictures in flight at most, which bounds memory"},
     KIND_INT32, AT(batch_size), 1, 1024, true},
    {{"data.threads", "N|all", "cores to use; figures do not depend on it"}, KIND_OPTION, AS("threads"), 0, 0, true},
    {{"data.k_shot", "N", "train pictures, drawn by the seed; 0 takes all"}, KIND_DATA, AS("k-shot"), 0, 0, false},
    {{"data.validation", "RATIO", "part of the train pictures held out for the thresholds; 0 for none"},
     KIND_DATA, AS("validation"), 0, 0, false},
    {{"data.transforms.resize", "N|[H, W]|none", "scale the shorter side to N, or to exactly H rows and W columns"},
     KIND_OPTION, AS("resize"), 0, 0, false},
    {{"data.transforms.center_crop", "N|none", "then keep the central N x N pixels"}, KIND_OPTION, AS("crop"), 0, 0, false},
    {{"data.transforms.normalize", "imagenet|none", "both of the next at once"}, KIND_NORMALIZE, NONE, 0, 0, false},
    {{"data.transforms.normalize.mean", "[R, G, B]", "subtracted from the colours in 0..1"},
     KIND_OPTION, AS("mean"), 0, 0, false},
    {{"data.transforms.normalize.std", "[R, G, B]", "divides them then"}, KIND_OPTION, AS("std"), 0, 0, false},
    {{"data.loader.use_full_train", BOOLS, "true takes all train pictures, whatever k_shot says"},
     KIND_FULL_TRAIN, NONE, 0, 0, false},
    {{"data.loader.max_test_samples", "N", "test pictures, good and bad in their shares, spread over the list; 0 takes all"},
     KIND_DATA, AS("max-test-samples"), 0, 0, false},
    {{"data.normal", "DIR", "of the data set folder: good pictures to learn"}, KIND_DATA, AS("normal"), 0, 0, false},
    {{"data.normal_test", "DIR", "of the data set folder: good pictures to test"}, KIND_DATA, AS("normal-test"), 0, 0, false},
    {{"data.abnormal", "DIR|[DIR, ...]", "of the data set folder: bad pictures"}, KIND_DATA, AS("abnormal"), 0, 0, false},
    {{"data.masks", "DIR", "of the data set folder: their masks"}, KIND_DATA, AS("masks"), 0, 0, false},
    {{"data.test_ratio", "RATIO", "of the data set folder: part of normal that is tested where there is no normal_test"},
     KIND_DATA, AS("test-ratio"), 0, 0, false},
    {{"data.csv", "FILE", "of the data set csv: the table"}, KIND_DATA, AS("csv"), 0, 0, false},

    {{"model.name", "NAME", "the method: patchcore"}, KIND_NAME, AT(method), 0, 0, false},
    {{"model.device", "cpu", "where it runs"}, KIND_DEVICE, NONE, 0, 0, false},
    {{"model.preset", "NAME", "what all other keys start from: default, paper, inspection, anomalib, architecture, guide"},
     KIND_OPTION, AS("preset"), 0, 0, false},
    {{"model.backbone", "NAME", "network that makes the features; empty for the built-in one"},
     KIND_OPTION, AS("backbone"), 0, 0, false},
    {{"model.weights", "FILE", "its weights"}, KIND_OPTION, AS("weights"), 0, 0, false},
    {{"model.layers", "[NAME, ...]", "layers whose maps make a patch vector"}, KIND_OPTION, AS("layers"), 0, 0, false},
    {{"model.input_size", "N|[H, W]|[3, H, W]", "what the network sees; sets, or has to agree with, resize and center_crop"},
     KIND_INPUT_SIZE, NONE, 0, 0, false},
    {{"model.pretrain_embed_dim", "N", "dimensions of a layer; makes the aggregate mean-map"},
     KIND_EMBED, AS("pretrain-dim"), 0, 0, false},
    {{"model.target_embed_dim", "N", "dimensions of a patch vector; makes the aggregate mean-map"},
     KIND_EMBED, AS("target-dim"), 0, 0, false},
    {{"model.patch.size", "N", "odd side of the neighbourhood that is averaged"}, KIND_OPTION, AS("patch-size"), 0, 0, false},
    {{"model.patch.stride", "N", "step of that neighbourhood"}, KIND_OPTION, AS("patch-stride"), 0, 0, false},
    {{"model.nn.k", "N", "a patch scores the mean distance to its N nearest rows (image-score mean-k)"}, KIND_K, NONE, 0, 0, false},
    {{"model.nn.num_workers", "N|all", "the same as data.threads"}, KIND_WORKERS, NONE, 0, 0, true},
    {{"model.sampler.name", "identity|random|greedy|approx_greedy|kmeans", "how the rows of the bank are chosen"},
     KIND_OPTION, AS("sampler"), 0, 0, false},
    {{"model.sampler.ratio", "RATIO", "part of all patch vectors that is kept"}, KIND_OPTION, AS("coreset"), 0, 0, false},
    {{"model.score_map.resize_to", "N|[H, W]|picture", "size of saved anomaly maps"}, KIND_SIZE, AT(map_height), 0, 0, false},
    {{"model.score_map.normalize", BOOLS, "bring saved anomaly maps to 0..1 by the least and largest of the category"},
     KIND_BOOL, AT(map_normalize), 0, 0, false},
    {{"model.pretrained.root", "DIR", "a saved model of patchcore-inspection, in place of learning"},
     KIND_TEXT, AT(pretrained_root), 0, 0, false},
    {{"model.pretrained.prepend", "TEXT", "prefix of its files; found where it is empty"},
     KIND_TEXT, AT(pretrained_prepend), 0, 0, false},
    {{"model.pretrained.strict", BOOLS, "true makes a missing model an error, false a warning, after which one is learned"},
     KIND_BOOL, AT(pretrained_strict), 0, 0, false},

    {{"evaluation.metrics.image_auroc", BOOLS, "area under the ROC curve of the pictures"},
     KIND_BOOL, AT(metrics.image_auroc), 0, 0, false},
    {{"evaluation.metrics.image_ap", BOOLS, "their average precision"}, KIND_BOOL, AT(metrics.image_ap), 0, 0, false},
    {{"evaluation.metrics.image_f1max", BOOLS, "their best F1, with its threshold"},
     KIND_BOOL, AT(metrics.image_f1max), 0, 0, false},
    {{"evaluation.metrics.pixel_auroc", BOOLS, "area under the ROC curve of the pixels"},
     KIND_BOOL, AT(metrics.pixel_auroc), 0, 0, false},
    {{"evaluation.metrics.pixel_ap", BOOLS, "their average precision"}, KIND_BOOL, AT(metrics.pixel_ap), 0, 0, false},
    {{"evaluation.metrics.pixel_f1max", BOOLS, "their best F1, with its threshold"},
     KIND_BOOL, AT(metrics.pixel_f1max), 0, 0, false},
    {{"evaluation.metrics.aupro_30", BOOLS, "area under the PRO curve up to 0.30"}, KIND_BOOL, AT(metrics.aupro_30), 0, 0, false},
    {{"evaluation.metrics.aupro_05", BOOLS, "area under the PRO curve up to 0.05"}, KIND_BOOL, AT(metrics.aupro_05), 0, 0, false},
    {{"evaluation.pro_mode", "exact|steps", "every score a threshold, or 200 equal steps as CLIP papers do it"},
     KIND_CHOICE, AT(pro_mode), 0, 0, false},
    {{"evaluation.latency.warmup_iters", "N", "inspections before latency is measured"},
     KIND_INT32, AT(latency_warmup), 0, 100000, false},
    {{"evaluation.latency.measure_iters", "N", "inspections that are measured; 0 measures none"},
     KIND_INT32, AT(latency_runs), 0, 100000, false},

    {{"visualization.num_examples", "N", "overlays of a category; -1 saves all"}, KIND_INT32, AT(num_examples), -1, 1e9, false},
    {{"visualization.save_overlay", BOOLS, "save overlays"}, KIND_BOOL, AT(save_overlay), 0, 0, false},
    {{"visualization.save_anomaly_map", BOOLS, "save anomaly maps"}, KIND_BOOL, AT(save_anomaly_map), 0, 0, false},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

size_t okng_experiment_key_count(void)
{
    return ROWS;
}

okng_experiment_key okng_experiment_key_get(size_t i)
{
    return i < ROWS ? rows[i].info : (okng_experiment_key){0};
}

int okng_key_find(const char *path)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].info.path, path) == 0) return i;
    return -1;
}

okng_key_rank okng_key_rank_of(int key)
{
    if (rows[key].kind >= KIND_INPUT_SIZE) return OKNG_RANK_LATE;
    return rows[key].option && strcmp(rows[key].option, "preset") == 0 ? OKNG_RANK_PRESET : OKNG_RANK_PLAIN;
}

bool okng_key_is_written(int key)
{
    return rows[key].kind < KIND_EMBED;
}

bool okng_key_counts(int key)
{
    return !rows[key].idle;
}

bool okng_key_is_text(int key)
{
    return rows[key].kind == KIND_TEXT || rows[key].kind == KIND_NAME || rows[key].kind == KIND_OPTION ||
           rows[key].kind == KIND_DATA;
}

bool okng_key_is_list(int key)
{
    return strstr(rows[key].info.values, "...]") || strstr(rows[key].info.values, "[R, G, B]");
}

const char *okng_key_option(int key)
{
    return rows[key].kind == KIND_OPTION ? rows[key].option : NULL;
}

/* ---- paths ---------------------------------------------------------------------------------- */

bool okng_key_is_section(const char *path)
{
    size_t length = strlen(path);
    if (strcmp(path, "model.options") == 0) return true;
    for (size_t i = 0; i < ROWS; i++)
        if (strncmp(rows[i].info.path, path, length) == 0 && rows[i].info.path[length] == '.') return true;
    return false;
}

/* The key with the same last part as `path`, where there is one: it stands in the wrong section. */
static const char *same_last_part(const char *path)
{
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(strrchr(rows[i].info.path, '.') + 1, last) == 0) return rows[i].info.path;
    return NULL;
}

okng_status okng_key_unknown(const char *path, bool section, okng_error *error)
{
    char parts[ROWS + 1][64];
    const char *candidates[ROWS + 1];
    size_t levels = 1, count = 0;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) levels++;
    for (size_t i = 0; i <= ROWS; i++) { /* each key, cut to as many levels */
        const char *from = i < ROWS ? rows[i].info.path : "base", *end = from;
        for (size_t level = 0; end && level < levels; level++) end = strchr(level > 0 ? end + 1 : end, '.');
        (void)snprintf(parts[count], sizeof parts[0], "%.*s", end ? (int)(end - from) : (int)strlen(from), from);
        candidates[count] = parts[count];
        count++;
    }
    const char *nearest = okng_suggest(path, candidates, count);
    if (!nearest && !section) nearest = same_last_part(path);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown key \"%.200s\"%s%s%s", path,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* ---- text to field -------------------------------------------------------------------------- */

static okng_status refuse(const row *r, const char *value, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected %s", value, r->info.values);
}

static okng_status set_text(const row *r, void *field, const char *value, okng_error *error)
{
    size_t length = strlen(value);
    bool folder = *value && !strchr(value, '/') && strcmp(value, ".") != 0 && strcmp(value, "..") != 0;
    if (r->kind == KIND_NAME && !folder)
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

static okng_status set_choice(const row *r, void *field, const char *value, okng_error *error)
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

static okng_status set_int(const row *r, void *field, const char *value, okng_error *error)
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

static okng_status set_map_size(const row *r, okng_experiment_config *config, const char *value, okng_error *error)
{
    int32_t height = 0, width = 0;
    if (strcmp(value, "picture") != 0 && !okng_key_size(value, &height, &width)) return refuse(r, value, error);
    config->map_height = height;
    config->map_width = width;
    return OKNG_OK;
}

/* Lists come with commas: "256,320" is what the option calls 256x320. */
static okng_status set_option(const row *r, okng_experiment_config *config, const char *value, okng_error *error)
{
    int32_t height, width;
    char text[32];
    bool size = strcmp(r->option, "resize") == 0 && strchr(value, ',');
    if (size && !okng_key_size(value, &height, &width)) return refuse(r, value, error);
    if (size) (void)snprintf(text, sizeof text, "%dx%d", (int)height, (int)width);
    return okng_build_options_set(&config->build, r->option, size ? text : value, error);
}

static okng_status set_embed(const row *r, okng_experiment_config *config, const char *value, okng_error *error)
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

static okng_status set_normalize(const row *r, okng_experiment_config *config, const char *value, okng_error *error)
{
    bool on = false, imagenet = strcmp(value, "imagenet") == 0 || (okng_key_bool(value, &on) && on);
    if (!imagenet && strcmp(value, "none") != 0 && !okng_key_bool(value, &on)) return refuse(r, value, error);
    OKNG_TRY(okng_build_options_set(&config->build, "mean", imagenet ? "0.485,0.456,0.406" : "0,0,0", error));
    return okng_build_options_set(&config->build, "std", imagenet ? "0.229,0.224,0.225" : "1,1,1", error);
}

okng_status okng_key_set(okng_experiment_config *config, int key, const char *value, const okng_yaml *layer,
                         okng_error *error)
{
    const row *r = &rows[key];
    void *field = (char *)config + r->offset;
    switch (r->kind) {
    case KIND_TEXT:
    case KIND_NAME:
        return set_text(r, field, value, error);
    case KIND_BOOL:
        return okng_key_bool(value, field) ? OKNG_OK : refuse(r, value, error);
    case KIND_CHOICE:
        return set_choice(r, field, value, error);
    case KIND_INT32:
        return set_int(r, field, value, error);
    case KIND_SEED:
        return set_seed(config, value, error);
    case KIND_DEVICE:
        return strcmp(value, "cpu") == 0 ? OKNG_OK : refuse(r, value, error);
    case KIND_SIZE:
        return set_map_size(r, config, value, error);
    case KIND_OPTION:
        return set_option(r, config, value, error);
    case KIND_DATA:
        return okng_dataset_options_set(&config->data, r->option, value, error);
    case KIND_EMBED:
        return set_embed(r, config, value, error);
    case KIND_K:
        return set_k(config, value, error);
    case KIND_NORMALIZE:
        return set_normalize(r, config, value, error);
    case KIND_INPUT_SIZE:
        return okng_key_set_input_size(config, value, layer, error);
    case KIND_WORKERS:
        return okng_key_set_workers(config, value, layer, error);
    case KIND_FULL_TRAIN:
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

static void choice_text(const row *r, int32_t index, char *text, size_t size)
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
    const row *r = &rows[key];
    const char *field = (const char *)config + r->offset;
    int32_t narrow = 0;
    bool on = false;
    if (r->kind == KIND_INT32 || r->kind == KIND_CHOICE) memcpy(&narrow, field, sizeof narrow);
    if (r->kind == KIND_BOOL) memcpy(&on, field, sizeof on);
    text[0] = '\0';
    if (r->kind == KIND_TEXT || r->kind == KIND_NAME)
        (void)snprintf(text, size, "%.*s", (int)r->size, field);
    else if (r->kind == KIND_BOOL)
        (void)snprintf(text, size, "%s", on ? "true" : "false");
    else if (r->kind == KIND_CHOICE)
        choice_text(r, narrow, text, size);
    else if (r->kind == KIND_INT32)
        (void)snprintf(text, size, "%d", (int)narrow);
    else if (r->kind == KIND_SEED)
        (void)okng_dataset_options_get(&config->data, "seed", text, size, NULL);
    else if (r->kind == KIND_DEVICE)
        (void)snprintf(text, size, "cpu");
    else if (r->kind == KIND_SIZE)
        size_text(config, text, size);
    else if (r->kind == KIND_OPTION)
        (void)okng_build_options_get(&config->build, r->option, text, size, NULL);
    else if (r->kind == KIND_DATA)
        (void)okng_dataset_options_get(&config->data, r->option, text, size, NULL);
}
