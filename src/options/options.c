/* The table of options: one row says what an option is called, where it lives, what it may be and what it is for.
 * Setting, getting, checking, the command's help and a bank's config all come from these rows. */
#include "options/options.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "options/number.h"
#include "options/presets.h"

typedef enum option_kind {
    KIND_PRESET,
    KIND_TEXT,
    KIND_LAYERS,
    KIND_RESIZE,
    KIND_COLOUR, /* three floats */
    KIND_CHOICE, /* an enum; its values are in the order of info.values */
    KIND_INT32,
    KIND_ODD, /* an odd int32 */
    KIND_INT64,
    KIND_UINT64,
    KIND_BYTES, /* a uint64 */
    KIND_FLOAT,
    KIND_DOUBLE
} option_kind;

typedef struct row {
    okng_option_info info;
    option_kind kind;
    size_t build, inspect; /* offset in the struct, or NOWHERE */
    size_t size;           /* bytes there, from the first field to the end of the last */
    double low, high;      /* of numbers */
    const char *word;      /* stands for `meaning`; may be NULL */
    double meaning;
} row;

_Static_assert(sizeof(okng_sampler) == sizeof(int32_t), "enums are read and written as int32_t");

#define NOWHERE SIZE_MAX
#define FIELD(type, field) offsetof(type, field), NOWHERE, sizeof(((type *)0)->field)
#define BUILD(field) FIELD(okng_build_options, field)
#define INSPECT(field) NOWHERE, offsetof(okng_inspect_options, field), sizeof(((okng_inspect_options *)0)->field)
#define BOTH(field) \
    offsetof(okng_build_options, field), offsetof(okng_inspect_options, field), sizeof(((okng_build_options *)0)->field)
#define SPAN(first, last)                                                              \
    offsetof(okng_build_options, first), NOWHERE,                                      \
        offsetof(okng_build_options, last) + sizeof(((okng_build_options *)0)->last) - \
            offsetof(okng_build_options, first)
#define FEATURE OKNG_OPTION_FEATURE
#define BANK OKNG_OPTION_BANK
#define PICK (OKNG_OPTION_BANK | OKNG_OPTION_SAMPLER)
#define ALL_BUILD (FEATURE | PICK)
#define RUN OKNG_OPTION_RUN
#define LOOK OKNG_OPTION_INSPECT
#define MANY 0x1p62

