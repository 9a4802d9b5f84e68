/*
 * okng: learns what good parts look like (OK) and finds what is wrong (NG) in new pictures.
 *
 * This is the public header: C11, usable from C++. It speaks of
 *   - options    plain structs with an initialiser, versioned by their size,
 *   - a bank     the folder that `okng_build` writes, opened as an opaque handle,
 *   - a result   what `okng_inspect` found in one picture,
 *   - stations   steps of the pipeline on their own (preprocess, embed).
 * What it promises, and what okng/experimental.h does not, stands in docs/stability.md.
 *
 * Rules that hold everywhere:
 *   - Functions that can fail return okng_status and take a caller-owned okng_error (may be NULL). On
 *     failure every output handle is set to NULL, nothing is left half-written, and the error holds the status that is
 *     returned and a message that is not empty. On success no byte of it is written: what it held, it holds.
 *   - Strings are UTF-8 and NUL-terminated; input pointers are borrowed for the call only.
 *   - Handles are released by the function with the same noun (okng_bank_close, okng_result_free, ...),
 *     which takes the address of the handle, accepts NULL and sets the handle to NULL.
 *   - A handle that a function makes is its first parameter. Whatever else it fills (texts, reports, figures) comes
 * last, right before the error.
 *   - A struct whose first member is `struct_size` may grow at its end in any version. Who owns it sets that member to
 *     sizeof the struct: the initialiser of its type, else okng_init, does so (and zeroes the rest, which means the
 *     defaults). A program and a library of different versions understand each other: of a struct that is given, the
 *     members that both know are read, and the others have their defaults; of one that is filled, the members that both
 *     know are filled, and the rest of the caller's is zeroed. A size is never refused, unless it does not reach over
 *     the first member: that struct was not initialised, which is an ARGUMENT error.
 *   - NULL where a pointer is needed is an ARGUMENT error. Functions without a status answer NULL with NULL, 0, NaN or
 *     the verdict NG.
 *   - The library never prints, exits or aborts.
 *
 * Threads: helpers of the library belong to the process, sleep while there is nothing to do and take no signals of the
 * host's. A child of fork() may go on with what no other thread was using at that moment. dlclose leaves the library
 * where it is. oneDNN's own loops, which run where one picture gets several threads, are libgomp's: a program that
 * shares its cores with others sets GOMP_SPINCOUNT=200 in its environment before it starts (docs/reliability.md).
 *
 * Copyright the okng authors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef OKNG_OKNG_H
#define OKNG_OKNG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OKNG_API __attribute__((visibility("default")))
#else
#define OKNG_API
#endif

#define OKNG_VERSION_MAJOR 0
#define OKNG_VERSION_MINOR 2
#define OKNG_VERSION_PATCH 0

#define OKNG_PATH_MAX 4096 /* bytes of a path option, NUL included */
#define OKNG_GROUP_MAX 128 /* bytes of a pattern that groups pictures, NUL included */
#define OKNG_CLASS_MAX 201 /* bytes of what a part is called, NUL included */
#define OKNG_NAME_MAX 64   /* bytes of a name (backbone, layer, preset), NUL included */
#define OKNG_MAX_SCALES 8  /* sizes of windows that a picture is looked at through */
#define OKNG_MAX_LAYERS 8  /* layers whose maps make one patch vector */
#define OKNG_MAX_DIMS 8    /* dimensions of an array or a tensor */

/* ---- status and errors ---------------------------------------------------------------------- */

typedef enum okng_status {
    OKNG_OK = 0,
    OKNG_ERROR_ARGUMENT,    /* an option or argument is out of range, unknown or contradictory */
    OKNG_ERROR_MEMORY,      /* memory could not be had */
    OKNG_ERROR_IO,          /* the system refused to read or write; the message holds its reason */
    OKNG_ERROR_FORMAT,      /* a file is damaged, truncated or hostile */
    OKNG_ERROR_UNSUPPORTED, /* a valid file or request that this version does not handle */
    OKNG_ERROR_LIMIT,       /* a finite limit (pixels, bytes, depth, memory) would be passed */
    OKNG_ERROR_MISMATCH,    /* two things that must fit do not (weights and backbone, bank and weights) */
    OKNG_ERROR_NOT_FOUND,   /* a file, a folder, a tensor or a name does not exist */
    OKNG_ERROR_BUSY,        /* another writer holds the lock */
    OKNG_ERROR_CANCELLED,   /* the progress callback asked to stop */
    OKNG_ERROR_INTERNAL     /* a library below failed in a way that should not happen */
} okng_status;

/* Caller-owned. `message` is one line without a trailing newline: what was found, what was expected
 * and, where there is something to do, what to do next. Untouched on success. */
typedef struct okng_error {
    okng_status status;
    char message[1020];
} okng_error;

/* "0.2.0"; static storage. */
OKNG_API const char *okng_version(void);
/* What this library is made of: a JSON document with "version", "kernels" (the variant of okng's own kernels in use:
 * "c", "avx2", "avx512", "neon"), "onednn_isa", "cpu" (an array of instruction sets that this CPU has), "methods"
 * (name: what it does, in a line) and "libraries" (name: version, as loaded; of libjpeg as compiled against). Release
 * with okng_text_free. Errors: ARGUMENT, MEMORY. */
OKNG_API okng_status okng_build_info(char **json, okng_error *error);

/* Chooses the variant of every kernel, the network's included, for the whole process: "auto" (the best that this CPU
 * has, the default), "c", "avx2", "avx512" or "neon". Must come before any other call that computes. Errors: ARGUMENT
 * for an unknown name or when another variant is in use already, UNSUPPORTED when this CPU or this build lacks it. */
OKNG_API okng_status okng_set_cpu(const char *name, okng_error *error);

/* The language of messages and of the words in pages, for the whole process; English until this is called. What
 * programs read stays as it is: JSON, CSV, names of files and options, "OK" and "NG". Texts are UTF-8. `folder` holds
 * the catalogues: LANGUAGE/LC_MESSAGES/okng.mo, as share/locale of an installed okng. `language` is "ko", "ko_KR.UTF-8"
 * or several in order of preference, "ko:en"; NULL asks the environment as gettext does: LC_ALL, LC_MESSAGES, LANG, and
 * LANGUAGE before them unless they say "C". The locale of the process is neither read nor set, and need not be known to
 * the system. A language without a catalogue is English, which is no error. May be called at any time; messages that
 * were made before stay. Errors: ARGUMENT, MEMORY, IO, FORMAT (a damaged catalogue; the language stays as it was). */
OKNG_API okng_status okng_set_language(const char *folder, const char *language, okng_error *error);
/* The one in use, as the folder of its catalogue is called ("ko"); "en". The text stays as it is until the process
 * ends, whichever language comes after. May be called at any time, as okng_set_language may. */
OKNG_API const char *okng_language(void);

/* A short name such as "damaged file"; static storage, never NULL. */
OKNG_API const char *okng_status_text(okng_status status);

/* Zeroes a struct that begins with its struct_size, and sets that. okng_init is given the address of the struct. */
OKNG_API void okng_init_sized(void *given, size_t struct_size);
#define okng_init(given) okng_init_sized((given), sizeof *(given))

/* ---- pictures ------------------------------------------------------------------------------- */

