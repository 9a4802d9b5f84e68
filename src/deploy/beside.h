/* What the folder of an OpenVINO model holds besides: as trainers leave it, config.yaml and, where it is PatchCore on a
 * network that others have too, checkpoint.ckpt. Private to deploy/. */
#ifndef OKNG_DEPLOY_BESIDE_H
#define OKNG_DEPLOY_BESIDE_H

#include "base/file.h"
#include "export/export.h"
#include "model/model.h"

#define OKNG_EXPORT_CONFIG "config.yaml"
#define OKNG_EXPORT_CHECKPOINT "checkpoint.ckpt"

/* Both, written and not yet in their places. */
typedef struct okng_export_beside {
    okng_writer config, checkpoint; /* stream NULL: there is none */
} okng_export_beside;

/* Writes both beside target->path, as far as the disk must take them; commit or abort follows, nothing where it fails.
 * Errors: those of the bank's files and weights, IO, MEMORY. */
okng_status okng_export_beside_write(okng_export_beside *beside, const okng_model *model,
                                     const okng_export_target *target, okng_error *error);
/* Puts both into their places; a checkpoint that is there from before goes where there is none now. Errors: IO. */
okng_status okng_export_beside_commit(okng_export_beside *beside, const okng_export_target *target, okng_error *error);
void okng_export_beside_abort(okng_export_beside *beside);

#endif
