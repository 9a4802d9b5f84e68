/*
 * What okng has beside its stable interface (okng/okng.h): the tools of those who compare, measure and try. The library
 * has these functions and they are tested like the others, but nothing is promised: any version may change or drop
 * them.
 *
 * Why each is here and not there:
 *   - rows and neighbours   the inner steps of one method, PatchCore; other methods have others
 *   - other people's models follow what those programs save
 *   - metrics, tables       grow with what the field compares by
 *   - tuning                its rules follow what lines ask for
 *   - data sets             layouts on disk that others decide on
 *   - experiments           their keys, folders and files follow the methods
 *   - weights of CLIPs      layouts that others decide on
 *   - public files          whose addresses others change
 *   - lists of pictures     what is left out of them, which follows what is read
 *   - windows               one method's way of looking
 *   - regions of interest   how parts are found will grow
 *   - export                formats and runtimes that others decide on
 *   - methods, banks in memory   what methods need will grow with them
 *   - advice                a procedure that will learn from use
 *   - texts                 the words that CLIP's text towers read; other towers will want other vocabularies
 *   - words and pictures    the vectors of CLIP's towers; other towers will be opened otherwise
 *   - recipes               what a bank is packed with will grow
 *   - files                 one function, for okng's own command
 *   - several processes     what is shared between machines will grow
 *   - measuring, demo       serve okng's own development and its first steps
 *
 * The rules of okng/okng.h hold here too.
 *
 * Copyright the okng authors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef OKNG_EXPERIMENTAL_H
#define OKNG_EXPERIMENTAL_H

#include "okng/okng.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- rows and neighbours ------------------------------------------------------------------------ */

/* Rows of float32 [N, D] chosen by the sampler of `options`, in the order picked: int64 [M]. k-means has no
 * indices; it gives for each centre the row nearest to it. */
OKNG_API okng_status okng_coreset(okng_array **indices, const okng_array *rows, const okng_build_options *options,
                                  okng_progress_fn progress, void *user, okng_error *error);
/* The k nearest rows of float32 bank [M, D] for each of float32 queries [Q, D], exact, nearest first, ties to the
 * lower index: float32 [Q, k] distances and, where `indices` is not NULL, int64 [Q, k]. Errors: ARGUMENT when k > M. */
OKNG_API okng_status okng_knn(okng_array **distances, okng_array **indices, const okng_array *bank,
                              const okng_array *queries, int32_t k, okng_distance distance, int32_t threads,
                              okng_error *error);
/* okng_knn of a bank in a .npy file, which may be larger than memory: its rows are read and searched part by part, so
 * that all of it takes about `max_memory` bytes; 0: half of the machine's memory. The results are the same, bit by bit.
 * `progress` (may be NULL) hears of the rows that were searched, under "search", and may stop it. Errors: those of
 * okng_array_read_npy, but for the memory of it all; FORMAT where the file holds no float32 [M, D]; ARGUMENT; LIMIT
 * where max_memory is too little for 1,024 rows; MEMORY; CANCELLED. */
OKNG_API okng_status okng_knn_file(okng_array **distances, okng_array **indices, const char *bank,
                                   const okng_array *queries, int32_t k, okng_distance distance, uint64_t max_memory,
                                   int32_t threads, okng_progress_fn progress, void *user, okng_error *error);

/* A bank's rows prepared for many searches: short codes whose products rule most rows out before a distance is
 * measured. The results are those of okng_knn, bit by bit. Takes about a third of the rows' memory besides; they must
 * outlive it. May be shared by threads. Errors: ARGUMENT, MEMORY. */
typedef struct okng_index okng_index;
OKNG_API okng_status okng_index_new(okng_index **out, const okng_array *bank, int32_t threads, okng_error *error);
OKNG_API okng_status okng_index_search(okng_array **distances, okng_array **indices, const okng_index *index,
                                       const okng_array *queries, int32_t k, okng_distance distance, int32_t threads,
                                       okng_error *error);
OKNG_API void okng_index_free(okng_index **index); /* NULL is fine */

/* ---- other people's models -------------------------------------------------------------------- */

typedef enum okng_import_kind {
    OKNG_IMPORT_PATCHCORE_INSPECTION = 0, /* a folder with patchcore_params.pkl and nnscorer_search_index.faiss */
    OKNG_IMPORT_ANOMALIB                  /* a checkpoint (.ckpt, .pt) whose state dict holds memory_bank */
} okng_import_kind;

/* Fill with okng_init: that is the defaults. */
typedef struct okng_import_options {
    size_t struct_size;
    const char *prepend; /* what the files' names begin with; NULL = found in the folder; not of anomalib */
    int32_t strict;      /* 1: what would be passed over with a warning is an error */
    const char
        *resize;      /* as the option of okng_build_options; NULL = what the file says, else what the original does */
    const char *crop; /* likewise; of anomalib only, patchcore-inspection's is in its files */
    const char *backbone; /* NULL = what the model says or, of anomalib, the one that its weights fit */
    const char *layers;   /* likewise; "layer2 layer3" */
    int32_t neighbors;    /* of anomalib; 0 = what the checkpoint says, else 9, its default */
    /* A weight file, for the backbones that it fits; the others, and all of them where it is NULL, get what
     * okng_choose_network finds. Not of anomalib, whose files hold their weights. */
    const char *weights;
    const char *const *ok_pictures; /* thresholds are computed from these; NULL = none */
    size_t ok_count;
    int32_t threads; /* 0 = all cores */
} okng_import_options;

typedef struct okng_import_report {
    size_t struct_size;           /* set by okng_init */
    uint64_t members;             /* of an ensemble; 1 = a bank */
    uint64_t rows;                /* of all members */
    int32_t dim;                  /* of the first */
    char backbone[OKNG_NAME_MAX]; /* of the first */
    float image_tau, pixel_tau;   /* NaN where there are none */
    char warning[512];            /* what was passed over; "" = nothing */
} okng_import_report;

/* The models in a folder of patchcore-inspection's: the folder itself, or, where it is an experiment's, those of its
 * categories (DIR/models/mvtec_bottle, DIR/mvtec_bottle), sorted by name. Opaque. */
typedef struct okng_import_list okng_import_list;
/* Errors: NOT_FOUND (no model in it), IO, MEMORY. */
OKNG_API okng_status okng_import_list_open(okng_import_list **out, const char *source, okng_error *error);
OKNG_API size_t okng_import_list_count(const okng_import_list *list);
/* Path of model i; the category's name, "bottle", or "" where `source` itself is the model. Owned by the list; NULL
 * when i is out of range. */
OKNG_API const char *okng_import_list_path(const okng_import_list *list, size_t i);
OKNG_API const char *okng_import_list_name(const okng_import_list *list, size_t i);
OKNG_API void okng_import_list_free(okng_import_list **list);

/* Writes what another program saved as a bank folder `bank_dir`, as okng_build does; a model of several members
 * ("Ensemble-1-3_...") as an ensemble, which okng_bank_open takes alike. Nothing from the files is run. The scores are
 * those of the original (patchcore-inspection: squared distances; anomalib: as its model gives them, before its
 * normalisation). Without OK pictures a bank of patchcore-inspection has no thresholds, and inspecting with it needs
 * threshold_image; an ensemble then has no ranges either and cannot inspect single pictures. anomalib's thresholds are
 * kept. `options`, `progress`, `report` may be NULL.
 * Errors: NOT_FOUND (naming the file), FORMAT, UNSUPPORTED (another index, another backbone, a pickle that asks for
 * more than plain values), MISMATCH (index and parameters, weights and backbone), those of okng_build. */
OKNG_API okng_status okng_import(okng_import_kind kind, const char *source, const char *bank_dir,
                                 const okng_import_options *options, okng_progress_fn progress, void *user,
                                 okng_import_report *report, okng_error *error);

/* ---- doubtful pictures -------------------------------------------------------------------------- */

/* A good picture and how odd it is beside the others that were learnt. Set by okng_init; strings are the bank's. */
typedef struct okng_doubtful {
    size_t struct_size;
    const char *name; /* as tau.json has it: relative to the folder of all pictures */
    float score;      /* of the picture, as thresholds are made of */
    float doubt;      /* how odd it is: of patchcore, how far its hundredth of patches that stand out most lie above
                         what the same places of other pictures are, see docs/doubtful.md; of other methods the score */
    double above;     /* how far `doubt` is above the median of all pictures' in deviations (1.4826 x the median
                         distance from that median); NaN where half of them are equal */
} okng_doubtful;
/* Good pictures that are known by name, 0 of banks before version 0.3; and the i-th oddest of them, the oddest first.
 * Errors: ARGUMENT (out of range). */
OKNG_API size_t okng_bank_doubtful_count(const okng_bank *bank);
OKNG_API okng_status okng_bank_doubtful(const okng_bank *bank, size_t i, okng_doubtful *doubtful, okng_error *error);
/* Where a good picture lay that rows of the bank came from, by its name (okng_reason.near_picture), when it was learnt:
 * whether it still lies there is for the caller to see. `path` is for okng_text_free. Errors: NOT_FOUND (no row came
 * from a picture of that name, the bank does not know its pictures, or not their folder), MEMORY. */
OKNG_API okng_status okng_bank_picture_path(const okng_bank *bank, const char *name, char **path, okng_error *error);

/* ---- methods ------------------------------------------------------------------------------------- */

/* A method of okng_build_info, and what it must be given to learn. Strings are static. */
typedef struct okng_method_info {
    size_t struct_size;       /* set by okng_init */
    const char *name;         /* "patchcore" */
    const char *summary;      /* one line for people, in English */
    int32_t needs_pictures;   /* 1: at least one good picture; 0: it can do without (words alone: winclip, afclip) */
    int32_t needs_class_name; /* 1: okng_build_options.class_name */
} okng_method_info;
/* By its name. Errors: NOT_FOUND, naming those that there are; ARGUMENT. */
OKNG_API okng_status okng_method_info_of(const char *name, okng_method_info *info, okng_error *error);

/* ---- banks in memory ----------------------------------------------------------------------------- */

/* Learns as okng_build_paths does, and keeps what came of it in memory: no folder is written, and all that takes an
 * okng_bank takes this one, until okng_bank_close. `count` may be 0 for a method that needs no pictures: its bank has
 * no thresholds then, so that a verdict needs okng_inspect_options.threshold_image. `progress`, `report` may be NULL.
 * Errors: those of okng_build; ARGUMENT, naming what the method needs. */
OKNG_API okng_status okng_bank_make(okng_bank **out, const char *const *paths, size_t count,
                                    const okng_build_options *options, okng_progress_fn progress, void *user,
                                    okng_build_report *report, okng_error *error);

/* ---- windows ------------------------------------------------------------------------------------- */

/* Of a method that looks at a picture through windows (winclip), or neighbourhoods of patches at several depths of the
 * network (afclip, miniclip): what says most for the highest place of the map, so which scale made it and where.
 * Strings are static. */