/* How pixels lie in memory, from the left, rows from the top. Samples of more than 8 bits stand in 16, the lower byte
 * first, at any address; of them the upper 8 of the bits that they use are kept. Of 10 and 12 bits, in the lower bits,
 * what is larger is cut off. MONO16 and RGB16 are read as a file of 16-bit samples is: by the bank's bit depth, or the
 * option bit-depth. Alpha is passed over.
 *
 * Bayer patterns are named by the first two colours of the first row. Debayering is bilinear: a colour that a place
 * lacks is the mean of its nearest places that have it, two or four, in full depth, rounded half up; beyond the border
 * the picture is mirrored without its outermost row and column twice. They need at least 2 x 2 pixels. */
typedef enum okng_pixel_format {
    OKNG_PIXEL_RGB8 = 0,
    OKNG_PIXEL_BGR8 = 1,
    OKNG_PIXEL_GREY8 = 2,
    OKNG_PIXEL_MONO8 = OKNG_PIXEL_GREY8,
    OKNG_PIXEL_MONO10 = 3,
    OKNG_PIXEL_MONO12,
    OKNG_PIXEL_MONO16,
    OKNG_PIXEL_RGB16,
    OKNG_PIXEL_BGRA8,
    OKNG_PIXEL_RGBA8,
    OKNG_PIXEL_BAYER_RG8,
    OKNG_PIXEL_BAYER_GR8,
    OKNG_PIXEL_BAYER_GB8,
    OKNG_PIXEL_BAYER_BG8,
    OKNG_PIXEL_BAYER_RG12,
    OKNG_PIXEL_BAYER_GR12,
    OKNG_PIXEL_BAYER_GB12,
    OKNG_PIXEL_BAYER_BG12
} okng_pixel_format;

/* Where a picture comes from: exactly one of `path`, `data` (an encoded file in memory) or `pixels` is
 * non-NULL. All memory stays the caller's and must live until the call returns. Fill with okng_init. */
typedef struct okng_picture {
    size_t struct_size;
    const char *path;
    const void *data; /* encoded PNG, JPEG, BMP, TIFF, WebP, PNM or GIF */
    size_t data_size; /* bytes, at most 2^30 */
    const void *pixels;
    int32_t width, height; /* of `pixels`, 1..65535 */
    ptrdiff_t stride;      /* bytes from row to row of `pixels`; 0 means tightly packed; may be negative; at most 2^30
                              either way */
    okng_pixel_format format; /* of `pixels` */
} okng_picture;

/* A sorted list of the pictures below a folder. Opaque. */
typedef struct okng_picture_list okng_picture_list;

/* Lists the pictures below `dir` (sub-folders too, byte order of the relative path): every file whose name ends like
 * one (png jpg jpeg jpe jfif bmp dib tif tiff webp gif ppm pgm pbm pnm, any case), and of other names, or without an
 * ending, each that is one of these by its first bytes. Hidden files and folders are left out, and folders of
 * thumbnails (@eaDir, thumbnails, ...); pictures of kinds that are not read (HEIC, camera raw, ...), pipes, sockets and
 * devices are left out and can be asked for (okng_picture_list_left_out in okng/experimental.h). An empty list is not
 * an error here. Errors: NOT_FOUND, IO, MEMORY. */
OKNG_API okng_status okng_picture_list_open(okng_picture_list **out, const char *dir, okng_error *error);
OKNG_API size_t okng_picture_list_count(const okng_picture_list *list);
/* Path of picture i: `dir` joined with the relative path. Owned by the list; NULL when i is out of range. */
OKNG_API const char *okng_picture_list_path(const okng_picture_list *list, size_t i);
/* Path of picture i relative to the listed folder. Owned by the list; NULL when i is out of range. */
OKNG_API const char *okng_picture_list_relative(const okng_picture_list *list, size_t i);
OKNG_API void okng_picture_list_free(okng_picture_list **list);

/* ---- options -------------------------------------------------------------------------------- */

typedef enum okng_resize_mode {
    OKNG_RESIZE_NONE = 0,
    OKNG_RESIZE_SHORTER,
    OKNG_RESIZE_EXACT,
    OKNG_RESIZE_AUTO /* as the pictures are: see okng_build_options.pixels; a bank has what came of it, an EXACT one.
                        Where resize_height and resize_width are set, it is EXACT at once. */
} okng_resize_mode;
typedef enum okng_interpolation {
    OKNG_BILINEAR = 0,
    OKNG_BICUBIC,
    OKNG_NEAREST,
    OKNG_BILINEAR_FLOAT, /* bilinear without rounding to 8 bits between, as torchvision resizes float tensors */
    OKNG_BICUBIC_FLOAT   /* bicubic so; what comes out may lie a little beyond black and white */
} okng_interpolation;
typedef enum okng_aggregate { OKNG_AGGREGATE_CONCAT = 0, OKNG_AGGREGATE_MEAN_MAP } okng_aggregate;
typedef enum okng_sampler {
    OKNG_SAMPLER_IDENTITY = 0,  /* keep every row */
    OKNG_SAMPLER_RANDOM,        /* uniform without replacement */
    OKNG_SAMPLER_GREEDY,        /* exact farthest-first k-centre */
    OKNG_SAMPLER_APPROX_GREEDY, /* patchcore-inspection's approximate greedy */
    OKNG_SAMPLER_KMEANS         /* k-means++ and Lloyd; the bank is the centres */
} okng_sampler;
typedef enum okng_projection { OKNG_PROJECTION_GAUSSIAN = 0, OKNG_PROJECTION_SPARSE } okng_projection;
typedef enum okng_image_score {
    OKNG_SCORE_MAX = 0,
    OKNG_SCORE_REWEIGHTED, /* PatchCore, eq. 7 */
    OKNG_SCORE_MEAN_K,
    OKNG_SCORE_TOP /* mean of the highest part of the patch scores */
} okng_image_score;
typedef enum okng_distance {
    OKNG_DISTANCE_L2 = 0,
    OKNG_DISTANCE_SQUARED,
    OKNG_DISTANCE_COSINE /* 1 - cosine: of vectors brought to length 1, half the squared distance */
} okng_distance;
typedef enum okng_foreground {
    OKNG_FOREGROUND_ALL = 0,
    OKNG_FOREGROUND_PCA /* by the first principal component of a picture's patch vectors */
} okng_foreground;
typedef enum okng_precision { OKNG_PRECISION_FP32 = 0, OKNG_PRECISION_BF16, OKNG_PRECISION_INT8 } okng_precision;
typedef enum okng_convolution { OKNG_CONVOLUTION_DIRECT = 0, OKNG_CONVOLUTION_WINOGRAD } okng_convolution;
/* What stands between the linear maps of a CLIP's blocks. It belongs to a checkpoint, not to its architecture: with the
 * wrong one all runs, and finds less. */
