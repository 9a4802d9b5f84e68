/* Where a weight file keeps a graph's tensors: under which names, and how laid out. Graphs of CLIP bear open_clip's
 * names; its checkpoints are published in other layouts too, which are known by their tensors' names. A tensor that the
 * file has otherwise (in three parts, or transposed) is made when it is asked for. */
#ifndef OKNG_NET_LAYOUT_H
#define OKNG_NET_LAYOUT_H

#include "tensor/weights.h"

typedef struct okng_layout okng_layout;

/* A file's way with names, seen from a graph. */
typedef struct okng_naming {
    const okng_weights *weights;
    const char *prefix;        /* what a training wrapper put before every name: "", "module."; static */
    const okng_layout *layout; /* NULL: the graph's own names */
    bool wrapped;              /* some names have a part "module", which is passed over */
} okng_naming;

/* What a file holds of a CLIP. */
enum { OKNG_TOWER_IMAGE = 1, OKNG_TOWER_TEXT = 2 };

/* Whether a parameter of that name is a CLIP's. Graphs of CLIP may have others too, whose names are the same in all
 * layouts. */
bool okng_naming_is_clip(const char *param);
/* Of a graph one of whose parameters has that name. */
okng_naming okng_naming_find(const okng_weights *weights, const char *param);
/* The layout of a CLIP's checkpoint, by its names; layout is NULL where the file is none. */
okng_naming okng_naming_clip(const okng_weights *weights);
/* "open_clip", "Hugging Face CLIPModel"; "" where there is but one. Static. */
const char *okng_naming_layout(const okng_naming *naming);
/* OKNG_TOWER_* bits: of which towers the file holds anything. 0 where it is no CLIP. */
uint32_t okng_naming_towers(const okng_naming *naming);
/* What the file calls a parameter, the first of its parts where it has several: for errors. Returns name. */
const char *okng_naming_name(const okng_naming *naming, const char *param, char name[2 * OKNG_NAME_MAX]);
/* Whether the file holds a parameter, or a part of it. */
bool okng_naming_has(const okng_naming *naming, const char *param);

/* A tensor as a graph wants it. */
typedef struct okng_tensor {
    okng_array array;
    void *made; /* array.data where it had to be made; NULL: a view of the file */
} okng_tensor;

/* The tensor of a parameter, of `rank` dimensions. With `out` NULL it is only looked for, and nothing is made. Errors:
 * NOT_FOUND, MISMATCH (another shape, not floating point), MEMORY; and those of okng_weights_get. */
okng_status okng_naming_tensor(const okng_naming *naming, const char *param, int32_t rank, const int64_t *dims,
                               okng_tensor *out, okng_error *error);
void okng_tensor_release(okng_tensor *tensor);

#endif