typedef struct okng_seen_window {
    size_t struct_size;                 /* set by okng_init */
    const char *by;                     /* "words": what words say of it; "pictures": how it differs from those of good
                                           pictures */
    int32_t scale;                      /* its side in patches; 0 = the whole picture (or tile, with aspect tiles) */
    int32_t row, column, rows, columns; /* its patches, in the grid of the picture (or tile) */
    int32_t x, y, width, height;        /* the same in pixels of the picture */
    float score;                        /* of it alone, before windows and scales are joined */
    int32_t depth;                      /* blocks of the network behind which it was seen; 0 = all of them */
} okng_seen_window;
/* Errors: NOT_FOUND (the bank's method has no windows), ARGUMENT. */
OKNG_API okng_status okng_result_window(const okng_result *result, okng_seen_window *window, okng_error *error);

/* ---- building from a folder ---------------------------------------------------------------------- */

/* What is told while a bank is made of a folder. */
typedef enum okng_build_event_kind {
    OKNG_BUILD_WARNING = 0, /* something that may spoil the bank */
    OKNG_BUILD_SKIPPED,     /* a picture that cannot be read; the text says why */
    OKNG_BUILD_TRIMMED,     /* a picture that was left out as one of the oddest */
    OKNG_BUILD_NOT_FOUND /* a picture that was left out because a region of interest is not in it; the text says which
                          */
} okng_build_event_kind;
typedef struct okng_build_event {
    size_t struct_size; /* set by the library */
    okng_build_event_kind kind;
    /* For programs, static: of warnings "few-pictures" (less than 20), "name" (of a folder or file: ng, test, mask
     * ...), "same-pictures", "similar-pictures" (pairs), "sizes", "aspects" (squeezed to one shape), "colours" (grey
     * and colour mixed); "skipped", "trimmed". */
    const char *code;
    const char *picture; /* relative to the folder; NULL where it is not about one. For the call only, as is `text` */
    const char *text;    /* for people, a line */
} okng_build_event;
/* Called from the thread of okng_build_folder. */
typedef void (*okng_build_event_fn)(const okng_build_event *event, void *user);

/* Fill with okng_init. */
typedef struct okng_build_folder_options {
    size_t struct_size;
    const okng_build_options *build; /* NULL = the defaults */
    const char *const *exclude;      /* names relative to the folder that are left out; NULL = none */
    size_t exclude_count;
    int64_t trim; /* so many of the oddest pictures are left out (okng_bank_doubtful), for which a bank is made twice */
    int32_t skip_bad; /* 1: a picture that cannot be read is told and left out; else it is an error */
    int32_t force;    /* 1: a folder that holds results of okng is learnt from as any other */
    int32_t report;   /* 1: build.html in the bank's folder shows the oddest pictures, with heat maps by a bank that has
                         not learnt them, which is made for it */
    int64_t k_shot;   /* so many pictures are learnt, drawn uniformly without replacement by build->seed from those that
                         are not excluded, as okng_dataset_options.k_shot draws; 0 = all */
} okng_build_folder_options;

/* okng_build_paths of the pictures below `ok_dir` (those of okng_picture_list_open), which are looked at first. The
 * listener, which may be NULL, hears what may spoil the bank. `progress` hears the stage "survey" besides; `user` goes
 * to both. `options` and `report` may be NULL. Errors: those of okng_build_paths; NOT_FOUND where there are no pictures
 * or a name to leave out is not among them, ARGUMENT where none is left, k_shot is more than there are, or the folder
 * holds results of okng infer (results.csv, scores.json). */
OKNG_API okng_status okng_build_folder(const char *ok_dir, const char *bank_dir,
                                       const okng_build_folder_options *options, okng_progress_fn progress,
                                       okng_build_event_fn listener, void *user, okng_build_report *report,
                                       okng_error *error);

/* ---- regions of interest -------------------------------------------------------------------- */

/* A part of a picture that is looked for in others. Fill with okng_init. */
typedef struct okng_roi {
    size_t struct_size;
    const char *name;            /* UTF-8 of 1 to 63 bytes without blanks, control characters and / \\ = ; , " */
    int32_t x, y, width, height; /* in pixels of the picture that it was drawn on */
} okng_roi;

/* How many regions a bank looks for; 0 where it inspects whole pictures. */
OKNG_API size_t okng_bank_roi_count(const okng_bank *bank);
/* Region i; its name is the bank's. Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_bank_roi(const okng_bank *bank, size_t i, okng_roi *roi, okng_error *error);

/* Where a region lies in a picture. Pixel (i, j) of the picture covers [i, i + 1] x [j, j + 1]. */
typedef struct okng_found_roi {
    size_t struct_size;         /* set by okng_init */
    const char *name;           /* owned by what it was asked of */
    int32_t found;              /* 0: its best place, which is told all the same, correlates less than the threshold */
    double match;               /* normalised cross-correlation at that place, -1..1 */
    double x, y, width, height; /* of the box before it is turned about its centre */
    double angle;               /* degrees, counter-clockwise as people see it */
    double scale;               /* of the size that it was drawn in */
    float score;          /* of a result: what the region alone scores, on the scale of the result's score; else NaN */
    okng_verdict verdict; /* of a result: by that alone; NOT_FOUND where it is not there */
} okng_found_roi;
/* Of a result: the regions of its bank, in the bank's order; 0 where it inspects whole pictures. */
OKNG_API size_t okng_result_roi_count(const okng_result *result);
/* Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_result_roi(const okng_result *result, size_t i, okng_found_roi *roi, okng_error *error);

/* Looks for regions without a bank: what a build would find. Opaque; threads may share it. */
typedef struct okng_finder okng_finder;
/* Fill with okng_init: that is the defaults. */
typedef struct okng_find_options {
    size_t struct_size;
    double threshold;             /* 0..1; 0 = 0.5 */
    double rotation;              /* 0..180: degrees either way */
    double scale_low, scale_high; /* 0.5..2; both 0 = 1 */
    uint64_t max_pixels;          /* largest picture that is decoded; 0 = the default of okng_build_options */
    int32_t threads;              /* 0 = all cores */
} okng_find_options;
/* Regions `rois` [count], 1 to 16, of `picture`. `options` may be NULL. Errors: ARGUMENT (a region that lies beyond the
 * picture, is called as another, has less than 8 pixels on a side, or is of one grey everywhere), those of decoding,
 * MEMORY. */
OKNG_API okng_status okng_finder_open(okng_finder **out, const okng_picture *picture, const okng_roi *const *rois,
                                      size_t count, const okng_find_options *options, okng_error *error);
/* Where region i < count is in a picture. All of them are looked for at once: okng_finds_get tells each. Errors: those
 * of decoding, MEMORY. */
typedef struct okng_finds okng_finds;
OKNG_API okng_status okng_finder_find(okng_finds **out, const okng_finder *finder, const okng_picture *picture,
                                      okng_error *error);
OKNG_API size_t okng_finds_count(const okng_finds *finds);
/* Names are the finds'. Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_finds_get(const okng_finds *finds, size_t i, okng_found_roi *roi, okng_error *error);
OKNG_API void okng_finds_free(okng_finds **finds);
OKNG_API void okng_finder_close(okng_finder **finder);

/* ---- metrics -------------------------------------------------------------------------------- */

/* What okng measures is a figure of one table; its order is that of files, tables and arrays. */
typedef enum okng_figure_group {
    OKNG_GROUP_IMAGE = 0,  /* metrics of scores */
    OKNG_GROUP_PIXEL,      /* metrics of maps at the pictures' own size */
    OKNG_GROUP_PIXEL_CROP, /* the same at the network's input */
    OKNG_GROUP_PICTURES,   /* what was learnt, inspected, found */
    OKNG_GROUP_THRESHOLDS,
    OKNG_GROUP_LEARNING, /* seconds */
    OKNG_GROUP_LATENCY,
    OKNG_GROUP_STAGES, /* of the latency */
    OKNG_GROUP_MEMORY,
    OKNG_GROUP_MODEL,
    OKNG_GROUP_KINDS /* of each kind of bad picture by itself, and the mean of them: data set mvtec-loco */
} okng_figure_group;
typedef struct okng_figure_info {
    size_t struct_size;  /* set by okng_init */
    const char *key;     /* "image_auroc": in JSON and CSV. Strings are static. */
    const char *heading; /* "Image AUROC": in tables for people; NULL: left out of those */
    const char *title;   /* the same where it is a column of the table of a run; NULL: it is none */
    const char *unit;    /* as people read it: "%" of a share 0..1, "MiB" of bytes, "s", "ms", "pictures/s"; or "" */
    okng_figure_group group;
    int32_t better; /* 1: the larger is the better, -1: the smaller, 0: neither */
} okng_figure_info;
enum { OKNG_FIGURE_ROOM = 96 }; /* there are never more */
OKNG_API size_t okng_figure_count(void);
/* `info` is filled as far as its struct_size goes. Errors: ARGUMENT. */
OKNG_API okng_status okng_figure_get(size_t i, okng_figure_info *info, okng_error *error);

/* The figures that the field compares by, 0..1; NaN where one was not computed or has no meaning because there is
 * nothing good or nothing bad. A score of NaN was never computed: it is left out of everything. */
typedef struct okng_metrics {
    size_t struct_size; /* set by the initialiser */
    double image_auroc; /* probability that a bad one scores higher than a good one, a tie counting half */
    double image_ap; /* average precision: sum over distinct scores of (recall gained) * precision, as scikit-learn's */
    double image_f1max;           /* largest F1 of "bad is a score above t", as okng_inspect compares */
    double image_f1max_threshold; /* that t, half-way to the next lower score and rounded to float32; of several the
                                     highest */
    double pixel_auroc, pixel_ap, pixel_f1max, pixel_f1max_threshold;
    double aupro_30,
        aupro_05; /* area under the per-region overlap up to a false-positive rate of 0.30, 0.05; over that */
    uint64_t images, images_bad, images_left_out; /* scores that were ranked, the bad ones among them, NaN */
    uint64_t pixels, pixels_bad, pixels_left_out; /* likewise */
    uint64_t maps, regions;                       /* maps, and regions of their masks */
    /* AUPIMO (Bertoldo et al., 2024): of each bad picture the share of its bad pixels that is found, averaged over the
     * logarithm of the false-positive rate in good pictures from 1e-5 to 1e-4; the mean of the pictures. NaN too where
     * good pictures have fewer than 100,000 pixels together or differ in size. */
    double aupimo;
    /* All of the groups IMAGE and PIXEL, the above among them, by their place in the table; the others are NaN. */
    double figures[OKNG_FIGURE_ROOM];
} okng_metrics;
/* Sets struct_size, all figures to NaN and all counts to 0. */
OKNG_API void okng_metrics_init_sized(okng_metrics *metrics, size_t struct_size);
#define okng_metrics_init(metrics) okng_metrics_init_sized((metrics), sizeof *(metrics))