typedef enum okng_activation {
    OKNG_ACTIVATION_AUTO = 0, /* as the weights say, else as those that the backbone's name stands for */
    OKNG_ACTIVATION_GELU,     /* x Phi(x), exact */
    OKNG_ACTIVATION_QUICKGELU /* x sigmoid(1.702 x) */
} okng_activation;
/* How learned positions of a CLIP come to another grid than the one they were trained on. */
typedef enum okng_positions {
    OKNG_POSITIONS_AUTO = 0,  /* as open_clip */
    OKNG_POSITIONS_OPEN_CLIP, /* bicubic, antialiased, half-pixel centres */
    OKNG_POSITIONS_TINYCLIP,  /* bicubic, corners aligned */
    OKNG_POSITIONS_AFCLIP     /* bilinear, half-pixel centres */
} okng_positions;
typedef enum okng_calibration {
    OKNG_CALIBRATION_LEAVE_ONE_OUT = 0, /* OK pictures are scored without their own rows */
    OKNG_CALIBRATION_TRAIN,             /* with them */
    OKNG_CALIBRATION_STAND_IN           /* without them, and rows of other pictures stand in for them */
} okng_calibration;
typedef enum okng_image_rule {
    OKNG_IMAGE_RULE_ROBUST = 0, /* median and upper spread of OK scores, whatever the highest sixth of them are */
    OKNG_IMAGE_RULE_QUANTILE    /* the quantile image_pct */
} okng_image_rule;
/* Bits that samples of 16 use in pictures that do not say it (docs/pictures.md). */
typedef enum okng_bit_depth {
    OKNG_BIT_DEPTH_AUTO = 0, /* by the good pictures when a bank is built, else by each picture itself */
    OKNG_BIT_DEPTH_8,
    OKNG_BIT_DEPTH_10,
    OKNG_BIT_DEPTH_12,
    OKNG_BIT_DEPTH_14,
    OKNG_BIT_DEPTH_16
} okng_bit_depth;
/* How an overlay shows the mask: tint and outline, or one of them. */
typedef enum okng_overlay { OKNG_OVERLAY_BOTH = 0, OKNG_OVERLAY_OUTLINE, OKNG_OVERLAY_FILL } okng_overlay;
/* The mask of a picture whose verdict is OK: as it is, drawn in another colour than that of NG; or empty, without
 * regions. */
typedef enum okng_mask_ok { OKNG_MASK_OK_DRAWN = 0, OKNG_MASK_OK_NONE } okng_mask_ok;

typedef enum okng_outliers {
    OKNG_OUTLIERS_LEARN = 0, /* they are learnt as all others */
    OKNG_OUTLIERS_LEAVE_OUT  /* they are not chosen from for the bank: a few bad parts among the good ones spoil less */
} okng_outliers;

/* How a picture that is not square comes to a network that wants a square, where words say what is wrong with it. */
typedef enum okng_aspect {
    OKNG_ASPECT_SQUASH = 0, /* both sides are resized */
    OKNG_ASPECT_TILES       /* squares of the shorter side along the longer, which overlap by at least a fifth */
} okng_aspect;
/* What a window's embedding is made of. */
typedef enum okng_windows {
    OKNG_WINDOWS_CROP = 0, /* its patches alone, through the whole image tower */
    OKNG_WINDOWS_MASKED /* its patches as they are after all blocks but the last, which have seen the whole picture */
} okng_windows;
/* What becomes of the map by words and that by good pictures. */
typedef enum okng_fusion { OKNG_FUSION_SUM = 0, OKNG_FUSION_MEAN } okng_fusion;
/* Which patch tokens of good pictures are remembered: as the last block gives them, or after the network's last norm.
 */
typedef enum okng_reference_tokens { OKNG_TOKENS_BEFORE_NORM = 0, OKNG_TOKENS_AFTER_NORM } okng_reference_tokens;
/* Text embeddings of which the mean is taken: as they are, or each brought to length 1. */
typedef enum okng_text_mean { OKNG_TEXT_MEAN_RAW = 0, OKNG_TEXT_MEAN_NORMALISED } okng_text_mean;
/* The class name as it is, or with spaces in place of underscores. */
typedef enum okng_class_words { OKNG_CLASS_WORDS_RAW = 0, OKNG_CLASS_WORDS_SPACES } okng_class_words;

/* What a tile is held against. */
typedef enum okng_tile_banks {
    OKNG_TILE_BANKS_ONE = 0, /* what was learnt of all tiles */
    OKNG_TILE_BANKS_PLACE    /* what was learnt of the tiles of the same place: for pictures of one size, parts that lie
                                alike */
} okng_tile_banks;

/* How a bank is made. Fill with okng_build_options_init, then change fields or use
 * okng_build_options_set. New fields are only ever added at the end. */
typedef struct okng_build_options {
    size_t struct_size; /* set by the initialiser */
    char preset[OKNG_NAME_MAX];

    /* features: what the bank remembers and inspection repeats */
    char backbone[OKNG_NAME_MAX]; /* "": the built-in okng-s, when there are no weights either */
    char weights[OKNG_PATH_MAX];  /* a file; "": see okng_choose_network */
    char layers[OKNG_MAX_LAYERS][OKNG_NAME_MAX];
    int32_t layer_count; /* 1..OKNG_MAX_LAYERS */
    okng_resize_mode resize_mode;
    int32_t resize_height, resize_width; /* EXACT: both; SHORTER: both hold the shorter side; else 0 */
    int32_t crop;                        /* centre crop side; 0 = none */
    okng_interpolation interpolation;
    float mean[3], std[3]; /* of RGB in 0..1 */
    int32_t patch_size;    /* odd, 1..15; 1 = no neighbourhood */
    int32_t patch_stride;  /* 1..16, of the neighbourhood */
    int32_t stride;        /* 1..64, keep every n-th patch in both directions */
    okng_aggregate aggregate;
    int32_t pretrain_dim, target_dim; /* of mean-map, 1..65536 */

    /* bank */
    okng_sampler sampler;
    double coreset;       /* ratio 0..1; 0 or 1 keeps all */
    int64_t coreset_size; /* rows; 0 = use the ratio */
    int32_t projection;   /* dimensions in which greedy selection runs; 0 = none */
    okng_projection projection_kind;
    int64_t start;           /* first pick of greedy; -1 = random */
    int32_t starting_points; /* of approx-greedy */
    int64_t reservoir_max;   /* rows kept by a uniform reservoir; 0 = all */

    /* scores and thresholds */
    int32_t neighbors; /* k of `reweighted` and `mean-k`, 1..1024 */
    okng_image_score image_score;
    okng_distance distance;
    float smoothing;             /* Gaussian sigma in network-input pixels; 0 = none */
    double pixel_pct, image_pct; /* 0..1, quantile of OK scores that becomes the threshold */
    okng_calibration calibration;

    /* running */
    uint64_t max_memory; /* bytes; 0 = half of the machine's memory */
    uint64_t seed;
    int32_t threads;     /* 0 = all cores that the process may use, as many as its container's quota pays for */
    uint64_t max_pixels; /* largest picture that is decoded */

    /* features again: how the network computes */
    okng_precision precision;     /* of what lies between layers; int8 is calibrated on the bank's own pictures */
    okng_convolution convolution; /* WINOGRAD: in float32, where there is an implementation for this CPU */

    char method[OKNG_NAME_MAX]; /* what learns and scores: "patchcore", "subspace", "winclip", "afclip" .. */
    char device[OKNG_NAME_MAX]; /* what runs the network: "cpu"; "" = the same */

    /* scores and features again */
    double top;                 /* part of the patches that OKNG_SCORE_TOP takes the mean of, 0..1; at least one */
    double variance;            /* part of the variance that the directions of a subspace reach, 0 < v < 1 */
    int32_t turns;              /* copies of each good picture that are learnt, turned by equal steps; 1 = as it is */
    okng_foreground foreground; /* patches that can be anomalous; the others score 0 */

    okng_image_rule image_rule; /* how the image threshold comes from OK scores */
    char group[OKNG_GROUP_MAX]; /* pictures that are shots of one part: "none", "folder", or a pattern of their names */
    okng_bit_depth bit_depth;

    /* Of the network's input under OKNG_RESIZE_AUTO, about; 0 = as many as the network was made for (65536 of ResNets
     * and okng-s). Where the good pictures share their aspect within 2 % it is theirs, else all become a square. Sides
     * are multiples of the network's step. Under a crop it is a square. */
    int64_t pixels;

    okng_outliers
        noise_robust; /* what is done with patches that are outliers beside the same place of other pictures */

    char class_name[OKNG_CLASS_MAX]; /* what the part is called, "metal nut", for methods that know by words what is
                                        wrong with one; UTF-8, "" = not known */

    /* what words say of a part, and windows of its picture: the method winclip */
    char vocabulary[OKNG_PATH_MAX]; /* of the tokenizer, a file or a folder; "" = beside the weights, or in the cache */
    char prompts[OKNG_PATH_MAX];    /* "a", "b", or a YAML file of states and templates */
    okng_text_mean text_mean;
    okng_class_words class_words;
    double temperature;                    /* that cosines are divided by, 0.0001..100 */
    int32_t scales[OKNG_MAX_SCALES];       /* sides of the windows in patches, 1..64, rising */
    int32_t scale_count;                   /* 1..OKNG_MAX_SCALES */
    double scale_weights[OKNG_MAX_SCALES]; /* 0..1000, of each scale beside the 1 of the whole picture, and of patches
                                              of good pictures */
    int32_t scale_weight_count;            /* as many as scales; 0 = all are 1 */
    okng_aspect aspect;
    okng_fusion fusion;
    okng_reference_tokens reference_tokens;

    /* features of a CLIP; AUTO for all other networks */
    okng_activation activation; /* a bank has what AUTO came to */
    okng_positions positions;

    okng_windows windows; /* of the method winclip */

    /* of the methods afclip and miniclip */
    char checkpoint[OKNG_PATH_MAX]; /* what was learnt for them, a folder or a .safetensors; "" = not given */
    int32_t taps[OKNG_MAX_SCALES];  /* the 4 blocks of the image tower whose tokens are looked at, from 0, rising */
    int32_t tap_count;              /* 4; 0 = those of the checkpoint, or else the quarters of the tower */
    double alpha;                   /* 0..1000: of what words say beside what is remembered of good pictures */

    /* A picture of the good ones' shape: where it is not black they are left out of learning and of scoring. "" = none.
     * The bank keeps it. */
    char ignore_mask[OKNG_PATH_MAX];

    /* Large pictures in tiles, each of which is learnt and looked at as a picture; 0 = whole pictures. Tiles begin
     * every (tile - overlap) pixels, the last one ends with the picture. */
    int32_t tile_height, tile_width; /* pixels of the picture, 16..65535, both or none */
    int32_t overlap;                 /* pixels, less than both sides of the tile */
    okng_tile_banks tile_banks;

    /* regions of interest (docs/regions.md): each is looked for in every picture, and has a bank of its own */
    char roi[OKNG_PATH_MAX];      /* "X,Y,W,H" in pixels of the first picture, or several with ';' between, as
                                     "pin=10,20,64,48; cap=100,20,40,40"; at most 16; "" = whole pictures */
    char roi_from[OKNG_PATH_MAX]; /* picture that they are drawn on; "" = the first that is learnt */
    double roi_threshold;         /* 0..1: a place that correlates less is no region */
    double roi_rotation;          /* 0..180: they may be turned by so many degrees, either way */
    float roi_scale[2]; /* and be 0.5..2 times as large, from the first to the second; both NaN = as they are */
} okng_build_options;

