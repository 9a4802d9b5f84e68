/* Where patchcore-inspection puts its models: bin/run_patchcore.py and bin/load_and_evaluate_patchcore.py. */
#ifndef OKNG_IMPORT_FOLDER_H
#define OKNG_IMPORT_FOLDER_H

#include "bank/ensemble_file.h"

#define OKNG_IMPORT_PARAMS_FILE "patchcore_params.pkl"
#define OKNG_IMPORT_INDEX_FILE "nnscorer_search_index.faiss"

/* What the names of a model's files begin with, one per member. */
typedef struct okng_prefixes {
    size_t count;
    char names[OKNG_ENSEMBLE_MAX][OKNG_NAME_MAX];
} okng_prefixes;

/* `prepend` as given, or, where it is NULL, what the folder holds: one model, or all of Ensemble-1-n_ .. Ensemble-n-n_
 * in order. Errors: NOT_FOUND (no model, a member missing), ARGUMENT (several models). */
okng_status okng_prefixes_find(okng_prefixes *prefixes, const char *folder, const char *prepend, okng_error *error);

/* Whether the folder holds a model's parameters; not where there is none, or it cannot be read. */
okng_status okng_is_inspection_model(const char *folder, bool *is, okng_error *error);

#endif