/* Fills the image figures from `count` scores; labels[i] is 0 for a good one, else bad. Errors: ARGUMENT, MEMORY. */
OKNG_API okng_status okng_metrics_scores(const double *scores, const uint8_t *labels, size_t count,
                                         okng_metrics *metrics, okng_error *error);
/* The same from a CSV file with a header and the columns `score` and `label` (0, OK, good, normal or 1, NG, bad,
 * anomaly; any case) among others. Errors: as a file's, FORMAT naming file and line. */
OKNG_API okng_status okng_metrics_read_scores(const char *path, okng_metrics *metrics, okng_error *error);

/* How AU-PRO is computed. EXACT, Bergmann et al., "MVTec AD" (IJCV 2021): every distinct score is a threshold; the mean
 * over all regions of the share of a region that is found, against the share of all good pixels of all pictures that
 * is false alarm; linear between thresholds and at the limit. STEPS, as papers on CLIP do: 200 thresholds of
 * equal distance from the lowest score up; the rates below the limit are divided by the largest of them. */
typedef enum okng_pro_mode { OKNG_PRO_EXACT = 0, OKNG_PRO_STEPS } okng_pro_mode;

/* Gathers anomaly maps of any sizes for the pixel figures, exact, in about half of the maps' memory. Opaque. */
typedef struct okng_pixel_metrics okng_pixel_metrics;
/* `threads`: of okng_pixel_metrics_finish; 0 = all cores. */
OKNG_API okng_status okng_pixel_metrics_new(okng_pixel_metrics **out, okng_pro_mode pro_mode, int32_t threads,
                                            okng_error *error);
/* Adds map [height, width], row-major, sides 1..65535. `mask` [height, width]: what is not 0 is a defect, and
 * 8-connected pixels of it are a region; NULL for a good picture. Both are borrowed. From any number of threads at a
 * time: the figures do not depend on the order. A region's area is what of it has a score. Errors: ARGUMENT, MEMORY;
 * LIMIT beyond 2^32 - 1 pixels, of which nothing is added. */
OKNG_API okng_status okng_pixel_metrics_add(okng_pixel_metrics *pixels, const float *map, const uint8_t *mask,
                                            int32_t height, int32_t width, okng_error *error);
/* Fills the pixel figures. Once: what was gathered is released. Errors: ARGUMENT, MEMORY. */
OKNG_API okng_status okng_pixel_metrics_finish(okng_pixel_metrics *pixels, okng_metrics *metrics, okng_error *error);
OKNG_API void okng_pixel_metrics_free(okng_pixel_metrics **pixels);

/* Fills the pixel figures from every .npy below `maps_dir` (floating, [H, W]). The mask of a/b.npy is a/b_mask.png or
 * a/b.png below `masks_dir` (or another kind of picture), of the same size, or all pictures of the folder a/b/
 * together; a map without one is of a good picture. What is a defect in a mask: as in okng_sample_mask. Maps are read
 * one at a time per thread. `progress` hears the stage "maps" and may be NULL. Errors: as files', MISMATCH of sizes,
 * CANCELLED. */
OKNG_API okng_status okng_metrics_read_maps(const char *maps_dir, const char *masks_dir, okng_pro_mode pro_mode,
                                            int32_t threads, okng_progress_fn progress, void *user,
                                            okng_metrics *metrics, okng_error *error);

/* ---- tuning thresholds ------------------------------------------------------------------------ */

/* By what a threshold is proposed. Where several do equally well it is the bank's computed one if that is among them.
 */
typedef enum okng_tune_rule {
    /* The most bad pictures found with at most 5 % false alarms, then the fewest of those. Without bad pictures the
     * bank's computed threshold. */
    OKNG_TUNE_BALANCED = 0,
    OKNG_TUNE_FALSE_ALARM, /* above it at most the part `rate` of good pictures comes, as
                              okng_inspect_options.false_alarm */
    OKNG_TUNE_MISS,        /* at most the part `rate` of the bad pictures is missed, with the fewest false alarms */
    OKNG_TUNE_F1           /* the largest F1 */
} okng_tune_rule;

/* Fill with okng_init: that is the defaults. */
typedef struct okng_tune_options {
    size_t struct_size;
    const char *const *ok; /* [ok_count] more good pictures, and folders of them, that the bank has not learnt */
    size_t ok_count;
    const char *const *ng; /* [ng_count] likewise of bad parts */
    size_t ng_count;
    okng_tune_rule rule;
    double rate;         /* of two of the rules, 0..1 */
    int32_t write;       /* 1: what is proposed is kept in the bank, as by okng_bank_choose */
    const char *page;    /* folder for tune.html and its pictures, outside `ok` and `ng`; NULL = none */
    const char *weights; /* as in okng_bank_open */
    int32_t threads;     /* 0 = all cores */
    uint64_t max_pixels; /* largest picture that is decoded; 0 = 100,000,000 */
    /* Scores of pictures that this bank inspected before, finite, in any order: they count for the image threshold like
     * those of pictures in `ok` and `ng`, and nothing is inspected for them. */
    const float *ok_scores; /* [ok_score_count], at most 10,000,000 */
    size_t ok_score_count;
    const float *ng_scores; /* [ng_score_count] */
    size_t ng_score_count;
} okng_tune_options;

/* Proposes thresholds for a bank from the scores of good pictures that it keeps, and from more pictures. `json`, to be
 * released with okng_text_free, is an object: "bank", "rule" and "rate"; "good" {"bank", "given"}, "ng" and "skipped",
 * numbers of pictures; "image" and "pixel", each with "in_force", "computed" and "proposed" (null where there is none),
 * "chosen" (whether somebody chose the one in force) and "ladder", thresholds from the lowest to the highest:
 * "threshold", "found" of "ng" and "false_alarms" of "good", each with the ends of its 90 % interval (Clopper and
 * Pearson) as "found_low", "found_high", "false_alarms_low", "false_alarms_high", and "in_force", "computed",
 * "proposed", whether it is that one; "pictures", those that were given: "path", "label" (1: bad), "image_score",
 * "pixel_score" (its highest pixel) or "error"; "written"; "page", where it was drawn. A pixel threshold is tuned on
 * the highest pixel of each picture that was given, above which its mask is not empty; the bank keeps none of its own
 * pictures, so without `ok` "good" is 0 there and none is proposed. `progress` hears the stage "inspecting" and may be
 * NULL, as `options`. Errors: as okng_inspect_paths and okng_bank_choose; ARGUMENT where the rule needs pictures that
 * are not there, and where the page would take the place of a tune.html or tune_files/data.js that okng did not write.
 */
OKNG_API okng_status okng_tune(const char *bank_dir, const okng_tune_options *options, okng_progress_fn progress,
                               void *user, char **json, okng_error *error);

/* ---- texts ------------------------------------------------------------------------------------- */

/* CLIP's vocabulary of byte pairs: makes the numbers of a text that text towers read. Opaque, never changes, may be
 * shared by threads. */
typedef struct okng_tokenizer okng_tokenizer;

enum {
    OKNG_TEXT_TOKENS = 77,    /* that a tower reads at most, with start and end */
    OKNG_TOKEN_START = 49406, /* the ids of both */
    OKNG_TOKEN_END = 49407
};

/* What is mended in a text before anything else. The originals let the library ftfy do so. */
typedef enum okng_text_fix {
    OKNG_TEXT_FIX_NONE = 0,
    /* As ftfy: curly quotes become straight, Latin ligatures and full and half width forms plain; controls and what
     * colours terminals vanish; line ends, the composed form NFC, and names of HTML once more where the text holds no
     * "<". What was decoded wrongly (mojibake) stays as it is. */
    OKNG_TEXT_FIX_BASIC
} okng_text_fix;

/* How a text may write the tokens of start and end itself. Those of one kind are ordinary text to the other. */
typedef enum okng_special_tokens {
    OKNG_SPECIAL_TOKENS_OPEN_CLIP = 0, /* <start_of_text> <end_of_text> */
    OKNG_SPECIAL_TOKENS_OPENAI         /* <|startoftext|> <|endoftext|> */
} okng_special_tokens;

/* Fill with okng_init: that is what open_clip does, but for its use of ftfy. */
typedef struct okng_text_options {
    size_t struct_size;
    int32_t strict; /* 1: a text of more than OKNG_TEXT_TOKENS is an error; 0: it is cut, its last token is the end */
    okng_text_fix fix;
    okng_special_tokens special;
} okng_text_options;

/* Opens the vocabulary at `path`: bpe_simple_vocab_16e6.txt.gz, as published or unpacked; vocab.json with merges.txt
 * beside it; tokenizer.json; or a folder with one of these. What it is is told by what is in it. Errors: NOT_FOUND, IO,
 * FORMAT (damaged, cut off, another model's), LIMIT, MEMORY. */
OKNG_API okng_status okng_tokenizer_open(okng_tokenizer **out, const char *path, okng_error *error);
/* The path of the vocabulary: `given` where it is not NULL or "", else the one in the folder of the weight file
 * `weights` (may be NULL or ""), else the one in the cache folder ($XDG_CACHE_HOME/okng/weights). It is not opened.
 * Errors: NOT_FOUND, which says how to get it; LIMIT. */
OKNG_API okng_status okng_vocabulary_find(const char *given, const char *weights, char path[OKNG_PATH_MAX],
                                          okng_error *error);
/* The ids of `text`, UTF-8 of at most 4 MiB, into `ids` [OKNG_TEXT_TOKENS]: start, the text's, end, then zeros.
 * *length: how many are not those zeros. *cut (may be NULL): 1 where the text had more and was cut. `options` may be
 * NULL. Takes time by n log n of the text's length. Errors: ARGUMENT (not UTF-8, naming the first bad byte), LIMIT (too
 * long; with `strict` naming the text and the number of its tokens), MEMORY. */
OKNG_API okng_status okng_tokenizer_encode(const okng_tokenizer *tokenizer, const char *text,
                                           const okng_text_options *options, int32_t *ids, int32_t *length,
                                           int32_t *cut, okng_error *error);
OKNG_API void okng_tokenizer_close(okng_tokenizer **tokenizer); /* NULL is fine */

/* ---- words and pictures ------------------------------------------------------------------------- */

/* A CLIP: two networks that bring texts and pictures to vectors of one space, and the vocabulary of the texts. Opened
 * once, compiled for what is asked for. Opaque; owned by the caller. Threads may share one: what they ask for takes
 * turns, and each is worked on by options.threads threads, of which no bit depends on the number. */
typedef struct okng_encoders okng_encoders;