/* clang-format off */
static const row rows[] = {
    {{"preset", "default|paper|inspection|anomalib|architecture|guide",
      "what all other options start from, wherever it stands", ALL_BUILD},
     KIND_PRESET, BUILD(preset), 0, 0, NULL, 0},
    {{"backbone", "NAME", "network that makes the features; okng-s, which is built in, where no weights are given; see okng weights list", FEATURE},
     KIND_TEXT, BUILD(backbone), 0, 0, NULL, 0},
    {{"weights", "FILE", "its weights: .pth, .pt or .safetensors; okng-s needs none", FEATURE},
     KIND_TEXT, BUILD(weights), 0, 0, NULL, 0},
    {{"layers", "NAME...", "layers whose maps make a patch vector, in the order of the network (layer1..layer4, layer2.1)",
      FEATURE},
     KIND_LAYERS, SPAN(layers, layer_count), 0, 0, NULL, 0},
    {{"resize", "N|HxW|none", "scale the shorter side to N, or to exactly H rows and W columns", FEATURE},
     KIND_RESIZE, SPAN(resize_mode, resize_width), 1, 65535, "none", 0},
    {{"shorter", "N", "the same as --resize N", FEATURE},
     KIND_RESIZE, SPAN(resize_mode, resize_width), 1, 65535, "none", 0},
    {{"crop", "N|none", "then keep the central N x N pixels; what is cut off is never looked at", FEATURE},
     KIND_INT32, BUILD(crop), 1, 65535, "none", 0},
    {{"interpolation", "bilinear|bicubic|nearest|bilinear-float", "filter of the resize, as Pillow does it; bilinear-float as torchvision does it with float tensors", FEATURE},
     KIND_CHOICE, BUILD(interpolation), 0, 0, NULL, 0},
    {{"mean", "R,G,B", "subtracted from the colours in 0..1", FEATURE},
     KIND_COLOUR, BUILD(mean), -1e6, 1e6, NULL, 0},
    {{"std", "R,G,B", "divides them then", FEATURE},
     KIND_COLOUR, BUILD(std), 1e-6, 1e6, NULL, 0},
    {{"precision", "fp32|bf16|int8",
      "of what lies between layers and of weights: less is faster and changes scores a little; a bank keeps it", FEATURE},
     KIND_CHOICE, BUILD(precision), 0, 0, NULL, 0},
    {{"convolution", "direct|winograd",
      "3x3 convolutions in fp32: as they are, or by Winograd's transform, which rounds differently and is faster", FEATURE},
     KIND_CHOICE, BUILD(convolution), 0, 0, NULL, 0},
    {{"patch-size", "N", "odd side of the neighbourhood that is averaged; 1 takes each place alone", FEATURE},
     KIND_ODD, BUILD(patch_size), 1, 15, NULL, 0},
    {{"patch-stride", "N", "step of that neighbourhood", FEATURE},
     KIND_INT32, BUILD(patch_stride), 1, 16, NULL, 0},
    {{"stride", "N", "keep every n-th patch in both directions", FEATURE},
     KIND_INT32, BUILD(stride), 1, 64, NULL, 0},
    {{"aggregate", "concat|mean-map", "how the layers become one vector", FEATURE},
     KIND_CHOICE, BUILD(aggregate), 0, 0, NULL, 0},
    {{"pretrain-dim", "N", "dimensions of a layer under mean-map", FEATURE},
     KIND_INT32, BUILD(pretrain_dim), 1, 65536, NULL, 0},
    {{"target-dim", "N", "dimensions of a patch vector under mean-map", FEATURE},
     KIND_INT32, BUILD(target_dim), 1, 65536, NULL, 0},

    {{"sampler", "identity|random|greedy|approx-greedy|kmeans", "how the rows of the bank are chosen", PICK},
     KIND_CHOICE, BUILD(sampler), 0, 0, NULL, 0},
    {{"coreset", "RATIO", "part of all patch vectors that is kept; 0 and 1 keep all", PICK},
     KIND_DOUBLE, BUILD(coreset), 0, 1, NULL, 0},
    {{"coreset-size", "N", "rows that are kept, in place of a ratio; 0 takes the ratio", PICK},
     KIND_INT64, BUILD(coreset_size), 0, MANY, NULL, 0},
    {{"projection", "N|none", "dimensions of the random projection that the greedy samplers work in", PICK},
     KIND_INT32, BUILD(projection), 1, 65536, "none", 0},
    {{"projection-kind", "gaussian|sparse", "its matrix", PICK},
     KIND_CHOICE, BUILD(projection_kind), 0, 0, NULL, 0},
    {{"start", "INDEX|random", "first pick of greedy", PICK},
     KIND_INT64, BUILD(start), 0, MANY, "random", -1},
    {{"starting-points", "N", "random rows that approx-greedy starts from", PICK},
     KIND_INT32, BUILD(starting_points), 1, 1000000, NULL, 0},
    {{"reservoir-max", "N|all", "patch vectors that a uniform reservoir keeps before the sampler runs", BANK},
     KIND_INT64, BUILD(reservoir_max), 1, MANY, "all", 0},

    {{"neighbors", "K", "bank rows that reweighted and mean-k look at", BANK},
     KIND_INT32, BUILD(neighbors), 1, 1024, NULL, 0},
    {{"image-score", "max|reweighted|mean-k", "how patch distances become the score of a picture", BANK},
     KIND_CHOICE, BUILD(image_score), 0, 0, NULL, 0},
    {{"distance", "l2|squared", "what is reported as the distance of two vectors", BANK},
     KIND_CHOICE, BUILD(distance), 0, 0, NULL, 0},
    {{"smoothing", "SIGMA", "Gaussian over the map, in pixels of the network's input; 0 for none", BANK},
     KIND_FLOAT, BUILD(smoothing), 0, 1000, NULL, 0},
    {{"pixel-pct", "Q", "quantile of the OK pixels that becomes the pixel threshold", BANK},
     KIND_DOUBLE, BUILD(pixel_pct), 0, 1, NULL, 0},
    {{"image-pct", "Q", "quantile of the OK pictures that becomes the image threshold", BANK},
     KIND_DOUBLE, BUILD(image_pct), 0, 1, NULL, 0},
    {{"calibration", "leave-one-out|train", "score OK pictures without their own bank rows, or with them", BANK},
     KIND_CHOICE, BUILD(calibration), 0, 0, NULL, 0},
    {{"max-memory", "BYTES|half", "memory above which vectors go to a temporary file (K, M, G); half of the machine's",
      BANK},
     KIND_BYTES, BUILD(max_memory), 1, 0x1p63, "half", 0},

    {{"threshold-pixel", "T|bank", "pixel threshold, in place of the bank's", LOOK},
     KIND_FLOAT, INSPECT(threshold_pixel), -MANY, MANY, "bank", NAN},
    {{"threshold-image", "T|bank", "image threshold, in place of the bank's", LOOK},
     KIND_FLOAT, INSPECT(threshold_image), -MANY, MANY, "bank", NAN},
    {{"false-alarm", "RATE|off", "image threshold above which at most this part of OK parts comes", LOOK},
     KIND_DOUBLE, INSPECT(false_alarm), 0, 1, "off", NAN},
    {{"open", "RADIUS", "morphological opening of the mask, in pixels of the picture", LOOK},
     KIND_INT32, INSPECT(open_radius), 0, 1000, NULL, 0},
    {{"close", "RADIUS", "morphological closing of the mask, after the opening", LOOK},
     KIND_INT32, INSPECT(close_radius), 0, 1000, NULL, 0},
    {{"min-area", "PIXELS", "regions with fewer pixels are removed from the mask", LOOK},
     KIND_INT64, INSPECT(min_area), 0, MANY, NULL, 0},
    {{"max-pixels", "N", "largest picture that is decoded", FEATURE | LOOK},
     KIND_UINT64, BOTH(max_pixels), 1, 0x1p32, NULL, 0},

    {{"threads", "N|all", "cores to use; results do not depend on it", RUN | LOOK},
     KIND_INT32, BOTH(threads), 1, 1024, "all", 0},
    {{"seed", "N", "of all random numbers", PICK | RUN},
     KIND_UINT64, BUILD(seed), 0, 0x1p64, NULL, 0},
};
/* clang-format on */

