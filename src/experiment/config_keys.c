#include "experiment/config_keys.h"

#include <stdio.h>
#include <string.h>

#include "data/options.h"
#include "experiment/config_late.h"
#include "options/options.h"
#include "options/presets.h"

#define AT(field) \
    .offset = offsetof(okng_experiment_config, field), .size = sizeof(((okng_experiment_config *)0)->field)
#define FIELD(type, field) .kind = OKNG_KIND_##type, AT(field)
#define TEXT(field) FIELD(TEXT, field)
/* An option of the library, by its name. */
#define BUILD(option) .of = &okng_build_table, .alias = option, .offset = offsetof(okng_experiment_config, build)
#define DATA(option) .of = &okng_dataset_table, .alias = option, .offset = offsetof(okng_experiment_config, data)
#define BOOLS "true|false"

/* clang-format off */
static const okng_option_row rows[] = {
    {.name = "experiment.name", .values = "NAME", .initial = "default", FIELD(NAME, name),
     .help = "folder of the results, below <dataset>/<method>"},
    {.name = "experiment.seed", .values = "N", DATA("seed"), .set = okng_key_set_seed,
     .help = "of all random numbers"},
    {.name = "experiment.output_root", .values = "DIR", .initial = "results", TEXT(output_root), .flags = KEY_IDLE,
     .help = "where results go"},

    {.name = "data.dataset", .values = "NAME", .initial = "mvtec", FIELD(NAME, dataset),
     .help = "layout of the data: mvtec, visa, folder, csv, ...; a name that there is not lists all"},
    {.name = "data.root", .values = "DIR", TEXT(root),
     .help = "where the data set is"},
    {.name = "data.categories", .values = "all|[NAME, ...]", DATA("category"), .flags = KEY_IDLE,
     .help = "categories that are run"},
    {.name = "data.batch_size", .values = "N", .initial = "16", FIELD(INT32, batch_size), .low = 1, .high = 1024, .flags = KEY_IDLE,
     .help = "pictures in flight at most, which bounds memory"},
    {.name = "data.threads", .values = "N|all", BUILD("threads"), .flags = KEY_IDLE,
     .help = "cores to use; figures do not depend on it"},
    {.name = "data.k_shot", .values = "N|all", DATA("k-shot"),
     .help = "train pictures, drawn by the seed; 0 takes all, of a method that can do without pictures none"},
    {.name = "data.validation", .values = "RATIO", DATA("validation"),
     .help = "part of the train pictures held out for the thresholds; 0 for none"},
    {.name = "data.transforms.resize", .values = "auto|N|[H, W]|none", BUILD("resize"),
     .help = "scale to a size that fits the pictures, the shorter side to N, or to exactly H rows and W columns"},
    {.name = "data.transforms.center_crop", .values = "N|none", BUILD("crop"),
     .help = "then keep the central N x N pixels"},
    {.name = "data.transforms.normalize", .values = "imagenet|none", .set = okng_key_set_normalize, .flags = KEY_SHORTHAND,
     .help = "both of the next at once"},
    {.name = "data.transforms.normalize.mean", .values = "[R, G, B]", BUILD("mean"),
     .help = "subtracted from the colours in 0..1"},
    {.name = "data.transforms.normalize.std", .values = "[R, G, B]", BUILD("std"),
     .help = "divides them then"},
    {.name = "data.loader.use_full_train", .values = BOOLS, .set = okng_key_set_full_train, .flags = KEY_SHORTHAND | KEY_LATE,
     .help = "true takes all train pictures, whatever k_shot says"},
    {.name = "data.loader.max_test_samples", .values = "N", DATA("max-test-samples"),
     .help = "test pictures, good and bad in their shares, spread over the list; 0 takes all"},
    {.name = "data.normal", .values = "DIR", DATA("normal"),
     .help = "of the data set folder: good pictures to learn"},
    {.name = "data.normal_test", .values = "DIR", DATA("normal-test"),
     .help = "of the data set folder: good pictures to test"},
    {.name = "data.abnormal", .values = "DIR|[DIR, ...]", DATA("abnormal"),
     .help = "of the data set folder: bad pictures"},
    {.name = "data.masks", .values = "DIR", DATA("masks"),
     .help = "of the data set folder: their masks"},
    {.name = "data.test_ratio", .values = "RATIO", DATA("test-ratio"),
     .help = "of the data set folder: part of normal that is tested where there is no normal_test"},
    {.name = "data.csv", .values = "FILE", DATA("csv"),
     .help = "of the data set csv: the table"},
    {.name = "data.annotations", .values = "PATH", DATA("annotations"),
     .help = "of the data sets real-iad and coco: folder of the splits' JSON files, file of the annotations"},
    {.name = "data.pictures", .values = "DIR", DATA("pictures"),
     .help = "of the data sets real-iad and coco: folder that the pictures' paths begin at"},

    {.name = "model.name", .values = "NAME", BUILD("method"),
     .help = "the method, what learns and scores"},
    {.name = "model.device", .values = "NAME", BUILD("device"), .set = okng_key_set_device,
     .help = "what runs the network"},
    {.name = "model.preset", .values = OKNG_PRESETS, BUILD("preset"),
     .help = "what all other keys start from"},
    {.name = "model.backbone", .values = "NAME", BUILD("backbone"),
     .help = "network that makes the features; empty for the built-in one"},
    {.name = "model.weights", .values = "FILE", BUILD("weights"),
     .help = "its weights"},
    {.name = "model.class_name", .values = "WORDS", BUILD("class-name"),
     .help = "what the part is called; the category's name where it is empty"},
    {.name = "model.checkpoint", .values = "DIR|FILE", BUILD("checkpoint"),
     .help = "what afclip and miniclip have learnt"},
    {.name = "model.alpha", .values = "SHARE", BUILD("alpha"),
     .help = "of what the words say, beside good pictures"},
    {.name = "model.layers", .values = "[NAME, ...]", BUILD("layers"),
     .help = "layers whose maps make a patch vector"},
    {.name = "model.input_size", .values = "N|[H, W]|[3, H, W]", .set = okng_key_set_input_size, .flags = KEY_SHORTHAND | KEY_LATE,
     .help = "what the network sees; sets, or has to agree with, resize and center_crop"},
    {.name = "model.resolution", .values = "N|[H, W]", .set = okng_key_set_input_size, .flags = KEY_SHORTHAND | KEY_LATE,
     .help = "the same as model.input_size"},
    {.name = "model.k_shot", .values = "N|all", DATA("k-shot"), .flags = KEY_SHORTHAND,
     .help = "the same as data.k_shot"},
    {.name = "model.pretrain_embed_dim", .values = "N", BUILD("pretrain-dim"), .sets = "aggregate=mean-map", .flags = KEY_SHORTHAND,
     .help = "dimensions of a layer; makes the aggregate mean-map"},
    {.name = "model.target_embed_dim", .values = "N", BUILD("target-dim"), .sets = "aggregate=mean-map", .flags = KEY_SHORTHAND,
     .help = "dimensions of a patch vector; makes the aggregate mean-map"},
    {.name = "model.patch.size", .values = "N", BUILD("patch-size"),
     .help = "odd side of the neighbourhood that is averaged"},
    {.name = "model.patch.stride", .values = "N", BUILD("patch-stride"),
     .help = "step of that neighbourhood"},
    {.name = "model.nn.k", .values = "N", BUILD("neighbors"), .sets = "image-score=mean-k", .flags = KEY_SHORTHAND,
     .help = "a patch scores the mean distance to its N nearest rows (image-score mean-k)"},
    {.name = "model.nn.num_workers", .values = "N|all", .set = okng_key_set_workers, .flags = KEY_IDLE | KEY_SHORTHAND | KEY_LATE,
     .help = "the same as data.threads"},
    {.name = "model.sampler.name", .values = "identity|random|greedy|approx_greedy|kmeans", BUILD("sampler"),
     .help = "how the rows of the bank are chosen"},
    {.name = "model.sampler.ratio", .values = "RATIO", BUILD("coreset"),
     .help = "part of all patch vectors that is kept"},
    {.name = "model.score_map.resize_to", .values = "N|[H, W]|picture", .initial = "picture", .kind = OKNG_KIND_SIZE, .offset = offsetof(okng_experiment_config, map_height), .size = 2 * sizeof(int32_t), .word = "picture",
     .help = "size of saved anomaly maps"},
    {.name = "model.score_map.normalize", .values = BOOLS, .initial = "false", FIELD(BOOL, map_normalize),
     .help = "bring saved anomaly maps to 0..1 by the least and largest of the category"},
    {.name = "model.pretrained.root", .values = "DIR", TEXT(pretrained_root),
     .help = "a saved model of patchcore-inspection, in place of learning"},
    {.name = "model.pretrained.prepend", .values = "TEXT", TEXT(pretrained_prepend),
     .help = "prefix of its files; found where it is empty"},
    {.name = "model.pretrained.strict", .values = BOOLS, .initial = "false", FIELD(BOOL, pretrained_strict),
     .help = "true makes a missing model an error, false a warning, after which one is learned"},

#define METRIC(id, key, heading, title, unit, group, better, compute, shown, place, what) \
    {.name = "evaluation.metrics." key, .values = BOOLS, .initial = "true", FIELD(BOOL, metrics[OKNG_FIGURE_##id]), .help = what},
#include "eval/figure_table.h"

    {.name = "evaluation.pro_mode", .values = "exact|steps", .initial = "exact", FIELD(CHOICE, pro_mode),
     .help = "every score a threshold, or 200 equal steps as CLIP papers do it"},
    {.name = "evaluation.crop_masks", .values = "white|half", .initial = "white", FIELD(CHOICE, crop_masks),
     .help = "pixels of resized masks that are a defect at the crop: fully white ones, as patchcore-inspection has it, or those above half, as AF-CLIP"},
    {.name = "evaluation.latency.warmup_iters", .values = "N", .initial = "5", FIELD(INT32, latency_warmup), .low = 0, .high = 100000,
     .help = "inspections before latency is measured"},
    {.name = "evaluation.latency.measure_iters", .values = "N", .initial = "30", FIELD(INT32, latency_runs), .low = 0, .high = 100000,
     .help = "inspections that are measured; 0 measures none"},

    {.name = "evaluation.submission", .values = "DIR", TEXT(submission), .flags = KEY_IDLE,
     .help = "of the data set mvtec-ad2: folder and DIR.tar.gz for what its server takes"},

    {.name = "visualization.num_examples", .values = "N", .initial = "20", FIELD(INT32, num_examples), .low = -1, .high = OKNG_OPTION_MANY,
     .help = "overlays of a category; -1 saves all"},
    {.name = "visualization.save_overlay", .values = BOOLS, .initial = "true", FIELD(BOOL, save_overlay),
     .help = "save overlays"},
    {.name = "visualization.save_anomaly_map", .values = BOOLS, .initial = "false", FIELD(BOOL, save_anomaly_map),
     .help = "save anomaly maps"},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

const okng_option_table okng_experiment_table = {
    .rows = rows,
    .count = ROWS,
    .struct_size = sizeof(okng_experiment_config),
    .group = "Experiment",
    .verbs = "run",
};

static const okng_option_row *target_of(const okng_option_row *row)
{
    return okng_options_target(&okng_experiment_table, row);
}

const okng_option_row *okng_key_find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, path) == 0) return &rows[i];
    return NULL;
}

okng_key_rank okng_key_rank_of(const okng_option_row *key)
{
    if (key->flags & KEY_LATE) return OKNG_RANK_LATE;
    const unsigned flags = target_of(key)->flags;
    return flags & OKNG_ROW_FIRST ? OKNG_RANK_PRESET : flags & OKNG_ROW_EARLY ? OKNG_RANK_EARLY : OKNG_RANK_PLAIN;
}

bool okng_key_is_written(const okng_option_row *key)
{
    return !(key->flags & KEY_SHORTHAND);
}

bool okng_key_counts(const okng_option_row *key)
{
    return !(key->flags & KEY_IDLE);
}

bool okng_key_is_text(const okng_option_row *key)
{
    return key->of || key->kind == OKNG_KIND_TEXT || key->kind == OKNG_KIND_NAME || key->kind == OKNG_KIND_WORDS;
}

const char *okng_key_list_cuts(const okng_option_row *key)
{
    if (target_of(key)->kind == OKNG_KIND_NAMES) return " ";
    return strstr(key->values, "...]") || target_of(key)->kind == OKNG_KIND_COLOUR ? "," : NULL;
}

const okng_option_row *okng_key_of_option(const char *option)
{
    for (size_t i = 0; i < ROWS; i++)
        if ((rows[i].of == &okng_build_table || rows[i].set) && rows[i].alias && okng_key_is_written(&rows[i]) &&
            strcmp(rows[i].alias, option) == 0)
            return &rows[i];
    return NULL;
}

/* Those that more depends on than the option: what comes first, what is of the data too, what is of the whole run. */
okng_status okng_key_set_option(okng_experiment_config *config, const char *name, const char *value, okng_error *error)
{
    const okng_option_row *key = okng_key_of_option(name);
    if (key && (key->set || (key->flags & KEY_IDLE) || (target_of(key)->flags & OKNG_ROW_FIRST)))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "is not set here but by the key %s", key->name);
    return okng_build_options_set(&config->build, name, value, error);
}

/* ---- paths ---------------------------------------------------------------------------------- */

bool okng_key_is_section(const char *path)
{
    size_t length = strlen(path);
    if (strcmp(path, "model.options") == 0) return true;
    for (size_t i = 0; i < ROWS; i++)
        if (strncmp(rows[i].name, path, length) == 0 && rows[i].name[length] == '.') return true;
    return false;
}

/* The key with the same last part as `path`, where there is one: it stands in the wrong section. */
static const char *same_last_part(const char *path)
{
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(strrchr(rows[i].name, '.') + 1, last) == 0) return rows[i].name;
    return NULL;
}

okng_status okng_key_unknown(const char *path, bool section, okng_error *error)
{
    char parts[ROWS + 1][64];
    const char *candidates[ROWS + 1];
    size_t levels = 1, count = 0;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) levels++;
    for (size_t i = 0; i <= ROWS; i++) { /* each key, cut to as many levels */
        const char *from = i < ROWS ? rows[i].name : "base", *end = from;
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
