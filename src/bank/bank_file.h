/* A bank is a folder: the data files of its method (of PatchCore memory_bank.pt, the rows), bank_config.json
 * (everything needed to inspect) and tau.json (thresholds). It is written beside its place and renamed, so that a
 * killed build leaves the old bank whole. Nothing here knows what is in the data files. */
#ifndef OKNG_BANK_BANK_FILE_H
#define OKNG_BANK_BANK_FILE_H

#include "bank/place.h"
#include "bank/source.h"

#define OKNG_BANK_ROWS_FILE "memory_bank.pt" /* the data file of a bank that names none: one of version 0.1 */
/* A data file, never the first, that nobody needs who inspects: recipes, which do not grow, are without it. */
#define OKNG_BANK_LEDGER_FILE "ledger.safetensors"
/* A data file, never the first, of any method: the areas that are left out (method/ignored_file.h). */
#define OKNG_BANK_IGNORED_FILE "ignored.safetensors"
#define OKNG_BANK_ROUTE_FILE "route.safetensors" /* vectors of good pictures, for routers alone; in some banks */
#define OKNG_BANK_CONFIG_FILE "bank_config.json"
#define OKNG_BANK_TAU_FILE "tau.json"
#define OKNG_BANK_PAGE_FILE "build.html"               /* for people; in few banks */
#define OKNG_BANK_BACKBONE_FILE "backbone.safetensors" /* weights that came with an imported model; in few banks */
#define OKNG_BANK_ENSEMBLE_FILE "ensemble.json"        /* in the folder of an ensemble, see ensemble_file.h */
#define OKNG_BANK_ROIS_FILE "regions.json"             /* in that of a bank with regions, see rois_file.h */

enum {
    OKNG_MAX_RANGES = 512, /* nodes of a network in int8 */
    OKNG_BANK_DATA_MAX = 8 /* data files of a bank */
};

/* A data file: what the bank's method learnt. bank_config.json lists the names, and holds the rest under the name less
 * its ending ("memory_bank"). */
typedef struct okng_bank_data {
    char file[OKNG_NAME_MAX]; /* "memory_bank.pt": a plain name that ends in .pt or .safetensors */
    int64_t rows, dim;        /* of its main matrix, 1.. */
    char sha256[65];          /* of the file; filled in when the bank is written */
} okng_bank_data;

struct okng_ignored; /* features/ignored.h */

/* What bank_config.json holds. */
typedef struct okng_bank_config {
    /* options.method: whose bank it is. options.weights: absolute path of the weight file; OKNG_BANK_BACKBONE_FILE
     * alone when written for the one in the bank's own folder, whose path it is once opened. */
    okng_build_options options;
    const char *const *recorded; /* written only: the options of some methods that this one reads, the others are left
                                    out; NULL at the end, NULL = all are read. Static storage. */
    char weights_sha256[65];
    char engine[48];            /* what ran the network: "oneDNN 2.6.3" */
    char vocabulary_sha256[65]; /* of the tokenizer that made words numbers; "" = there was none */
    char checkpoint_sha256[65]; /* of the values that options.checkpoint held; "" = there were none */
    char imported[32];          /* the program that made it; "" = okng */
    uint64_t pictures, patches; /* seen while building; 0 where it was imported */
    int64_t scores;             /* of good pictures in tau.json as it was built; -1 = it does not say (before 0.3) */
    int32_t input_height, input_width; /* of the network */
    /* How the resize came about, and of what pictures; 0 where the bank does not say. */
    int64_t asked_pixels;                  /* of the resize `auto`, whose result is options.resize_...; 0 = none */
    int32_t picture_height, picture_width; /* of the good picture of middle aspect */
    int32_t grid_height, grid_width;       /* of the patches of a picture */
    int32_t whole_height, whole_width;     /* of a bank of tiles, to which all of the above is about, whose places have
                                              rows of their own: of the pictures, all alike; else 0 */
    bool aspects_differ;                   /* the good pictures' do, so that all were brought to a square */
    okng_bank_data data[OKNG_BANK_DATA_MAX];
    int32_t data_count;                 /* 0 where the method keeps nothing */
    float ranges[OKNG_MAX_RANGES];      /* int8: the largest magnitude of each node's result */
    int32_t range_count;                /* 0 for other precisions */
    const struct okng_ignored *ignored; /* what is left out, of the data file OKNG_BANK_IGNORED_FILE: that of whoever
                                           opened it; NULL = nothing, or nobody asked */
} okng_bank_config;

/* Where thresholds come from. */
typedef enum okng_tau_source {
    OKNG_TAU_OK_PICTURES = 0,
    OKNG_TAU_ANOMALIB, /* kept from its checkpoint, for scores before its normalisation */
    OKNG_TAU_NONE      /* there are none: all is NaN */
} okng_tau_source;

/* How the OK pictures were scored that thresholds come from. */
typedef enum okng_tau_basis {
    OKNG_TAU_LEAVE_ONE_OUT = 0, /* without what was learnt from each */
    OKNG_TAU_TRAIN,             /* as any other picture, though they were learnt */
    OKNG_TAU_VALIDATION,        /* they were not learnt */
    OKNG_TAU_STAND_IN           /* without what was learnt from each, with stand-ins for it */
} okng_tau_basis;

