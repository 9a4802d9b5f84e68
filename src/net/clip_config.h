/* What a CLIP's checkpoint says of itself: in its metadata, or in the configuration that its publisher puts beside it
 * (Hugging Face: config.json and preprocessor_config.json; open_clip: open_clip_config.json; timm: config.json). */
#ifndef OKNG_NET_CLIP_CONFIG_H
#define OKNG_NET_CLIP_CONFIG_H

#include "net/clip.h"
#include "net/layout.h"

enum { OKNG_WHERE_MAX = 512 };

/* *activation: AUTO where nothing is said; else `where` [OKNG_WHERE_MAX] gets what said so, for errors. A configuration
 * whose widths are another network's is passed over. Errors: MISMATCH for an activation that okng does not have, or two
 * in one checkpoint; FORMAT, LIMIT and IO for a file that cannot be read; MEMORY. */
okng_status okng_clip_config_activation(const okng_naming *naming, const okng_clip_shape *shape,
                                        okng_activation *activation, char *where, okng_error *error);

/* Mean and standard deviation of the colours. */
typedef struct okng_clip_colours {
    bool stated;
    float mean[3], std[3];
    char where[OKNG_WHERE_MAX];
} okng_clip_colours;
/* Whether they are those that OpenAI's were trained with, and nearly all others. */
bool okng_clip_colours_are_usual(const float mean[3], const float std[3]);
/* Errors: FORMAT, LIMIT and IO for a file that cannot be read; MEMORY. */
okng_status okng_clip_config_colours(const okng_naming *naming, const okng_clip_shape *shape,
                                     okng_clip_colours *colours, okng_error *error);

#endif
