#include "train/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/grown.h"
#include "base/yaml.h"
#include "data/options.h"
#include "options/options.h"

enum { MAX_FILE = 256 << 10 };
enum { KEY_IDLE = OKNG_ROW_OWN }; /* nothing that is learnt depends on it */

#define AT(field) .offset = offsetof(okng_train_config, field), .size = sizeof(((okng_train_config *)0)->field)
#define FIELD(type, field) .kind = OKNG_KIND_##type, AT(field)
#define NUMBER(type, field, least, most) FIELD(type, field), .low = (least), .high = (most)
/* An option of the library, by its name. */
#define BUILD(option) .of = &okng_build_table, .alias = option, .offset = offsetof(okng_train_config, build)
#define DATA(option) .of = &okng_dataset_table, .alias = option, .offset = offsetof(okng_train_config, data)

/* clang-format off */
static const okng_option_row rows[] = {
    {.name = "data.dataset", .values = "NAME", .initial = "mvtec", FIELD(NAME, dataset),
     .help = "layout of the data: mvtec, visa, folder, csv, ...; a name that there is not lists all"},
    {.name = "data.root", .values = "DIR", FIELD(TEXT, root), .flags = KEY_IDLE,
     .help = "where the data set is"},
    {.name = "data.categories", .values = "all|[NAME, ...]", DATA("category"),
     .help = "categories whose test pictures are trained on"},
    {.name = "data.max_test_samples", .values = "N", DATA("max-test-samples"),
     .help = "of each category N test pictures only, good and bad in their shares; 0 takes all"},
    {.name = "data.normal", .values = "DIR", DATA("normal"),
     .help = "of the data set folder: good pictures"},
    {.name = "data.normal_test", .values = "DIR", DATA("normal-test"),
     .help = "of the data set folder: good pictures to train on"},
    {.name = "data.abnormal", .values = "DIR|[DIR, ...]", DATA("abnormal"),
     .help = "of the data set folder: bad pictures"},
    {.name = "data.masks", .values = "DIR", DATA("masks"),
     .help = "of the data set folder: their masks"},
    {.name = "data.test_ratio", .values = "RATIO", DATA("test-ratio"),
     .help = "of the data set folder: part of normal that is trained on where there is no normal_test"},
    {.name = "data.csv", .values = "FILE", DATA("csv"),
     .help = "of the data set csv: the table"},
    {.name = "data.annotations", .values = "PATH", DATA("annotations"),
     .help = "of the data sets real-iad and coco: folder of the splits' JSON files, file of the annotations"},
    {.name = "data.pictures", .values = "DIR", DATA("pictures"),
     .help = "of the data sets real-iad and coco: folder that the pictures' paths begin at"},

    {.name = "model.backbone", .values = "NAME", BUILD("backbone"),
     .help = "the CLIP, which stays as it is"},
    {.name = "model.weights", .values = "FILE", BUILD("weights"), .flags = KEY_IDLE,
     .help = "its weights"},
    {.name = "model.vocabulary", .values = "FILE", BUILD("vocabulary"), .flags = KEY_IDLE,
     .help = "of its tokenizer"},
    {.name = "model.activation", .values = "auto|gelu|quickgelu", BUILD("activation"),
     .help = "of its blocks; auto as the weights say"},
    {.name = "model.positions", .values = "auto|open_clip|tinyclip|afclip", BUILD("positions"),
     .help = "how its positions come to another size of input"},
    {.name = "model.resolution", .values = "N", .initial = "518", NUMBER(INT32, resolution, 1, 8192),
     .help = "side of the square that pictures are squashed to, a multiple of the network's patch"},
    {.name = "model.taps", .values = "auto|[N, N, N, N]", BUILD("taps"),
     .help = "blocks, counted from 0, whose tokens are looked at; auto takes the quarters of the depth"},
    {.name = "model.start", .values = "DIR|FILE", FIELD(TEXT, start), .flags = KEY_IDLE,
     .help = "a checkpoint to begin with; fresh values unless given"},
    {.name = "model.device", .values = "NAME", BUILD("device"),
     .help = "what runs the frozen tower"},
    {.name = "model.threads", .values = "N|all", BUILD("threads"), .flags = KEY_IDLE,
     .help = "cores to use; nothing that is learnt depends on it"},
    {.name = "model.max_pixels", .values = "N", BUILD("max-pixels"), .flags = KEY_IDLE,
     .help = "largest picture that is decoded"},

    {.name = "training.out", .values = "DIR", FIELD(TEXT, out), .flags = KEY_IDLE,
     .help = "folder of the checkpoint"},
    {.name = "training.batch_size", .values = "N", .initial = "8", NUMBER(INT32, batch_size, 1, 1024),
     .help = "pictures whose losses are computed together"},
    {.name = "training.accumulation", .values = "N", .initial = "1", NUMBER(INT32, accumulation, 1, 1024),
     .help = "batches whose gradients make a step"},
    {.name = "training.epochs", .values = "N", .initial = "2", NUMBER(INT32, epochs, 1, 100000), .flags = KEY_IDLE,
     .help = "times that every picture is seen"},
    {.name = "training.max_steps", .values = "N", .initial = "0", NUMBER(INT64, max_steps, 0, 1e9), .flags = KEY_IDLE,
     .help = "steps after which training ends all the same; 0 for no limit"},
    {.name = "training.lr", .values = "RATE", .initial = "0.0001", NUMBER(DOUBLE, rate, 0, 1e30),
     .help = "Adam's rate"},
    {.name = "training.lambda1", .values = "WEIGHT", .initial = "1", NUMBER(DOUBLE, lambda1, 0, 1e6),
     .help = "weight of the losses of the map"},
    {.name = "training.lambda2", .values = "WEIGHT", .initial = "1", NUMBER(DOUBLE, lambda2, 0, 1e6),
     .help = "weight of the alignment of patches"},
    {.name = "training.gradient_quirk", .values = "off|on", .initial = "on", FIELD(CHOICE, quirk),
     .help = "take the focal loss's gradient of normal cells as the original program does, which released weights were made with"},
    {.name = "training.seed", .values = "N", .initial = "122", NUMBER(UINT64, seed, 0, 0x1p63),
     .help = "of fresh values and of the order of pictures"},
    {.name = "training.checkpoint_every", .values = "N", .initial = "50", NUMBER(INT32, checkpoint_every, 0, 1000000), .flags = KEY_IDLE,
     .help = "steps after which all is saved; 0 saves at the end alone"},
    {.name = "training.memory", .values = "BYTES", .initial = "8G", NUMBER(BYTES, memory, 0x1p20, 0x1p50),
     .help = "what may be kept between forward and backward; with less, fewer streams at a time, each computed twice"},
    {.name = "training.cache", .values = "DIR", FIELD(TEXT, cache), .flags = KEY_IDLE,
     .help = "folder of the frozen tower's tokens, computed once; each time anew unless given"},
    {.name = "training.cache_type", .values = "fp32|bf16", .initial = "fp32", FIELD(CHOICE, cache_type),
     .help = "how they are kept there: bf16 takes half the room and rounds them"},
    {.name = "training.rebuild_cache", .values = "true|false", .initial = "false", FIELD(BOOL, rebuild_cache), .flags = KEY_IDLE,
     .help = "replace a cache of another network"},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

static const okng_option_table table = {
    .rows = rows,
    .count = ROWS,
    .struct_size = sizeof(okng_train_config),
    .group = "Training",
    .verbs = "train afclip",
};

static void init(okng_train_config *config)
{
    okng_options_init(&table, config, sizeof *config);
    okng_build_options_init(&config->build);
    okng_dataset_options_init(&config->data);
    (void)okng_build_options_set(&config->build, "backbone", "clip-vit-l-14-336", NULL); /* a name that there is */
    (void)okng_build_options_set(&config->build, "positions", "afclip", NULL);
}

/* ---- reading -------------------------------------------------------------------------------- */

static const okng_option_row *find(const char *path)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, path) == 0) return &rows[i];
    return NULL;
}

