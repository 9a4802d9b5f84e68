/* regions.json: the regions of interest of a bank, how they are found, and of which picture they are. A region's bank
 * lies in a sub-folder, region-1, what it is found by beside it, region-1.png; tau.json holds the thresholds of all
 * together. */
#ifndef OKNG_BANK_ROIS_FILE_H
#define OKNG_BANK_ROIS_FILE_H

#include "align/rois.h"
#include "bank/bank_file.h"

/* In a recipe the pictures of the regions are tensors of this file, called region-1 and so on. */
#define OKNG_RECIPE_REGIONS "regions"

typedef struct okng_rois_file {
    okng_rois rois;
    char picture[OKNG_PATH_MAX];           /* name of the picture that they were drawn on; "" = not known */
    int32_t picture_width, picture_height; /* its size */
} okng_rois_file;

/* "region-1" of region 0 into `text`; returns text. */
const char *okng_rois_part_name(size_t i, char *text, size_t size);
/* Where the bank of region i is read from. */
typedef struct okng_rois_part {
    okng_bank_source source;
    char *folder;
    char name[OKNG_NAME_MAX + 1]; /* "region-1/" */
} okng_rois_part;
/* *part must stay where it is. Errors: MEMORY. */
okng_status okng_rois_part_of(okng_rois_part *part, const okng_bank_source *from, size_t i, okng_error *error);
void okng_rois_part_free(okng_rois_part *part); /* after a failure too */

/* Whether the folder, or the recipe, is one of a bank with regions; a recipe that cannot be opened is none. */
bool okng_rois_are(const char *path);
/* Writes folder/regions.json and the pictures beside it. */
okng_status okng_rois_file_write(const okng_rois_file *file, const char *folder, okng_error *error);
/* With what they are found by. `file` is for okng_rois_free of its rois; on failure there is nothing to free. Errors:
 * NOT_FOUND, IO, FORMAT, MEMORY. */
okng_status okng_rois_source_read(okng_rois_file *file, const okng_bank_source *from, okng_error *error);
/* regions.json alone: without pictures. Errors: likewise. */
okng_status okng_rois_source_look(okng_rois_file *file, const okng_bank_source *from, okng_error *error);

#endif
