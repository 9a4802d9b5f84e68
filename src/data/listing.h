/* What every layout does: list folders, add the pictures of a folder as samples, find the masks of a picture. */
#ifndef OKNG_DATA_LISTING_H
#define OKNG_DATA_LISTING_H

#include <stdbool.h>

#include "base/csv.h"
#include "data/dataset.h"

/* Adds the names of the folders (and links to folders) in `folder`, sorted; hidden ones and those of thumbnails are
 * left out. */
okng_status okng_list_folders(const char *folder, okng_names *out, okng_error *error);

/* Adds the folders of `root` that hold the folder `probe` ("train/ok"). NOT_FOUND where there is none, with `expected`.
 */
okng_status okng_list_categories(const char *root, const char *probe, const char *expected, okng_names *out,
                                 okng_error *error);
/* Where a set is that its archive unpacks into a folder of its own: root/folder where that is there, else the root.
 * *set is malloc'd. */
okng_status okng_source_below(const okng_source *source, const char *folder, char **set, okng_error *error);

/* FORMAT: what was found in a column of a table, with file and line, and what is expected. */
okng_status okng_refuse_field(const okng_csv *csv, size_t row, const char *column, const char *found,
                              const char *expected, okng_error *error);

/* Adds one sample. Strings are copied; `masks` (may be NULL) is taken over, also on failure. */
okng_status okng_sample_add(okng_sample_list *list, const okng_sample *sample, okng_names *masks, okng_error *error);
void okng_sample_release(okng_sample *sample);      /* what it owns */
void okng_sample_list_sort(okng_sample_list *list); /* by name, byte order */
void okng_sample_list_free(okng_sample_list *list);

/* The pictures below category/below. */
typedef struct okng_folder_part {
    const char *category; /* folder that names are relative to */
    const char *below;    /* "test/crack" */
    okng_split split;
    int32_t label;
    const char *kind;
    const char *masks; /* folder of their masks, of the same relative path; NULL: there are none */
} okng_folder_part;
okng_status okng_sample_add_folder(okng_sample_list *list, const okng_folder_part *part, okng_error *error);
okng_status okng_sample_add_parts(okng_sample_list *list, const okng_folder_part *parts, size_t count,
                                  okng_error *error);
/* The list of pictures below a folder of a data set: IO where something that can be no picture stands among them. */
okng_status okng_data_pictures(okng_picture_list **out, const char *folder, okng_error *error);
/* Adds one picture with one mask, or none where it is NULL. */
okng_status okng_sample_add_one(okng_sample_list *list, const okng_sample *sample, const char *mask, okng_error *error);

/* Adds the masks of picture or map `relative` in `folder`: stem_mask.png, stem.png (or another kind of picture), all
 * pictures in the folder stem/, or stem_mask or stem without an ending; none where there is none of these. */
okng_status okng_masks_find(const char *folder, const char *relative, okng_names *out, okng_error *error);
/* The path of what lies beside picture `relative` in `folder` as its mask: stem, `tail` ("_label") and the ending of a
 * picture. *out is malloc'd; NULL where there is none. */
okng_status okng_mask_beside(const char *folder, const char *relative, const char *tail, char **out, okng_error *error);
/* Length of a name without its ending. */
size_t okng_stem_length(const char *relative);
/* The same where there has to be one: NOT_FOUND, naming `picture` and what was looked for. */
okng_status okng_masks_need(const char *folder, const char *relative, const char *picture, okng_names *out,
                            okng_error *error);

#endif
