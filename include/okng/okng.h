/*
 * okng: learns what good parts look like (OK) and finds what is wrong (NG) in new pictures.
 *
 * This is the only public header: C11, usable from C++. It speaks of
 *   - options    plain structs with an initialiser, versioned by their size,
 *   - a bank     the folder that `okng_build` writes, opened as an opaque handle,
 *   - a result   what `okng_inspect` found in one picture,
 *   - stations   the steps of the pipeline on their own (preprocess, embed, coreset, knn).
 *
 * Rules that hold everywhere:
 *   - Functions that can fail return okng_status and take a caller-owned okng_error (may be NULL). On
 *     failure every output handle is set to NULL and nothing is left half-written.
 *   - Strings are UTF-8 and NUL-terminated; input pointers are borrowed for the call only.
 *   - Handles are released by the function with the same noun (okng_bank_close, okng_result_free, ...),
 *     which takes the address of the handle, accepts NULL and sets the handle to NULL.
 *   - NULL where a pointer is needed is an ARGUMENT error. Functions without a status answer NULL with NULL, 0, NaN or
 *     the verdict NG.
 *   - The library never prints, exits or aborts.
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
#define OKNG_VERSION_MINOR 1
#define OKNG_VERSION_PATCH 0

#define OKNG_PATH_MAX 4096 /* bytes of a path option, NUL included */
#define OKNG_NAME_MAX 64   /* bytes of a name (backbone, layer, preset), NUL included */
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

/* "0.1.0"; static storage. */
OKNG_API const char *okng_version(void);
/* What this library is made of: a JSON document with "version", "kernels" (the variant of okng's own kernels in use:
 * "c", "avx2", "avx512", "neon"), "onednn_isa", "cpu" (an array of instruction sets that this CPU has) and "libraries"
 * (name: version, as loaded; of libjpeg as compiled against). Release with okng_text_free. Errors: ARGUMENT, MEMORY. */
OKNG_API okng_status okng_build_info(char **json, okng_error *error);

/* A short name such as "damaged file"; static storage, never NULL. */
OKNG_API const char *okng_status_text(okng_status status);

/* ---- pictures ------------------------------------------------------------------------------- */

typedef enum okng_pixel_format { OKNG_PIXEL_RGB8 = 0, OKNG_PIXEL_BGR8 = 1, OKNG_PIXEL_GREY8 = 2 } okng_pixel_format;

/* Where a picture comes from: exactly one of `path`, `data` (an encoded file in memory) or `pixels` is
 * non-NULL. All memory stays the caller's and must live until the call returns. Zero-initialise. */
typedef struct okng_picture {
    const char *path;
    const void *data; /* encoded PNG, JPEG, BMP, TIFF, WebP or PNM */
    size_t data_size; /* bytes */
    const void *pixels;
    int32_t width, height;    /* of `pixels`, 1..65535 */
    ptrdiff_t stride;         /* bytes from row to row of `pixels`; 0 means tightly packed; may be negative */
    okng_pixel_format format; /* of `pixels` */
} okng_picture;

/* A sorted list of the pictures below a folder. Opaque. */
typedef struct okng_picture_list okng_picture_list;

/* Lists every file below `dir` (sub-folders too, byte order of the relative path) whose name ends like a
 * picture (png jpg jpeg bmp tif tiff webp ppm pgm pnm, any case). Hidden files and folders are left out.
 * An empty list is not an error here. Errors: NOT_FOUND, IO, MEMORY. */
OKNG_API okng_status okng_picture_list_open(okng_picture_list **out, const char *dir, okng_error *error);
OKNG_API size_t okng_picture_list_count(const okng_picture_list *list);
/* Path of picture i: `dir` joined with the relative path. Owned by the list; NULL when i is out of range. */
OKNG_API const char *okng_picture_list_path(const okng_picture_list *list, size_t i);
/* Path of picture i relative to the listed folder. Owned by the list; NULL when i is out of range. */
OKNG_API const char *okng_picture_list_relative(const okng_picture_list *list, size_t i);
OKNG_API void okng_picture_list_free(okng_picture_list **list);

/* ---- options -------------------------------------------------------------------------------- */

