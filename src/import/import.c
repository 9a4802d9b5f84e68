#include "import/import.h"

#include <math.h>

#include "import/member.h"
#include "model/methods.h"

okng_status okng_import_model(okng_import_kind kind, const char *source, const char *out_dir,
                              const okng_import_options *options, okng_ticker *ticker, okng_import_report *report,
                              okng_error *error)
{
    okng_importing importing = {.options = options, .ticker = ticker};
    importing.report.image_tau = importing.report.pixel_tau = NAN;
    if (report) *report = importing.report; /* also where nothing is begun */
    OKNG_TRY(okng_bank_writer_open(&importing.writer, out_dir, okng_method_data_files(), error));
    okng_status status;
    if (kind == OKNG_IMPORT_PATCHCORE_INSPECTION)
        status = okng_import_inspection(&importing, source, error);
    else if (kind == OKNG_IMPORT_ANOMALIB)
        status = okng_import_anomalib(&importing, source, error);
    else
        status = okng_fail(error, OKNG_ERROR_ARGUMENT, "import of kind %d, which is not known", (int)kind);
    okng_bank_writer_close(&importing.writer);
    if (report) *report = importing.report;
    return status;
}
