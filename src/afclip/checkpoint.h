/* A checkpoint of AF-CLIP: a folder that training writes, that released files become, and that the methods afclip and
 * miniclip read.
 *
 *   afclip.safetensors  what was learnt (learnt.h)
 *   checkpoint.json     {"format": "okng afclip checkpoint", "version": 1, "source": "trained" or "imported",
 *                        "backbone", "taps" (4 blocks, from 0), "resolution" (pixels), "weights_sha256" (of CLIP's
 *                        file): each where it is known; "width", "text_width", "sha256" (of afclip.safetensors);
 *                        "training": facts for people, any JSON}
 *
 * Other files may lie beside these two. A .safetensors of the same names, alone, is read too.
 *
 * A folder is written whole or not at all, and replaced in one step: the new values are written beside the old ones,
 * under a name of okng's own, then checkpoint.json, which names them by their hash, is exchanged by a rename, then they
 * take the name. Who reads takes the values whose hash the description has, under whichever of the two names. */
#ifndef OKNG_AFCLIP_CHECKPOINT_H
#define OKNG_AFCLIP_CHECKPOINT_H

#include "afclip/learnt.h"
#include "afclip/plan.h"
#include "base/json.h"

#define OKNG_AFCLIP_FILE "afclip.safetensors"
#define OKNG_AFCLIP_CHECKPOINT_FILE "checkpoint.json"

enum { OKNG_AFCLIP_MAX_RESOLUTION = 1 << 15 };

typedef enum okng_afclip_source {
    OKNG_AFCLIP_SOURCE_UNKNOWN, /* a file alone */
    OKNG_AFCLIP_SOURCE_TRAINED,
    OKNG_AFCLIP_SOURCE_IMPORTED
} okng_afclip_source;

typedef struct okng_afclip_checkpoint {
    okng_afclip_learnt learnt;
    okng_afclip_source source;
    char backbone[64];              /* "clip-vit-l-14-336"; "" where it is not known */
    char weights_sha256[65];        /* of the CLIP that it was trained on; "" where it is not known */
    char sha256[65];                /* of afclip.safetensors, or the file alone */
    int32_t taps[OKNG_AFCLIP_TAPS]; /* numbers of blocks from 0, rising; all -1 where not known */
    int32_t resolution;             /* pixels along the side of the pictures it was trained on; 0: not known */
    json_t *training;               /* facts for people: data set, categories, options, steps; owned, may be NULL */
} okng_afclip_checkpoint;

/* Without values: nothing is known. */
void okng_afclip_checkpoint_init(okng_afclip_checkpoint *checkpoint);
void okng_afclip_checkpoint_free(okng_afclip_checkpoint *checkpoint);

/* Reads a folder, or a file alone (any that okng_weights_open reads). Everything is checked: the description's members,
 * the hash, all that okng_afclip_learnt_read does, that the widths are those described. `out` need not be initialised;
 * it is the caller's to free, and empty on failure. Errors: NOT_FOUND (nothing there, no checkpoint.json), IO, FORMAT,
 * MISMATCH (values of another description), UNSUPPORTED (another version), LIMIT, MEMORY. */
okng_status okng_afclip_checkpoint_open(okng_afclip_checkpoint *out, const char *path, okng_error *error);

/* OK where a checkpoint may be saved: the folder is missing, or holds neither of the two files, or a checkpoint of
 * okng's, which saving replaces. Else ARGUMENT, naming what would be lost. */
okng_status okng_afclip_checkpoint_check_folder(const char *folder, okng_error *error);

/* Makes the folder if need be and writes the checkpoint into it; checkpoint->sha256 is not read, but found. The values
 * are on the disk before the description is, which is there before the values get their name. Killed at any moment it
 * leaves the checkpoint that was there, or this one; where it fails, the one that was there. Errors: those of
 * okng_afclip_checkpoint_check_folder; BUSY (somebody else saves there), IO, MEMORY; ARGUMENT for a member that is out
 * of its range. */
okng_status okng_afclip_checkpoint_save(const okng_afclip_checkpoint *checkpoint, const char *folder,
                                        okng_error *error);

#endif