typedef enum okng_resize_mode { OKNG_RESIZE_NONE = 0, OKNG_RESIZE_SHORTER, OKNG_RESIZE_EXACT } okng_resize_mode;
typedef enum okng_interpolation { OKNG_BILINEAR = 0, OKNG_BICUBIC, OKNG_NEAREST } okng_interpolation;
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
    OKNG_SCORE_MEAN_K
} okng_image_score;
typedef enum okng_distance { OKNG_DISTANCE_L2 = 0, OKNG_DISTANCE_SQUARED } okng_distance;
typedef enum okng_precision { OKNG_PRECISION_FP32 = 0, OKNG_PRECISION_BF16, OKNG_PRECISION_INT8 } okng_precision;
typedef enum okng_convolution { OKNG_CONVOLUTION_DIRECT = 0, OKNG_CONVOLUTION_WINOGRAD } okng_convolution;
typedef enum okng_calibration { OKNG_CALIBRATION_LEAVE_ONE_OUT = 0, OKNG_CALIBRATION_TRAIN } okng_calibration;

/* How a bank is made. Fill with okng_build_options_init, then change fields or use
 * okng_build_options_set. New fields are only ever added at the end. */
typedef struct okng_build_options {
    size_t struct_size; /* set by the initialiser */
    char preset[OKNG_NAME_MAX];

    /* features: what the bank remembers and inspection repeats */
    char backbone[OKNG_NAME_MAX]; /* "": the built-in okng-s, when there are no weights either */
    char weights[OKNG_PATH_MAX];  /* "": those that are part of the library */
    char layers[OKNG_MAX_LAYERS][OKNG_NAME_MAX];
    int32_t layer_count; /* 1..OKNG_MAX_LAYERS */
    okng_resize_mode resize_mode;
    int32_t resize_height, resize_width; /* EXACT: both; SHORTER: both hold the shorter side */
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
    int32_t threads;     /* 0 = all cores */
    uint64_t max_pixels; /* largest picture that is decoded */

    /* features again: how the network computes */
    okng_precision precision;     /* of what lies between layers; int8 is calibrated on the bank's own pictures */
    okng_convolution convolution; /* WINOGRAD: in float32, where there is an implementation for this CPU */
} okng_build_options;

/* How a picture is inspected. NaN in a threshold means: use the bank's own. */
typedef struct okng_inspect_options {
    size_t struct_size;
    float threshold_pixel, threshold_image;
    double false_alarm; /* 0..1: NG is a p-value of at most this, whatever the image threshold of the bank; NaN = off */
    int32_t open_radius;  /* morphological opening of the mask, pixels of the original; 0 = off */
    int32_t close_radius; /* likewise closing, after the opening */
    int64_t min_area;     /* regions with fewer pixels are removed from the mask; 0 = off */
    uint64_t max_pixels;  /* largest picture that is decoded */
    int32_t threads;      /* within one call; 0 = all cores */
} okng_inspect_options;

/* Sets struct_size and the `default` preset. */
OKNG_API void okng_build_options_init_sized(okng_build_options *options, size_t struct_size);
OKNG_API void okng_inspect_options_init_sized(okng_inspect_options *options, size_t struct_size);
#define okng_build_options_init(options) okng_build_options_init_sized((options), sizeof *(options))
#define okng_inspect_options_init(options) okng_inspect_options_init_sized((options), sizeof *(options))

/* Sets one option by its command-line name without dashes ("coreset", "image-score"; '_' reads as '-') from
 * text. "preset" sets every option that the preset fixes, so give it first. Errors: ARGUMENT, naming the
 * option, what was found and what is allowed. */
OKNG_API okng_status okng_build_options_set(okng_build_options *options, const char *name, const char *value,
                                            okng_error *error);
OKNG_API okng_status okng_inspect_options_set(okng_inspect_options *options, const char *name, const char *value,
                                              okng_error *error);

/* Which command uses an option; flags. */
enum {
    OKNG_OPTION_FEATURE = 1,
    OKNG_OPTION_BANK = 2,
    OKNG_OPTION_SAMPLER = 4,
    OKNG_OPTION_RUN = 8,
    OKNG_OPTION_INSPECT = 16
};