/* Thresholds come from no more scores of pictures than these: what they, their doubts and names take while they are
 * read, 256 MiB hold. */
enum { OKNG_TAU_PICTURES_MAX = 1 << 19 };

/* Limits of the regions of a mask that people keep in a bank; see okng_inspect_options. Zeroed: none. */
typedef struct okng_region_limits {
    bool has_min_area, has_max_length, has_max_count;
    int64_t min_area;
    double max_length;
    int64_t max_count;
} okng_region_limits;

/* What tau.json holds. */
typedef struct okng_tau {
    float pixel, image;  /* thresholds: above is NG */
    float pixel_low;     /* mean score of OK pixels: the black end of heat maps */
    float *image_scores; /* scores of the OK pictures, ascending, malloc'd; NULL when not OKNG_TAU_OK_PICTURES */
    size_t image_count;
    okng_tau_basis basis; /* of OKNG_TAU_OK_PICTURES */
    okng_tau_source source;
    float image_range[2], pixel_range[2]; /* of OKNG_TAU_ANOMALIB: least and largest score it saw; NaN = not kept */
    char **image_names; /* [image_count] which picture each of image_scores is of, relative to the folder of all, UTF-8
                           once read, malloc'd; NULL = not kept: before version 0.3, or above 32 MiB of them */
    bool has_review;
    float review[2];                      /* where has_review: above the first and not above the second is REVIEW */
    bool image_chosen, pixel_chosen;      /* `image`, `pixel` were chosen by somebody, see tau_choice.h; read only */
    float image_computed, pixel_computed; /* what they would be else; NaN: there are none; read only */
    okng_region_limits limits;            /* read only */
    float *image_doubts; /* [image_count] how odd each of those pictures is beside the others, malloc'd; NULL = as its
                            score says */
} okng_tau;
void okng_tau_free(okng_tau *tau);

/* An opened bank. */
typedef struct okng_bank_file {
    okng_bank_config config;
    okng_tau tau;
    okng_weights
        *data[OKNG_BANK_DATA_MAX]; /* [config.data_count], in memory; their hashes agree. Of a recipe's ledger NULL */
    okng_recipe *recipe;           /* that it was read from; NULL: a folder */
    char part[OKNG_NAME_MAX];      /* see okng_bank_source */
} okng_bank_file;

/* Of a folder, or of a recipe's file. What is opened of a folder is one whole bank, whatever happens to it meanwhile,
 * and stays as it is whatever happens to it afterwards. Errors: NOT_FOUND (naming the missing file), FORMAT (edited,
 * truncated, not a bank), IO, MEMORY. The weight file is not looked at. tau.json may be edited by hand; the other two
 * may not. */
okng_status okng_bank_file_open(okng_bank_file *bank, const char *path, okng_error *error);
/* Of a folder that stays as it is meanwhile, or of a recipe, which is shared: its data is in the map, and whether that
 * stayed what it was tells okng_recipe_settled. Errors: the same. */
okng_status okng_bank_file_read(okng_bank_file *bank, const okng_bank_source *from, okng_error *error);
/* Whether data file i is only for banks that grow (OKNG_BANK_LEDGER_FILE). */
bool okng_bank_data_grows(const okng_bank_config *config, int32_t i);
/* What a recipe holds beside the folder: the network (OKNG_RECIPE_WEIGHTS), what was prepared (OKNG_RECIPE_SEARCH).
 * *out is NULL where the bank is of a folder, or has no such file. threads: that check all of it now; 0: each tensor
 * when it is asked for. Errors: those of okng_recipe_weights and okng_recipe_check. */
okng_status okng_bank_file_packed(const okng_bank_file *bank, const char *name, int threads, okng_weights **out,
                                  okng_error *error);
void okng_bank_file_close(okng_bank_file *bank); /* zeroed is fine */

/* The right to write a bank folder. Taken before any work is done, so that a folder that cannot be written, or that
 * holds something that is not a bank, is known at once. */
typedef struct okng_bank_writer {
    okng_bank_place place;
    const char *building;    /* where it is written: that of `place` */
    bool begun;              /* `building` was made by this writer */
    const char *const *data; /* names that data files of a bank may have, NULL at the end; borrowed */
    okng_lock lock;
} okng_bank_writer;
/* `data`: names of the data files of all methods, NULL at the end; must outlive the writer. A folder that holds
 * anything but those and a bank's documents is not replaced, and none is made in the folder of another bank. */
okng_status okng_bank_writer_open(okng_bank_writer *writer, const char *folder, const char *const *data,
                                  okng_error *error);
/* Once the data files that config->data names are in `folder`, writer->building or one below it: fills in their hashes,
 * writes both documents, and brings all to the disk. */
okng_status okng_bank_write_documents(const char *folder, okng_bank_config *config, const okng_tau *tau,
                                      okng_error *error);
/* Once a bank's files are in writer->building: puts it in place of an older one. */
okng_status okng_bank_writer_finish(okng_bank_writer *writer, okng_error *error);
/* Must follow open, after commit too. Removes what was not committed. */
void okng_bank_writer_close(okng_bank_writer *writer);

#endif