/* From the options that name "text-embed" or "embed" among their verbs: backbone ("clip-..."), weights, vocabulary,
 * activation, how pictures are brought to the network's input: where neither resize nor pixels nor crop says, they are
 * squashed to the square that it was made for. A vocabulary is looked for when the first text comes,
 * and the text tower of the weights too: a file of the image tower alone serves pictures. Errors: NOT_FOUND (no CLIP of
 * that name, no weights), MISMATCH (weights of another network, naming the tensor), those of okng_weights_open. */
OKNG_API okng_status okng_encoders_open(okng_encoders **out, const okng_build_options *options, okng_error *error);
OKNG_API void okng_encoders_close(okng_encoders **encoders);

typedef struct okng_encoders_info {
    size_t struct_size; /* set by okng_init */
    int32_t embedding;  /* E, dimensions of the space */
    double logit_scale; /* what the checkpoint multiplies cosines by, before a softmax; 100 where it does not say */
    okng_activation activation; /* of its blocks; never AUTO */
    uint64_t texts_cut;         /* of those that were embedded so far: had more tokens than OKNG_TEXT_TOKENS */
} okng_encoders_info;
OKNG_API okng_status okng_encoders_get_info(okng_encoders *encoders, okng_encoders_info *info, okng_error *error);

/* float32 [count, E] of UTF-8 texts; of pictures, one at a time, whatever their sizes. As the network gives them, or
 * with `normalize` 1 of length 1. `options` and `progress`, which hears the stages "texts" and "features", may be NULL.
 * Errors: ARGUMENT (nothing to embed), NOT_FOUND (no vocabulary, saying how to get it), LIMIT (options->strict, and a
 * text is too long), MISMATCH (weights without a text tower; a vector of zeros or with what is not finite), CANCELLED,
 * those of okng_embed. */
OKNG_API okng_status okng_encoders_texts(okng_array **out, okng_encoders *encoders, const char *const *texts,
                                         size_t count, const okng_text_options *options, int32_t normalize,
                                         okng_progress_fn progress, void *user, okng_error *error);
OKNG_API okng_status okng_encoders_pictures(okng_array **out, okng_encoders *encoders,
                                            const okng_picture *const *pictures, size_t count, int32_t normalize,
                                            okng_progress_fn progress, void *user, okng_error *error);
/* Tokens of a picture's patches after the blocks that the option `layers` names ("blocks.5"; "norm" is after the last
 * norm), side by side: float32 [rows * columns, W * layers], row-major, without the class token. Errors: as
 * okng_embed. */
OKNG_API okng_status okng_encoders_patches(okng_array **out, okng_encoders *encoders, const okng_picture *picture,
                                           okng_error *error);

/* How alike float32 pictures [N, E] and texts [M, E] are, whatever their lengths: float32 [N, M], with `scale` 0 the
 * cosines, else of each picture the softmax over the texts of scale x cosine (okng_encoders_info.logit_scale). Errors:
 * ARGUMENT, MISMATCH (dimensions), MEMORY. */
OKNG_API okng_status okng_similarity(okng_array **out, const okng_array *pictures, const okng_array *texts,
                                     double scale, okng_error *error);

/* ---- experiments on disk --------------------------------------------------------------------- */

/* An experiment is a folder <dataset>/<method>/<name> with a folder per category, each with metrics.json and
 * scores.json, as `okng eval` and `okng run` write them. */

/* TEXT and MARKDOWN are for people: percent, MiB, milliseconds; TEXT has what fits on a terminal. CSV and JSON have
 * every figure by its key, shares in 0..1, 9 significant digits. */
typedef enum okng_table_form {
    OKNG_TABLE_TEXT = 0,
    OKNG_TABLE_CSV,
    OKNG_TABLE_MARKDOWN,
    OKNG_TABLE_JSON /* an array with an object per row */
} okng_table_form;

/* Joins the experiments that `dirs` are or that lie below them (8 folders deep; links to folders are not followed)
 * into one table: a row per experiment with the means over its categories, or with `per_category` != 0 a row per
 * category. A mean leaves out the categories that lack the figure. `text` is released with okng_text_free. Errors:
 * NOT_FOUND for a folder without experiments, FORMAT and LIMIT of a metrics.json, IO, MEMORY. */
OKNG_API okng_status okng_collect(const char *const *dirs, size_t count, int32_t per_category, okng_table_form form,
                                  char **text, okng_error *error);

typedef struct okng_plot_info {
    size_t struct_size;          /* set by okng_init */
    uint64_t experiments, files; /* found, figures written */
    int32_t has_png;             /* 0: libcairo.so.2 is not installed, so only SVG was written */
} okng_plot_info;

/* Draws the figures of every experiment in or below `dir` into its folder figures/, as SVG and PNG: categories, stages,
 * and of each category ROC, per-region overlap, scores; and writes its report.html, one file that needs nothing
 * else. Where there are several, dir/figures/experiments compares them. Every file appears whole or not at all. `info`
 * may be NULL. Errors: as okng_collect. */
OKNG_API okng_status okng_plot(const char *dir, okng_plot_info *info, okng_error *error);

/* ---- data sets ------------------------------------------------------------------------------ */

/* What a sample is for. VALIDATION: good pictures that are not learned, from which thresholds may come. */
typedef enum okng_split { OKNG_SPLIT_TRAIN = 0, OKNG_SPLIT_VALIDATION = 1, OKNG_SPLIT_TEST = 2 } okng_split;

/* A picture of a category. All strings are owned by the okng_samples. */
typedef struct okng_sample {
    size_t struct_size; /* set by the library */
    const char *path;   /* to open it */
    const char *name;   /* relative to the category's folder, '/' between parts, unique: "test/crack/000.png" */
    okng_split split;
    int32_t label;    /* 0 good, 1 has a defect; always 0 outside of TEST */
    const char *kind; /* "good", or the kind of the defect: "crack" */
    const char *const
        *masks;        /* pictures that are above 0 where the defect is, to be united; NULL when mask_count is 0 */
    size_t mask_count; /* 0 for good pictures, and where the category has no masks */
    const struct okng_outlines *outlines; /* of the data sets labelme, coco and yolo: what masks[0] holds of this
                                             picture, read by okng_sample_mask in its place; else NULL */
} okng_sample;

/* Which part of a data set is used. Fill with okng_dataset_options_init. New fields are only ever added at the end. */
typedef struct okng_dataset_options {
    size_t struct_size;
    char categories[OKNG_PATH_MAX]; /* "all", or names with commas between them */
    int32_t k_shot;           /* train pictures, drawn uniformly without replacement; 0 = all, in experiments with a
                                 method that needs no pictures none; -1 = all with any method */
    double validation;        /* 0..0.9: part of the train pictures that is held out, before k_shot; 0 = none */
    int64_t max_test_samples; /* 0 = all; else at least 2, of which good and bad keep their shares */
    uint64_t seed;            /* of all of these draws */
    /* dataset "folder": paths below the root, or absolute */
    char normal[OKNG_PATH_MAX];      /* good pictures to learn */
    char normal_test[OKNG_PATH_MAX]; /* good pictures to test; "": test_ratio of `normal` */
    char abnormal[OKNG_PATH_MAX];    /* bad pictures; several with commas between them */
    char masks[OKNG_PATH_MAX];       /* "": none */
    double test_ratio;               /* 0..0.9; also of sets that have no good pictures to test */
    /* dataset "csv" */
    char csv[OKNG_PATH_MAX]; /* below the root or absolute; "": the root is the file itself, or the only .csv in it */
    /* datasets "real-iad" and "coco": paths below the root, or absolute; "": found where the set has them */
    char annotations[OKNG_PATH_MAX]; /* folder of the splits; file of the annotations */
    char pictures[OKNG_PATH_MAX];    /* folder that the pictures' paths in it begin at */
} okng_dataset_options;

OKNG_API void okng_dataset_options_init_sized(okng_dataset_options *options, size_t struct_size);
#define okng_dataset_options_init(options) okng_dataset_options_init_sized((options), sizeof *(options))
/* Sets one option by its name ("k-shot"; '_' reads as '-'; "category" is categories) from text, and gets it as such, as
 * okng_build_options_set and okng_build_options_get. Errors: ARGUMENT. */
OKNG_API okng_status okng_dataset_options_set(okng_dataset_options *options, const char *name, const char *value,
                                              okng_error *error);
OKNG_API okng_status okng_dataset_options_get(const okng_dataset_options *options, const char *name, char *text,
                                              size_t size, okng_error *error);

/* A layout that okng_dataset_open knows. Strings are static. */
typedef struct okng_dataset_info {
    size_t struct_size; /* set by okng_init */
    const char *name;   /* "mvtec" */
    const char *help;   /* one line: what it expects */
} okng_dataset_info;
OKNG_API size_t okng_dataset_type_count(void);
OKNG_API okng_status okng_dataset_type_get(size_t i, okng_dataset_info *info, okng_error *error);

/* Opaque; owned by the caller. Immutable after opening: safe to share between threads. */
typedef struct okng_dataset okng_dataset;
/* Finds the categories of the data set below `root`. `options` may be NULL: all of everything. Errors: ARGUMENT (an
 * unknown dataset; an unknown category, naming those that exist and the nearest), NOT_FOUND (not that layout), IO,
 * FORMAT (a CSV), MEMORY. */
OKNG_API okng_status okng_dataset_open(okng_dataset **out, const char *dataset, const char *root,
                                       const okng_dataset_options *options, okng_error *error);
OKNG_API size_t okng_dataset_category_count(const okng_dataset *dataset);
/* Categories chosen, in byte order. Owned by the data set; NULL when i is out of range. */
OKNG_API const char *okng_dataset_category(const okng_dataset *dataset, size_t i);
OKNG_API void okng_dataset_close(okng_dataset **dataset);

/* The samples of one category. Opaque; owned by the caller; outlives the data set. */
typedef struct okng_samples okng_samples;
/* Lists category `name` and draws its splits: the same folder, options and seed always give the same list, sorted by
 * name in byte order. Train and test have each at least one picture. Files are looked for, not decoded. Errors:
 * ARGUMENT (no such category; k_shot above what is there), NOT_FOUND (a picture or a mask, naming it; an empty train or
 * test), IO, FORMAT, MEMORY. */
OKNG_API okng_status okng_samples_open(okng_samples **out, const okng_dataset *dataset, const char *category,
                                       okng_error *error);
OKNG_API size_t okng_samples_count(const okng_samples *samples);
/* Sample i; NULL when i is out of range. */
OKNG_API const okng_sample *okng_samples_get(const okng_samples *samples, size_t i);
/* 1 when every bad picture has a mask; a category has masks for all of them or for none. */
OKNG_API int32_t okng_samples_have_masks(const okng_samples *samples);
OKNG_API void okng_samples_free(okng_samples **samples);

/* The truth of a sample: uint8 mask[height * width], 1 where the defect is, 0 elsewhere; `width` and `height` are those
 * of the picture. A mask's pixel counts when any of its colours is above 0 (in a JPEG: at least 128); several masks are
 * united; without any, all is 0. Errors: MISMATCH (a mask of another size), NOT_FOUND, IO, FORMAT, LIMIT, MEMORY. */