/* One row of the table of options, for help texts, completion and bindings. Static storage. */
typedef struct okng_option_info {
    const char *name;   /* "image-score" */
    const char *values; /* "max|reweighted|mean-k", "N", "HxW" ... */
    const char *help;   /* one sentence, lower case, no full stop */
    unsigned groups;    /* OKNG_OPTION_... */
} okng_option_info;
OKNG_API const okng_option_info *okng_option_table(size_t *count);

/* The value of an option as text that okng_build_options_set accepts, NUL-terminated and cut to `size` bytes.
 * Errors: ARGUMENT for an unknown name. */
OKNG_API okng_status okng_build_options_get(const okng_build_options *options, const char *name, char *text,
                                            size_t size, okng_error *error);

/* ---- progress ------------------------------------------------------------------------------- */

/* `stage` is one of "features", "coreset", "calibration", "pictures"; done <= total. Return non-zero to cancel. Calls
 * are serialised but may come from any thread of the call that takes the callback. */
typedef struct okng_progress {
    const char *stage;
    uint64_t done, total;
} okng_progress;
typedef int (*okng_progress_fn)(const okng_progress *progress, void *user);

/* ---- building a bank ------------------------------------------------------------------------ */

typedef struct okng_build_report {
    size_t struct_size; /* set by the caller to sizeof(okng_build_report) */
    uint64_t pictures;
    uint64_t patches; /* patch vectors seen */
    uint64_t rows;    /* rows of the bank */
    int32_t dim;      /* dimensions of a row */
    uint64_t spilled; /* bytes that went to the temporary file; 0 = all fitted in memory */
    double seconds_features, seconds_coreset, seconds_calibration;
    float pixel_tau, image_tau;
} okng_build_report;

/* Learns from `count` pictures and writes the bank folder `bank_dir` (memory_bank.pt, bank_config.json,
 * tau.json), replacing a bank that is there only when the new one is complete. Missing parents of `bank_dir` are made.
 * The bytes written depend on the pictures, their order, the options and the seed, not on `threads`.
 * `progress`, `report` may be NULL. Errors: all; BUSY when another build writes the same folder. */
OKNG_API okng_status okng_build(const char *const *pictures, size_t count, const char *bank_dir,
                                const okng_build_options *options, okng_progress_fn progress, void *user,
                                okng_build_report *report, okng_error *error);

/* ---- banks ---------------------------------------------------------------------------------- */

/* Opaque. Immutable after opening: any number of threads may inspect with one bank at the same time. */
typedef struct okng_bank okng_bank;

/* Opens a bank folder. `weights` overrides the weight file recorded in it (its SHA-256 must agree); NULL takes the
 * recorded path. Errors: NOT_FOUND, FORMAT (edited or truncated), MISMATCH (other weights), IO, MEMORY. */
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
    float pixel_tau, image_tau;
    float pixel_low; /* score drawn as 0 in heat maps */
    uint64_t pictures;
} okng_bank_info;
OKNG_API okng_status okng_bank_get_info(const okng_bank *bank, okng_bank_info *info, okng_error *error);

/* ---- inspecting ----------------------------------------------------------------------------- */

typedef enum okng_verdict { OKNG_VERDICT_OK = 0, OKNG_VERDICT_NG = 1 } okng_verdict;

/* A connected (8 neighbours) set of mask pixels, in pixels of the original picture. */
typedef struct okng_region {
    int32_t x, y, width, height; /* bounding box */
    int64_t area;                /* pixels */
    float peak;                  /* largest score inside */
    int32_t peak_x, peak_y;
} okng_region;

/* Opaque; owned by the caller. */
typedef struct okng_result okng_result;

/* Errors: ARGUMENT, IO, FORMAT, LIMIT, MISMATCH (the picture does not come to the bank's input size), MEMORY. */
OKNG_API okng_status okng_inspect(const okng_bank *bank, const okng_picture *picture,
                                  const okng_inspect_options *options, okng_result **out, okng_error *error);
OKNG_API void okng_result_free(okng_result **result);

