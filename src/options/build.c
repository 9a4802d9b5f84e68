/* How a bank is made: a row for each option. */
#include "options/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/parallel.h"
#include "net/graph.h"
#include "net/spelling.h"
#include "options/presets.h"
#include "options/values.h"

#define AT(field) .offset = offsetof(okng_build_options, field), .size = sizeof(((okng_build_options *)0)->field)
#define SPAN(first, last)                                                                            \
    .offset = offsetof(okng_build_options, first), .size = offsetof(okng_build_options, last) +      \
                                                           sizeof(((okng_build_options *)0)->last) - \
                                                           offsetof(okng_build_options, first)
#define TEXT(field) .kind = OKNG_KIND_TEXT, AT(field)
#define CHOICE(field) .kind = OKNG_KIND_CHOICE, AT(field)
#define NUMBER(type, field, least, most) .kind = OKNG_KIND_##type, AT(field), .low = (least), .high = (most)
#define MANY OKNG_OPTION_MANY

/* Who reads what: whoever makes banks reads all. */
#define SIZED "build, demo, eval, bench build, bench start, bench bank"
#define BANKS "advise, " SIZED /* advise tries sizes itself */
#define CLIP ", text-embed, similarity"
#define CREATE ", bank create" /* reads what is not about choosing rows, which are given */
#define INPUT                                        \
    .group = "Features", .flags = OKNG_ROW_RECORDED, \
    .verbs = BANKS CREATE ", preprocess, embed, similarity, bench image"
#define NETWORK .group = "Features", .flags = OKNG_ROW_RECORDED, .verbs = BANKS CREATE ", embed, bench network"
#define ENCODERS .group = "Features", .flags = OKNG_ROW_RECORDED, .verbs = BANKS CREATE ", embed" CLIP ", bench network"
#define PATCHES .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS CREATE ", embed"
#define ROWS                                                                      \
    .group = "Rows of the bank", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, \
    .verbs = BANKS ", coreset, bench coreset"
#define SCORES .group = "Scores, thresholds, memory", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS
#define SCORED \
    .group = "Scores, thresholds, memory", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS CREATE

#define TILES .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = "build"

#define PROMPTS .group = "Words and windows", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD

_Static_assert(offsetof(okng_build_options, layer_count) - offsetof(okng_build_options, layers) ==
                   OKNG_MAX_LAYERS * OKNG_NAME_MAX,
               "the count follows the names");
_Static_assert(offsetof(okng_build_options, scale_count) - offsetof(okng_build_options, scales) ==
                       OKNG_MAX_SCALES * sizeof(int32_t) &&
                   offsetof(okng_build_options, scale_weight_count) - offsetof(okng_build_options, scale_weights) ==
                       OKNG_MAX_SCALES * sizeof(double),
               "the counts follow the numbers");
_Static_assert(offsetof(okng_build_options, resize_width) - offsetof(okng_build_options, resize_mode) ==
                   2 * sizeof(int32_t),
               "height and width follow the mode");

static okng_status set_preset(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error);
static okng_status set_backbone(const okng_option_row *row, void *options, const char *value, const void *context,
                                okng_error *error);
static okng_status set_method(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error);
static okng_status set_resize(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error);
static okng_status set_pixels(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error);