OKNG_API okng_status okng_sample_mask(const okng_sample *sample, int32_t width, int32_t height, uint8_t *mask,
                                      okng_error *error);

/* ---- experiments ---------------------------------------------------------------------------- */

/* A configuration that is run over the categories of a data set: each is learnt, inspected and measured. Opaque; owned
 * by the caller; used by one thread. */
typedef struct okng_experiment okng_experiment;

/* An experiment without a file. Fill with okng_init; NULL and 0 mean the default in brackets. */
typedef struct okng_experiment_setup {
    size_t struct_size;
    const char *name;                 /* of its folder ["default"] */
    const char *output_root;          /* ["results"] */
    const char *dataset, *root;       /* a name of okng_dataset_type_get ["mvtec"], and where it lies */
    const okng_dataset_options *data; /* its seed is that of `build` [all categories] */
    const okng_build_options *build;  /* [okng_build_options_init] */
    const char *pretrained; /* root of saved models of patchcore-inspection, or an anomalib checkpoint [none] */
    int32_t latency_runs;   /* pictures that are timed one by one [the default]; -1: none */
    int32_t examples;       /* test pictures that are drawn [the default]; -1: all; -2: none */
    int32_t save_maps;      /* 1: their anomaly maps are saved too */
    okng_pro_mode pro_mode;
    const char *submission; /* of mvtec-ad2: folder, and with .tar.gz archive, of what its server takes [none] */
} okng_experiment_setup;
OKNG_API okng_status okng_experiment_new(okng_experiment **out, const okng_experiment_setup *setup, okng_error *error);
/* From a YAML file and settings ("data.k_shot=4") on top of it; see docs/experiments.md for the keys. Errors:
 * NOT_FOUND, IO, FORMAT, LIMIT, and ARGUMENT naming file and line, or the setting. */
OKNG_API okng_status okng_experiment_load(okng_experiment **out, const char *path, const char *const *settings,
                                          size_t setting_count, okng_error *error);
OKNG_API void okng_experiment_free(okng_experiment **experiment);
/* Features and bank: what the configuration says, to be completed (with weights) and given back. */
OKNG_API okng_status okng_experiment_get_build(const okng_experiment *experiment, okng_build_options *build,
                                               okng_error *error);
OKNG_API okng_status okng_experiment_set_build(okng_experiment *experiment, const okng_build_options *build,
                                               okng_error *error);
/* The resolved configuration as YAML; release with okng_text_free. */
OKNG_API okng_status okng_experiment_yaml(const okng_experiment *experiment, char **yaml, okng_error *error);

typedef enum okng_category_state {
    OKNG_CATEGORY_WAITING = 0,
    OKNG_CATEGORY_FINISHED,
    OKNG_CATEGORY_SKIPPED, /* finished by an earlier run */
    OKNG_CATEGORY_FAILED
} okng_category_state;

/* What came of a category. Pointers are the experiment's. Figures are NaN, counts 0 where it is not finished. */
typedef struct okng_category_info {
    size_t struct_size; /* set by okng_init */
    const char *category;
    okng_category_state state;
    int64_t train_images, test_images, defects, found, false_alarms;
    const okng_metrics *metrics;      /* image figures, and pixel figures at the pictures' own size */
    const okng_metrics *metrics_crop; /* pixel figures at the network's input, as patchcore-inspection reports them */
    double image_threshold, pixel_threshold;
    double latency_p50, latency_p95, latency_p99; /* ms from file to map, one picture at a time on all threads */
    double throughput;                            /* pictures per second, up to 16 at a time */
    int64_t peak_bytes;                           /* of the process, while the category was worked on */
    int64_t bank_rows, bank_bytes, parameters;
    double flops;          /* of one picture */
    const double *figures; /* [okng_figure_count()] every figure, the above among them */
} okng_category_info;

typedef enum okng_experiment_event_kind {
    OKNG_EXPERIMENT_STARTED = 0, /* a category */
    OKNG_EXPERIMENT_FINISHED,
    OKNG_EXPERIMENT_SKIPPED,
    OKNG_EXPERIMENT_FAILED, /* `text` says why */
    OKNG_EXPERIMENT_WARNING /* `text` says what */
} okng_experiment_event_kind;
typedef struct okng_experiment_event {
    size_t struct_size; /* set by the library */
    okng_experiment_event_kind kind;
    size_t index, count;            /* of the category, and categories in all */
    const okng_category_info *info; /* of the category */
    const char *text;               /* NULL unless said above */
} okng_experiment_event;
/* Called from the thread of okng_experiment_run. */
typedef void (*okng_experiment_fn)(const okng_experiment_event *event, void *user);

enum {
    OKNG_EXPERIMENT_FORCE = 1,     /* replace what another configuration left in the folder */
    OKNG_EXPERIMENT_PUBLISHED = 4, /* report.html with what others published for the same data set beside it */
    OKNG_EXPERIMENT_KEEP_GOING = 2 /* a category that fails does not end the run, which then fails at its end */
};
/* Runs the experiment into okng_experiment_folder(): for each category metrics.json, metrics.csv, scores.json, the
 * bank, overlays and anomaly maps; a summary after each; report.html and figures/ at the end. A category whose
 * metrics.json is there was finished by an earlier run of the same configuration and is skipped, so a run that was
 * stopped or killed is continued by starting it again. All figures but times and memory are the same for any number of
 * threads. `progress` hears the stages "features", "coreset", "calibration", "inspecting", "latency", "examples". Both
 * callbacks may be NULL; `user` goes to both. Errors: those of okng_build, okng_inspect, data sets and files; BUSY when
 * another run writes the folder; MISMATCH when it holds finished categories of another configuration; CANCELLED. */
OKNG_API okng_status okng_experiment_run(okng_experiment *experiment, unsigned flags, okng_progress_fn progress,
                                         okng_experiment_fn listener, void *user, okng_error *error);

/* After a run, whatever came of it. Strings are the experiment's; NULL before a run. */
OKNG_API const char *okng_experiment_folder(const okng_experiment *experiment);
OKNG_API size_t okng_experiment_category_count(const okng_experiment *experiment);
OKNG_API okng_status okng_experiment_category(const okng_experiment *experiment, size_t i, okng_category_info *info,
                                              okng_error *error);
/* What came of the experiment as a JSON document: the summary's metrics.json with "folder", "report" and, by category,
 * "states" ("waiting", "finished", "finished earlier", "failed"). Release with okng_text_free. Errors: ARGUMENT before
 * a run, IO, FORMAT, MEMORY. */
OKNG_API okng_status okng_experiment_json(const okng_experiment *experiment, char **json, okng_error *error);

/* ---- measuring ------------------------------------------------------------------------------ */

/* What is measured on. Fill with okng_init; NULL and 0 stand for made inputs and for defaults. */
typedef struct okng_bench_inputs {
    size_t struct_size;       /* sizeof(okng_bench_inputs) */
    const char *bank, *query; /* knn: float32 .npy [M, D] and [Q, D] */
    const char *rows;         /* coreset: float32 .npy [N, D] */
    const char *pictures;     /* image, start: a file; bank: a file or a folder */
    const char *ok_dir;       /* build: a folder of good pictures */
    const char *bank_dir;     /* start, bank */
    const char *command;      /* start: the okng program, whose start is timed; NULL: opening a bank is */
    int64_t made_rows;        /* knn, coreset */
    int32_t made_dim;         /* knn, coreset */
    int32_t size, batch;      /* network, gradient: side of the input (224; 512), pictures at a time (1) */
    int32_t k;                /* knn: neighbours (1) */
    int32_t repeats;          /* 0: for about a second, at least 3; of build 1 */
    int32_t loaded;           /* 1: while a busy process for each core beside one takes what it can get */
} okng_bench_inputs;

/* Times a part of the pipeline: "ceiling" (what the machine can do at most), "network", "knn", "coreset", "image",
 * "build", "start", "bank" (inspection with a bank, each stage of it, and throughput), "gradient" (AF-CLIP's adapter
 * forward and backward, as a training step does it; the backbone is a CLIP). `options` say how the part is
 * made (backbone, layers, coreset, threads ...); a backbone without weights gets made ones. `json`: an array with an
 * object for each thing that was measured: "stage", "part" (where a stage has several), "what" (for people),
 * "median_ms", "min_ms", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "spread" (interquartile range / median), "repeats",
 * "threads", "precision", "peak_bytes" (resident memory of this process since the call began, or of the one that was
 * started), and where they make sense "min_cpu_ms" (computing time of all threads, the least), "flop", "bytes" of one
 * repetition and the rates "gflops", "gbps", "per_second" at the median (of ceiling at the least time). Operations of
 * knn and coreset are those of the plain algorithm, so their rates may pass the machine's ceiling. Release with
 * okng_text_free. `progress` may be NULL; it hears the stage "measuring" and can stop the work. Files are written only
 * below $TMPDIR (else /tmp), and removed. Errors: as those of the function that is measured; NOT_FOUND for an unknown
 * stage, CANCELLED. */
OKNG_API okng_status okng_bench(const char *stage, const okng_bench_inputs *inputs, const okng_build_options *options,
                                okng_progress_fn progress, void *user, char **json, okng_error *error);

/* ---- lists of pictures ---------------------------------------------------------------------- */

/* What okng_picture_list_open did not list though it is one or more pictures. Strings are the list's. */
typedef struct okng_left_out {
    size_t struct_size; /* set by okng_init */
    const char *path;   /* relative to the listed folder */
    const char *what;   /* its kind: "HEIC", "camera raw", "pipe", "socket", "device"; of a folder "thumbnails" */
    int32_t is_folder;
} okng_left_out;
/* How many files and folders were left out, and how many of them are files. 0 for NULL. */
OKNG_API size_t okng_picture_list_left_out_count(const okng_picture_list *list);
OKNG_API size_t okng_picture_list_left_out_files(const okng_picture_list *list);
/* The i-th of them, in byte order of their paths. Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_picture_list_left_out(const okng_picture_list *list, size_t i, okng_left_out *left,
                                                okng_error *error);

/* ---- pictures as files ---------------------------------------------------------------------- */

/* A picture as the bytes of a PNG in RGB, as it is inspected: Bayer patterns in colour, samples of more than 8 bits by
 * their upper 8. `side` > 0: not larger than that on its longer side (bilinear); 0: as it is. Release with
 * okng_bytes_free. Errors: ARGUMENT, LIMIT (more than 100 million pixels), MEMORY, those of decoding. */
OKNG_API okng_status okng_picture_png(const okng_picture *picture, int32_t side, void **bytes, size_t *size,
                                      okng_error *error);
/* The width and height of a picture as it is inspected, read from the file's header where that says them, else by
 * decoding. `max_pixels`: of the largest that is fine. Errors: ARGUMENT, LIMIT, those of decoding. */
