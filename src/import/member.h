/* What the importers share: one bank's worth of another program's model, and putting banks in place. Private to
 * import/.
 */
#ifndef OKNG_IMPORT_MEMBER_H
#define OKNG_IMPORT_MEMBER_H

#include "bank/bank_file.h"
#include "base/progress.h"

/* What a call imports. */
typedef struct okng_importing {
    const okng_import_options *options;
    okng_import_report report;
    okng_bank_writer writer;
    okng_ticker *ticker;
} okng_importing;

/* options[name] = value, unless value is NULL; the error says which file asked for it. */
okng_status okng_import_set(okng_build_options *options, const char *name, const char *value, const char *file,
                            okng_error *error);

/* Checks that network and weights make patch vectors of `dim` dimensions from config->input_*, and fills in what a bank
 * says of its engine. `file`: for errors. */
okng_status okng_import_check(okng_bank_config *config, int64_t dim, const okng_weights *weights, const char *file,
                              okng_error *error);

/* Something to tell: added to the report. */
__attribute__((format(printf, 2, 3))) void okng_import_note(okng_importing *importing, const char *format, ...);
/* What was passed over: an error when strict, else added to the report. */
__attribute__((format(printf, 3, 4))) okng_status okng_import_warn(okng_importing *importing, okng_error *error,
                                                                   const char *format, ...);

/* Once all banks are written below importing->writer.building (`count` > 1: members of an ensemble): thresholds and
 * ranges from the OK pictures, or `tau` where there are none; then in place. Takes over nothing. */
okng_status okng_import_finish(okng_importing *importing, size_t count, const okng_tau *tau, okng_error *error);

/* The importers. */
okng_status okng_import_inspection(okng_importing *importing, const char *source, okng_error *error);
okng_status okng_import_anomalib(okng_importing *importing, const char *source, okng_error *error);

#endif
