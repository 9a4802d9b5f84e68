#include "experiment/config_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "experiment/config_row.h"

#define AT(field) NULL, offsetof(okng_experiment_config, field), sizeof(((okng_experiment_config *)0)->field)
#define AS(option) option, 0, 0
#define NONE NULL, 0, 0
#define BOOLS "true|false"

/* clang-format off */
static const okng_key_row rows[] = {
    {{"experiment.name", "NAME", "folder of the results, below <dataset>/<method>"}, OKNG_KEY_IS_NAME, AT(name), 0, 0, false},
    {{"experiment.seed", "N", "of all random numbers"}, OKNG_KEY_IS_SEED, NONE, 0, 0, false},
    {{"experiment.output_root", "DIR", "where results go"}, OKNG_KEY_IS_TEXT, AT(output_root), 0, 0, true},

    {{"data.dataset", "NAME", "layout of the data: mvtec, visa, mvtec-ad2, casting, folder, csv"},
     OKNG_KEY_IS_NAME, AT(dataset), 0, 0, false},
    {{"data.root", "DIR", "where the data set is"}, OKNG_KEY_IS_TEXT, AT(root), 0, 0, false},
    {{"data.categories", "all|[NAME, ...]", "categories that are run"}, OKNG_KEY_IS_DATA, AS("category"), 0, 0, true},
    {{"data.batch_size", "N", "pictures in flight at most, which bounds memory"},
     OKNG_KEY_IS_INT32, AT(batch_size), 1, 1024, true},
    {{"data.threads", "N|all", "cores to use; figures do not depend on it"}, OKNG_KEY_IS_OPTION, AS("threads"), 0, 0, true},
    {{"data.k_shot", "N", "train pictures, drawn by the seed; 0 takes all"}, OKNG_KEY_IS_DATA, AS("k-shot"), 0, 0, false},
    {{"data.validation", "RATIO", "part of the train pictures held out for the thresholds; 0 for none"},
     OKNG_KEY_IS_DATA, AS("validation"), 0, 0, false},
    {{"data.transforms.resize", "N|[H, W]|none", "scale the shorter side to N, or to exactly H rows and W columns"},
     OKNG_KEY_IS_OPTION, AS("resize"), 0, 0, false},
    {{"data.transforms.center_crop", "N|none", "then keep the central N x N pixels"}, OKNG_KEY_IS_OPTION, AS("crop"), 0, 0, false},
    {{"data.transforms.normalize", "imagenet|none", "both of the next at once"}, OKNG_KEY_IS_NORMALIZE, NONE, 0, 0, false},
    {{"data.transforms.normalize.mean", "[R, G, B]", "subtracted from the colours in 0..1"},
     OKNG_KEY_IS_OPTION, AS("mean"), 0, 0, false},
    {{"data.transforms.normalize.std", "[R, G, B]", "divides them then"}, OKNG_KEY_IS_OPTION, AS("std"), 0, 0, false},
    {{"data.loader.use_full_train", BOOLS, "true takes all train pictures, whatever k_shot says"},
     OKNG_KEY_IS_FULL_TRAIN, NONE, 0, 0, false},
    {{"data.loader.max_test_samples", "N", "test pictures, good and bad in their shares, spread over the list; 0 takes all"},
     OKNG_KEY_IS_DATA, AS("max-test-samples"), 0, 0, false},
    {{"data.normal", "DIR", "of the data set folder: good pictures to learn"}, OKNG_KEY_IS_DATA, AS("normal"), 0, 0, false},
    {{"data.normal_test", "DIR", "of the data set folder: good pictures to test"}, OKNG_KEY_IS_DATA, AS("normal-test"), 0, 0, false},
    {{"data.abnormal", "DIR|[DIR, ...]", "of the data set folder: bad pictures"}, OKNG_KEY_IS_DATA, AS("abnormal"), 0, 0, false},
    {{"data.masks", "DIR", "of the data set folder: their masks"}, OKNG_KEY_IS_DATA, AS("masks"), 0, 0, false},
    {{"data.test_ratio", "RATIO", "of the data set folder: part of normal that is tested where there is no normal_test"},
     OKNG_KEY_IS_DATA, AS("test-ratio"), 0, 0, false},
    {{"data.csv", "FILE", "of the data set csv: the table"}, OKNG_KEY_IS_DATA, AS("csv"), 0, 0, false},

    {{"model.name", "NAME", "the method: patchcore"}, OKNG_KEY_IS_NAME, AT(method), 0, 0, false},
    {{"model.device", "cpu", "where it runs"}, OKNG_KEY_IS_DEVICE, NONE, 0, 0, false},
    {{"model.preset", "NAME", "what all other keys start from: default, paper, inspection, anomalib, architecture, guide"},
     OKNG_KEY_IS_OPTION, AS("preset"), 0, 0, false},
    {{"model.backbone", "NAME", "network that makes the features; empty for the built-in one"},
     OKNG_KEY_IS_OPTION, AS("backbone"), 0, 0, false},
    {{"model.weights", "FILE", "its weights"}, OKNG_KEY_IS_OPTION, AS("weights"), 0, 0, false},
    {{"model.layers", "[NAME, ...]", "layers whose maps make a patch vector"}, OKNG_KEY_IS_OPTION, AS("layers"), 0, 0, false},
    {{"model.input_size", "N|[H, W]|[3, H, W]", "what the network sees; sets, or has to agree with, resize and center_crop"},
     OKNG_KEY_IS_INPUT_SIZE, NONE, 0, 0, false},
    {{"model.pretrain_embed_dim", "N", "dimensions of a layer; makes the aggregate mean-map"},
     OKNG_KEY_IS_EMBED, AS("pretrain-dim"), 0, 0, false},
    {{"model.target_embed_dim", "N", "dimensions of a patch vector; makes the aggregate mean-map"},
     OKNG_KEY_IS_EMBED, AS("target-dim"), 0, 0, false},
    {{"model.patch.size", "N", "odd side of the neighbourhood that is averaged"}, OKNG_KEY_IS_OPTION, AS("patch-size"), 0, 0, false},
    {{"model.patch.stride", "N", "step of that neighbourhood"}, OKNG_KEY_IS_OPTION, AS("patch-stride"), 0, 0, false},
    {{"model.nn.k", "N", "a patch scores the mean distance to its N nearest rows (image-score mean-k)"}, OKNG_KEY_IS_K, NONE, 0, 0, false},
    {{"model.nn.num_workers", "N|all", "the same as data.threads"}, OKNG_KEY_IS_WORKERS, NONE, 0, 0, true},
    {{"model.sampler.name", "identity|random|greedy|approx_greedy|kmeans", "how the rows of the bank are chosen"},
     OKNG_KEY_IS_OPTION, AS("sampler"), 0, 0, false},
    {{"model.sampler.ratio", "RATIO", "part of all patch vectors that is kept"}, OKNG_KEY_IS_OPTION, AS("coreset"), 0, 0, false},
    {{"model.score_map.resize_to", "N|[H, W]|picture", "size of saved anomaly maps"}, OKNG_KEY_IS_SIZE, AT(map_height), 0, 0, false},
    {{"model.score_map.normalize", BOOLS, "bring saved anomaly maps to 0..1 by the least and largest of the category"},
     OKNG_KEY_IS_BOOL, AT(map_normalize), 0, 0, false},
    {{"model.pretrained.root", "DIR", "a saved model of patchcore-inspection, in place of learning"},
     OKNG_KEY_IS_TEXT, AT(pretrained_root), 0, 0, false},
    {{"model.pretrained.prepend", "TEXT", "prefix of its files; found where it is empty"},
     OKNG_KEY_IS_TEXT, AT(pretrained_prepend), 0, 0, false},
    {{"model.pretrained.strict", BOOLS, "true makes a missing model an error, false a warning, after which one is learned"},
     OKNG_KEY_IS_BOOL, AT(pretrained_strict), 0, 0, false},

#define METRIC(id, key, heading, title, unit, group, better, compute, shown, place, help) \
    {{"evaluation.metrics." key, BOOLS, help}, OKNG_KEY_IS_BOOL, AT(metrics[OKNG_FIGURE_##id]), 0, 0, false},
#include "eval/figure_table.h"
    {{"evaluation.pro_mode", "exact|steps", "every score a threshold, or 200 equal steps as CLIP papers do it"},
     OKNG_KEY_IS_CHOICE, AT(pro_mode), 0, 0, false},
    {{"evaluation.latency.warmup_iters", "N", "inspections before latency is measured"},
     OKNG_KEY_IS_INT32, AT(latency_warmup), 0, 100000, false},
    {{"evaluation.latency.measure_iters", "N", "inspections that are measured; 0 measures none"},
     OKNG_KEY_IS_INT32, AT(latency_runs), 0, 100000, false},

    {{"visualization.num_examples", "N", "overlays of a category; -1 saves all"}, OKNG_KEY_IS_INT32, AT(num_examples), -1, 1e9, false},
    {{"visualization.save_overlay", BOOLS, "save overlays"}, OKNG_KEY_IS_BOOL, AT(save_overlay), 0, 0, false},
    {{"visualization.save_anomaly_map", BOOLS, "save anomaly maps"}, OKNG_KEY_IS_BOOL, AT(save_anomaly_map), 0, 0, false},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

const okng_key_row *okng_key_row_of(int key)
{
    return &rows[key];
}

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
    if (rows[key].kind >= OKNG_KEY_IS_INPUT_SIZE) return OKNG_RANK_LATE;
    return rows[key].option && strcmp(rows[key].option, "preset") == 0 ? OKNG_RANK_PRESET : OKNG_RANK_PLAIN;
}

bool okng_key_is_written(int key)
{
    return rows[key].kind < OKNG_KEY_IS_EMBED;
}

bool okng_key_counts(int key)
{
    return !rows[key].idle;
}

bool okng_key_is_text(int key)
{
    return rows[key].kind == OKNG_KEY_IS_TEXT || rows[key].kind == OKNG_KEY_IS_NAME ||
           rows[key].kind == OKNG_KEY_IS_OPTION || rows[key].kind == OKNG_KEY_IS_DATA;
}

bool okng_key_is_list(int key)
{
    return strstr(rows[key].info.values, "...]") || strstr(rows[key].info.values, "[R, G, B]");
}

const char *okng_key_option(int key)
{
    return rows[key].kind == OKNG_KEY_IS_OPTION ? rows[key].option : NULL;
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
