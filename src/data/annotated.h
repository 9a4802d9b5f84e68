/* What the layouts of annotation programs share: the good and the bad pictures stand in the same folders, and only
 * their outlines tell which is which. */
#ifndef OKNG_DATA_ANNOTATED_H
#define OKNG_DATA_ANNOTATED_H

#include <jansson.h>

#include "data/dataset.h"
#include "data/outlines.h"

/* Of a relative path: TEST or VALIDATION where a part of it is called so ("test", "test2017", "val", "valid",
 * "instances_val.json"), else TRAIN. */
okng_split okng_split_of(const char *relative);

/* Adds a picture. With outlines (which are taken over, also on failure) it is bad and tested, wherever it stands;
 * without any, or with none in them, it is good. `kind`: of the defect. */
okng_status okng_annotated_add(okng_sample_list *list, const char *path, const char *name, okng_split split,
                               const char *kind, okng_outlines *outlines, okng_error *error);
/* After the last one: where no good picture is tested, test_ratio of the others is. */
okng_status okng_annotated_finish(okng_sample_list *list, const okng_dataset_options *options, okng_error *error);

/* Whether a file is called as one of annotations: "part.json". */
bool okng_is_annotation(const char *name);
/* A side of the picture in pixels; 0 where `object`, of the file `path`, does not say it, or says null. Errors: FORMAT,
 * MEMORY. */
okng_status okng_annotated_side(const json_t *object, const char *path, const char *key, int32_t *side,
                                okng_error *error);

/* The one category, called as the root's folder. */
okng_status okng_root_category(const okng_source *source, okng_names *out, okng_error *error);

#endif