/* How a picture is inspected. NaN in a threshold means: use the bank's own. */
typedef struct okng_inspect_options {
    size_t struct_size;
    float threshold_pixel, threshold_image;
    double false_alarm;   /* 0..1: NG is a p-value of at most this, whatever the image threshold of the bank; NaN = off.
                             Under the bank's okng_bank_info.false_alarm: see okng_result_false_alarm */
    int32_t open_radius;  /* morphological opening of the mask, pixels of the original; 0 = off */
    int32_t close_radius; /* likewise closing, after the opening */
    int64_t min_area;     /* regions with fewer pixels are removed from the mask; 0 = off, -1 = the bank's, else off */
    uint64_t max_pixels;  /* largest picture that is decoded */
    int32_t threads;      /* within one call; 0 = all cores, as above */
    /* A band in which the verdict is REVIEW: a score above review[0] and not above review[1]. Both NaN: the bank's own
     * band, where it keeps one and neither threshold_image nor false_alarm is given. Both infinite: none. */
    float review[2];
    /* 0..1: the band is the image threshold in force +- w, w being the smallest width in which a new good part falls
     * with this probability: of the n sorted distances d of the bank's OK scores to the threshold, d number rate * (n +
     * 1), linear between two (number 0 is 0, beyond n it is the largest). NaN = off. Not together with `review`. */
    double review_rate;
    /* A JPEG, TIFF or PNG of more pixels, and of more than 4,000,000, is decoded row by row, and its map, mask and
     * pictures are made at 1/n of its size, the least n that brings them to at most a quarter as many. What the network
     * sees, and so the score, is the same bit by bit. 2^63 = never. */
    uint64_t result_pixels;
    okng_mask_ok mask_ok;
    okng_overlay overlay;
    /* What the mask of a part may hold at most once open, close and min_area are through: regions of this length
     * (okng_region.length), pixels, and so many of them. More makes the verdict NG, whatever the score and the review
     * band say; nothing becomes OK by them. NaN and -1: the bank's own, where it keeps some, else none. */
    double max_length;
    int64_t max_count;
} okng_inspect_options;

/* Sets struct_size and the `default` preset. */
OKNG_API void okng_build_options_init_sized(okng_build_options *options, size_t struct_size);
OKNG_API void okng_inspect_options_init_sized(okng_inspect_options *options, size_t struct_size);
#define okng_build_options_init(options) okng_build_options_init_sized((options), sizeof *(options))
#define okng_inspect_options_init(options) okng_inspect_options_init_sized((options), sizeof *(options))

/* Sets one option by its command-line name without dashes ("coreset", "image-score"; '_' reads as '-') from
 * text. "preset" sets every option that the preset fixes, so give it first; then "backbone", which brings what the
 * network was trained with (layers, resize, interpolation, mean, std, patch-size) where the preset fixes none and these
 * still are what they were with the network before; and "method", which sets what it cannot do without, and brings back
 * what the method before it had set where that still stands. Errors: ARGUMENT, naming the option, what was found and
 * what is allowed. */
OKNG_API okng_status okng_build_options_set(okng_build_options *options, const char *name, const char *value,
                                            okng_error *error);
OKNG_API okng_status okng_inspect_options_set(okng_inspect_options *options, const char *name, const char *value,
                                              okng_error *error);

/* The value of an option as text that setting it accepts, NUL-terminated and cut to `size` bytes. Errors: ARGUMENT for
 * an unknown name. */
OKNG_API okng_status okng_build_options_get(const okng_build_options *options, const char *name, char *text,
                                            size_t size, okng_error *error);
OKNG_API okng_status okng_inspect_options_get(const okng_inspect_options *options, const char *name, char *text,
                                              size_t size, okng_error *error);

/* The tables of options, for help texts, completion and bindings: one for each struct. */
typedef enum okng_option_list {
    OKNG_OPTIONS_BUILD = 0, /* okng_build_options */
    OKNG_OPTIONS_INSPECT,   /* okng_inspect_options */
    OKNG_OPTIONS_DATASET,   /* okng_dataset_options */
    OKNG_OPTIONS_EXPERIMENT /* keys of an experiment's file: settings of okng_experiment_load */
} okng_option_list;