#define ROWS (sizeof rows / sizeof rows[0])

/* ---- the public table ----------------------------------------------------------------------- */

static okng_option_info infos[ROWS];

static void fill_infos(void)
{
    for (size_t i = 0; i < ROWS; i++) infos[i] = rows[i].info;
}

const okng_option_info *okng_option_table(size_t *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, fill_infos);
    if (count) *count = ROWS;
    return infos;
}

/* ---- finding a row -------------------------------------------------------------------------- */

/* The options struct that a call works on; the caller's may be older and shorter than ours. */
typedef struct target {
    void *options;
    size_t size;
    bool inspect;
} target;

static size_t offset_in(const row *r, bool inspect)
{
    return inspect ? r->inspect : r->build;
}

/* Compares as the command line does: '_' is '-'. */
static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b)) return false;
    return *a == *b;
}

static okng_status unknown_name(bool inspect, const char *name, okng_error *error)
{
    const char *names[ROWS];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (offset_in(&rows[i], inspect) != NOWHERE) names[count++] = rows[i].info.name;
    const char *nearest = okng_suggest(name, names, count);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown option \"%.80s\"%s%s%s", name,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* The row called `name` whose field lies inside the target. */
static okng_status find_row(const target *t, const char *name, const row **out, okng_error *error)
{
    for (size_t i = 0; i < ROWS; i++) {
        size_t offset = offset_in(&rows[i], t->inspect);
        if (offset == NOWHERE || !same_name(name, rows[i].info.name)) continue;
        if (offset + rows[i].size > t->size)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "option %s: the options struct has %zu bytes, which is too old or was not initialised",
                             rows[i].info.name, t->size);
        *out = &rows[i];
        return OKNG_OK;
    }
    return unknown_name(t->inspect, name, error);
}