/* clang-format off */
static const okng_option_row rows[] = {
    {.name = "preset", .values = OKNG_PRESETS, .initial = "default", TEXT(preset), .set = set_preset,
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_KEPT | OKNG_ROW_FIRST, .group = "Features",
     .verbs = BANKS CREATE ", preprocess, embed, coreset, bench network, bench coreset, bench image",
     .help = "what all other options start from, wherever it stands"},
    {.name = "method", .values = "NAME", .initial = "patchcore", .kind = OKNG_KIND_NAME, AT(method), .set = set_method,
     .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_KEPT | OKNG_ROW_EARLY, .verbs = BANKS ", infer",
     .help = "what learns and scores; a name that there is not lists all"},
    {.name = "backbone", .values = "NAME", TEXT(backbone), .set = set_backbone, .group = "Features",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_EARLY, .verbs = BANKS CREATE ", embed" CLIP ", bench network, bench gradient",
     .help = "network that makes the features; okng-s, which is built in, where no weights are given; see okng weights list"},
    {.name = "weights", .values = "FILE", TEXT(weights), .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_KEPT,
     .verbs = BANKS CREATE ", embed" CLIP ", bench network, bench gradient, bench bank --bank-dir, train patchcore", .help = "its weights: .pth, .pt or .safetensors; okng-s needs none"},
    {.name = "layers", .values = "NAME...", .initial = "layer2 layer3", .kind = OKNG_KIND_NAMES, SPAN(layers, layer_count), .group = "Features",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS CREATE ", embed, bench network",
     .help = "layers whose maps make a patch vector, the first gives the grid: layer2 layer2.1, of a transformer blocks.5 norm"},
    {.name = "resize", .values = "auto|N|HxW|none", .initial = "auto", .kind = OKNG_KIND_RESIZE,
     SPAN(resize_mode, resize_width), .word = "none", .set = set_resize, .group = "Features", .flags = OKNG_ROW_RECORDED,
     .verbs = SIZED CREATE ", preprocess, embed, similarity, bench image",
     .help = "scale to a size that fits the pictures, the shorter side to N, or to exactly H rows and W columns"},
    {.name = "pixels", .values = "N|HxW|network", .initial = "network", NUMBER(INT64, pixels, 1024, 0x1p26), .word = "network",
     .set = set_pixels, .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_PASSING,
     .verbs = SIZED CREATE ", preprocess, embed, similarity, bench image",
     .help = "how many pixels resize auto comes to, as a number or as HxW; more sees finer defects and costs as much more"},
    {.name = "shorter", .values = "N", .alias = "resize", .help = "the same as resize N"},
    {.name = "crop", .values = "N|none", .initial = "none", NUMBER(INT32, crop, 1, 65535), .word = "none", .group = "Features",
     .flags = OKNG_ROW_RECORDED, .verbs = SIZED CREATE ", preprocess, embed, similarity, bench image",
     .help = "then keep the central N x N pixels; what is cut off is never looked at"},
    {.name = "interpolation", .values = "bilinear|bicubic|nearest|bilinear-float|bicubic-float", .initial = "bilinear",
     CHOICE(interpolation), INPUT,
     .help = "filter of the resize, as Pillow does it; those of float as torchvision does it with float tensors"},
    {.name = "bit-depth", .values = "auto|8|10|12|14|16", .initial = "auto", .absent = "16", CHOICE(bit_depth), INPUT,
     .help = "bits that samples of 16 use in pictures that do not say it; auto finds it from the good pictures"},
    {.name = "mean", .values = "R,G,B", .initial = "0.485,0.456,0.406" /* of ImageNet, as is std */,
     NUMBER(COLOUR, mean, -1e6, 1e6), INPUT, .help = "subtracted from the colours in 0..1"},
    {.name = "std", .values = "R,G,B", .initial = "0.229,0.224,0.225", NUMBER(COLOUR, std, 1e-6, 1e6), INPUT,
     .help = "divides them then"},
    {.name = "precision", .values = "fp32|bf16|int8", .initial = "fp32", CHOICE(precision), ENCODERS,
     .help = "of what lies between layers and of weights: less is faster and changes scores a little; a bank keeps it"},
    {.name = "convolution", .values = "direct|winograd", .initial = "winograd", .absent = "direct", CHOICE(convolution), NETWORK,
     .help = "3x3 convolutions and transformers in fp32: as they are, or with fewer multiplications (Winograd's, Strassen's), which is faster and rounds more"},
    {.name = "activation", .values = "auto|gelu|quickgelu", .initial = "auto", CHOICE(activation), ENCODERS,
     .help = "of a CLIP's blocks, which its weights were trained with: as they say, the exact GELU, or x sigmoid(1.702 x)"},
    {.name = "positions", .values = "auto|open_clip|tinyclip|afclip", .initial = "auto", CHOICE(positions), .group = "Features", .flags = OKNG_ROW_RECORDED,
     .verbs = BANKS CREATE ", embed, similarity, bench network",
     .help = "how a CLIP's positions come to another size of input: as open_clip (auto), TinyCLIP or AF-CLIP resample them"},
    {.name = "device", .values = "NAME", .initial = "cpu", TEXT(device), .group = "Features",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_KEPT, .verbs = BANKS CREATE ", embed" CLIP ", bench network",
     .help = "what runs the network; a name that there is not lists all"},
    {.name = "patch-size", .values = "N", .initial = "3", NUMBER(ODD, patch_size, 1, 15), PATCHES,
     .help = "odd side of the neighbourhood that is averaged; 1 takes each place alone"},
    {.name = "patch-stride", .values = "N", .initial = "1", NUMBER(INT32, patch_stride, 1, 16), PATCHES,
     .help = "step of that neighbourhood"},
    {.name = "stride", .values = "N", .initial = "1", NUMBER(INT32, stride, 1, 64), PATCHES,
     .help = "keep every n-th patch in both directions"},
    {.name = "aggregate", .values = "concat|mean-map", .initial = "concat", CHOICE(aggregate), PATCHES,
     .help = "how the layers become one vector"},
    {.name = "pretrain-dim", .values = "N", .initial = "1024", NUMBER(INT32, pretrain_dim, 1, 65536), PATCHES,
     .help = "dimensions of a layer under mean-map"},
    {.name = "target-dim", .values = "N", .initial = "1024", NUMBER(INT32, target_dim, 1, 65536), PATCHES,
     .help = "dimensions of a patch vector under mean-map"},
    {.name = "augment", .values = "none|rotate:N", .initial = "none", NUMBER(INT32, turns, 2, 64), .before = "rotate:",
     .word = "none", .meaning = 1, .group = "Features", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS,
     .help = "learn N copies of each good picture, turned by equal steps of a full turn, for few pictures"},
    {.name = "ignore-mask", .values = "FILE", TEXT(ignore_mask), .group = "Features", .flags = OKNG_ROW_OF_METHOD, .verbs = "build, eval",
     .help = "a picture of the size of the good ones: what is not black in it is neither learnt nor scored, and never NG"},
    {.name = "tile", .values = "N|HxW|none", .initial = "none", .kind = OKNG_KIND_SIZE, SPAN(tile_height, tile_width), .word = "none",
     TILES, .help = "look at large pictures in tiles of so many pixels, each as a picture of its own, which resize then is about"},
    {.name = "overlap", .values = "N", .initial = "0", NUMBER(INT32, overlap, 0, 65535), TILES,
     .help = "pixels that neighbouring tiles share, over which their maps are blended"},
    {.name = "tile-banks", .values = "one|place", .initial = "one", CHOICE(tile_banks), TILES,
     .help = "hold a tile against what was learnt of all tiles, or of those of its place alone"},
    {.name = "max-pixels", .values = "N", .initial = "100000000", NUMBER(UINT64, max_pixels, 1, 0x1p32), .group = "Features",
     .verbs = BANKS CREATE ", preprocess, embed, similarity, bench image", .help = "largest picture that is decoded"},

    {.name = "sampler", .values = "identity|random|greedy|approx-greedy|kmeans", .initial = "greedy", CHOICE(sampler), ROWS,
     .help = "how the rows of the bank are chosen"},
    {.name = "coreset", .values = "RATIO", .initial = "0.1", NUMBER(DOUBLE, coreset, 0, 1), .sets = "coreset-size=0", ROWS,
     .help = "part of all patch vectors that is kept; 0 and 1 keep all"},
    {.name = "coreset-size", .values = "N", .initial = "0", NUMBER(INT64, coreset_size, 0, MANY), ROWS,
     .help = "rows that are kept, in place of a ratio; 0 takes the ratio"},
    {.name = "projection", .values = "N|none", .initial = "128", NUMBER(INT32, projection, 1, 65536), .word = "none", ROWS,
     .help = "dimensions of the random projection that the greedy samplers work in"},
    {.name = "projection-kind", .values = "gaussian|sparse", .initial = "sparse", CHOICE(projection_kind), ROWS,
     .help = "its matrix"},
    {.name = "start", .values = "INDEX|random", .initial = "0", NUMBER(INT64, start, 0, MANY), .word = "random", .meaning = -1, ROWS,
     .help = "first pick of greedy"},
    {.name = "starting-points", .values = "N", .initial = "10", NUMBER(INT32, starting_points, 1, 1000000), ROWS,
     .help = "random rows that approx-greedy starts from"},

    {.name = "reservoir-max", .values = "N|all", .initial = "all", NUMBER(INT64, reservoir_max, 1, MANY), .word = "all", SCORES,
     .help = "patch vectors that a uniform reservoir keeps before the sampler runs"},
    {.name = "neighbors", .values = "K", .initial = "9", NUMBER(INT32, neighbors, 1, 1024), SCORED,
     .help = "bank rows that reweighted and mean-k look at"},
    {.name = "image-score", .values = "max|reweighted|mean-k|top", .initial = "reweighted", CHOICE(image_score), SCORED,
     .help = "how the scores of patches become that of a picture"},
    {.name = "top", .values = "PART", .initial = "0.01", NUMBER(DOUBLE, top, 0, 1), SCORED,
     .help = "part of the patches, the highest, that image-score top takes the mean of; at least one"},
    {.name = "variance", .values = "PART", .initial = "0.99", NUMBER(DOUBLE, variance, 0.001, 0.999999), SCORES,
     .help = "part of the variance of good patches that the directions of a subspace reach"},
    {.name = "foreground", .values = "all|pca", .initial = "all", CHOICE(foreground), SCORED,
     .help = "patches that can be anomalous: all, or those off the background by a picture's first principal component"},
    {.name = "distance", .values = "l2|squared|cosine", .initial = "l2", CHOICE(distance), .group = "Scores, thresholds, memory",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS CREATE ", embed, knn", .help = "what is reported as the distance of two vectors"},
    {.name = "smoothing", .values = "SIGMA", .initial = "4", NUMBER(FLOAT, smoothing, 0, 1000),
     .group = "Scores, thresholds, memory", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS CREATE ", bench image",
     .help = "Gaussian over the map, in pixels of the network's input; 0 for none"},
    {.name = "pixel-pct", .values = "Q", .initial = "0.995", NUMBER(DOUBLE, pixel_pct, 0, 1), SCORED,
     .help = "quantile of the OK pixels that becomes the pixel threshold"},
    {.name = "image-pct", .values = "Q", .initial = "0.995", NUMBER(DOUBLE, image_pct, 0, 1), .sets = "image-rule=quantile",
     SCORED, .help = "quantile of the OK pictures that becomes the image threshold; sets image-rule to quantile"},
    {.name = "image-rule", .values = "robust|quantile", .initial = "robust", .absent = "quantile", CHOICE(image_rule), SCORED,
     .help = "how the image threshold comes from the scores of OK pictures: by their median and upper spread, or image-pct"},
    {.name = "calibration", .values = "leave-one-out|train|stand-in", .initial = "stand-in", CHOICE(calibration), SCORES,
     .help = "score OK pictures without their own bank rows, with them, or with rows of other pictures in their place"},
    {.name = "group", .values = "none|folder|PATTERN", .initial = "none", TEXT(group), SCORED,
     .help = "pictures that are shots of one part, and are left out together: those of one folder, or whose names have the same match of an extended regular expression"},
    {.name = "noise-robust", .values = "false|true", .initial = "false", .absent = "false", CHOICE(noise_robust), ROWS,
     .help = "leave out patches that are outliers beside the same place of other pictures: for good pictures that may hold bad ones"},
    {.name = "max-memory", .values = "BYTES|half", .initial = "half", NUMBER(BYTES, max_memory, 1, 0x1p63), .word = "half",
     .group = "Scores, thresholds, memory", .flags = OKNG_ROW_OF_METHOD, .verbs = BANKS ", knn, train patchcore",
     .help = "memory above which vectors go to a temporary file, or are read part by part (K, M, G); half of the machine's"},

    {.name = "class-name", .values = "WORDS", .kind = OKNG_KIND_WORDS, AT(class_name), PROMPTS | OKNG_ROW_KEPT, .verbs = BANKS ", infer",
     .help = "what the part is called, as one would say it: metal nut; what a method that knows defects by words is told"},
    {.name = "vocabulary", .values = "FILE", TEXT(vocabulary), PROMPTS | OKNG_ROW_KEPT, .verbs = BANKS CLIP ", tokenize",
     .help = "of the tokenizer: bpe_simple_vocab_16e6.txt.gz, vocab.json, tokenizer.json or their folder; beside the weights, or in the cache, unless given"},
    {.name = "prompts", .values = "a|b|FILE", .initial = "b", TEXT(prompts), PROMPTS, .verbs = BANKS,
     .help = "what is said of good and bad parts: a of WinCLIP's paper, b of anomalib and ZQ, or a YAML file of states and templates"},
    {.name = "text-mean", .values = "raw|normalised", .initial = "raw", CHOICE(text_mean), PROMPTS, .verbs = BANKS,
     .help = "embeddings of prompts whose mean is taken: as they are, or each of length 1"},
    {.name = "class-words", .values = "raw|spaces", .initial = "raw", CHOICE(class_words), PROMPTS, .verbs = BANKS,
     .help = "class-name as it is, or with spaces for its underscores"},
    {.name = "temperature", .values = "T", .initial = "0.07", NUMBER(DOUBLE, temperature, 0.0001, 100), PROMPTS, .verbs = BANKS,
     .help = "divides cosines before the softmax over good and bad"},
    {.name = "scales", .values = "N...", .initial = "2 3", .kind = OKNG_KIND_SCALES, SPAN(scales, scale_count), .low = 1, .high = 64,
     PROMPTS, .verbs = BANKS, .help = "sides of the windows in patches, beside the whole picture: 2 3"},
    {.name = "scale-weights", .values = "W...|equal", .initial = "equal", .kind = OKNG_KIND_SHARES, SPAN(scale_weights, scale_weight_count),
     .low = 0, .high = 1000, .word = "equal", PROMPTS, .verbs = BANKS,
     .help = "of each of the scales where their maps are joined, beside 1 of the whole picture"},
    {.name = "windows", .values = "crop|masked", .initial = "crop", CHOICE(windows), PROMPTS, .verbs = BANKS,
     .help = "what the network sees of a window: its patches alone, or the whole picture up to the last block, which is masked"},
    {.name = "aspect", .values = "squash|tiles", .initial = "squash", CHOICE(aspect), PROMPTS, .verbs = BANKS,
     .help = "a picture that is not square: resized to a square, or in squares along its longer side"},
    {.name = "fusion", .values = "sum|mean", .initial = "sum", CHOICE(fusion), PROMPTS, .verbs = BANKS,
     .help = "of the map by words and that by good pictures"},
    {.name = "reference-tokens", .values = "before-norm|after-norm", .initial = "before-norm", CHOICE(reference_tokens), PROMPTS,
     .verbs = BANKS, .help = "patch tokens of good pictures that are remembered: of the last block, or after the norm behind it"},

    {.name = "checkpoint", .values = "DIR|FILE", TEXT(checkpoint), .group = "Learnt words", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD | OKNG_ROW_KEPT,
     .verbs = BANKS ", infer", .help = "what afclip and miniclip have learnt, prompt and adapter: what okng train afclip or okng import afclip wrote"},
    {.name = "taps", .values = "N...|auto", .initial = "auto", .kind = OKNG_KIND_SCALES, SPAN(taps, tap_count), .low = 0, .high = 63,
     .word = "auto", .group = "Learnt words", .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS,
     .help = "the four blocks whose tokens are looked at, from 0: 2 5 8 11; the checkpoint's, else the quarters of the tower"},
    {.name = "alpha", .values = "SHARE", .initial = "0.1", NUMBER(DOUBLE, alpha, 0, 1000), .group = "Learnt words",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_OF_METHOD, .verbs = BANKS, .help = "of what the words say, beside what is remembered of good pictures"},

    {.name = "roi", .values = "X,Y,W,H...|select", .kind = OKNG_KIND_WORDS, AT(roi), .group = "Regions of interest", .verbs = "build",
     .help = "look for this part of the first picture in all others, and at nothing else; several as \"pin=X,Y,W,H; cap=X,Y,W,H\", each with a bank of its own; select: the command has it drawn in a browser"},
    {.name = "roi-from", .values = "IMG", TEXT(roi_from), .group = "Regions of interest", .verbs = "build",
     .help = "the picture that roi is drawn on, in place of the first"},
    {.name = "roi-threshold", .values = "T", .initial = "0.5", NUMBER(DOUBLE, roi_threshold, 0, 1), .group = "Regions of interest", .verbs = "build, train patchcore",
     .help = "correlation below which a region is not there: left out while learning, NOT_FOUND afterwards"},
    {.name = "roi-rotation", .values = "DEG", .initial = "0", NUMBER(DOUBLE, roi_rotation, 0, 180), .group = "Regions of interest", .verbs = "build",
     .help = "regions may be turned by so many degrees either way, and are turned upright"},
    {.name = "roi-scale", .values = "LOW,HIGH|none", .initial = "none", NUMBER(RANGE, roi_scale, 0.5, 2), .word = "none", .meaning = (double)NAN,
     .group = "Regions of interest", .verbs = "build", .help = "and be so many times as large, 0.5 to 2"},

    {.name = "threads", .values = "N|all", .initial = "all", NUMBER(INT32, threads, 1, OKNG_MAX_THREADS), .word = "all", .group = "Running",
     .verbs = BANKS CREATE ", metrics, bank add, bank merge, bank shrink, bank diff, import patchcore-inspection, import anomalib, embed, text-embed, similarity, coreset, knn, bench ceiling, bench network, "
              "bench knn, bench coreset, bench image, bench start --bank-dir, bench bank --bank-dir, bench gradient, export, train patchcore",
     .help = "cores to use; results do not depend on it"},
    {.name = "seed", .values = "N", .initial = "0", NUMBER(UINT64, seed, 0, 0x1p64), .group = "Running",
     .flags = OKNG_ROW_RECORDED | OKNG_ROW_KEPT, .verbs = BANKS ", coreset, bench coreset, train patchcore", .help = "of all random numbers"},
};
/* clang-format on */

