/* The layouts of CLIP checkpoints as tables: from open_clip's names to those of a file. */
#ifndef OKNG_NET_LAYOUT_RULES_H
#define OKNG_NET_LAYOUT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "okng/okng.h"

enum { OKNG_JOINED_MAX = 3, OKNG_LAYOUT_ANCHORS = 4 };

typedef enum okng_form {
    OKNG_FORM_SAME = 0,
    OKNG_FORM_TRANSPOSED, /* of two dimensions */
    OKNG_FORM_JOINED,     /* the thirds of the first dimension, q, k and v, are tensors of their own */
    OKNG_FORM_LED         /* axes of extent 1 before the others */
} okng_form;

/* `ours` fits a name from its begin: "#" is a number, and what follows a last "." or "_" is free. In `theirs` "#" is
 * that number, "?" each of q, k, v, and the free rest is appended. */
typedef struct okng_layout_rule {
    const char *ours, *theirs;
    okng_form form;
} okng_layout_rule;

struct okng_layout {
    const char *name;
    const okng_layout_rule *rules;          /* up to a row of NULL; the first that fits counts */
    const char *image[OKNG_LAYOUT_ANCHORS]; /* names in the file, any of which shows that it holds an image tower */
    const char *text[OKNG_LAYOUT_ANCHORS];  /* likewise */
    const char *zero; /* a tensor that has to be 0 where it is there, for which there is no place */
    bool wrapped;     /* "module." may stand before any part of a name */
};

extern const struct okng_layout okng_layout_open_clip;
/* In the order in which they are tried. */
extern const struct okng_layout *const okng_layouts[];
extern const int okng_layout_count;

/* A parameter in a file. */
typedef struct okng_source {
    char names[OKNG_JOINED_MAX][2 * OKNG_NAME_MAX];
    int count;
    okng_form form;
} okng_source;

/* Whether open_clip has a parameter of that name, of an image or a text tower (OKNG_TOWER_*), else 0. */
uint32_t okng_layout_tower_of(const char *param);
/* False where the layout has no such parameter. Names get `prefix`. */
bool okng_layout_source(const struct okng_layout *layout, const char *prefix, const char *param, okng_source *out);

#endif
