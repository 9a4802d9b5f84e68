/* What the folder of an OpenVINO model holds besides: as trainers leave it, config.yaml and, where it is PatchCore on a
 * network that others have too, checkpoint.ckpt. Private to export/. */
#ifndef OKNG_EXPORT_BESIDE_H
#define OKNG_EXPORT_BESIDE_H

#include "export/export.h"
#include "model/model.h"

#define OKNG_EXPORT_CONFIG "config.yaml"
#define OKNG_EXPORT_CHECKPOINT "checkpoint.ckpt"

/* Each beside target->path; a checkpoint that is there from before goes where there is none now. Errors: those of the
 * bank's files and weights, IO, MEMORY. */
okng_status okng_export_checkpoint(const okng_model *model, const okng_export_target *target, okng_error *error);
okng_status okng_export_config(const okng_model *model, const okng_export_target *target, okng_error *error);
/* Removes both, where there is no model that they belong to. */
void okng_export_forget_beside(const okng_export_target *target);

#endif