const okng_option_table okng_build_table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(okng_build_options),
    .versioned = true,
    .noun = "option",
};

/* ---- presets -------------------------------------------------------------------------------- */

static void apply(const okng_setting *setting, void *options)
{
    for (; setting->name; setting++)
        (void)okng_options_set(&okng_build_table, options, setting->name, setting->value, NULL);
}

/* A name as text of its own, ended even where a struct filled by hand is not. */
static void copy_name(char *copy, const char *field)
{
    (void)snprintf(copy, OKNG_NAME_MAX, "%.*s", OKNG_NAME_MAX - 1, field);
}

/* What the preset says of an option; NULL where it leaves it alone. */
static const char *value_of_preset(const okng_build_options *options, const okng_option_row *row)
{
    char preset[OKNG_NAME_MAX];
    copy_name(preset, options->preset);
    const okng_setting *setting = okng_preset_settings(preset);
    for (; setting && setting->name; setting++)
        if (!okng_preset_follows_network(preset, setting->name) &&
            okng_options_target(&okng_build_table, okng_options_find(&okng_build_table, setting->name)) == row)
            return setting->value;
    return NULL;
}

/* A method's own network stays out where another is named. */
static void apply_method(const char *method, void *options)
{
    okng_build_options *build = options;
    for (const okng_setting *setting = okng_method_settings(method); setting->name; setting++)
        if (strcmp(setting->name, "backbone") != 0 || !build->backbone[0])
            (void)okng_options_set(&okng_build_table, options, setting->name, setting->value, NULL);
}