OKNG_API float okng_result_score(const okng_result *result);
OKNG_API float okng_result_image_threshold(const okng_result *result);
OKNG_API float okng_result_pixel_threshold(const okng_result *result);
/* NG when the score is above the threshold. */
OKNG_API okng_verdict okng_result_verdict(const okng_result *result);
/* Conformal p-value: (1 + OK pictures scoring at least as high) / (1 + OK pictures), in (0, 1]. */
OKNG_API double okng_result_p_value(const okng_result *result);
/* Anomaly map, [height, width] row-major at the size of the original picture; NaN where nothing was
 * looked at (outside a centre crop). Owned by the result. */
OKNG_API const float *okng_result_map(const okng_result *result, int32_t *width, int32_t *height);
/* Mask, [height, width], 0 or 255, after morphology and min-area. Owned by the result. */
OKNG_API const uint8_t *okng_result_mask(const okng_result *result, int32_t *width, int32_t *height);
/* Regions of the mask, largest peak first. Owned by the result. */
OKNG_API const okng_region *okng_result_regions(const okng_result *result, size_t *count);

enum { OKNG_SAVE_PICTURES = 1, OKNG_SAVE_MAP = 2 };
/* Writes scores.json and, by flags, heat_gray.png, mask.png, overlay.png, side_by_side.png (where `reference` is
 * not NULL) and map.npy into `dir`, which is made if need be. Every file appears whole or not at all. */
OKNG_API okng_status okng_result_save(const okng_result *result, const char *dir, unsigned flags,
                                      const okng_picture *reference, okng_error *error);
/* The text of scores.json; release with okng_text_free. */
OKNG_API okng_status okng_result_json(const okng_result *result, char **json, okng_error *error);

/* ---- evaluating ----------------------------------------------------------------------------- */

/* Opaque; owned by the caller. What came of a category of pictures whose defects are known. */
typedef struct okng_evaluation okng_evaluation;

typedef struct okng_evaluation_info {
    size_t struct_size;           /* set by the caller to sizeof(okng_evaluation_info) */
    uint64_t pictures, defects;   /* inspected, and how many of them have a defect */
    uint64_t found, false_alarms; /* NG with a defect, NG without */
    double image_auroc;           /* exact, a tie counts half; NaN where there are no good or no bad pictures */
    double pixel_auroc;           /* likewise over all pixels of all pictures that were looked at */
    double milliseconds;          /* from file to verdict, mean of the pictures */
    float image_tau;              /* a picture is NG above it */
} okng_evaluation_info;

/* Inspects all pictures below `dir`/test, in the layout of MVTec AD: test/good/x.png is good; test/crack/x.png has a
 * defect, which is where ground_truth/crack/x_mask.png is white (half of the range or more). Several pictures are
 * inspected at a time, each in one thread. Where `results_dir` is not NULL the results of crack/x.png are saved in its
 * crack/x. `name` is for people. `progress` (stage "inspecting") may be NULL. Errors: as okng_inspect; NOT_FOUND and
 * MISMATCH of a mask, IO, CANCELLED. */
OKNG_API okng_status okng_evaluate(const okng_bank *bank, const char *name, const char *dir, const char *results_dir,
                                   const okng_inspect_options *options, okng_progress_fn progress, void *user,
                                   okng_evaluation **out, okng_error *error);
OKNG_API okng_status okng_evaluation_get(const okng_evaluation *evaluation, okng_evaluation_info *info,
                                         okng_error *error);
OKNG_API void okng_evaluation_free(okng_evaluation **evaluation);
/* Writes a page for people: figures, histogram of scores, ROC curve and the pictures of each category. One HTML file
 * that needs nothing else; it appears whole or not at all. Errors: ARGUMENT, IO, MEMORY. */
OKNG_API okng_status okng_report_write(const char *path, const okng_evaluation *const *evaluations, size_t count,
                                       okng_error *error);

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
    OKNG_BOOL
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

/* The network's input for a picture: float32 [1, 3, H, W], normalised. */
OKNG_API okng_status okng_preprocess(const okng_picture *picture, const okng_build_options *options, okng_array **out,
                                     okng_error *error);
/* Patch vectors of a picture: float32 [patches, D], patches in row-major order of the grid. */
OKNG_API okng_status okng_embed(const okng_picture *picture, const okng_build_options *options, okng_array **out,
                                okng_error *error);