/* ---- text to field -------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static okng_status refuse(const row *r, const char *value, okng_error *error,
                                                                const char *format, ...)
{
    char expected[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s: found \"%.80s\", expected %s", r->info.name, value,
                     expected);
}

static okng_status set_text(const row *r, void *field, const char *value, okng_error *error)
{
    size_t length = strlen(value);
    if (length >= r->size) return refuse(r, value, error, "fewer than %zu bytes", r->size);
    memset(field, 0, r->size);
    memcpy(field, value, length);
    return OKNG_OK;
}

static okng_status set_choice(const row *r, void *field, const char *value, okng_error *error)
{
    const char *choice = r->info.values;
    for (int32_t index = 0; *choice; index++) {
        char name[OKNG_NAME_MAX];
        size_t length = strcspn(choice, "|");
        memcpy(name, choice, length);
        name[length] = '\0';
        if (same_name(name, value)) {
            memcpy(field, &index, sizeof index);
            return OKNG_OK;
        }
        choice += length + (choice[length] == '|');
    }
    return refuse(r, value, error, "one of %s", r->info.values);
}

static okng_status refuse_number(const row *r, const char *value, const char *what, okng_error *error)
{
    char low[32], high[32];
    okng_number_text(r->low, false, low, sizeof low);
    okng_number_text(r->high, false, high, sizeof high);
    const char * or = r->word ? " or " : "", *word = r->word ? r->word : "";
    if (r->low <= -MANY) return refuse(r, value, error, "%s%s%s", what, or, word);
    if (r->high >= MANY) return refuse(r, value, error, "%s, %s or more%s%s", what, low, or, word);
    return refuse(r, value, error, "%s %s..%s%s%s", what, low, high, or, word);
}

static okng_status set_integer(const row *r, void *field, const char *value, okng_error *error)
{
    const char *what = r->kind == KIND_ODD ? "an odd number" : "a whole number";
    bool word = r->word && strcmp(value, r->word) == 0;
    int64_t number = (int64_t)(word ? r->meaning : 0);
    if (!word) {
        bool fine = okng_number_i64(value, &number);
        if (fine && r->word && number == 0 && r->meaning == 0)
            word = true; /* 0 says none, all, off */
        else if (!fine || (double)number < r->low || (double)number > r->high)
            return refuse_number(r, value, what, error);
        if (r->kind == KIND_ODD && number % 2 == 0) return refuse_number(r, value, what, error);
    }
    int32_t narrow = (int32_t)number;
    if (r->size == sizeof narrow)
        memcpy(field, &narrow, sizeof narrow);
    else
        memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

static okng_status set_unsigned(const row *r, void *field, const char *value, okng_error *error)
{
    uint64_t number = 0;
    if (!r->word || strcmp(value, r->word) != 0) {
        bool bytes = r->kind == KIND_BYTES;
        if (!(bytes ? okng_number_bytes(value, &number) : okng_number_u64(value, &number)) ||
            ((double)number < r->low && !r->word) || (double)number > r->high)
            return refuse_number(r, value, bytes ? "bytes, as 512M or 4G" : "a whole number", error);
    }
    memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

static okng_status set_real(const row *r, void *field, const char *value, okng_error *error)
{
    double number = r->meaning;
    if (!r->word || strcmp(value, r->word) != 0)
        if (!okng_number_real(value, &number) || number < r->low || number > r->high)
            return refuse_number(r, value, "a number", error);
    float single = (float)number;
    if (r->kind == KIND_FLOAT)
        memcpy(field, &single, sizeof single);
    else
        memcpy(field, &number, sizeof number);
    return OKNG_OK;
}

/* Copies the next word, cut at spaces and commas, and moves *text behind it. False at the end or when it is too long.
 */
static bool next_word(const char **text, char *word, size_t size)
{
    *text += strspn(*text, " ,\t");
    size_t length = strcspn(*text, " ,\t");
    if (length == 0 || length >= size) return false;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    *text += strspn(*text, " ,\t");
    return true;
}

static okng_status set_colour(const row *r, void *field, const char *value, okng_error *error)
{
    float colour[3];
    const char *rest = value;
    for (int i = 0; i < 3; i++) {
        char word[64];
        double number;
        if (!next_word(&rest, word, sizeof word) || !okng_number_real(word, &number) || number < r->low ||
            number > r->high)
            return refuse_number(r, value, "three numbers", error);
        colour[i] = (float)number;
    }
    if (*rest) return refuse_number(r, value, "three numbers", error);
    memcpy(field, colour, sizeof colour);
    return OKNG_OK;
}

static bool is_layer_name(const char *name)
{
    if (!isalpha((unsigned char)*name)) return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '.' && *name != '_') return false;
    return true;
}

