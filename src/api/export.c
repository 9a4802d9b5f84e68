#include "base/sized.h"
#include "deploy/model.h"
#include "inspect/handles.h"

okng_status okng_bank_export(const okng_bank *bank, const okng_export_options *options, okng_export_report *report,
                             okng_error *error)
{
    okng_export_options full = {.struct_size = sizeof full};
    okng_export_report all;
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_sized_take(&full, sizeof full, options, "the options of the export", error));
    OKNG_TRY(okng_need(full.out, "the folder for the model", error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    OKNG_TRY(okng_export_model(bank->model, &full, &all, error));
    return report ? okng_sized_give(report, &all, sizeof all, "the report", error) : OKNG_OK;
}

okng_status okng_export_verify(const okng_bank *bank, const char *file, const okng_verify_options *options,
                               okng_verify_report *report, okng_error *error)
{
    okng_verify_options full = {.struct_size = sizeof full};
    okng_verify_report all;
    OKNG_TRY(okng_need(bank, "the bank", error));
    OKNG_TRY(okng_need(file, "the model", error));
    OKNG_TRY(okng_sized_take(&full, sizeof full, options, "the options of the comparison", error));
    if (full.threads < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d", (int)full.threads);
    if (full.count == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "0 pictures to compare by, expected at least 1");
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    OKNG_TRY(okng_export_compare(bank->model, file, &full, &all, error));
    return report ? okng_sized_give(report, &all, sizeof all, "the report", error) : OKNG_OK;
}