/* What a value is. As text all are as the setting functions take them. */
typedef enum okng_option_type {
    OKNG_OPTION_TEXT = 0, /* a name, a path */
    OKNG_OPTION_BOOL,     /* true or false */
    OKNG_OPTION_CHOICE,   /* one of `values`, which has them with '|' between, in the order of the enum */
    OKNG_OPTION_INTEGER,
    OKNG_OPTION_BYTES, /* an integer, also as 512M or 4G */
    OKNG_OPTION_REAL,
    OKNG_OPTION_COLOUR, /* three reals, of red, green and blue */
    OKNG_OPTION_SIZE,   /* N, or height x width as HxW */
    OKNG_OPTION_NAMES,  /* several names with blanks or commas between them */
    OKNG_OPTION_RANGE   /* two reals with a comma between, the lower first; also "off" */
} okng_option_type;

/* One row of a table. Strings are static. */
typedef struct okng_option_info {
    size_t struct_size;      /* set by okng_init */
    const char *name;        /* "image-score" */
    const char *values;      /* "max|reweighted|mean-k|top", "N|none", "HxW" ... */
    const char *help;        /* one sentence, lower case, no full stop */
    const char *group;       /* heading of the section it belongs to */
    const char *verbs;       /* of the command, that read it: "build, eval, bench network" */
    const char *initial;     /* its default as text; "" where that is nothing */
    const char *alias;       /* the option that this is another name of; NULL = none */
    const char *word;        /* may stand in place of a number or size: "none", "all"; NULL = none */
    double minimum, maximum; /* of numbers, both allowed; infinite where there is no bound */
    okng_option_type type;
    int32_t recorded; /* 1: results depend on it, so that a bank keeps it */
    int32_t first;    /* sets others, so it is set before them: those with 2, then those with 1, then those with 0 */
} okng_option_info;
/* How many rows a table has; 0 for none of the lists. */
OKNG_API size_t okng_option_count(okng_option_list list);
/* Row i of a table. Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_option_get(okng_option_list list, size_t i, okng_option_info *info, okng_error *error);
/* 1 when `verb` ("eval", "bench knn"; "bench": any stage of it) is among info->verbs. */
OKNG_API int32_t okng_option_is_read(const okng_option_info *info, const char *verb);

/* ---- progress ------------------------------------------------------------------------------- */

/* `stage` is, by what is done, one of "features", "coreset", "calibration" (building), "ranges" (okng_import),
 * "inspecting", "maps", "latency", "examples" (evaluating), "measuring" (okng_bench), "pictures" (okng_demo_write);
 * later versions may have others. done <= total. Return non-zero to cancel. Calls are serialised but may come from any
 * thread of the call that takes the callback. */
typedef struct okng_progress {
    size_t struct_size; /* set by the library */
    const char *stage;
    uint64_t done, total;
} okng_progress;
typedef int (*okng_progress_fn)(const okng_progress *progress, void *user);

/* ---- building a bank ------------------------------------------------------------------------ */

/* A stage of learning: "features", "coreset", "calibration" of patchcore, "features", "directions", "calibration" of
 * subspace, "words", "features", "calibration" of winclip; later versions may have others. `name` is static. */
enum { OKNG_MAX_STAGES = 8 };
typedef struct okng_build_stage {
    const char *name;
    double seconds;
} okng_build_stage;

typedef struct okng_build_report {
    size_t struct_size; /* set by okng_init */
    uint64_t pictures;
    uint64_t patches; /* patch vectors seen */
    uint64_t rows;    /* rows of the bank */
    int32_t dim;      /* dimensions of a row */
    uint64_t spilled; /* bytes that went to the temporary file; 0 = all fitted in memory */
    float pixel_tau, image_tau;
    int32_t stage_count;
    okng_build_stage stages[OKNG_MAX_STAGES]; /* in their order; the rest is zero */
    int32_t bit_depth;                        /* bits of a sample, as given or found: 8, 10, 12, 14, 16 */
    uint64_t other_bit_depth;                 /* pictures of other bits, or with larger samples, which were cut off */
    int32_t input_height, input_width;        /* of the network */
    int32_t picture_height, picture_width;    /* of the good picture of middle aspect */
    int32_t
        aspects_differ; /* 1: those of the good pictures do, by more than 2 %, so resize auto made them all square */
    double patch_height, patch_width; /* pixels of that picture to a patch, which is one place of the map of scores */
    int64_t proposed_pixels; /* what the option pixels should be: a patch covers more than 16 pixels along a side; 0 =
                                it does not, or the picture has no more to show */
    uint64_t excluded, skipped, trimmed; /* pictures of okng_build_folder that were left out: by name, because they
                                            could not be read, because they were the oddest */
    uint64_t not_found;                  /* pictures that were left out because a region of interest is not in them */
} okng_build_report;

/* Learns from `count` pictures and writes the bank folder `bank_dir` (memory_bank.pt of patchcore, subspace.safetensors
 * of subspace, winclip.safetensors of winclip, afclip.safetensors of afclip and miniclip; bank_config.json, tau.json),
 * replacing a bank that is there only when the new one is complete. With options->roi a bank for each region
 * lies in a sub-folder, beside regions.json; pictures without one of the regions are left out. `count` may be 0 for a
 * method that can do without pictures (winclip, afclip, miniclip): the bank has no thresholds then. Missing parents of
 * `bank_dir` are made. The bytes written depend on the pictures, their order, the options and the seed, not on
 * `threads`. `progress`, `report` may be NULL. Errors: all; BUSY when another build writes the same folder. */
OKNG_API okng_status okng_build(const okng_picture *const *pictures, size_t count, const char *bank_dir,
                                const okng_build_options *options, okng_progress_fn progress, void *user,
                                okng_build_report *report, okng_error *error);
/* The same from files. */
OKNG_API okng_status okng_build_paths(const char *const *paths, size_t count, const char *bank_dir,
                                      const okng_build_options *options, okng_progress_fn progress, void *user,
                                      okng_build_report *report, okng_error *error);

/* ---- banks ---------------------------------------------------------------------------------- */

/* Opaque. Immutable after opening: any number of threads may inspect with one bank at the same time. All of it is in
 * memory of this process, the files as they were when their hashes were checked: results do not change, and nothing
 * fails, whatever happens to the bank's folder and the weight file afterwards (overwritten, cut off, replaced,
 * removed). A new bank in its place is seen by opening it. The weight file's own memory is given back after the first
 * picture; an inspection by another number of threads reads the file again, and does without where it is another by
 * then. Packed weights may come from the cache folder in place of the weight file (docs/performance.md, Start): they
 * are mapped, and an inspection fails with IO where somebody writes into that file. */
typedef struct okng_bank okng_bank;

/* Opens a bank folder, that of an ensemble (okng_import), or a recipe of one (okng_recipe_pack of okng/experimental.h),
 * which is mapped: see there for what that means. `weights` overrides the weight file recorded in it (its
 * SHA-256 must agree); NULL takes the recorded path. What is opened is one whole bank, old or new, where a build puts
 * another in its place meanwhile. Errors: NOT_FOUND, FORMAT (edited or truncated), MISMATCH (other weights), IO (also
 * of a file that changed while it was read), BUSY (replaced again and again), MEMORY. */
OKNG_API okng_status okng_bank_open(okng_bank **out, const char *bank_dir, const char *weights, okng_error *error);
OKNG_API void okng_bank_close(okng_bank **bank);

/* What is in a bank, without loading weights. `json` is a document with every option, version, hash, count,
 * threshold; it stays the caller's to release with okng_text_free. */
OKNG_API okng_status okng_bank_describe(const char *bank_dir, char **json, okng_error *error);
OKNG_API void okng_text_free(char **text);