OKNG_API okng_status okng_picture_size(const okng_picture *picture, uint64_t max_pixels, int32_t *width,
                                       int32_t *height, okng_error *error);

/* ---- advice --------------------------------------------------------------------------------- */

/* What came of trying sizes of the network's input. Opaque; owned by the caller. */
typedef struct okng_advice okng_advice;

/* Of one size. */
typedef struct okng_advice_size {
    size_t struct_size;    /* set by okng_init */
    int32_t height, width; /* of the network's input */
    int64_t pixels;        /* the option that comes to it; 0: the option resize does, with height and width */
    double patch_height, patch_width; /* pixels of the picture of middle aspect to a patch */
    double auroc;                     /* of picture scores, good against bad; NaN where there are none of one kind */
    double milliseconds;              /* median of decoding and scoring a picture, with options.threads */
    double seconds;                   /* of learning */
    uint64_t bank_bytes, peak_bytes;  /* of the rows as float32; of the process meanwhile, 0 where that is not known */
    int32_t proposed;                 /* 1: of those within 0.01 of the best AUROC that of fewest pixels */
} okng_advice_size;

typedef struct okng_advice_info {
    size_t struct_size;                    /* set by okng_init */
    uint64_t sizes;                        /* that were tried */
    uint64_t learnt, good, bad;            /* pictures: learnt; scored */
    int32_t made;                          /* 1: the bad ones are good ones with made defects */
    int32_t picture_height, picture_width; /* of the good picture of middle aspect */
    int32_t aspects_differ;                /* 1: by more than 2 %, so only squares were tried */
} okng_advice_info;

/* Learns at a few sizes, and scores pictures that were not learnt: the pictures' aspect at once, twice and four times
 * the pixels that the network was made for, and a square of as many; squares alone where aspects differ. A quarter of
 * the good pictures (at most 40, spread over the list) is scored, of the others at most 200 are learnt. `ng` are bad
 * ones, of which at most 100 are scored; with ng_count 0 each of the scored good ones is scored twice more, with a
 * scratch, a spot or a moved square made into it, by options.seed (rule: docs/sizes.md). options.resize_..., pixels and
 * crop are not looked at. Nothing is written. `progress` may be NULL; it hears the stages of learning and "inspecting"
 * for each size. Errors: ARGUMENT (fewer than 8 good pictures; a method that needs none), those of okng_build and
 * okng_inspect. */
OKNG_API okng_status okng_advise(okng_advice **out, const char *const *ok, size_t ok_count, const char *const *ng,
                                 size_t ng_count, const okng_build_options *options, okng_progress_fn progress,
                                 void *user, okng_error *error);
OKNG_API okng_status okng_advice_get_info(const okng_advice *advice, okng_advice_info *info, okng_error *error);
/* Errors: ARGUMENT (out of range). */
OKNG_API okng_status okng_advice_get_size(const okng_advice *advice, size_t i, okng_advice_size *size,
                                          okng_error *error);
OKNG_API void okng_advice_free(okng_advice **advice); /* NULL is fine */

/* ---- files ---------------------------------------------------------------------------------- */

/* Writes a file as the library writes all of its own: `path` is the old file or the whole new one at every moment, and
 * a process that is killed leaves at most ".NAME.okng-tmp" beside it (a number after it where several write at once;
 * for a NAME above 128 bytes its hash), which the next write of `path` removes. A link is written through. What takes
 * another file's place is on the disk before. `data` may be NULL where `size` is 0. Errors: ARGUMENT (no path, no
 * data), IO, NOT_FOUND (no folder), MEMORY. */
OKNG_API okng_status okng_file_write(const char *path, const void *data, size_t size, okng_error *error);

/* ---- demo ----------------------------------------------------------------------------------- */

/* Draws made-up products in MVTec layout: DIR/<category>/train/good, test/good, test/<defect> (JPEG, 256 x 256) and
 * ground_truth/<defect>/NNN_mask.png, which marks exactly what the defect changes. `category` NULL takes all. Those of
 * an earlier demo are replaced. The same seed gives the same bytes for any number of threads. `progress` hears the
 * stage "pictures". Errors: ARGUMENT (an unknown category; the message lists those that are known; a folder of a
 * category that holds other files), IO, MEMORY, CANCELLED. */
OKNG_API okng_status okng_demo_write(const char *dir, const char *category, uint64_t seed, int32_t threads,
                                     okng_progress_fn progress, void *user, okng_error *error);

/* "Did you mean": the nearest of `candidates` by edit distance (the first of equals), itself one of them. NULL when all
 * differ from `word` by so much that another word was meant. */
OKNG_API const char *okng_suggest(const char *word, const char *const *candidates, size_t count);

/* A text of okng's own in the language of okng_set_language, `english` itself where the catalogue lacks it; never to be
 * released. Of a format the translation is taken only where it asks for the same arguments. */
OKNG_API const char *okng_translate(const char *english);
#if defined(__GNUC__)
__attribute__((format_arg(1)))
#endif
OKNG_API const char *
okng_translate_format(const char *english);

/* ---- weights of CLIPs ---------------------------------------------------------------------------- */

typedef enum okng_text_tower {
    OKNG_TEXT_TOWER_NONE = 0, /* vision only; or the backbone is no CLIP */
    OKNG_TEXT_TOWER_WHOLE,    /* all of it, in the backbone's shapes */
    OKNG_TEXT_TOWER_OTHER     /* a part of it, or another's */
} okng_text_tower;

/* How weights fit a backbone. Fill with okng_init. */
typedef struct okng_backbone_fit {
    size_t struct_size;
    int32_t layers;             /* those that they hold, from the first: okng_backbone_fits */
    const char *layout;         /* of a CLIP whose names they bear: "open_clip", "timm"; "" of all others; static */
    okng_text_tower text;       /* what they hold of the text tower */
    okng_activation activation; /* that a CLIP is run with where none is asked for; AUTO of all others */
    char text_problem[1020];    /* of OTHER: what is missing or mis-shaped; "" else */
} okng_backbone_fit;
/* Errors: those that okng_backbone_fits tells where the weights do not fit; NOT_FOUND (an unknown backbone), MEMORY. */
OKNG_API okng_status okng_backbone_fit_get(const char *backbone, const okng_weights *weights, okng_backbone_fit *fit,
                                           okng_error *error);

/* ---- public files ------------------------------------------------------------------------------- */

/* A file that others publish and `okng weights get` brings: the weights of a backbone, or the vocabulary of CLIP's
 * tokenizer. Texts are static. Fill with okng_init. */
typedef struct okng_public_file {
    size_t struct_size;
    const char *name; /* what it is asked for by: "resnet18", "clip-vocabulary" */
    const char *url;
    const char *hash_prefix; /* how its SHA-256 begins, hex; "" where its publisher states none */
    const char *sha256;      /* all 64 digits, where they are stated; "" else */
    int64_t bytes;           /* its size; 0 where that is not known */
    const char *licence;
    int32_t is_weights; /* 1: okng_weights_open reads it */
} okng_public_file;
/* Errors: NOT_FOUND, naming those known; ARGUMENT (built in: it needs no file). */
OKNG_API okng_status okng_public_file_find(const char *name, okng_public_file *file, okng_error *error);
/* Where it is kept for all users of this library (okng_backbone_cache), whether it is there or not. Errors: likewise.
 */
OKNG_API okng_status okng_public_file_cache(const char *name, char *path, size_t size, okng_error *error);

/* ---- training AF-CLIP --------------------------------------------------------------------------- */

/* What is trained. Fill with okng_init. */
typedef struct okng_train_options {
    size_t struct_size;
    const char *config;          /* a YAML file, see docs/clip.md for the keys; NULL: the defaults */
    const char *const *settings; /* "training.lr=0.0002": keys of it, on top [setting_count] */
    size_t setting_count;
} okng_train_options;

typedef enum okng_train_event_kind {
    OKNG_TRAIN_CACHE = 0, /* tokens of `pictures` pictures are about to be written: `bytes` in all, into `text` */
    OKNG_TRAIN_RESUMED,   /* `text` holds a training that is gone on with behind `step` */
    OKNG_TRAIN_STEP,      /* a step was made */
    OKNG_TRAIN_SAVED      /* all is in `text`, as it is after `step` */
} okng_train_event_kind;

/* What happens while training. Losses of a batch: total = image + lambda1 (focal + l1) + lambda2 alignment. */
typedef struct okng_train_event {
    size_t struct_size; /* set by the library */
    okng_train_event_kind kind;
    const char *text;         /* a folder; NULL unless said above */
    uint64_t step, steps;     /* made; in all */
    uint64_t epoch;           /* from 1 on; of STEP */
    uint64_t pictures, bytes; /* of CACHE; pictures of a step */
    double loss, mean;        /* of STEP: of the step; mean of the steps of its epoch so far */
    double image, focal, l1, alignment;
    double pictures_per_second, seconds_left; /* of STEP; since this call began to train */
} okng_train_event;
typedef void (*okng_train_fn)(const okng_train_event *event, void *user);

/* What came of it. Fill with okng_init. */
typedef struct okng_train_report {
    size_t struct_size;
    uint64_t steps, first_step;         /* made in all; those that earlier calls made */
    uint64_t pictures, bad, categories; /* trained on */
    uint64_t parameters;                /* trained numbers */
    int32_t streams;                    /* of 12 that went through the adapter at a time */
    double loss, mean;                  /* of the last step; mean of the steps of its epoch */
    double seconds;                     /* of this call's steps */
    uint64_t cache_bytes, peak_bytes;   /* tokens on disk; of the process, 0 where that is not known */
} okng_train_report;

/* Trains the prompt and the adapter of AF-CLIP on the test pictures of a data set with their masks, into the folder
 * training.out: afclip.safetensors and checkpoint.json, which the methods afclip and miniclip take as their checkpoint;
 * losses.csv and losses.svg; training.safetensors, by which a training that was stopped, killed or given more epochs
 * goes on bit by bit as if nothing had been. The same data, options and seed give the same bytes for any number of
 * threads. `progress` hears the stages "masks", "tokens" and "training" and can stop the work: all is saved then.
 * `listener` is called from the calling thread. Both may be NULL; `user` goes to both; `report` may be NULL. Errors:
 * those of reading the configuration, of data sets, weights and pictures; ARGUMENT (no picture with a defect, no masks,
 * a folder with something else in it); MISMATCH (a mask of another size, a cache of another network, a checkpoint of
 * another width, a folder with another training; a loss that is not finite, or values beyond what a checkpoint may
 * hold, naming the step); LIMIT (training.memory), IO (a full disk; what was saved before stays), BUSY, CANCELLED,
 * MEMORY. */
OKNG_API okng_status okng_train_afclip(const okng_train_options *options, okng_progress_fn progress,
                                       okng_train_fn listener, void *user, okng_train_report *report,
                                       okng_error *error);

