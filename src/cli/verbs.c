/* The table of verbs, in the order of the help text. A new verb is a file and a row here. */
#include "cli.h"

/* clang-format off */
const okng_cli_verb *const okng_cli_verbs[] = {
    &okng_cli_build,
    &okng_cli_infer,
    &okng_cli_advise,
    &okng_cli_demo,
    &okng_cli_data_show,
    &okng_cli_eval,
    &okng_cli_run,
    &okng_cli_train_afclip,
    &okng_cli_train_patchcore,
    &okng_cli_collect,
    &okng_cli_plot,
    &okng_cli_metrics,
    &okng_cli_bench,
    &okng_cli_tune,
    &okng_cli_bank_show,
    &okng_cli_bank_set,
    &okng_cli_export,
    &okng_cli_pack,
    &okng_cli_import_inspection,
    &okng_cli_import_anomalib,
    &okng_cli_import_afclip,
    &okng_cli_weights_show,
    &okng_cli_weights_list,
    &okng_cli_weights_get,
    &okng_cli_preprocess,
    &okng_cli_embed,
    &okng_cli_text_embed,
    &okng_cli_similarity,
    &okng_cli_tokenize,
    &okng_cli_coreset,
    &okng_cli_knn,
    NULL,
};
/* clang-format on */