static okng_status set_layers(const row *r, okng_build_options *options, const char *value, okng_error *error)
{
    char layers[OKNG_MAX_LAYERS][OKNG_NAME_MAX] = {{0}};
    int32_t count = 0;
    const char *rest = value;
    do {
        if (count == OKNG_MAX_LAYERS || !next_word(&rest, layers[count], sizeof layers[0]) ||
            !is_layer_name(layers[count]))
            return refuse(r, value, error, "1..%d names such as layer2 layer3", OKNG_MAX_LAYERS);
        count++;
    } while (*rest);
    memcpy(options->layers, layers, sizeof layers);
    options->layer_count = count;
    return OKNG_OK;
}

static okng_status set_resize(const row *r, okng_build_options *options, const char *value, okng_error *error)
{
    static const char expected[] = "N, HxW (each 1..65535) or none";
    okng_resize_mode mode = OKNG_RESIZE_NONE;
    int64_t height = 0, width = 0;
    if (strcmp(value, r->word) != 0) {
        char first[16] = "";
        size_t length = strcspn(value, "x");
        if (length >= sizeof first) return refuse(r, value, error, "%s", expected);
        memcpy(first, value, length);
        mode = value[length] == 'x' ? OKNG_RESIZE_EXACT : OKNG_RESIZE_SHORTER;
        bool fine = okng_number_i64(first, &height);
        width = height;
        if (mode == OKNG_RESIZE_EXACT) fine = fine && okng_number_i64(value + length + 1, &width);
        if (!fine || height < 1 || width < 1 || height > 65535 || width > 65535)
            return refuse(r, value, error, "%s", expected);
    }
    options->resize_mode = mode;
    options->resize_height = (int32_t)height;
    options->resize_width = (int32_t)width;
    return OKNG_OK;
}

static okng_status set_preset(target *t, const char *value, okng_error *error);

static okng_status set_row(target *t, const row *r, const char *value, okng_error *error)
{
    void *field = (char *)t->options + offset_in(r, t->inspect);
    switch (r->kind) {
    case KIND_PRESET:
        return set_preset(t, value, error);
    case KIND_TEXT:
        return set_text(r, field, value, error);
    case KIND_LAYERS:
        return set_layers(r, t->options, value, error);
    case KIND_RESIZE:
        return set_resize(r, t->options, value, error);
    case KIND_COLOUR:
        return set_colour(r, field, value, error);
    case KIND_CHOICE:
        return set_choice(r, field, value, error);
    case KIND_UINT64:
    case KIND_BYTES:
        return set_unsigned(r, field, value, error);
    case KIND_FLOAT:
    case KIND_DOUBLE:
        return set_real(r, field, value, error);
    case KIND_INT32:
    case KIND_ODD:
    case KIND_INT64:
        break;
    }
    return set_integer(r, field, value, error);
}

static okng_status set_name(target *t, const char *name, const char *value, okng_error *error)
{
    if (!t->options || !name || !value)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options, the name of an option and its value must not be NULL");
    const row *r;
    OKNG_TRY(find_row(t, name, &r, error));
    OKNG_TRY(set_row(t, r, value, error));
    /* The last of ratio and count that was given counts. */
    if (r->kind == KIND_DOUBLE && strcmp(r->info.name, "coreset") == 0)
        OKNG_TRY(set_name(t, "coreset-size", "0", error));
    return OKNG_OK;
}

/* Fields that an older, shorter struct does not have are passed over. */
static okng_status apply(target *t, const okng_setting *setting, okng_error *error)
{
    for (; setting->name; setting++) {
        const row *r;
        if (find_row(t, setting->name, &r, NULL) != OKNG_OK) continue;
        OKNG_TRY(set_row(t, r, setting->value, error));
    }
    return OKNG_OK;
}

