/* A bank is a folder: memory_bank.pt (the rows), bank_config.json (everything needed to inspect) and tau.json
 * (thresholds). It is written beside its place and renamed, so that a killed build leaves the old bank whole. */
#ifndef OKNG_BANK_BANK_FILE_H
#define OKNG_BANK_BANK_FILE_H

#include "base/file.h"
#include "tensor/weights.h"

#define OKNG_BANK_ROWS_FILE "memory_bank.pt"
#define OKNG_BANK_CONFIG_FILE "bank_config.json"
#define OKNG_BANK_TAU_FILE "tau.json"
#define OKNG_BANK_BACKBONE_FILE "backbone.safetensors" /* weights that came with an imported model; in few banks */
#define OKNG_BANK_ENSEMBLE_FILE "ensemble.json"        /* in the folder of an ensemble, see ensemble_file.h */

enum { OKNG_MAX_RANGES = 512 }; /* nodes of a network in int8 */

/* What bank_config.json holds. */
typedef struct okng_bank_config {
    /* options.weights: absolute path of the weight file; OKNG_BANK_BACKBONE_FILE alone when written for the one in the
     * bank's own folder, whose path it is once opened. */
    okng_build_options options;
    char weights_sha256[65];
    char engine[48];                   /* what ran the network: "oneDNN 2.6.3" */
    char imported[32];                 /* the program that made it; "" = okng */
    uint64_t pictures, patches;        /* seen while building; 0 where it was imported */
    int32_t input_height, input_width; /* of the network */
    int64_t rows, dim;                 /* of the bank */
    float ranges[OKNG_MAX_RANGES];     /* int8: the largest magnitude of each node's result */
    int32_t range_count;               /* 0 for other precisions */
} okng_bank_config;

/* Where thresholds come from. */
typedef enum okng_tau_source {
    OKNG_TAU_OK_PICTURES = 0,
    OKNG_TAU_ANOMALIB, /* kept from its checkpoint, for scores before its normalisation */
    OKNG_TAU_NONE      /* there are none: all is NaN */
} okng_tau_source;

/* What tau.json holds. */
typedef struct okng_tau {
    float pixel, image;  /* thresholds: above is NG */
    float pixel_low;     /* mean score of OK pixels: the black end of heat maps */
    float *image_scores; /* scores of the OK pictures, ascending, malloc'd; NULL when not OKNG_TAU_OK_PICTURES */
    size_t image_count;
    bool held_out; /* written only: those pictures were not learned */
    okng_tau_source source;
    float image_range[2], pixel_range[2]; /* of OKNG_TAU_ANOMALIB: least and largest score it saw; NaN = not kept */
} okng_tau;
void okng_tau_free(okng_tau *tau);

/* An opened bank. */
typedef struct okng_bank_file {
    okng_bank_config config;
    okng_tau tau;
    okng_weights *file; /* memory_bank.pt, mapped */
    const float *rows;  /* [config.rows, config.dim], views the map */
} okng_bank_file;

/* Errors: NOT_FOUND (naming the missing file), FORMAT (edited, truncated, not a bank), IO, MEMORY. The weight file is
 * not looked at. tau.json may be edited by hand; the other two may not. */
okng_status okng_bank_file_open(okng_bank_file *bank, const char *folder, okng_error *error);
void okng_bank_file_close(okng_bank_file *bank); /* zeroed is fine */

/* The right to write a bank folder. Taken before any work is done, so that a folder that cannot be written, or that
 * holds something that is not a bank, is known at once. */
typedef struct okng_bank_writer {
    char *folder, *building; /* where it shall be; where it is written */
    bool begun;              /* `building` was made by this writer */
    okng_lock lock;
} okng_bank_writer;
okng_status okng_bank_writer_open(okng_bank_writer *writer, const char *folder, okng_error *error);
/* Writes all three files and puts them in place of an older bank. */
okng_status okng_bank_writer_commit(okng_bank_writer *writer, const okng_bank_config *config, const okng_tau *tau,
                                    const float *rows, okng_error *error);
/* The two halves: writes the files of a bank into `folder`, writer->building or one below it, which is made if need be;
 * puts everything in place. */
okng_status okng_bank_write(const char *folder, const okng_bank_config *config, const okng_tau *tau, const float *rows,
                            okng_error *error);
okng_status okng_bank_writer_finish(okng_bank_writer *writer, okng_error *error);
/* Must follow open, after commit too. Removes what was not committed. */
void okng_bank_writer_close(okng_bank_writer *writer);

#endif