/* Brings back what a method had changed, where it still is as the method wants it. */
static void undo_method(const char *method, void *options)
{
    char text[OKNG_OPTION_TEXT_MAX];
    for (const okng_setting *setting = okng_method_settings(method); setting->name; setting++) {
        const okng_option_row *row = okng_options_find(&okng_build_table, setting->name);
        okng_options_get_row(&okng_build_table, row, options, text, sizeof text);
        if (strcmp(text, setting->value) != 0) continue;
        const char *value = value_of_preset(options, row);
        (void)okng_options_set(&okng_build_table, options, row->name,
                               value          ? value
                               : row->initial ? row->initial
                                              : "",
                               NULL);
    }
}

/* What the method cannot do without, wherever the preset stands, in place of what the method before it could not. */
static okng_status set_method(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error)
{
    (void)context;
    okng_build_options *build = options;
    char before[OKNG_NAME_MAX];
    copy_name(before, build->method);
    OKNG_TRY(okng_option_parse(row, build->method, value, error));
    undo_method(before, options);
    apply_method(value, options);
    return OKNG_OK;
}

/* All that a bank records starts anew; then what the preset says. Fields that an older, shorter struct does not have
 * are passed over. */
static okng_status set_preset(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error)
{
    (void)context;
    const okng_setting *setting = okng_preset_settings(value);
    if (!setting)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected one of %s", value, row->values);
    for (size_t i = 0; i < okng_build_table.count; i++)
        if ((rows[i].flags & (OKNG_ROW_RECORDED | OKNG_ROW_KEPT)) == OKNG_ROW_RECORDED)
            okng_options_reset_row(&okng_build_table, &rows[i], options);
    okng_build_options *build = options;
    memset(build->preset, 0, sizeof build->preset);
    (void)strncpy(build->preset, value, sizeof build->preset - 1);
    apply(setting, options);
    if (build->struct_size >= offsetof(okng_build_options, method) + sizeof build->method)
        apply_method(build->method, options);
    return OKNG_OK;
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static bool has_pixels(const okng_build_options *options)
{
    return options->struct_size >= offsetof(okng_build_options, pixels) + sizeof options->pixels;
}

/* Any size but auto says itself how many pixels there are. */
static okng_status set_resize(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error)
{
    (void)context;
    okng_build_options *build = options;
    OKNG_TRY(okng_option_parse(row, (char *)options + row->offset, value, error));
    if (build->resize_mode != OKNG_RESIZE_AUTO && has_pixels(build)) build->pixels = 0;
    return OKNG_OK;
}

/* "65536", or "160x408" for as many as that has; either says that the size is to be found. */
static okng_status set_pixels(const okng_option_row *row, void *options, const char *value, const void *context,
                              okng_error *error)
{
    (void)context;
    okng_build_options *build = options;
    const okng_option_row *resize = okng_options_find(&okng_build_table, "resize");
    int32_t size[3];
    char product[32];
    if (strchr(value, 'x') && okng_option_parse(resize, size, value, NULL) == OKNG_OK) {
        (void)snprintf(product, sizeof product, "%lld", (long long)size[1] * size[2]);
        value = product;
    }
    OKNG_TRY(okng_option_parse(row, (char *)options + row->offset, value, error));
    if (build->pixels == 0) return OKNG_OK;
    return okng_option_parse(resize, (char *)options + resize->offset, "auto", error);
}

/* ---- networks ------------------------------------------------------------------------------- */

/* What an option is with a network where nothing else is asked for; NULL where nothing is known. */
static const char *value_with(const char *backbone, const okng_option_row *row)
{
    okng_network_info network;
    if (*backbone && okng_network_get(backbone, &network, NULL) == OKNG_OK)
        for (const okng_network_default *d = network.defaults; d->option; d++)
            if (strcmp(d->option, row->name) == 0) return d->value;
    return row->initial;
}

/* What a network was trained with comes with it, where an option still is what it was with the network before: what was
 * asked for stays, and so does what the preset says, even where the network before would have brought the same. */
static okng_status set_backbone(const okng_option_row *row, void *options, const char *value, const void *context,
                                okng_error *error)
{
    (void)context;
    okng_build_options *build = options;
    char before[OKNG_NAME_MAX], text[OKNG_OPTION_TEXT_MAX];
    copy_name(before, build->backbone);
    OKNG_TRY(okng_option_parse(row, build->backbone, okng_network_spelt(value), error));
    for (size_t i = 0; i < okng_build_table.count; i++) {
        if (rows[i].alias || value_of_preset(build, &rows[i])) continue;
        const char *was = value_with(before, &rows[i]), *is = value_with(build->backbone, &rows[i]);
        if (!was || !is || strcmp(was, is) == 0) continue;
        okng_options_get_row(&okng_build_table, &rows[i], options, text, sizeof text);
        if (rows[i].kind == OKNG_KIND_RESIZE && strcmp(text, "auto") == 0)
            continue; /* it looks at the network itself */
        if (strcmp(text, was) == 0) (void)okng_options_set(&okng_build_table, options, rows[i].name, is, NULL);
    }
    return OKNG_OK;
}

/* ---- the public functions ------------------------------------------------------------------- */

void okng_build_options_init_sized(okng_build_options *options, size_t struct_size)
{
    okng_options_init(&okng_build_table, options, struct_size);
}

okng_status okng_build_options_set(okng_build_options *options, const char *name, const char *value, okng_error *error)
{
    return okng_options_set(&okng_build_table, options, name, value, error);
}

okng_status okng_build_options_get(const okng_build_options *options, const char *name, char *text, size_t size,
                                   okng_error *error)
{
    return okng_options_get(&okng_build_table, options, name, text, size, error);
}

okng_status okng_build_options_check(const okng_build_options *options, okng_build_options *full, okng_error *error)
{
    OKNG_TRY(okng_options_complete(&okng_build_table, options, full, error));
    if (full->resize_mode != OKNG_RESIZE_AUTO || (full->resize_height == 0 && full->resize_width == 0)) return OKNG_OK;
    full->resize_mode = OKNG_RESIZE_EXACT; /* who sets the sides alone, as was enough before there was auto */
    return okng_options_check(&okng_build_table, full, error);
}