/* ---- AF-CLIP: released files --------------------------------------------------------------------- */

/* The two files that AF-CLIP's code saves of what it learnt. Fill with okng_init. */
typedef struct okng_afclip_files {
    size_t struct_size;
    const char *prompt;   /* [1, 12, text width], a tensor alone (weight/mvtec_prompt.pt); or called so in more */
    const char *adapter;  /* a whole module (mvtec_adaptor.pt), a state dict, or .safetensors of the same names */
    const char *backbone; /* the CLIP that they were trained on; NULL = not known */
} okng_afclip_files;

typedef struct okng_afclip_report {
    size_t struct_size;        /* set by okng_init */
    int32_t width, text_width; /* of the image tower's tokens, and the text tower's */
    char backbones[512]; /* those whose widths these are, a space between two: "clip-vit-l-14 clip-vit-l-14-336" */
} okng_afclip_report;

/* Writes them as a checkpoint, the folder `out_dir`, which the methods afclip and miniclip take; a checkpoint that is
 * there is replaced, other files stay. Nothing from the files is run: of a module the tensors are read, and its classes
 * must be those of AF-CLIP's adapter, by their exact names. `report` may be NULL.
 * Errors: NOT_FOUND (a file, a tensor, a backbone), FORMAT (a shape, a number that is not finite), UNSUPPORTED (another
 * class, other heads), MISMATCH (files given the wrong way round, widths of no CLIP or of another one, a number beyond
 * 1000), ARGUMENT (what is in the folder would be lost), BUSY, IO, MEMORY. */
OKNG_API okng_status okng_import_afclip(const okng_afclip_files *files, const char *out_dir, okng_afclip_report *report,
                                        okng_error *error);

/* ---- export -------------------------------------------------------------------------------------- */

/* A bank as one graph of another runtime, from the picture to its result: docs/export.md. Fill with okng_init; NULL and
 * 0 are the defaults. */
typedef struct okng_export_options {
    size_t struct_size;
    const char *format;    /* "onnx" (the default), "openvino" */
    const char *out;       /* folder; made if need be. One that holds anything but exported models is refused */
    const char *name;      /* of the model's files; NULL = as the bank's folder is called, "okng" of one in memory. At
                              most 100 bytes, no '/' in it and no '.' before it */
    const char *precision; /* "fp32" (the default); "fp16": large constants are stored as float16 and cast back by the
                              graph, all is computed in float32 */
    const char *input;     /* "float" (the default): float32 [N, 3, height, width], RGB, 0..1; "uint8": [N, height,
                              width, 3], RGB, 0..255 */
    int32_t dynamic_batch; /* 1: any number of pictures at a time; 0: one */
    int32_t opset;         /* of ONNX, 17..20; 0 = 17, or 18 where pictures of any size are resized inside */
    int32_t resize;        /* 1: the picture comes in its own size, and the graph resizes and crops it as the bank does;
                              0: it comes in the network's input size */
    int32_t picture_height, picture_width; /* with resize: of all pictures, which then are resized bit by bit as the
                                              bank does. 0: any size, where the bank resizes to one size: bilinear and
                                              up to one grey level off, as nothing is rounded between its two passes */
    const float *threshold_image, *threshold_pixel; /* in place of the bank's own; NULL = those */
    uint64_t data_apart; /* of ONNX: constants of more bytes than this go to NAME.onnx.data; 0 = 2^30 */
} okng_export_options;

/* What was written. Fill with okng_init. */
typedef struct okng_export_report {
    size_t struct_size;
    char file[OKNG_PATH_MAX];   /* the model */
    uint64_t bytes, data_bytes; /* of it, and of the file beside it (0 = there is none) */
    int32_t opset;              /* of ONNX */
    int32_t height, width;      /* of the network's input */
    uint64_t operators;         /* nodes of the graph, constants not counted */
    uint64_t constants;         /* bytes of constants in memory, as float32 */
    uint64_t largest;           /* bytes of the largest value while it runs, for one picture */
    double flops;               /* multiply-adds x 2 of one picture */
} okng_export_report;

/* Writes the bank as a model into options->out: NAME.onnx, where need be with NAME.onnx.data; a model of that name is
 * replaced. Files appear whole or not at all. Its input is called "input", its outputs "anomaly_map" (float32 [N, 1,
 * height, width]), "pred_score" (float32 [N]), "pred_label" (bool [N]: NG) and "pred_mask" (bool [N, 1, height,
 * width]); the thresholds are the constants "image_threshold" and "pixel_threshold". `report` may be NULL.
 * Errors: ARGUMENT (a value of an option, a folder with other files, a bank without thresholds), UNSUPPORTED (naming
 * the method or the option that has no counterpart, a format that this build lacks), NOT_FOUND and MISMATCH of the
 * weights, LIMIT, IO (a full disk), MEMORY. */
OKNG_API okng_status okng_bank_export(const okng_bank *bank, const okng_export_options *options,
                                      okng_export_report *report, okng_error *error);

/* Fill with okng_init. */
typedef struct okng_verify_options {
    size_t struct_size;
    size_t count;                 /* of pictures, at least 1 */
    const okng_picture *pictures; /* NULL = `count` of those that the bank learnt from, where it knows them and they
                                     still are where they were */
    const char *samples;          /* a folder for what goes in and what okng makes of it, to try other runtimes with:
                                     0/input.npy, 0/anomaly_map.npy, 0/pred_score.npy, 0/pred_label.npy, 0/pred_mask.npy, 1/...
                                     NULL = none */
    int32_t threads;              /* 0 = all cores */
} okng_verify_options;

/* How the graph differs from okng at worst. Fill with okng_init. */
typedef struct okng_verify_report {
    size_t struct_size;
    uint64_t pictures;
    double score;                  /* |graph - okng| / |okng| */
    double map;                    /* of a pixel, beside the range of the picture's map; both beside the thresholds
                                      where a score or range is below a hundredth of those, as of a picture that was
                                      learnt with all its patches */
    uint64_t labels;               /* pictures whose verdicts differ */
    uint64_t mask_pixels, pixels;  /* pixels whose masks differ, of all */
    double score_limit, map_limit; /* that it must keep: 1e-5 and 1e-4; with fp16 1e-2 each, with a resize of any size
                                      5e-2 */
    int32_t agrees;                /* 1: it keeps them, and no label differs */
    double seconds;                /* of the graph, by okng's plain interpreter */
} okng_verify_report;

/* Runs an exported model (.onnx, .xml) by okng's own small interpreter on pictures, and holds what comes out against
 * what okng itself says of them. `report` may be NULL. Errors: NOT_FOUND, FORMAT, UNSUPPORTED of the file; MISMATCH
 * where its input or its outputs are not those of a model of this bank; ARGUMENT (no picture, or the bank knows none);
 * those of inspecting. Differences are no error. */
OKNG_API okng_status okng_export_verify(const okng_bank *bank, const char *file, const okng_verify_options *options,
                                        okng_verify_report *report, okng_error *error);

/* ---- recipes -------------------------------------------------------------------------------------- */

/* How a bank is packed. Fill with okng_init: that is the defaults. */
typedef struct okng_pack_options {
    size_t struct_size;
    /* Of the weights of convolutions and linear maps: "fp32" (NULL), "fp16", "bf16" or "int8", with one scale for each
     * output channel. With fp32 every result is that of the bank's folder, byte for byte; with less they differ by as
     * much as rounding makes of the network, and thresholds stay those of the folder. */
    const char *precision;
    const char *sign;    /* file of a private key, Ed25519 in PEM without a passphrase, that signs it; NULL = none */
    const char *weights; /* as in okng_bank_open */
    int32_t threads;     /* 0 = as many as there are cores */
} okng_pack_options;

/* Packs a bank folder, that of an ensemble, or a recipe, into one file `out` that needs nothing else: a recipe. Every
 * function that takes the folder of a bank takes its path in place of that, but for those that keep what they find out
 * in the folder. A recipe is mapped, so that processes share it: put another in its place by renaming, which those who
 * have it open do not notice. One that is made shorter or written to while it is open gives errors from then on; for
 * that the library takes SIGBUS over when the first is opened, and hands on those that are not about its own maps. The
 * same bank, options and version of okng give the same bytes, whatever the number of threads, on machines whose search
 * codes are of one form (docs/recipe-format.md). `out` appears whole or not at all; a recipe that is there is replaced.
 * `options` may be NULL. Errors: those of okng_bank_open; ARGUMENT (a precision that there is not, or another than that
 * of a recipe whose weights were rounded; `out` is a folder or a file that is no recipe, or lies in a bank), FORMAT (no
 * such key), LIMIT (weights too large for fp16), IO, MEMORY. */
OKNG_API okng_status okng_recipe_pack(const char *bank_dir, const char *out, const okng_pack_options *options,
                                      okng_error *error);

/* Opens a recipe as okng_bank_open does, if it was signed with the private key that goes with the public one in the
 * file `key` (Ed25519 in PEM), and checks all its bytes by their SHA-256. Who may write to the file while it is open
 * can still change what is computed: keep it where others cannot. Errors: those of okng_bank_open; MISMATCH (not
 * signed, by another key, changed since), FORMAT (no such key), ARGUMENT (a folder). */
OKNG_API okng_status okng_bank_open_signed(okng_bank **out, const char *recipe, const char *key, okng_error *error);

/* How a bank is run. Fill with okng_init: that is as it says itself. */
typedef struct okng_bank_run_options {
    size_t struct_size;
    const char *weights; /* as in okng_bank_open */
    const char *device;  /* what runs the network, in place of the device that the bank was built with; NULL = that one.
                            docs/engines.md has their names */
    int32_t whole;       /* 1: the device runs the whole bank as one graph, as okng_bank_export writes it, from the
                            network's input to the score: within 1e-5 of the score and 1e-4 of the map's range. Which
                            good patch is nearest to a place is not known then. A device that runs networks alone
                            ("cpu") is refused */
    int32_t threads; /* of that graph, for all pictures that are inspected at once; 0 = as many as there are cores */
} okng_bank_run_options;

/* Opens a bank as okng_bank_open does, to be run so. `options` may be NULL. Errors: those of okng_bank_open; ARGUMENT
 * (a device that there is not, naming those there are; a number of threads), UNSUPPORTED (the library or the provider
 * of the device is missing, or lacks the bank's precision; with `whole` the errors of okng_bank_export). */
OKNG_API okng_status okng_bank_open_to_run(okng_bank **out, const char *path, const okng_bank_run_options *options,
                                           okng_error *error);

/* ---- banks that grow ----------------------------------------------------------------------------- */