static okng_status set_preset(target *t, const char *value, okng_error *error)
{
    const okng_setting *settings = okng_preset_settings(value);
    if (!settings)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "option preset: found \"%.80s\", expected one of %s", value,
                         rows[0].info.values);
    OKNG_TRY(apply(t, okng_preset_base(), error));
    static const okng_setting by_ratio[] = {{"coreset-size", "0"}, {NULL, NULL}};
    OKNG_TRY(apply(t, by_ratio, error));
    OKNG_TRY(apply(t, settings, error));
    return set_text(&rows[0], ((okng_build_options *)t->options)->preset, value, error);
}

/* ---- field to text -------------------------------------------------------------------------- */

static void choice_text(const row *r, int32_t index, char *text, size_t size)
{
    const char *choice = r->info.values;
    for (int32_t i = 0; i < index && *choice; i++) {
        choice += strcspn(choice, "|");
        choice += *choice == '|';
    }
    if (index < 0 || !*choice)
        (void)snprintf(text, size, "%d", (int)index);
    else
        (void)snprintf(text, size, "%.*s", (int)strcspn(choice, "|"), choice);
}

static void layers_text(const okng_build_options *options, char *text, size_t size)
{
    text[0] = '\0';
    if (options->layer_count > OKNG_MAX_LAYERS) { /* a struct filled by hand: no names, so that setting them fails */
        (void)snprintf(text, size, "%d layers", (int)options->layer_count);
        return;
    }
    for (int32_t i = 0; i < options->layer_count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%.*s", i > 0 ? " " : "", OKNG_NAME_MAX, options->layers[i]);
    }
}

static void resize_text(const okng_build_options *options, char *text, size_t size)
{
    if (options->resize_mode == OKNG_RESIZE_NONE)
        (void)snprintf(text, size, "none");
    else if (options->resize_mode == OKNG_RESIZE_SHORTER)
        (void)snprintf(text, size, "%d", (int)options->resize_height);
    else if (options->resize_mode == OKNG_RESIZE_EXACT)
        (void)snprintf(text, size, "%dx%d", (int)options->resize_height, (int)options->resize_width);
    else /* a struct filled by hand: setting this fails */
        (void)snprintf(text, size, "mode %d", (int)options->resize_mode);
}

static void colour_text(const float colour[3], char *text, size_t size)
{
    char part[3][32];
    for (int i = 0; i < 3; i++) okng_number_text((double)colour[i], true, part[i], sizeof part[i]);
    (void)snprintf(text, size, "%s,%s,%s", part[0], part[1], part[2]);
}

static void number_text(const row *r, const void *field, char *text, size_t size)
{
    double real = 0;
    int64_t whole = 0;
    bool is_real = r->kind == KIND_FLOAT || r->kind == KIND_DOUBLE;
    if (is_real && r->size == sizeof(float)) {
        float single;
        memcpy(&single, field, sizeof single);
        real = (double)single;
    } else if (is_real) {
        memcpy(&real, field, sizeof real);
    } else if (r->size == sizeof(int32_t)) {
        int32_t narrow;
        memcpy(&narrow, field, sizeof narrow);
        whole = narrow;
    } else {
        memcpy(&whole, field, sizeof whole);
    }
    bool word = is_real ? real == r->meaning || (isnan(real) && isnan(r->meaning)) : whole == (int64_t)r->meaning;
    if (r->word && word)
        (void)snprintf(text, size, "%s", r->word);
    else if (is_real)
        okng_number_text(real, r->size == sizeof(float), text, size);
    else if (r->kind == KIND_UINT64 || r->kind == KIND_BYTES)
        (void)snprintf(text, size, "%llu", (unsigned long long)whole);
    else
        (void)snprintf(text, size, "%lld", (long long)whole);
}

static void get_row(const target *t, const row *r, char *text, size_t size)
{
    const void *field = (const char *)t->options + offset_in(r, t->inspect);
    int32_t index;
    switch (r->kind) {
    case KIND_PRESET:
    case KIND_TEXT:
        (void)snprintf(text, size, "%.*s", (int)r->size, (const char *)field);
        return;
    case KIND_LAYERS:
        layers_text(t->options, text, size);
        return;
    case KIND_RESIZE:
        resize_text(t->options, text, size);
        return;
    case KIND_COLOUR:
        colour_text(field, text, size);
        return;
    case KIND_CHOICE:
        memcpy(&index, field, sizeof index);
        choice_text(r, index, text, size);
        return;
    default:
        number_text(r, field, text, size);
    }
}