/* Rows of float32 [N, D] chosen by the sampler of `options`, in the order picked: int64 [M]. k-means has no
 * indices; it gives for each centre the row nearest to it. */
OKNG_API okng_status okng_coreset(const okng_array *rows, const okng_build_options *options, okng_progress_fn progress,
                                  void *user, okng_array **indices, okng_error *error);
/* The k nearest rows of float32 bank [M, D] for each of float32 queries [Q, D], exact, nearest first, ties to the
 * lower index: float32 [Q, k] distances and, where `indices` is not NULL, int64 [Q, k]. Errors: ARGUMENT when k > M. */
OKNG_API okng_status okng_knn(const okng_array *bank, const okng_array *queries, int32_t k, okng_distance distance,
                              int32_t threads, okng_array **distances, okng_array **indices, okng_error *error);

/* A bank's rows prepared for many searches: short codes whose products rule most rows out before a distance is
 * measured. The results are those of okng_knn, bit by bit. Takes about a third of the rows' memory besides; they must
 * outlive it. May be shared by threads. Errors: ARGUMENT, MEMORY. */
typedef struct okng_index okng_index;
OKNG_API okng_status okng_index_new(const okng_array *bank, int32_t threads, okng_index **out, okng_error *error);
OKNG_API okng_status okng_index_search(const okng_index *index, const okng_array *queries, int32_t k,
                                       okng_distance distance, int32_t threads, okng_array **distances,
                                       okng_array **indices, okng_error *error);
OKNG_API void okng_index_free(okng_index **index); /* NULL is fine */

/* ---- weights and backbones ------------------------------------------------------------------ */

/* A weight file (.pth, .pt, .safetensors), mapped read-only. Opaque. Safe to share between threads. */
typedef struct okng_weights okng_weights;
typedef struct okng_tensor_info {
    const char *name; /* owned by the okng_weights */
    okng_dtype dtype;
    int32_t dims;
    int64_t shape[OKNG_MAX_DIMS];
} okng_tensor_info;
OKNG_API okng_status okng_weights_open(okng_weights **out, const char *path, okng_error *error);
OKNG_API size_t okng_weights_count(const okng_weights *weights);
OKNG_API okng_status okng_weights_tensor(const okng_weights *weights, size_t i, okng_tensor_info *info,
                                         okng_error *error);
OKNG_API void okng_weights_close(okng_weights **weights);

typedef struct okng_backbone_info {
    const char *name;
    const char *url; /* public weight file; its name ends in the first 8 hex digits of its SHA-256 */
    const char *hash_prefix;
    int64_t parameters; /* up to the deepest layer, batch norm counted as torch does, without the classifier */
    double flops;       /* multiply-adds x 2 at 224x224 up to the deepest layer */
    int32_t built_in;   /* 1: its weights are part of the library, and url is "" */
} okng_backbone_info;
OKNG_API size_t okng_backbone_count(void);
OKNG_API okng_status okng_backbone_get(size_t i, okng_backbone_info *info, okng_error *error);
/* The deepest of layer1..layer4 that the weights hold for a backbone, 0 when they do not fit; where they do not,
 * `why` (may be NULL) gets the first tensor that is missing or mis-shaped. */
OKNG_API int32_t okng_backbone_fits(const char *backbone, const okng_weights *weights, okng_error *why);

/* ---- demo ----------------------------------------------------------------------------------- */

/* Draws made-up products in MVTec layout: DIR/<category>/train/good, test/good, test/<defect> (JPEG, 256 x 256) and
 * ground_truth/<defect>/NNN_mask.png, which marks exactly what the defect changes. `category` NULL takes all. Files of
 * the same name are replaced. The same seed gives the same bytes for any number of threads. `progress` hears the stage
 * "pictures". Errors: ARGUMENT (an unknown category; the message lists those that are known), IO, MEMORY, CANCELLED. */
OKNG_API okng_status okng_demo_write(const char *dir, const char *category, uint64_t seed, int32_t threads,
                                     okng_progress_fn progress, void *user, okng_error *error);

/* SHA-256 of a file as 64 hex digits and a NUL. */
OKNG_API okng_status okng_file_sha256(const char *path, char hex[65], okng_error *error);

#ifdef __cplusplus
}
#endif

#endif