static bool is_section(const char *path)
{
    const size_t length = strlen(path);
    for (size_t i = 0; i < ROWS; i++)
        if (strncmp(rows[i].name, path, length) == 0 && rows[i].name[length] == '.') return true;
    return false;
}

/* "data.dataset, data.root, ...": the keys of the section that `path` is in; all sections where that is none. */
static const char *list_known(const char *path, char *text, size_t size)
{
    char section[64];
    (void)snprintf(section, sizeof section, "%.*s", (int)strcspn(path, "."), path);
    const bool known = is_section(section);
    const size_t length = strlen(section);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ROWS && used < size; i++) {
        const int width = (int)(known ? strlen(rows[i].name) : strcspn(rows[i].name, "."));
        const bool told = !known && i > 0 && strncmp(rows[i].name, rows[i - 1].name, (size_t)width + 1) == 0;
        if (told || (known && (strncmp(rows[i].name, section, length) != 0 || rows[i].name[length] != '.'))) continue;
        const int more = snprintf(text + used, size - used, "%s%.*s", used > 0 ? ", " : "", width, rows[i].name);
        used += more > 0 ? (size_t)more : 0;
    }
    return text;
}

static okng_status unknown(const char *path, okng_error *error)
{
    const char *names[ROWS], *dot = strrchr(path, '.');
    char known[700];
    for (size_t i = 0; i < ROWS; i++) names[i] = rows[i].name;
    const char *nearest = okng_suggest(path, names, ROWS);
    for (size_t i = 0; i < ROWS && !nearest && dot; i++) /* in the wrong section */
        if (strcmp(strrchr(rows[i].name, '.'), dot) == 0) nearest = rows[i].name;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown key \"%.100s\"%s%s%s; known are %s", path,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                     list_known(path, known, sizeof known));
}

