/* What AF-CLIP learns: the vectors of the prompt, and the adapter that all streams share (docs/architecture.md). All
 * else of it is CLIP's. Float32, row-major; W is the width of the image tower's tokens, Wt that of the text tower's. */
#ifndef OKNG_AFCLIP_LEARNT_H
#define OKNG_AFCLIP_LEARNT_H

#include <stdint.h>

#include "net/clip.h"
#include "tensor/weights.h"

enum {
    OKNG_AFCLIP_PROMPT = 12, /* vectors of the prompt */
    OKNG_AFCLIP_HEADS = 8,   /* of the adapter's attention */
    OKNG_AFCLIP_INNER = 512, /* numbers of all heads together */
    OKNG_AFCLIP_MAX_WIDTH = 4096,
    OKNG_AFCLIP_MAX_VALUE = 1000 /* either side of 0; of such numbers float32 holds whatever the adapter makes of any
                                    tokens: at most some 1e17 before the last norm, whose variance is finite then */
};

/* In the order of a checkpoint. */
typedef enum okng_afclip_param {
    OKNG_AFCLIP_PARAM_PROMPT,    /* "prompt" [12, Wt] */
    OKNG_AFCLIP_PARAM_Q,         /* "attention.attn.to_q.weight" [512, W] */
    OKNG_AFCLIP_PARAM_K,         /* "attention.attn.to_k.weight" [512, W] */
    OKNG_AFCLIP_PARAM_V,         /* "attention.attn.to_v.weight" [512, W] */
    OKNG_AFCLIP_PARAM_OUT,       /* "attention.attn.to_out.0.weight" [W, 512] */
    OKNG_AFCLIP_PARAM_OUT_BIAS,  /* "attention.attn.to_out.0.bias" [W] */
    OKNG_AFCLIP_PARAM_NORM,      /* "attention.norm.weight" [W] */
    OKNG_AFCLIP_PARAM_NORM_BIAS, /* "attention.norm.bias" [W] */
    OKNG_AFCLIP_PARAMS
} okng_afclip_param;

typedef struct okng_afclip_learnt {
    int32_t width, text_width;         /* W, Wt */
    float *values[OKNG_AFCLIP_PARAMS]; /* owned, one allocation each */
} okng_afclip_learnt;

/* All zeros. Errors: LIMIT for a width below 1 or above OKNG_AFCLIP_MAX_WIDTH; MEMORY. Zeroed on failure. */
okng_status okng_afclip_learnt_new(okng_afclip_learnt *out, int32_t width, int32_t text_width, okng_error *error);
void okng_afclip_learnt_free(okng_afclip_learnt *learnt); /* zeroed is fine */

/* "attention.attn.to_q.weight" */
const char *okng_afclip_param_name(okng_afclip_param param);
/* Floats of it. */
size_t okng_afclip_param_count(const okng_afclip_learnt *learnt, okng_afclip_param param);
/* A view of it, of its shape; valid until the values are freed. */
okng_array okng_afclip_param_array(const okng_afclip_learnt *learnt, okng_afclip_param param);

/* Fresh values, as the original draws them (uniform within 1 / sqrt(fan in), norm 1 and 0, prompt normal with deviation
 * 0.01), by okng's own generator: the same seed gives the same values. */
void okng_afclip_learnt_draw(okng_afclip_learnt *learnt, uint64_t seed);

/* Takes all of it out of an opened weight file, of any floating type: checked are the shapes, that they fit each other,
 * and that every number is finite. A prompt may also be [1, 12, Wt], and the names of the adapter may all begin with
 * "adaptor.". Tensors of other names are passed over. `out` is the caller's to free, and zeroed on failure. Errors:
 * NOT_FOUND (a tensor), FORMAT, UNSUPPORTED (a type that is not read), LIMIT, MEMORY. */
okng_status okng_afclip_learnt_read(okng_afclip_learnt *out, const okng_weights *file, okng_error *error);

/* The same from two files: the prompt, which is called `prompt_name` in the one, and the adapter in the other. */
okng_status okng_afclip_learnt_join(okng_afclip_learnt *out, const okng_weights *prompt, const char *prompt_name,
                                    const okng_weights *adapter, okng_error *error);
/* Whether a file has the first matrix of an adapter. */
bool okng_afclip_learnt_has_adapter(const okng_weights *file);

/* MISMATCH where a number is beyond OKNG_AFCLIP_MAX_VALUE, with the path of where it was read. */
okng_status okng_afclip_learnt_check_values(const okng_afclip_learnt *learnt, const char *prompt, const char *adapter,
                                            okng_error *error);
/* MISMATCH unless it was learnt for a CLIP of that shape, and of numbers up to OKNG_AFCLIP_MAX_VALUE; `path` is where
 * it was read, `backbone` whose the shape is. */
okng_status okng_afclip_learnt_check(const okng_afclip_learnt *learnt, const char *path, const char *backbone,
                                     const okng_clip_shape *shape, okng_error *error);

#endif