typedef struct okng_bank_info {
    size_t struct_size;
    int64_t rows;
    int32_t dim;
    float pixel_tau, image_tau;        /* NaN where there are none: made without OK pictures */
    float pixel_low;                   /* score drawn as 0 in heat maps; NaN likewise */
    uint64_t pictures;                 /* learned from; 0 of an imported bank */
    int32_t needs_ranges;              /* 1: an ensemble imported without OK pictures, which cannot inspect pictures */
    uint64_t bytes;                    /* of the tensors in its data files */
    int32_t input_height, input_width; /* of the network */
    /* Owned by the bank; of the first member of an ensemble. */
    const char *method;   /* "patchcore" */
    const char *backbone; /* "resnet18" */
    float review[2];      /* band of scores that the bank calls REVIEW, above the first up to the second; NaN: none */
    int32_t picture_height, picture_width; /* of the good picture of middle aspect; 0 where the bank does not say */
    double false_alarm;     /* the lowest rate of false alarms that the bank's OK pictures can promise: 1 / (1 + their
                               number), shots of one part counted once; NaN: it holds no scores of any */
    int32_t knows_pictures; /* 1: it can name pictures that its rows came from, as okng_export_verify takes them */
    int64_t min_area;       /* limits of regions that it keeps, as in okng_inspect_options; -1, NaN, -1: none */
    double max_length;
    int64_t max_count;
} okng_bank_info;
OKNG_API okng_status okng_bank_get_info(const okng_bank *bank, okng_bank_info *info, okng_error *error);

/* What somebody chooses in place of what was computed. Fill with okng_init: that changes nothing. */
typedef struct okng_bank_choice {
    size_t struct_size;
    int32_t reset; /* 1: first of all what was computed holds again, and there are no review band and no limits */
    int32_t sets_image, sets_pixel, sets_review; /* 1: the member below holds */
    float image, pixel;                          /* thresholds, finite */
    float review[2];                             /* as in okng_inspect_options; NaN: none */
    const char *by;                              /* who or what chose, for people; NULL = "okng_bank_choose" */
    int32_t sets_min_area, sets_max_length, sets_max_count; /* 1: likewise */
    int64_t min_area;  /* as in okng_inspect_options, from 0 on; -1: none is kept */
    double max_length; /* from 0 on, finite; NaN: none */
    int64_t max_count; /* from 0 on; -1: none */
} okng_bank_choice;
/* Keeps a choice in the tau.json of a bank or an ensemble, with the time: thresholds in force are "image" and "pixel",
 * what was chosen stands in "chosen", what was computed in "computed", limits of regions in "region_limits". An image
 * threshold without a band takes the band away that was kept for the one before. All who open the bank from then on go
 * by it; a new build into the folder forgets it. The file appears whole or not at all. Errors: ARGUMENT (a number that
 * is not finite, a band whose lower end is the higher), NOT_FOUND and FORMAT (no bank, a damaged one), BUSY (another
 * writer), IO, MEMORY. */
OKNG_API okng_status okng_bank_choose(const char *bank_dir, const okng_bank_choice *choice, okng_error *error);

/* ---- inspecting ----------------------------------------------------------------------------- */

typedef enum okng_verdict {
    OKNG_VERDICT_OK = 0,
    OKNG_VERDICT_NG = 1,
    OKNG_VERDICT_REVIEW = 2,   /* in the band of doubt: for a person to look at */
    OKNG_VERDICT_NOT_FOUND = 3 /* a region of interest of the bank is not in the picture: the part was not inspected, or
                                  not all of it. Whoever does not know a verdict takes it for not OK. */
} okng_verdict;
/* "OK", "NG", "REVIEW", "NOT_FOUND"; static storage, never NULL. */
OKNG_API const char *okng_verdict_text(okng_verdict verdict);

/* A connected (8 neighbours) set of mask pixels, in pixels of the original picture. */
typedef struct okng_region {
    size_t struct_size;          /* set by okng_init */
    int32_t x, y, width, height; /* bounding box */
    int64_t area;                /* pixels */
    float peak;                  /* largest score inside */
    int32_t peak_x, peak_y;
    double length; /* largest distance between the centres of two of its pixels, plus 1, in pixels: n of a row of n */
} okng_region;

/* Opaque; owned by the caller. */
typedef struct okng_result okng_result;

/* Errors: ARGUMENT (also where neither bank nor options have an image threshold), IO, FORMAT, LIMIT, MISMATCH (the
 * picture does not come to the bank's input size), MEMORY. */
OKNG_API okng_status okng_inspect(okng_result **out, const okng_bank *bank, const okng_picture *picture,
                                  const okng_inspect_options *options, okng_error *error);
OKNG_API void okng_result_free(okng_result **result);

/* NaN where the verdict is NOT_FOUND. Of several regions of interest the highest, once brought to one scale. */
OKNG_API float okng_result_score(const okng_result *result);
OKNG_API float okng_result_image_threshold(const okng_result *result);
OKNG_API float okng_result_pixel_threshold(const okng_result *result);
/* NG when the score is above the threshold, or a limit of regions is passed (okng_result_exceeded). With a review band
 * (okng_inspect_options.review) the band decides: OK up to its lower end, REVIEW above that up to its upper end, NG
 * above. NOT_FOUND, whatever the others say, where a region of interest is not in the picture. */
OKNG_API okng_verdict okng_result_verdict(const okng_result *result);
/* 1 and the ends of the review band that the verdict was taken by; 0 and NaN where there was none. `low`, `high` may be
 * NULL. */
OKNG_API int32_t okng_result_review(const okng_result *result, float *low, float *high);
/* The limit of regions (okng_inspect_options.max_length, max_count) that a mask passes. */
typedef enum okng_region_limit {
    OKNG_LIMIT_NONE = 0,
    OKNG_LIMIT_LENGTH, /* `found` is the longest region's, pixels; told before the number of regions */
    OKNG_LIMIT_COUNT
} okng_region_limit;
/* Which one, what was found and what is allowed: NaN of OKNG_LIMIT_NONE. `found`, `allowed` may be NULL. */
OKNG_API okng_region_limit okng_result_exceeded(const okng_result *result, double *found, double *allowed);
/* Conformal p-value: (1 + OK pictures scoring at least as high) / (1 + OK pictures), in (0, 1]; NaN where the bank
 * holds no scores of OK pictures. */
OKNG_API double okng_result_p_value(const okng_result *result);
/* What the image threshold promises where the option false_alarm made it: at most this part of OK parts is called NG,
 * on average over all draws of the bank's OK pictures. More than was asked for where these are too few
 * (okng_bank_info.false_alarm). NaN where false_alarm is off, or threshold_image took its place. */
OKNG_API double okng_result_false_alarm(const okng_result *result);
/* What is odd about the picture, though it was inspected: "its samples use 12 bits, where 8 are expected". NULL where
 * there is nothing to say. Owned by the result. */
OKNG_API const char *okng_result_warning(const okng_result *result);
/* n where map, mask and pictures of the result are 1/n of the original picture's size (result_pixels), else 1. Regions
 * are in pixels of the original all the same, to the nearest n. */
OKNG_API int32_t okng_result_scale(const okng_result *result);
/* The original picture's size, whatever that of the map. 0 of NULL. */
OKNG_API void okng_result_size(const okng_result *result, int32_t *width, int32_t *height);
/* Anomaly map, [height, width] row-major at the size of the original picture (see okng_result_scale); NaN where nothing
 * was looked at (outside a centre crop, under an ignore mask). Owned by the result. */