/* ---- the public functions ------------------------------------------------------------------- */

static target build_target(okng_build_options *options)
{
    return (target){options, options ? options->struct_size : 0, false};
}

static target inspect_target(okng_inspect_options *options)
{
    return (target){options, options ? options->struct_size : 0, true};
}

/* No preset changes these. */
static const okng_setting limits[] = {{"max-pixels", "100000000"}, {NULL, NULL}};

void okng_build_options_init_sized(okng_build_options *options, size_t struct_size)
{
    if (!options || struct_size < sizeof struct_size) return;
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
    target t = build_target(options);
    if (struct_size < offsetof(okng_build_options, backbone)) return;
    (void)set_preset(&t, "default", NULL);
    (void)apply(&t, limits, NULL);
}

void okng_inspect_options_init_sized(okng_inspect_options *options, size_t struct_size)
{
    if (!options || struct_size < sizeof struct_size) return;
    static const okng_setting defaults[] = {
        {"threshold-pixel", "bank"}, {"threshold-image", "bank"}, {"false-alarm", "off"}, {NULL, NULL}};
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
    target t = inspect_target(options);
    (void)apply(&t, defaults, NULL);
    (void)apply(&t, limits, NULL);
}

okng_status okng_build_options_set(okng_build_options *options, const char *name, const char *value, okng_error *error)
{
    target t = build_target(options);
    return set_name(&t, name, value, error);
}

okng_status okng_inspect_options_set(okng_inspect_options *options, const char *name, const char *value,
                                     okng_error *error)
{
    target t = inspect_target(options);
    return set_name(&t, name, value, error);
}

okng_status okng_build_options_get(const okng_build_options *options, const char *name, char *text, size_t size,
                                   okng_error *error)
{
    if (!options || !name || !text || size == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options, name and text must not be NULL, nor the size 0");
    text[0] = '\0';
    target t = {(void *)(uintptr_t)options, options->struct_size, false};
    const row *r;
    OKNG_TRY(find_row(&t, name, &r, error));
    get_row(&t, r, text, size);
    return OKNG_OK;
}

/* ---- checking a whole struct ---------------------------------------------------------------- */

/* What `t` holds, given as text to `scratch`, must be accepted. */
static okng_status check_rows(target *t, target *scratch, okng_error *error)
{
    char text[OKNG_PATH_MAX + 1];
    for (size_t i = 0; i < ROWS; i++) {
        if (offset_in(&rows[i], t->inspect) == NOWHERE || rows[i].kind == KIND_PRESET) continue;
        get_row(t, &rows[i], text, sizeof text);
        OKNG_TRY(set_row(scratch, &rows[i], text, error));
    }
    return OKNG_OK;
}

okng_status okng_build_options_check(const okng_build_options *options, okng_build_options *full, okng_error *error)
{
    if (!options || options->struct_size < offsetof(okng_build_options, backbone))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options are not initialised; call okng_build_options_init");
    okng_build_options_init(full);
    memcpy(full, options, options->struct_size < sizeof *full ? options->struct_size : sizeof *full);
    full->struct_size = sizeof *full;
    full->preset[sizeof full->preset - 1] = '\0';
    okng_build_options scratch = *full;
    target t = build_target(full), checked = build_target(&scratch);
    return check_rows(&t, &checked, error);
}

okng_status okng_inspect_options_check(const okng_inspect_options *options, okng_inspect_options *full,
                                       okng_error *error)
{
    okng_inspect_options_init(full);
    if (!options) return OKNG_OK;
    if (options->struct_size < sizeof options->struct_size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "options are not initialised; call okng_inspect_options_init");
    memcpy(full, options, options->struct_size < sizeof *full ? options->struct_size : sizeof *full);
    full->struct_size = sizeof *full;
    okng_inspect_options scratch = *full;
    target t = inspect_target(full), checked = inspect_target(&scratch);
    return check_rows(&t, &checked, error);
}