/* Fill with okng_init: that is the defaults. */
typedef struct okng_grow_options {
    size_t struct_size;
    const char
        *out_dir; /* where the new bank goes; NULL = in place of the old one, which is replaced when it is complete */
    const char *weights; /* the bank's weight file, where it has moved; NULL = as the bank recorded */
    int32_t threads;     /* 0 = all cores */
    double coreset; /* of okng_bank_shrink: part of all patch vectors that is kept, 0..1; 0 = coreset_size says it */
    int64_t coreset_size; /* likewise: rows that are kept; 0 = coreset says it */
} okng_grow_options;

/* Fill with okng_init. */
typedef struct okng_grow_report {
    size_t struct_size;
    uint64_t pictures; /* learnt in all */
    uint64_t added;    /* of okng_bank_add: learnt now */
    uint64_t known;    /* of okng_bank_add: in the folder, and learnt before, so left out */
    uint64_t kept;     /* pictures of before whose scores the thresholds come from too */
    uint64_t rows_before, rows;
    int32_t dim;                              /* dimensions of a row */
    float image_tau, pixel_tau;               /* computed; what somebody chose stays in force */
    float image_tau_before, pixel_tau_before; /* of the (first) old bank; NaN where it had none */
    uint64_t other_bit_depth;                 /* added pictures of other bits than the bank reads them by */
    int32_t stage_count;
    okng_build_stage stages[OKNG_MAX_STAGES];
    int32_t forgot_choice; /* 1: the old bank had a threshold or band that somebody chose; the new one has not */
} okng_grow_report;

/* Learns the pictures below the folder `ok_dir` into a bank of patchcore or subspace, by the bank's own options. The
 * pictures learnt before need not be there: rows of theirs stay, and their leave-one-out scores, which the bank keeps
 * (ledger.safetensors), are brought up to date by the rule in docs/banks.md. Pictures of the folder that the bank has
 * learnt are left out. A threshold or band that somebody chose stays; what was computed beside it is computed anew.
 * The bank is replaced as okng_build does it: killed at any time, the old one is whole. `options`, `progress`,
 * `report` may be NULL. Errors: those of okng_build; ARGUMENT (no picture is new); UNSUPPORTED (another method, an
 * ensemble, a bank that keeps no scores: built by an earlier version); NOT_FOUND, MISMATCH of the weights. */
OKNG_API okng_status okng_bank_add(const char *bank_dir, const char *ok_dir, const okng_grow_options *options,
                                   okng_progress_fn progress, void *user, okng_grow_report *report, okng_error *error);

/* The bank `options->out_dir` of all that two banks have learnt, which may not be there any more themselves. Both must
 * have been built alike, on other pictures. The rows of both; a subspace is exactly that of all pictures. Scores of the
 * pictures of each are brought up to date by the rows of the other; thresholds come from all. What somebody chose in
 * one of them is left out. The weights need not be there. Errors: as okng_bank_add; MISMATCH (another network, method,
 * input or option, naming it), ARGUMENT (a picture in both, naming it; no out_dir). */
OKNG_API okng_status okng_bank_merge(const char *first, const char *second, const okng_grow_options *options,
                                     okng_progress_fn progress, void *user, okng_grow_report *report,
                                     okng_error *error);

/* Takes rows out of a bank of patchcore: a coreset of its rows, as options->coreset or coreset_size say, of all patch
 * vectors as when building. Scores rise where rows were taken out and thresholds with them; what somebody chose is left
 * out. The weights need not be there. Errors: as okng_bank_add; ARGUMENT (not fewer rows than there are, both options
 * or none); UNSUPPORTED (rows whose pictures are not known). */
OKNG_API okng_status okng_bank_shrink(const char *bank_dir, const okng_grow_options *options, okng_progress_fn progress,
                                      void *user, okng_grow_report *report, okng_error *error);

/* A bank of patchcore of rows that somebody else made: `rows` is a .npy or .pt file with one float32 array [rows,
 * dimensions], patch vectors of the network as `options` say. Thresholds come from the good pictures below the folder
 * `ok_dir`, which are new to the rows; NULL: there are none. `options`, `progress`, `report` may be NULL. Errors: those
 * of okng_build; FORMAT (another type or shape), MISMATCH (rows of another dimension), ARGUMENT (a value that is not
 * finite, naming its row; another method). */
OKNG_API okng_status okng_bank_create(const char *rows, const char *bank_dir, const okng_build_options *options,
                                      const char *ok_dir, okng_progress_fn progress, void *user,
                                      okng_grow_report *report, okng_error *error);

/* What two banks have differently, a JSON text to be freed by okng_text_free. Of each member the value of the first and
 * of the second: "method", "pictures", "rows", "options" (those that differ), "thresholds"; "scores": histograms of the
 * good pictures' scores over one range; "nearest": how far the rows of each are from the nearest of the other (L2:
 * mean, quantiles, a histogram, how many are in both; null where a square leaves float32), null where they are not of
 * one space. `progress` (may be NULL) hears "comparing". Errors: those of opening; UNSUPPORTED of an ensemble;
 * CANCELLED, MEMORY. */
OKNG_API okng_status okng_bank_diff(const char *first, const char *second, int32_t threads, okng_progress_fn progress,
                                    void *user, char **json, okng_error *error);

/* Writes a new place of the weight file into a bank, or into those members of an ensemble whose it is. The file must be
 * the one that the bank was built with. Errors: MISMATCH (another file), NOT_FOUND, FORMAT, BUSY, IO, UNSUPPORTED (a
 * recipe). */
OKNG_API okng_status okng_bank_rename_weights(const char *bank_dir, const char *weights, okng_error *error);

/* ---- which bank a picture is of --------------------------------------------------------------- */

/* Tells of which of several products a picture is, before it is inspected with that product's bank. A picture is one
 * vector: the mean of its patch vectors by the built-in network at 128x128, whatever the banks' own networks. Its
 * distance to a bank is that to the nearest of the bank's good pictures (64 of them at most), in units of the bank: the
 * median of what its good pictures are from their nearest other. So about 1 is usual, whatever the product. Opaque;
 * threads may share one. */
typedef struct okng_router okng_router;
/* A picture that is farther than this from all banks is of none (docs/routing.md has the measurements). */
#define OKNG_ROUTE_LIMIT 3.5

OKNG_API okng_status okng_router_new(okng_router **out, okng_error *error);
OKNG_API void okng_router_free(okng_router **router);
/* Learns a bank's folder from good pictures of its product, at least two, and keeps their vectors there
 * (route.safetensors), where recipes packed later take them from. The router itself does not change. Errors: those of
 * decoding, NOT_FOUND (no bank), ARGUMENT (fewer than two), UNSUPPORTED (a recipe), IO, MEMORY. */
OKNG_API okng_status okng_router_learn(okng_router *router, const char *bank_dir, const char *const *paths,
                                       size_t count, okng_error *error);
/* From now on pictures may be of the bank at `bank_dir`, a folder or a recipe, under this name, in place of what had
 * the name before. Of a bank that keeps no vectors they are made from the good pictures that it names, if these are
 * still where they were, and kept in it if it can be written to. Errors: NOT_FOUND (neither vectors nor pictures),
 * those of okng_bank_open, IO, MEMORY; the router is as it was then. */
OKNG_API okng_status okng_router_set(okng_router *router, const char *name, const char *bank_dir, okng_error *error);
OKNG_API void okng_router_remove(okng_router *router, const char *name); /* of no bank: nothing */

/* What a picture may be of: every bank, the nearest first. Opaque; owned by the caller. */
typedef struct okng_routes okng_routes;
/* Errors: those of decoding, MISMATCH (its vector is not finite), MEMORY. */
OKNG_API okng_status okng_router_find(okng_routes **out, okng_router *router, const okng_picture *picture,
                                      okng_error *error);
OKNG_API void okng_routes_free(okng_routes **routes);
OKNG_API size_t okng_routes_count(const okng_routes *routes);
/* Bank i, its name and distance; NULL and NaN when i is out of range. The name is the routes'. */
OKNG_API const char *okng_routes_bank(const okng_routes *routes, size_t i);
OKNG_API double okng_routes_distance(const okng_routes *routes, size_t i);
/* How many times as far the second bank is as the first: 1 says that it might be either. NaN of fewer than two. */
OKNG_API double okng_routes_margin(const okng_routes *routes);
/* 1 where the nearest is within OKNG_ROUTE_LIMIT: the picture is of it. */
OKNG_API int32_t okng_routes_fits(const okng_routes *routes);

/* ---- several processes ----------------------------------------------------------------------- */

/* How processes of one program, on one machine or several, that share work reach each other: the program's own means,
 * such as MPI. Rank 0 does what it is called for; the others do what it hands out. What comes of it is what one process
 * would have made, byte for byte, and rank 0 alone writes it. All functions may be called by any thread of the process,
 * `gather` by one at a time. A process that has died must end the others: none of them waits with an end. */
typedef struct okng_ranks {
    size_t struct_size; /* set by okng_init */
    int32_t rank;       /* of this process, 0..count-1 */
    int32_t count;
    void *context;
    /* What a rank is called in errors: "rank 1 on host line2". */
    const char *(*name)(void *context, int32_t rank);
    /* Bytes to another rank. Those of one sender and tag arrive in their order. `tag` is 0..100. A message without
     * bytes does not wait until the other takes it. */
    okng_status (*send)(void *context, int32_t to, int32_t tag, const void *bytes, size_t size, okng_error *error);
    /* The next such bytes from rank `from`, or from any where that is -1; *bytes is malloc'd. Waits for them without
     * keeping a core busy. `sender` may be NULL. */
    okng_status (*receive)(void *context, int32_t from, int32_t tag, int32_t *sender, void **bytes, size_t *size,
                           okng_error *error);
    /* Whether such bytes have come, without waiting. */
    int (*pending)(void *context, int32_t from, int32_t tag);
    /* Called by every rank with the same `unit` and `first` [count + 1]: `all` has units first[0]..first[count] of
     * `unit` bytes, of which first[r]..first[r + 1] - 1 are those of rank r; afterwards every rank has all of them. */
    okng_status (*gather)(void *context, void *all, size_t unit, const int64_t *first, okng_error *error);
} okng_ranks;

/* Rank 0: from now on this process shares what it is called for with the others, each of which must be in
 * okng_ranks_follow. `ranks` must live until okng_ranks_dismiss. Errors: MISMATCH, naming the rank, where one computes
 * by other instructions than this process does (okng_set_cpu comes before). */
OKNG_API okng_status okng_ranks_lead(const okng_ranks *ranks, okng_error *error);
/* Every other rank: does what rank 0 hands out until it is dismissed. What fails is told to rank 0, and is its error.
 * Errors: those of `ranks`' own functions. */
OKNG_API okng_status okng_ranks_follow(const okng_ranks *ranks, okng_error *error);
/* Rank 0: the others return from okng_ranks_follow, also where they were never led; this process is alone again. */
OKNG_API void okng_ranks_dismiss(const okng_ranks *ranks);

#ifdef __cplusplus
}
#endif

#endif