OKNG_API const float *okng_result_map(const okng_result *result, int32_t *width, int32_t *height);
/* Mask, [height, width], 0 or 255, after morphology and min-area. Owned by the result. */
OKNG_API const uint8_t *okng_result_mask(const okng_result *result, int32_t *width, int32_t *height);
/* Regions of the mask, largest peak first. Errors: ARGUMENT (out of range). */
OKNG_API size_t okng_result_region_count(const okng_result *result);
OKNG_API okng_status okng_result_region(const okng_result *result, size_t i, okng_region *region, okng_error *error);

/* Why a region is there: the patch that holds its peak, and the patch of a good picture that is nearest to that among
 * what the bank learnt. */
typedef struct okng_reason {
    size_t struct_size;          /* set by okng_init */
    int32_t x, y, width, height; /* of the patch, in pixels of the picture; the network sees more than that around it */
    const char *near_picture; /* name of the good picture below the folder of all; NULL = not known: a bank of version
                                 0.2 or before, an imported one, one of centres (kmeans), another method, an ensemble */
    const char *near_folder;  /* that folder, absolute, as it was when the bank was built; "" = there was none */
    int32_t near_x, near_y, near_width, near_height; /* of the good patch, in pixels of the good picture */
    int32_t near_picture_width, near_picture_height; /* of the good picture */
    int32_t turn, turns; /* the good picture was turned counter-clockwise by turn / turns of a full turn before
                            (--augment); the place is that in the turned one */
} okng_reason;
/* Of region i (okng_result_region). Strings are the result's. Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_result_reason(const okng_result *result, size_t i, okng_reason *reason, okng_error *error);

enum { OKNG_SAVE_PICTURES = 1, OKNG_SAVE_MAP = 2 };
/* Writes scores.json and, by flags, heat_gray.png, heat_color.png, mask.png, overlay.png, side_by_side.png (where
 * `reference` is not NULL) and map.npy into `dir`, which is made if need be. Every file appears whole or not at all;
 * what of these names lies there is replaced. ARGUMENT, before anything is written, where `dir` lies in the bank (or
 * its ensemble, or is any bank's folder or just below one), or where one of the files would take the place of the
 * picture that was inspected or of the reference, by whatever link. BUSY, likewise, where somebody else is writing
 * results into `dir`. */
OKNG_API okng_status okng_result_save(const okng_result *result, const char *dir, unsigned flags,
                                      const okng_picture *reference, okng_error *error);
/* A picture of a folder, as okng_inspect_folder tells of it. Pointers are the library's, for the call only. */
typedef struct okng_folder_picture {
    size_t struct_size;        /* set by the library */
    size_t index, count;       /* of the picture in the sorted list, and pictures in all */
    const char *path;          /* relative to the folder */
    const char *folder;        /* of its results, relative to that of all results; NULL where it was skipped */
    const okng_result *result; /* NULL where it was skipped */
    const okng_error *error;   /* why it was skipped; NULL where it was not */
} okng_folder_picture;
/* Hears of each picture in the order of the list, one at a time, from any thread of the call. */
typedef void (*okng_folder_fn)(const okng_folder_picture *picture, void *user);

/* What is done where the folder of results holds those of an earlier run. */
typedef enum okng_existing {
    OKNG_EXISTING_REPLACE = 0, /* results.csv is removed, results of pictures of the same names are replaced;
                                  report.html is left unless options.report writes a new one */
    OKNG_EXISTING_REFUSE,      /* ARGUMENT, before anything is written */
    OKNG_EXISTING_APPEND /* results.csv gets lines more, what others added to it stays byte for byte; a picture that
                            has a score in it is an ARGUMENT error */
} okng_existing;

/* How a folder is inspected. Fill with okng_init. */
typedef struct okng_folder_options {
    size_t struct_size;
    const okng_inspect_options *inspect; /* its threads are pictures at a time; NULL = the defaults */
    const okng_picture *reference;       /* a good picture for side_by_side.png, decoded once; NULL = none */
    int32_t save_maps;                   /* 1: map.npy too */
    int32_t strict; /* 1: a picture that cannot be inspected ends all, instead of being skipped or left out */
    okng_existing existing;
    int32_t report; /* 1: report.html in `out_dir`, a page of all pictures, with small ones in report_files/; ARGUMENT
                       where results are appended to a results.csv that is there */
} okng_folder_options;

typedef struct okng_folder_report {
    size_t struct_size; /* set by okng_init */
    uint64_t pictures, ok, ng, skipped;
    uint64_t review;    /* 0 without a review band */
    uint64_t left_out;  /* files that are pictures of a kind that is not read; not among `pictures` */
    uint64_t warned;    /* pictures with an okng_result_warning */
    uint64_t not_found; /* among `pictures`, not among ok, ng, review or skipped */
} okng_folder_report;

/* Inspects every picture below `dir` (those of okng_picture_list_open). Each leaves what okng_result_save writes in a
 * folder below `out_dir` that is called as the picture without its ending (with it where two would share one), and
 * results.csv in `out_dir` has a line for each: path, score (empty where the verdict is NOT_FOUND), verdict (or
 * "error"), threshold, p_value and, where folders are called good, ok or normal, label (1: of a part in another folder,
 * 0: of a good one; empty: not known), as okng_metrics_read_scores reads it. run.json marks the folder as one of
 * results. Files do not depend on `threads`. What an earlier run left of a picture that cannot be inspected, and its
 * results.csv, are removed. `progress` hears the stage "inspecting" and can stop the work; both callbacks may be NULL,
 * `user` goes to both. `options` and `report` may be NULL; `report` is filled as far as the work went, on failure too.
 * Errors: as okng_inspect; ARGUMENT where `out_dir` lies in `dir` or in a bank (as okng_result_save), where a result
 * would take the place of a picture to inspect, where a file called as one of results (with `report` report.html and
 * report_files too) lies in a folder without results.csv, run.json and scores.json, or where a name is ""; BUSY where
 * another call, in any process, is at work in `out_dir`, unless both append and no picture or folder of one is the
 * other's: all before any result is written. NOT_FOUND where there are no pictures, FORMAT where none could be read,
 * IO, CANCELLED. */
OKNG_API okng_status okng_inspect_folder(const okng_bank *bank, const char *dir, const char *out_dir,
                                         const okng_folder_options *options, okng_progress_fn progress,
                                         okng_folder_fn listener, void *user, okng_folder_report *report,
                                         okng_error *error);

/* The same for any number of pictures and folders of pictures, `paths` [count]. Names in results are relative to the
 * deepest folder that holds all that was given (of a single folder: to itself); a picture that is given twice is
 * inspected once. A path of a picture is taken whatever its ending. Errors: as okng_inspect_folder; NOT_FOUND of a path
 * that does not exist. */
OKNG_API okng_status okng_inspect_paths(const okng_bank *bank, const char *const *paths, size_t count,
                                        const char *out_dir, const okng_folder_options *options,
                                        okng_progress_fn progress, okng_folder_fn listener, void *user,
                                        okng_folder_report *report, okng_error *error);

/* The pictures of a result. HEAT and MASK are grey, OVERLAY and HEAT_COLOUR are RGB. */
typedef enum okng_result_picture {
    OKNG_PICTURE_HEAT = 0,   /* heat_gray.png */
    OKNG_PICTURE_MASK,       /* mask.png */
    OKNG_PICTURE_OVERLAY,    /* overlay.png: with verdict, score and threshold in a corner */
    OKNG_PICTURE_HEAT_COLOUR /* heat_color.png */
} okng_result_picture;
/* A picture of a result as the bytes of a PNG in memory, as okng_result_save writes it; release with okng_bytes_free.
 * Errors: ARGUMENT, MEMORY. */