static okng_status apply(okng_train_config *config, const okng_yaml_entry *entry, okng_error *error)
{
    if (entry->section) return is_section(entry->path) ? OKNG_OK : unknown(entry->path, error);
    const okng_option_row *row = find(entry->path);
    if (!row && is_section(entry->path))
        return entry->null
                   ? OKNG_OK
                   : okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected keys below it", entry->value);
    if (!row) return unknown(entry->path, error);
    if (entry->null) return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no value, expected %s", row->values);
    return okng_options_set_row(&table, row, config, entry->value, NULL, error);
}

/* The backbone sets others, so it comes first. `file` is NULL for settings. */
static okng_status apply_layer(okng_train_config *config, const okng_yaml *layer, const char *file, okng_error *error)
{
    for (int first = 1; first >= 0; first--)
        for (size_t i = 0; i < layer->count; i++) {
            const okng_yaml_entry *entry = &layer->entries[i];
            if ((strcmp(entry->path, "model.backbone") == 0) != first) continue;
            okng_status status = apply(config, entry, error);
            if (status == OKNG_OK) continue;
            if (!file) return okng_error_context(error, status, "setting %s", entry->path);
            return okng_error_context(error, status, "%s:%d: %s", file, entry->line, entry->path);
        }
    return OKNG_OK;
}

static okng_status apply_file(okng_train_config *config, const char *path, okng_error *error)
{
    void *text = NULL;
    size_t size = 0;
    okng_yaml layer = {0};
    OKNG_TRY(okng_file_read(path, MAX_FILE, &text, &size, error));
    okng_status status = okng_yaml_read(&layer, text ? text : "", size, path, error);
    if (status == OKNG_OK) status = apply_layer(config, &layer, path, error);
    okng_yaml_free(&layer);
    free(text);
    return status;
}

static okng_status check(const okng_train_config *config, okng_error *error)
{
    okng_build_options build;
    okng_dataset_options data;
    OKNG_TRY(okng_build_options_check(&config->build, &build, error));
    OKNG_TRY(okng_dataset_options_check(&config->data, &data, error));
    OKNG_TRY(okng_options_check(&table, config, error));
    if (!config->root[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "data.root is missing: where is the data set %s?",
                         config->dataset);
    if (!config->out[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "training.out is missing: where shall the checkpoint go?");
    return OKNG_OK;
}

okng_status okng_train_config_load(okng_train_config *config, const char *path, const char *const *settings,
                                   size_t setting_count, okng_error *error)
{
    okng_yaml layer = {0};
    okng_status status = OKNG_OK;
    init(config);
    if (path) OKNG_TRY(apply_file(config, path, error));
    for (size_t i = 0; i < setting_count && status == OKNG_OK; i++)
        status = okng_yaml_add_setting(&layer, settings[i], "training.lr=0.0002", error);
    if (status == OKNG_OK) status = apply_layer(config, &layer, NULL, error);
    okng_yaml_free(&layer);
    return status == OKNG_OK ? check(config, error) : status;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void add(okng_grown *grown, const char *text)
{
    (void)okng_grown_add(grown, text, strlen(text));
}

okng_status okng_train_config_text(const okng_train_config *config, char **text, okng_error *error)
{
    okng_grown grown = {0};
    okng_train_config used = *config;
    if (!used.cache[0]) used.cache_type = OKNG_CACHE_FP32; /* what is not kept is not rounded */
    for (size_t i = 0; i < ROWS; i++) {
        char value[OKNG_OPTION_TEXT_MAX];
        if (rows[i].flags & KEY_IDLE) continue;
        okng_options_get_row(&table, &rows[i], &used, value, sizeof value);
        add(&grown, rows[i].name);
        add(&grown, "=");
        add(&grown, value);
        add(&grown, "\n");
    }
    return okng_grown_take(&grown, text, NULL, error);
}

void okng_train_config_differ(const char *now, const char *before, char *text, size_t size)
{
    (void)snprintf(text, size, "its options are others");
    while (*now && *before) {
        const size_t line = strcspn(now, "\n"), old = strcspn(before, "\n"), key = strcspn(now, "=\n");
        if (line != old || memcmp(now, before, line) != 0) {
            const bool same_key = key < old && strncmp(now, before, key + 1) == 0;
            if (same_key)
                (void)snprintf(text, size, "%.*s is \"%.*s\", and was \"%.*s\"", (int)key, now, (int)(line - key - 1),
                               now + key + 1, (int)(old - key - 1), before + key + 1);
            return;
        }
        now += line + (now[line] == '\n');
        before += old + (before[old] == '\n');
    }
}