OKNG_API okng_status okng_result_png(const okng_result *result, okng_result_picture kind, void **bytes, size_t *size,
                                     okng_error *error);
OKNG_API void okng_bytes_free(void **bytes);
/* The text of scores.json; release with okng_text_free. */
OKNG_API okng_status okng_result_json(const okng_result *result, char **json, okng_error *error);

/* ---- arrays and stations -------------------------------------------------------------------- */

typedef enum okng_dtype {
    OKNG_F32 = 0,
    OKNG_F64,
    OKNG_F16,
    OKNG_BF16,
    OKNG_I64,
    OKNG_I32,
    OKNG_I16,
    OKNG_I8,
    OKNG_U8,
    OKNG_BOOL,
    OKNG_DTYPE_OTHER /* in weight files alone: a type that okng lists and does not read (F8_E4M3, U16, C64) */
} okng_dtype;

/* A dense row-major array. Opaque; owned by the caller. */
typedef struct okng_array okng_array;
OKNG_API okng_status okng_array_new(okng_array **out, okng_dtype dtype, int32_t dims, const int64_t *shape,
                                    okng_error *error); /* zero-filled */
/* Reads a NumPy .npy file, C order, little endian, of one of okng_dtype. */
OKNG_API okng_status okng_array_read_npy(okng_array **out, const char *path, okng_error *error);
OKNG_API okng_status okng_array_write_npy(const okng_array *array, const char *path, okng_error *error);
OKNG_API okng_dtype okng_array_dtype(const okng_array *array);
OKNG_API int32_t okng_array_dims(const okng_array *array);
OKNG_API int64_t okng_array_shape(const okng_array *array, int32_t dim);
OKNG_API void *okng_array_data(okng_array *array);
OKNG_API void okng_array_free(okng_array **array);

/* okng_preprocess, okng_embed and okng_coreset do a step as for a bank with these options, so that one struct serves
 * them all; a step reads the options whose okng_option_info.verbs name it ("preprocess", "embed", "coreset"). Who takes
 * options for one step only, as the command does, should refuse the others by okng_option_is_read. */

/* The network's input for a picture: float32 [1, 3, H, W], normalised. */
OKNG_API okng_status okng_preprocess(okng_array **out, const okng_picture *picture, const okng_build_options *options,
                                     okng_error *error);
/* Patch vectors of a picture: float32 [patches, D], patches in row-major order of the grid. */
OKNG_API okng_status okng_embed(okng_array **out, const okng_picture *picture, const okng_build_options *options,
                                okng_error *error);

/* The network of okng_embed, opened and compiled once for many pictures. Opaque; owned by the caller. Threads may share
 * one: their pictures take turns, and each is worked on by options.threads threads. A picture that comes to another
 * input size than the one before is compiled for anew. */
typedef struct okng_embedder okng_embedder;
/* From options: every picture gives what okng_embed gives. Errors: as okng_embed. */
OKNG_API okng_status okng_embedder_open(okng_embedder **out, const okng_build_options *options, okng_error *error);
/* From a bank folder (not an ensemble's): the very vectors that the bank was built from and inspects with. `weights` as
 * in okng_bank_open. Errors: as there. */
OKNG_API okng_status okng_embedder_open_bank(okng_embedder **out, const char *bank_dir, const char *weights,
                                             okng_error *error);
/* float32 [patches, D], patches in row-major order of the grid. */
OKNG_API okng_status okng_embedder_run(okng_array **out, okng_embedder *embedder, const okng_picture *picture,
                                       okng_error *error);
OKNG_API void okng_embedder_close(okng_embedder **embedder);
/* ---- weights and backbones ------------------------------------------------------------------ */

/* A weight file (.pth, .pt, .safetensors), in memory. Opaque. Safe to share between threads. */
typedef struct okng_weights okng_weights;
typedef struct okng_tensor_info {
    size_t struct_size; /* set by okng_init */
    const char *name;   /* owned by the okng_weights */
    okng_dtype dtype;
    int32_t dims;
    int64_t shape[OKNG_MAX_DIMS];
    const char *type_name; /* "float32"; of OKNG_DTYPE_OTHER as the file calls it. Owned by the okng_weights */
    uint64_t bytes;        /* of its elements; 0 where their size is not known */
} okng_tensor_info;
/* Reads the whole file into memory: what happens to it afterwards changes nothing. */
OKNG_API okng_status okng_weights_open(okng_weights **out, const char *path, okng_error *error);
OKNG_API size_t okng_weights_count(const okng_weights *weights);
OKNG_API okng_status okng_weights_tensor(const okng_weights *weights, size_t i, okng_tensor_info *info,
                                         okng_error *error);
OKNG_API void okng_weights_close(okng_weights **weights);

typedef struct okng_backbone_info {
    size_t struct_size; /* set by okng_init */
    const char *name;
    const char *url;         /* public weight file */
    const char *hash_prefix; /* the first 8 hex digits of its SHA-256; "" where its publisher states none */
    int64_t parameters;      /* up to the deepest layer, batch norm counted as torch does, without the classifier */
    double flops;            /* multiply-adds x 2 at 224x224 up to the deepest layer */
    int32_t built_in;        /* 1: its weights are part of the library, and url is "" */
    const char *layers;      /* those that end its parts, from the first to the deepest, with spaces between them */
    const char *sha256;      /* of the file, 64 hex digits, where its publisher states all of them; "" else */
    int64_t bytes;           /* of the file; 0 where that is not known */
    const char *licence;     /* of the weights, and whose they are: "BSD-3-Clause (torchvision)" */
} okng_backbone_info;
OKNG_API size_t okng_backbone_count(void);
OKNG_API okng_status okng_backbone_get(size_t i, okng_backbone_info *info, okng_error *error);
/* The same by name. Errors: NOT_FOUND, naming those that are known. */
OKNG_API okng_status okng_backbone_find(const char *name, okng_backbone_info *info, okng_error *error);
/* Where the weights of a backbone are kept once for all users of this library, whether they are there or not:
 * NAME-HASH (NAME where no hash is stated) with the ending that the file has in its url (.pth, .safetensors) in
 * $XDG_CACHE_HOME/okng/weights, else in $HOME/.cache/okng/weights. `okng weights get` puts them there. `path` [size]
 * gets it, NUL-terminated. Errors: ARGUMENT (built in), NOT_FOUND (an unknown backbone; neither variable is set), LIMIT
 * (`size` is too small). */
OKNG_API okng_status okng_backbone_cache(const char *backbone, char *path, size_t size, okng_error *error);
/* Completes the choice of a network, as every function that runs one does by itself: without backbone and weights the
 * built-in network; without weights those that are part of the library, else the file that okng_backbone_cache names.
 * Errors: ARGUMENT (weights without a backbone), NOT_FOUND (an unknown backbone; no weights, saying how to get them).
 */
OKNG_API okng_status okng_choose_network(okng_build_options *options, okng_error *error);
/* How many of the backbone's layers (okng_backbone_info) the weights hold, 0 when they do not fit; `why` (may be NULL)
 * gets the first tensor that is missing or mis-shaped then, and is left alone where some fit. */
OKNG_API int32_t okng_backbone_fits(const char *backbone, const okng_weights *weights, okng_error *why);

/* SHA-256 of a file of any size as 64 hex digits and a NUL. IO where it changed while it was read. */
OKNG_API okng_status okng_file_sha256(const char *path, char hex[65], okng_error *error);

#ifdef __cplusplus
}
#endif

#endif
